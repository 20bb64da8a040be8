"""Who wants to be told when their enterprise can apply for something, and what they were told."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from measures.models import CallItem, Item


class Subscription(models.Model):
    """A member of an enterprise wants to be told when it can apply for an item, or (item null) for any.

    Ended ones stay, with their term. It tells nothing while the person isn't a member of the enterprise.
    """

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="subscriptions")
    item = models.ForeignKey(
        Item, models.PROTECT, null=True, related_name="+", verbose_name=_("事项"), help_text=_("空为全部事项")
    )
    since = models.DateTimeField(_("订阅时间"), default=clock.now)
    ended_at = models.DateTimeField(_("退订时间"), null=True)

    class Meta:
        verbose_name = _("订阅")
        verbose_name_plural = _("订阅")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="subscription_one_live",
                fields=["user", "enterprise", "item"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="subscription_term", condition=Q(ended_at=None) | Q(ended_at__gte=models.F("since"))
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise"], condition=Q(ended_at=None), name="subscription_live"),
        ]

    def __str__(self):
        return f"{self.user_id} / {self.enterprise_id} / {self.item_id or '*'}"


class EligibilityNotice(AppendOnly):
    """That a person knows of a call item which their enterprise can apply for: once, whatever happens after.

    `told` is false where the page itself showed it on the day of the subscription.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    call_item = models.ForeignKey(CallItem, models.PROTECT, related_name="+")
    rule = models.ForeignKey("measures.RuleVersion", models.PROTECT, related_name="+")
    told = models.BooleanField(_("已发消息"))
    at = models.DateTimeField(_("时间"), default=clock.now)

    class Meta:
        verbose_name = _("可申请提醒")
        verbose_name_plural = _("可申请提醒")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="eligibility_notice_once", fields=["user", "enterprise", "call_item"]
            ),
        ]

    def __str__(self):
        return f"{self.user_id} / {self.enterprise_id} / {self.call_item_id}"


class ClosingReminder(AppendOnly):
    """That a person was reminded, so many working days (`days`) before a call item closes at `closes_at`: once each.

    case: the unsubmitted draft, null for a subscriber whose enterprise could apply and hasn't begun. An extended call
    closes at another hour and is reminded of anew.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    call_item = models.ForeignKey(CallItem, models.PROTECT, related_name="+")
    case = models.ForeignKey("applications.Application", models.PROTECT, null=True, related_name="+")
    days = models.PositiveSmallIntegerField(_("截止前（工作日）"))
    closes_at = models.DateTimeField(_("截止时间"))
    at = models.DateTimeField(_("时间"), default=clock.now)

    class Meta:
        verbose_name = _("截止提醒")
        verbose_name_plural = _("截止提醒")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="closing_reminder_once", fields=["user", "enterprise", "call_item", "days", "closes_at"]
            ),
        ]

    def __str__(self):
        return f"{self.user_id} / {self.call_item_id} / {self.days}"
