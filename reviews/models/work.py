"""Officials' work on a case: opinions, and the public notice of a list."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from applications.models.refusals import refuses_recused
from applications.states import State
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from measures.models import CallItem


class Opinion(AppendOnly):
    """What an official said at a step, signed: verdict, text, and the amount where one was named."""

    class Verdict(models.TextChoices):
        ACCEPT = "accept", _("受理")
        NOT_ACCEPTED = "not_accepted", _("不予受理")
        FOR = "for", _("推荐")
        AGAINST = "against", _("不推荐")
        ENDORSE = "endorse", _("同意")
        SEND_BACK = "send_back", _("退回")
        SUPPORT = "support", _("拟支持")
        DECLINE = "decline", _("拟不予支持")
        WAITLIST = "waitlist", _("列入候补")
        LAPSED = "lapsed", _("终止候补")
        CANCELLED = "cancelled", _("申报取消")
        SIGN_OFF = "sign_off", _("签发")
        DECLINED = "declined", _("不予支持")
        RECONSIDER = "reconsider", _("重新审核")
        APPROVE = "approve", _("批复")
        REOPEN = "reopen", _("退回重审")
        COMPLETED = "completed", _("验收通过")
        KEPT = "kept", _("不予撤销")
        REVOKED = "revoked", _("撤销")
        CONCLUDE = "conclude", _("办结")

    application = models.ForeignKey(Application, models.PROTECT, related_name="opinions")
    stage = models.CharField(_("环节"), max_length=24, choices=State.choices)
    verdict = models.CharField(_("意见"), max_length=12, choices=Verdict.choices)
    text = models.TextField(_("说明"), blank=True)
    amount = models.DecimalField(_("金额（元）"), max_digits=16, decimal_places=2, null=True)
    office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # Whose deputy signed (X 代 Y).
    in_place_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("被代理人")
    )
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("审核意见")
        verbose_name_plural = _("审核意见")
        ordering = ["application", "pk"]
        constraints = [
            models.CheckConstraint(
                name="opinion_in_another_s_place", condition=Q(in_place_of=None) | ~Q(in_place_of=F("by"))
            )
        ]
        triggers = [refuses_recused("NEW.application_id", "by_id")]

    def __str__(self):
        return f"{self.application} {self.get_verdict_display()}"


class PublicNotice(models.Model):
    """A published list (公示): open for at least five working days, then the head may approve.

    Whether it is open follows from `closes_at`, to the hour. It carries no personal data.
    """

    number = models.CharField(_("公示编号"), max_length=30, unique=True)
    title = models.CharField(_("标题"), max_length=160)
    call_item = models.ForeignKey(CallItem, models.PROTECT, related_name="notices")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("公示开始"))
    closes_at = models.DateTimeField(_("公示截止"))
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("公示")
        verbose_name_plural = _("公示")
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="notice_term", condition=Q(closes_at__gt=F("published_at")))
        ]

    def __str__(self):
        return self.title

    def is_open(self, at=None) -> bool:
        """Within its days, to the hour."""
        return self.published_at <= (at or clock.now()) < self.closes_at


class NoticeLine(AppendOnly):
    """One line of a published list, as published; void by computation once its case left the notice."""

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="lines")
    application = models.ForeignKey(Application, models.PROTECT, related_name="notice_lines")
    position = models.PositiveIntegerField(_("序号"))
    enterprise_name = models.CharField(_("企业名称"), max_length=200)
    # Of a consortium: the partners' names, the lead stands in enterprise_name.
    partners = models.CharField(_("参与单位"), max_length=1200, blank=True)
    project = models.CharField(_("项目名称"), max_length=120, blank=True)
    district = models.CharField(_("区"), max_length=20, blank=True)
    amount = models.DecimalField(_("拟支持金额（元）"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("公示条目")
        verbose_name_plural = _("公示条目")
        ordering = ["notice", "position"]
        constraints = [
            models.UniqueConstraint(name="notice_line_position", fields=["notice", "position"]),
            models.UniqueConstraint(name="notice_line_case", fields=["notice", "application"]),
        ]

    def __str__(self):
        return f"{self.notice} #{self.position}"
