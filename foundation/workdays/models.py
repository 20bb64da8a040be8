"""The calendar of workdays: one row a day."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Calendar(models.Model):
    """The calendar as a whole: its version changes with every correction, its events tell who made it."""

    SINGLETON = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLETON, editable=False)
    version = models.UUIDField(_("版本"), default=uuid.uuid4, editable=False)

    class Meta:
        verbose_name = _("工作日历")
        verbose_name_plural = _("工作日历")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="calendar_one_row")]

    def __str__(self):
        return str(self.version)


class Workday(models.Model):
    """A day: worked or not, and the running number of workdays up to and including it.

    With the ordinals a due date and a duration are joins. Rows change through workflow.change_days alone,
    which renumbers; a provisional day's year has no official notice yet.
    """

    day = models.DateField(_("日期"), primary_key=True)
    is_workday = models.BooleanField(_("工作日"))
    ordinal = models.PositiveIntegerField(_("累计工作日"), editable=False)
    provisional = models.BooleanField(_("暂定"), default=False, help_text=_("该年度的放假通知尚未公布"))
    note = models.CharField(_("说明"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("日期")
        verbose_name_plural = _("工作日表")
        ordering = ["day"]
        indexes = [
            models.Index(fields=["ordinal"], condition=models.Q(is_workday=True), name="workday_ordinal"),
        ]

    def __str__(self):
        return self.day.isoformat()
