"""服务专员: who of an office serves which enterprise, from a day to a day, and what was said on the way."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from tracking.querysets import AssignmentQuerySet

_PERSON = settings.AUTH_USER_MODEL
# What an assignment says when it begins.
_BEGUN = ("enterprise_id", "office_id", "specialist_id", "since", "assigned_by_id", "assigned_at")


def _only_closed() -> pgtrigger.Trigger:
    """An assignment is closed once and then stands; nothing else of it is changed, and none is deleted."""
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _BEGUN)
    return pgtrigger.Trigger(
        name="only_closed",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'DELETE' OR OLD.until IS NOT NULL THEN
                RAISE EXCEPTION 'assignment % stands', OLD.id USING ERRCODE = 'check_violation';
            END IF;
            IF {changed} THEN
                RAISE EXCEPTION 'assignment % may only be closed', OLD.id USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    )


class SpecialistAssignment(models.Model):
    """An office's specialist serves an enterprise (measure 10), one at a time for an enterprise and an office.

    Open until it is closed: `until` is its last day, `ending` says why. An open one counts only while it stands
    (AssignmentQuerySet.standing): its specialist holds the post, the enterprise is the office's and not closed.
    What is open and doesn't stand is shown to the head as 无人服务.
    """

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="specialist_assignments", verbose_name=_("企业")
    )
    office = models.ForeignKey(Office, models.PROTECT, related_name="+", verbose_name=_("单位"))
    specialist = models.ForeignKey(
        _PERSON, models.PROTECT, related_name="served_assignments", verbose_name=_("服务专员")
    )
    since = models.DateField(_("服务起"))
    assigned_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+", verbose_name=_("指派人"))
    assigned_at = models.DateTimeField(_("指派时间"), default=clock.now)
    until = models.DateField(_("服务止"), null=True)
    ending = models.CharField(_("结束的理由"), max_length=200, blank=True)
    ended_by = models.ForeignKey(
        _PERSON, models.PROTECT, null=True, related_name="+", verbose_name=_("结束人")
    )

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("服务关系")
        verbose_name_plural = _("服务关系")
        ordering = ["-since", "-pk"]
        indexes = [
            models.Index(fields=["specialist"], condition=Q(until=None), name="assignment_of_specialist"),
            models.Index(fields=["enterprise", "-id"], name="assignment_of_enterprise"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="assignment_one_open", fields=["enterprise", "office"], condition=Q(until=None)
            ),
            models.CheckConstraint(
                name="assignment_given_by_another", condition=~Q(assigned_by=F("specialist"))
            ),
            models.CheckConstraint(
                name="assignment_closed_whole",
                condition=Q(until=None, ended_by=None, ending="")
                | Q(until__gte=F("since"), ended_by__isnull=False) & ~Q(ending=""),
            ),
        ]
        triggers = [_only_closed()]

    def __str__(self):
        return f"{self.enterprise_id} · {self.office_id}"


class ServiceContact(AppendOnly):
    """That a specialist was in touch with an enterprise: how, on which day, about what, with what result.

    The next specialist of the office reads it. Read within the office (and by the auditor), not by the enterprise.
    """

    class Channel(models.TextChoices):
        PHONE = "phone", _("电话")
        VISIT = "visit", _("上门走访")
        MEETING = "meeting", _("来访或会议")
        ONLINE = "online", _("线上")

    assignment = models.ForeignKey(
        SpecialistAssignment, models.PROTECT, related_name="contacts", verbose_name=_("服务关系")
    )
    channel = models.CharField(_("方式"), max_length=10, choices=Channel.choices)
    on = models.DateField(_("日期"))
    about = models.CharField(_("事由"), max_length=100)
    result = models.CharField(_("结果"), max_length=500)
    by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+", verbose_name=_("登记人"))
    at = models.DateTimeField(_("登记时间"), default=clock.now)

    class Meta:
        verbose_name = _("服务联系")
        verbose_name_plural = _("服务联系")
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["assignment", "-on", "-id"], name="contact_of_assignment")]
        constraints = [
            models.CheckConstraint(name="contact_says_what", condition=~Q(about="") & ~Q(result="")),
        ]

    def __str__(self):
        return f"{self.assignment_id} · {self.on:%Y-%m-%d}"
