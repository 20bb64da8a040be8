"""Departments of enterprises: units without a code or legal personality of their own."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.models.register import Enterprise
from foundation.clock import clock
from foundation.events.append_only import AppendOnly


class Department(AppendOnly):
    """An internal department (内设机构), as a foreign R&D centre may be: it applies through its enterprise alone.

    Of an enterprise's rows with one name the one recorded last counts.
    """

    class Kind(models.TextChoices):
        FOREIGN_RESEARCH = "foreign_research", _("外资研发中心")
        RESEARCH = "research", _("内设研发机构")
        OTHER = "other", _("其他内设机构")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="departments")
    name = models.CharField(_("内设机构名称"), max_length=60)
    kind = models.CharField(_("类型"), max_length=20, choices=Kind.choices)
    number = models.CharField(_("认定文号"), max_length=60, blank=True)
    recognised_on = models.DateField(_("认定日期"), null=True, blank=True)
    source = models.CharField(_("来源"), max_length=60)
    recorded_at = models.DateTimeField(_("记录时间"), default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人")
    )

    class Meta:
        verbose_name = _("内设机构")
        verbose_name_plural = _("内设机构")
        ordering = ["enterprise", "name", "-recorded_at", "-pk"]
        indexes = [
            models.Index(fields=["enterprise", "name", "-recorded_at"], name="department_latest"),
        ]
        constraints = [
            models.CheckConstraint(name="department_has_name", condition=~Q(name="") & ~Q(source="")),
        ]

    def __str__(self):
        return self.name
