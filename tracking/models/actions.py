"""What the responsible units did about an item: a log that is only ever added to."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from measures.models import Item
from tracking.querysets import MeasureActionQuerySet


class MeasureAction(AppendOnly):
    """One thing that a responsible unit did about an item, on a day, with where it can be read.

    Published on the item's page. It is never overwritten: a correction is a new row that `corrects` the old one
    and says why; `void` takes a row back that was entered by mistake. `figure` is a number in `unit`, both or none.
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="actions", verbose_name=_("事项"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="+", verbose_name=_("责任单位"))
    done_on = models.DateField(_("行动日期"))
    text = models.CharField(_("做了什么"), max_length=500)
    figure = models.DecimalField(_("数量"), max_digits=16, decimal_places=2, null=True)
    unit = models.CharField(_("计量单位"), max_length=20, blank=True)
    source = models.CharField(_("来源文件"), max_length=200)
    url = models.URLField(_("来源网址"), max_length=400, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人")
    )
    at = models.DateTimeField(_("登记时间"), default=clock.now)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by", verbose_name=_("更正哪一条")
    )
    reason = models.CharField(_("更正理由"), max_length=200, blank=True)
    void = models.BooleanField(_("误登记，撤下"), default=False)

    objects = MeasureActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("行动记录")
        verbose_name_plural = _("行动记录")
        ordering = ["-done_on", "-pk"]
        indexes = [models.Index(fields=["item", "-done_on", "-id"], name="action_of_item")]
        constraints = [
            models.CheckConstraint(name="action_says_what_and_where", condition=~Q(text="") & ~Q(source="")),
            models.CheckConstraint(
                name="action_figure_with_unit",
                condition=Q(figure__isnull=True, unit="") | Q(figure__gte=0) & ~Q(unit=""),
            ),
            models.CheckConstraint(
                name="action_correction_has_reason",
                condition=Q(corrects__isnull=True, reason="", void=False)
                | Q(corrects__isnull=False) & ~Q(reason=""),
            ),
            models.CheckConstraint(name="action_not_of_itself", condition=~Q(corrects=F("id"))),
        ]

    def __str__(self):
        return f"{self.item.code} · {self.done_on:%Y-%m-%d} · {self.office}"
