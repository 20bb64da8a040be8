"""The system's own state: its heartbeat, its alarms; dead letters as the system administrator sees them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock
from foundation.events.models import Delivery, MessageText


class Heartbeat(models.Model):
    """When the beat's task last ran: at most one row."""

    SINGLETON = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLETON, editable=False)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("心跳")
        verbose_name_plural = _("心跳")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="heartbeat_one_row")]

    def __str__(self):
        return self.at.isoformat()


class Alarm(models.Model):
    """A problem that lasts: seen, then raised (the administrators are told, once), then cleared.

    At most one open row a problem. One that is gone before it was raised is cleared without a word.
    """

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    code = models.CharField(_("代码"), max_length=100)
    text = models.CharField(_("问题"), max_length=300)
    todo = models.CharField(_("怎么办"), max_length=300)
    seen_at = models.DateTimeField(_("发现时间"), default=clock.now)
    raised_at = models.DateTimeField(_("告知时间"), null=True, blank=True)
    cleared_at = models.DateTimeField(_("解除时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("告警")
        verbose_name_plural = _("运行状况")
        ordering = ["-seen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(cleared_at=None), name="alarm_one_open_a_problem"
            ),
            models.CheckConstraint(
                name="alarm_in_order",
                condition=(models.Q(raised_at=None) | models.Q(raised_at__gte=models.F("seen_at")))
                & (models.Q(cleared_at=None) | models.Q(cleared_at__gte=models.F("seen_at"))),
            ),
        ]

    def __str__(self):
        return self.text


class DeadLetter(Delivery):
    """A delivery that was given up, under the name of its list in the admin."""

    class Meta:
        proxy = True
        verbose_name = _("无法投递")
        verbose_name_plural = _("无法投递")


class Wording(MessageText):
    """The words of messages, under the name of their list in the admin."""

    class Meta:
        proxy = True
        verbose_name = _("消息文本")
        verbose_name_plural = _("消息文本")
