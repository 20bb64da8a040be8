"""Finding entries of the catalogue by words and by what can be done about them."""

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from measures.models import Guidance, Item

LONGEST = 60


class CatalogueForm(forms.Form):
    """GET: words, how an entry is dealt with, what sort it is."""

    q = forms.CharField(
        label=_("搜索"),
        max_length=LONGEST,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("事项、材料、单位"), "autocomplete": "off"}),
    )
    treatment = forms.ChoiceField(
        label=_("办理方式"), required=False, choices=[("", _("全部")), *Item.Treatment.choices]
    )
    kind = forms.ChoiceField(label=_("类别"), required=False, choices=[("", _("全部")), *Item.Kind.choices])


def found(items: QuerySet[Item], form: CatalogueForm) -> QuerySet[Item] | None:
    """The entries that fit, or None where nothing is looked for. Each word must stand somewhere in the entry: its
    name, what it is, its amount, its units or its guidance."""
    if not form.is_valid():
        return items.none()
    words = form.cleaned_data["q"].split()
    chosen = {name: form.cleaned_data[name] for name in ("treatment", "kind") if form.cleaned_data[name]}
    if not words and not chosen:
        return None
    rows = items.filter(**chosen)
    for word in words:
        told = Guidance.objects.filter(item=OuterRef("pk"), text__icontains=word)
        units = Item.co_units.through.objects.filter(
            Q(office__short_name__icontains=word) | Q(office__name__icontains=word), item=OuterRef("pk")
        )
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(code__startswith=word)
            | Q(summary__icontains=word)
            | Q(amount_rule__icontains=word)
            | Q(lead_unit__short_name__icontains=word)
            | Q(lead_unit__name__icontains=word)
            | Exists(told)
            | Exists(units)
        )
    return rows
