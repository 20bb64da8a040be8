"""What is told in writing: letters, how each was delivered, and what the enterprise says in its defence."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from foundation.files.models import Document


class Letter(AppendOnly):
    """A letter (文书) as it was issued: what was decided, why, on what basis, and what may be done against it."""

    class Kind(models.TextChoices):
        NOT_ACCEPTED = "not_accepted", _("不予受理通知书")
        CORRECTION = "correction", _("补正通知书")
        DECLINE_NOTICE = "decline_notice", _("拟不予支持告知书")
        DECLINE = "decline", _("不予支持决定书")
        APPROVAL = "approval", _("批复")
        REVOCATION_NOTICE = "revocation_notice", _("拟撤销告知书")
        REVOCATION = "revocation", _("撤销决定书")

    application = models.ForeignKey(Application, models.PROTECT, related_name="letters")
    kind = models.CharField(_("文书"), max_length=20, choices=Kind.choices)
    number = models.CharField(_("文书编号"), max_length=50, unique=True)
    addressee = models.CharField(_("送达对象"), max_length=200)
    body = models.JSONField(_("内容"), help_text='[{"label": "理由", "text": "…"}]')
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("作出时间"), default=clock.now)

    class Meta:
        verbose_name = _("文书")
        verbose_name_plural = _("文书")
        ordering = ["application", "pk"]

    def __str__(self):
        return self.number

    @property
    def is_received(self) -> bool:
        """Whether any delivery arrived; reads the prefetched deliveries."""
        return any(one.received_on for one in self.deliveries.all())


class Delivery(models.Model):
    """One way by which a letter went out (送达), and the day on which it was received.

    In the system it is sent with the letter and received when somebody of the enterprise says 我已知悉; opening
    the page alone is no receipt. On paper the office enters both days.
    """

    class Method(models.TextChoices):
        SYSTEM = "system", _("系统内送达")
        POST = "post", _("邮寄送达")
        DIRECT = "direct", _("直接送达")

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="deliveries")
    method = models.CharField(_("送达方式"), max_length=8, choices=Method.choices)
    sent_on = models.DateField(_("发出日期"))
    received_on = models.DateField(_("收到日期"), null=True)
    reference = models.CharField(_("邮件号或签收情况"), max_length=120, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("送达")
        verbose_name_plural = _("送达")
        ordering = ["letter", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="delivery_once_in_system", fields=["letter"], condition=Q(method="system")
            ),
            models.CheckConstraint(
                name="delivery_received_later",
                condition=Q(received_on=None) | Q(received_on__gte=F("sent_on")),
            ),
            models.CheckConstraint(
                name="delivery_received_by_whom",
                condition=(
                    Q(method="system", received_on=None, received_by=None)
                    | Q(method="system", received_on__isnull=False, received_by__isnull=False)
                    | (~Q(method="system") & Q(received_by=None) & ~Q(reference=""))
                ),
            ),
        ]

    def __str__(self):
        return f"{self.letter} {self.get_method_display()}"


class Defence(AppendOnly):
    """What an enterprise states against a notice (陈述申辩), once for each notice."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="defences")
    notified_at = models.DateTimeField(_("告知时间"))
    text = models.TextField(_("陈述申辩"))
    documents = models.ManyToManyField(Document, related_name="+", verbose_name=_("证明材料"))
    stated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(_("提交时间"), default=clock.now)

    class Meta:
        verbose_name = _("陈述申辩")
        verbose_name_plural = _("陈述申辩")
        ordering = ["application", "pk"]
        constraints = [
            models.UniqueConstraint(name="defence_once_per_notice", fields=["application", "notified_at"]),
            models.CheckConstraint(name="defence_after_notice", condition=Q(stated_at__gte=F("notified_at"))),
            models.CheckConstraint(name="defence_says_something", condition=~Q(text="")),
        ]

    def __str__(self):
        return f"{self.application} {self.notified_at:%Y-%m-%d}"
