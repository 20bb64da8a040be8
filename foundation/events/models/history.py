"""What happened: events in chains, sealed each day, the seals brought off the host.

Written by foundation.events.events, .seals and .exports, and by nothing else.
"""

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from foundation.events.append_only import AppendOnly


class Chain(models.Model):
    """The chain of one subject's events: how many there are and the hash of the last one.

    Its row is the lock under which an event gets its place. One chain a subject: a single chain for
    everything would be a single lock for everything.
    """

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    kind = models.CharField(_("对象类型"), max_length=100)
    subject_id = models.BigIntegerField(_("对象编号"))
    seq = models.PositiveIntegerField(_("事件数"), default=0)
    head = models.CharField(_("末端哈希"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("事件链")
        verbose_name_plural = _("事件链")
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id"], name="chain_one_per_subject"),
        ]

    def __str__(self):
        return f"{self.kind} {self.subject_id}"


class Event(AppendOnly):
    """Something a person or the system did to a subject: the audit record, and the source of messages."""

    chain = models.ForeignKey(Chain, models.PROTECT, related_name="events", verbose_name=_("事件链"))
    seq = models.PositiveIntegerField(_("序号"))
    verb = models.CharField(_("动作"), max_length=80)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("行为人"),
        help_text=_("空为系统"),
    )
    actor_label = models.CharField(_("行为人身份"), max_length=200, help_text=_("机构与角色，不含姓名"))
    at = models.DateTimeField(_("时间"))
    facts = models.JSONField(_("事实"), default=dict)
    previous = models.CharField(_("前一哈希"), max_length=64, blank=True)
    hash = models.CharField(_("哈希"), max_length=64)
    # The transaction that wrote it: a deferred trigger asks for an event of the same transaction.
    tx = models.BigIntegerField(
        _("事务号"),
        editable=False,
        db_default=Cast(
            Cast(
                models.Func(function="pg_current_xact_id", output_field=models.TextField()),
                models.TextField(),
            ),
            models.BigIntegerField(),
        ),
    )

    class Meta:
        verbose_name = _("事件")
        verbose_name_plural = _("事件")
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="event_one_per_place"),
            models.CheckConstraint(
                name="event_linked",
                condition=models.Q(seq=1, previous="") | (models.Q(seq__gt=1) & ~models.Q(previous="")),
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="event_at"),
            models.Index(fields=["verb", "-id"], name="event_verb"),
        ]

    def __str__(self):
        return f"{self.verb} ({self.chain_id}#{self.seq})"


class DailySeal(AppendOnly):
    """One day's seal over the heads of all chains that grew since the last one, chained to that one."""

    day = models.DateField(_("日期"), primary_key=True)
    previous_digest = models.CharField(_("前一摘要"), max_length=64, blank=True)
    digest = models.CharField(_("摘要"), max_length=64)
    sealed_at = models.DateTimeField(_("封存时间"))

    class Meta:
        verbose_name = _("每日封存")
        verbose_name_plural = _("每日封存")
        ordering = ["-day"]

    def __str__(self):
        return self.day.isoformat()


class SealLine(AppendOnly):
    """The state of one chain when the day was sealed."""

    seal = models.ForeignKey(DailySeal, models.PROTECT, related_name="lines", verbose_name=_("封存"))
    kind = models.CharField(_("对象类型"), max_length=100)
    subject_id = models.BigIntegerField(_("对象编号"))
    seq = models.PositiveIntegerField(_("事件数"))
    head = models.CharField(_("末端哈希"), max_length=64)

    class Meta:
        verbose_name = _("封存明细")
        verbose_name_plural = _("封存明细")
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_id", "seq"], name="sealline_once"),
        ]

    def __str__(self):
        return f"{self.kind} {self.subject_id}#{self.seq}"


class SealExport(models.Model):
    """A day's seal on its way to one place off the host: done when exported_at is set, else tried again."""

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    seal = models.ForeignKey(DailySeal, models.PROTECT, related_name="exports", verbose_name=_("封存"))
    target = models.CharField(_("去处"), max_length=300)
    attempts = models.PositiveIntegerField(_("尝试次数"), default=0)
    exported_at = models.DateTimeField(_("导出时间"), null=True, blank=True)
    last_error = models.CharField(_("最近错误"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("封存导出")
        verbose_name_plural = _("封存导出")
        constraints = [models.UniqueConstraint(fields=["seal", "target"], name="sealexport_once")]

    def __str__(self):
        return f"{self.seal_id} → {self.target}"
