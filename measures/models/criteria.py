"""What experts look at when they review the cases of a call item, and how many points each of it is worth."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from measures.models.calls import CallItem

# Points that all criteria of a call item make together.
FULL_MARKS = 100


class ReviewCriterion(models.Model):
    """One criterion of a call item (评审指标): its weight in points out of 100; a call item without any is reviewed
    without scores. A review keeps the criteria as they stood when it was asked for."""

    call_item = models.ForeignKey(CallItem, models.CASCADE, related_name="criteria", verbose_name=_("专题"))
    position = models.PositiveSmallIntegerField(_("顺序"))
    name = models.CharField(_("指标"), max_length=40)
    looks_at = models.CharField(_("看什么"), max_length=200)
    weight = models.PositiveSmallIntegerField(
        _("满分"),
        validators=[MinValueValidator(1), MaxValueValidator(FULL_MARKS)],
        help_text=_("一个专题的全部指标合计 100 分"),
    )

    class Meta:
        verbose_name = _("评审指标")
        verbose_name_plural = _("评审指标")
        ordering = ["call_item", "position"]
        constraints = [
            models.UniqueConstraint(
                name="criterion_position",
                fields=["call_item", "position"],
                violation_error_message=_("顺序不能重复"),
            ),
            models.UniqueConstraint(
                name="criterion_once",
                fields=["call_item", "name"],
                violation_error_message=_("已有同名的指标"),
            ),
            models.CheckConstraint(
                name="criterion_weight",
                condition=Q(weight__gte=1, weight__lte=FULL_MARKS),
                violation_error_message=_("满分应在 1 到 100 之间"),
            ),
        ]

    def __str__(self):
        return f"{self.name}（{self.weight}）"
