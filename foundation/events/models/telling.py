"""Who is told, how each person wishes to be told, and the words: written by the room's verbs alone."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from foundation.events.kinds import MUST_REACH, Kind, Timing
from foundation.events.models.history import Event


class Notification(models.Model):
    """An event told to an audience (an enterprise, an office, a person); who belongs to it is asked later."""

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    event = models.ForeignKey(Event, models.PROTECT, related_name="notifications", verbose_name=_("事件"))
    audience_kind = models.CharField(_("受众类型"), max_length=30)
    audience_id = models.BigIntegerField(_("受众编号"))
    created_at = models.DateTimeField(_("产生时间"), default=clock.now)
    resolved_at = models.DateTimeField(
        _("分发时间"), null=True, blank=True, help_text=_("已为每位成员建立投递记录")
    )

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "audience_kind", "audience_id"], name="notification_once_per_audience"
            ),
        ]
        indexes = [
            models.Index(
                fields=["audience_kind", "audience_id", "-created_at", "-id"], name="notification_inbox"
            ),
            models.Index(
                fields=["created_at"], condition=Q(resolved_at=None), name="notification_unresolved"
            ),
        ]

    def __str__(self):
        return f"{self.event_id} → {self.audience_kind} {self.audience_id}"


class ReadMark(models.Model):
    """This person has read this message."""

    runtime_rights = ("SELECT", "INSERT")

    notification = models.ForeignKey(
        Notification, models.PROTECT, related_name="read_marks", verbose_name=_("消息")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("用户")
    )
    at = models.DateTimeField(_("阅读时间"), default=clock.now)

    class Meta:
        verbose_name = _("已读")
        verbose_name_plural = _("已读")
        constraints = [models.UniqueConstraint(fields=["notification", "user"], name="readmark_once")]

    def __str__(self):
        return f"{self.notification_id} / {self.user_id}"


class Digest(models.Model):
    """One day's gathered messages of one person: one mail, at most one a day."""

    runtime_rights = ("SELECT", "INSERT")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("用户")
    )
    day = models.DateField(_("日期"))
    created_at = models.DateTimeField(_("产生时间"), default=clock.now)

    class Meta:
        verbose_name = _("每日汇总")
        verbose_name_plural = _("每日汇总")
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="digest_once_a_day")]

    def __str__(self):
        return f"{self.user_id} / {self.day}"


class DigestLine(models.Model):
    """A message that waits for a person's next digest, or stands in one."""

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    notification = models.ForeignKey(Notification, models.PROTECT, related_name="+", verbose_name=_("消息"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("用户")
    )
    digest = models.ForeignKey(
        Digest, models.PROTECT, null=True, blank=True, related_name="lines", verbose_name=_("每日汇总")
    )
    gathered_at = models.DateTimeField(_("收集时间"), default=clock.now)

    class Meta:
        verbose_name = _("汇总内容")
        verbose_name_plural = _("汇总内容")
        constraints = [models.UniqueConstraint(fields=["notification", "user"], name="digestline_once")]
        indexes = [
            models.Index(fields=["user", "gathered_at"], condition=Q(digest=None), name="digestline_waiting")
        ]

    def __str__(self):
        return f"{self.notification_id} / {self.user_id}"


class Delivery(models.Model):
    """A message, or a day's digest, on its way to one person by one channel.

    Without a person it goes by mail to the mailbox of its audience (audiences.register_mailbox).

    Due while next_try_at is set, done when sent_at is, given up (a dead letter) when given_up_at is;
    last_error tells the kind of error, without personal data.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", _("电子邮件")
        SMS = "sms", _("短信")

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    notification = models.ForeignKey(
        Notification,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("消息"),
    )
    digest = models.ForeignKey(
        Digest, models.PROTECT, null=True, blank=True, related_name="deliveries", verbose_name=_("每日汇总")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("用户"),
    )
    channel = models.CharField(_("渠道"), max_length=10, choices=Channel.choices, default=Channel.MAIL)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    sent_at = models.DateTimeField(_("发出时间"), null=True, blank=True)
    last_error = models.CharField(_("最近错误"), max_length=200, blank=True)
    next_try_at = models.DateTimeField(_("下次尝试"), null=True, blank=True, default=clock.now)
    given_up_at = models.DateTimeField(_("放弃时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("投递")
        verbose_name_plural = _("投递")
        constraints = [
            models.UniqueConstraint(fields=["notification", "user", "channel"], name="delivery_once"),
            models.UniqueConstraint(fields=["digest", "channel"], name="delivery_digest_once"),
            models.UniqueConstraint(
                fields=["notification"], name="delivery_mailbox_once", condition=Q(user=None)
            ),
            models.CheckConstraint(
                name="delivery_mailbox_by_mail",
                condition=Q(user__isnull=False) | Q(channel="mail", digest__isnull=True),
            ),
            models.CheckConstraint(
                name="delivery_of_one_thing",
                condition=Q(notification__isnull=False, digest__isnull=True)
                | Q(notification__isnull=True, digest__isnull=False),
            ),
            models.CheckConstraint(
                name="delivery_in_one_state",
                condition=Q(next_try_at__isnull=False, sent_at__isnull=True, given_up_at__isnull=True)
                | Q(next_try_at__isnull=True, sent_at__isnull=False, given_up_at__isnull=True)
                | Q(next_try_at__isnull=True, sent_at__isnull=True, given_up_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(next_try_at__isnull=False),
                name="delivery_due",
            ),
            models.Index(
                fields=["given_up_at"],
                condition=Q(given_up_at__isnull=False),
                name="delivery_given_up",
            ),
        ]

    def __str__(self):
        return f"{self.notification_id or self.digest_id} → {self.user_id or ''} ({self.channel})"


class Preference(models.Model):
    """How one person wishes to be told one kind of message, beside the inbox, which always has everything.

    No row: kinds.DEFAULTS. What must be acted on by a date reaches the person by some channel.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("用户")
    )
    kind = models.CharField(_("消息类别"), max_length=12, choices=Kind.choices)
    timing = models.CharField(_("何时"), max_length=10, choices=Timing.choices)
    mail = models.BooleanField(_("电子邮件"))
    sms = models.BooleanField(_("短信"))

    class Meta:
        verbose_name = _("通知设置")
        verbose_name_plural = _("通知设置")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="preference_once_a_kind"),
            models.CheckConstraint(
                name="preference_must_reach",
                condition=~Q(kind__in=sorted(MUST_REACH))
                | Q(timing="digest")
                | (Q(timing="now") & (Q(mail=True) | Q(sms=True))),
            ),
        ]

    def __str__(self):
        return f"{self.user_id} {self.kind}: {self.timing}"


class MessageText(AppendOnly):
    """A version of a verb's words; the last one is in force. Empty words: the shipped ones are, again."""

    verb = models.CharField(_("动作"), max_length=80)
    version = models.PositiveIntegerField(_("版本"))
    subject = models.CharField(_("标题"), max_length=120, blank=True)
    body = models.TextField(_("正文"), blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("录入人")
    )
    entered_at = models.DateTimeField(_("录入时间"), default=clock.now)

    class Meta:
        verbose_name = _("消息文本")
        verbose_name_plural = _("消息文本")
        constraints = [
            models.UniqueConstraint(fields=["verb", "version"], name="messagetext_once_a_version"),
            models.CheckConstraint(name="messagetext_version_from_one", condition=Q(version__gte=1)),
            models.CheckConstraint(
                name="messagetext_whole", condition=Q(subject="", body="") | (~Q(subject="") & ~Q(body=""))
            ),
        ]

    def __str__(self):
        return f"{self.verb} v{self.version}"
