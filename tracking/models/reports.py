"""Measure 10: what the commission tracks. Reports are computed from cases, steps and the ledger."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock
from foundation.events.append_only import AppendOnly


class QuarterReport(AppendOnly):
    """One compilation of a quarter's report, kept as it was; the one compiled last counts.

    `data` is what tracking.reports.compute returned (shape there), so that a past report reads the same for
    ever. A report of a quarter that was still running is preliminary.
    """

    year = models.PositiveSmallIntegerField(_("年度"))
    quarter = models.PositiveSmallIntegerField(_("季度"))
    preliminary = models.BooleanField(_("季度进行中，为初步数"))
    as_of = models.DateTimeField(_("数据截至"))
    compiled_at = models.DateTimeField(_("编制时间"), default=clock.now)
    compiled_by = models.CharField(_("编制人"), max_length=100)
    data = models.JSONField(_("内容"))

    class Meta:
        verbose_name = _("季度报告")
        verbose_name_plural = _("季度报告")
        ordering = ["-year", "-quarter", "-pk"]
        indexes = [models.Index(fields=["year", "quarter", "-id"], name="report_latest")]
        constraints = [
            models.CheckConstraint(name="report_quarter", condition=Q(quarter__gte=1, quarter__lte=4)),
        ]

    def __str__(self):
        return f"{self.year} 年第{'一二三四'[self.quarter - 1]}季度"
