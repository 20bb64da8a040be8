"""Forms as data: what a call item asks, versioned; an old case keeps the form it was filled in with."""

from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from measures.forms import Form
from measures.models.policy import Item


class FormVersion(AppendOnly):
    """One published version of an item's form; never edited, only followed by the next version.

    `definition` (read through measures.forms.Form, which checks it on the way in):
    {"sections": [{"title", "fields": [{"key", "label", "type", "unit", "help", "required", "options",
    "when": {"field", "is"}, "max_length", "min", "max", "decimals", "fact", "rows", "sum_to",
    "not_before", "currencies", "rate_day"}]}],
     "documents": [{"key", "label", "help", "required", "types", "max_mb", "when"}]}
    type is one of text, paragraph, money (yuan), number, date, month, choice, yes_no, declaration, table.
    options: [{"value", "label"}] or texts; when: an earlier choice, yes_no or declaration, and the answer or
    list of answers under which this is asked; min, max: texts ("100.00", "2026-01-01"); decimals: of a number,
    0 unless given; fact: the case's own fact that the answer feeds; rows: [{"key", "label"}] of a table of
    amounts, sum_to: the money field that they must add up to; not_before: of a date or month, the other field
    of that type that it may not lie before; currencies: ISO 4217 codes that an amount may be given in beside yuan,
    rate_day: what the day is called whose rate counts (合同签订日); types: pdf, png, jpeg.
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

    @cached_property
    def form(self) -> Form:
        """The engine over this definition; raises DefinitionError (a ValidationError) where it is no form."""
        return Form(self.definition)

    def clean(self):
        super().clean()
        Form(self.definition)

    def save(self, *args, **kwargs):
        Form(self.definition)
        super().save(*args, **kwargs)


class FormDraft(models.Model):
    """The next version of an item's form while it is being written; it may be incomplete, nobody applies by it.

    One an item. It changes through measures.form_workflow alone; `revision` counts the edits, so that a page which
    saw an older one is refused. Publishing makes the version and takes the draft away.
    """

    item = models.OneToOneField(Item, models.PROTECT, related_name="form_draft", verbose_name=_("事项"))
    base = models.ForeignKey(
        FormVersion, models.PROTECT, null=True, related_name="+", verbose_name=_("由哪一版而来")
    )
    definition = models.JSONField(_("定义"))
    revision = models.PositiveIntegerField(default=0)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("编写人")
    )
    edited_at = models.DateTimeField(_("修改时间"), default=clock.now)

    class Meta:
        verbose_name = _("编写中的申报表")
        verbose_name_plural = _("编写中的申报表")
        ordering = ["item"]

    def __str__(self):
        return f"{self.item.name}（{_('编写中')}）"
