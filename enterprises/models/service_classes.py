"""Which lines of business belong to which class of the science and technology services, by dated official tables."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.models.records import ServiceClass
from foundation.clock import clock
from foundation.events.append_only import AppendOnly

CODE = RegexValidator(r"^[0-9]{2,4}$", _("请填写 2 至 4 位数字的 GB/T 4754 代码，例如 7452"))


class ServiceClassTable(AppendOnly):
    """One table, loaded from an official file. Of those in force on a day the one of the latest date counts, of
    one date the one recorded last. `digest` is the SHA-256 of its lines."""

    in_force_from = models.DateField(_("启用日"))
    source = models.CharField(_("来源"), max_length=120)
    digest = models.CharField("SHA-256", max_length=64)
    recorded_at = models.DateTimeField(_("记录时间"), default=clock.now)

    class Meta:
        verbose_name = _("科技服务业类别对照表")
        verbose_name_plural = _("科技服务业类别对照表")
        ordering = ["-in_force_from", "-recorded_at", "-pk"]
        constraints = [models.CheckConstraint(name="class_table_has_source", condition=~Q(source=""))]

    def __str__(self):
        return f"{self.source} {self.in_force_from}"


class ServiceClassLine(AppendOnly):
    """A GB/T 4754 code and its class; the longest code that an industry begins with counts. `partial`: only a
    part of the code belongs to the class (marked * in the official table), so that the code alone can't tell."""

    table = models.ForeignKey(ServiceClassTable, models.PROTECT, related_name="lines")
    code = models.CharField(_("行业代码"), max_length=4, validators=[CODE])
    service_class = models.CharField(_("类别"), max_length=1, choices=ServiceClass.choices)
    partial = models.BooleanField(_("只有一部分属于"), default=False)

    class Meta:
        verbose_name = _("行业代码")
        verbose_name_plural = _("行业代码")
        ordering = ["table", "code"]
        constraints = [
            models.UniqueConstraint(name="class_line_once", fields=["table", "code"]),
            models.CheckConstraint(name="class_line_code", condition=Q(code__regex=r"^[0-9]{2,4}$")),
            models.CheckConstraint(
                name="class_line_class", condition=Q(service_class__in=ServiceClass.values)
            ),
        ]

    def __str__(self):
        return f"{self.code}{'*' if self.partial else ''}"
