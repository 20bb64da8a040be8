"""Forms as data: what a call item asks, versioned; an old case keeps the form it was filled in with."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from measures.models.policy import Item


class FormVersion(AppendOnly):
    """One published version of an item's form; never edited, only followed by the next version.

    `definition` (read through measures.forms.Form, which checks it on the way in):
    {"sections": [{"title", "fields": [{"key", "label", "type", "unit", "help", "required", "options",
    "when": {"field", "is"}, "max_length", "min", "max", "fact"}]}],
     "documents": [{"key", "label", "help", "required", "types", "max_mb", "when"}]}
    type is one of text, paragraph, money (yuan), number, date, month, choice, yes_no, declaration, table.
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="forms", verbose_name=_("事项"))
    number = models.PositiveSmallIntegerField(_("版本"))
    definition = models.JSONField(_("定义"))
    published_at = models.DateTimeField(_("发布时间"), default=clock.now)

    class Meta:
        verbose_name = _("申报表")
        verbose_name_plural = _("申报表")
        ordering = ["item", "-number"]
        constraints = [
            models.UniqueConstraint(name="form_version_once", fields=["item", "number"]),
            models.CheckConstraint(name="form_version_number", condition=Q(number__gte=1)),
        ]

    def __str__(self):
        return f"{self.item.name} v{self.number}"
