"""The list of a stored screening: its columns, filters, order and files."""

import re
from collections.abc import Sequence
from functools import cached_property

import django_filters
from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.forms.fields import MoneyField
from desk.shown import Chip
from foundation.accounts.models import District
from foundation.lists.columns import Column
from foundation.lists.lists import List
from measures import stored_screening
from measures.models import Condition, Screening, ScreeningRow

ANSWERS = {
    "yes": (True, gettext_lazy("符合"), "ok"),
    "no": (False, gettext_lazy("不符合"), "stop"),
    # What is known of the enterprise is all met; the rest only an application can say.
    "to_fill": ("to_fill", gettext_lazy("待申请时填写"), "brand"),
    "unknown": (None, gettext_lazy("不能判断"), "warn"),
}
# The beginning of a unified code, which starts with a digit (or is looked for as part of a name).
CODE = re.compile(r"[0-9][0-9A-Z]+")
# Characters of a condition's label in the choice of the filter.
LABEL = 26


def answer_of(row: ScreeningRow) -> bool | str | None:
    """The key of ANSWERS' values for a row."""
    return "to_fill" if row.eligible is None and row.ready else row.eligible


def chip_of(row: ScreeningRow) -> Chip:
    wanted = answer_of(row)
    return next(Chip(str(label), tone) for value, label, tone in ANSWERS.values() if value is wanted)


class AmountFilter(django_filters.Filter):
    """A bound in yuan, read as every amount on the desk."""

    field_class = MoneyField

    def __init__(self, *args, **options):
        widget = forms.TextInput(attrs={"size": 10, "placeholder": gettext_lazy("元")})
        super().__init__(*args, widget=widget, **options)

    @property
    def field(self):
        found = super().field
        # A row of filters has no place for the amount in words.
        found.widget.attrs.pop("data-money", None)
        return found


class ScreeningFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=gettext_lazy("搜索"),
        method="search",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("名称、代码"), "autocomplete": "off"}),
    )
    answer = django_filters.ChoiceFilter(
        label=gettext_lazy("结论"),
        method="answered",
        empty_label=gettext_lazy("全部"),
        choices=[(name, label) for name, (_value, label, _tone) in ANSWERS.items()],
    )
    condition = django_filters.ChoiceFilter(
        label=gettext_lazy("条件"), method="by_condition", empty_label=gettext_lazy("全部")
    )
    district = django_filters.ModelChoiceFilter(
        label=gettext_lazy("区"), queryset=District.objects.all(), empty_label=gettext_lazy("全部")
    )
    amount_from = AmountFilter(label=gettext_lazy("测算不低于"), field_name="amount", lookup_expr="gte")
    amount_to = AmountFilter(label=gettext_lazy("不高于"), field_name="amount", lookup_expr="lte")

    class Meta:
        model = ScreeningRow
        fields: list[str] = []

    def __init__(self, *args, conditions: Sequence[Condition], one_district: bool, **options):
        super().__init__(*args, **options)
        self.filters["condition"].extra["choices"] = [
            (f"{kind}-{n}", f"{said}：{Truncator(row.label).chars(LABEL)}")
            for kind, said in (("unmet", _("不符合")), ("unsure", _("不能判断")))
            for n, row in enumerate(conditions)
        ]
        if one_district:
            del self.filters["district"]

    def search(self, rows, name, value):
        """By the beginning of a code, or a part of a name."""
        word = value.strip()
        code = word.upper()
        if CODE.fullmatch(code):
            return rows.filter(uscc__startswith=code)
        return rows.filter(name__icontains=word)

    def answered(self, rows, name, value):
        wanted = ANSWERS[value][0]
        if wanted in (True, False):
            return rows.filter(eligible=wanted)
        rows = rows.filter(eligible__isnull=True)
        return rows.filter(ready=True) if wanted == "to_fill" else rows.exclude(ready=True)

    def by_condition(self, rows, name, value):
        kind, _dash, number = value.partition("-")
        by = stored_screening.unmet if kind == "unmet" else stored_screening.unsure
        return rows.filter(by(int(number)))


class ScreeningList(List):
    """The rows of one screening; what it shows is what it exports."""

    filterset_class = ScreeningFilter
    default_sort = "uscc"
    streams = True

    def __init__(
        self, screening: Screening, conditions: Sequence[Condition], rows, request, one_district: bool
    ):
        super().__init__(rows.select_related("district").defer("values"), request)
        self.conditions, self.one_district = conditions, one_district
        # The same answers come again and again: their words are made once.
        self._reasons: dict[tuple, str] = {}
        self._labels = {value: str(label) for value, label, _tone in ANSWERS.values()}
        self.title = _("%s筛选名单") % screening.call_item.code
        self.columns = (
            Column("name", _("企业"), "name", width=36),
            Column("uscc", _("统一社会信用代码"), "uscc", sort="uscc", width=22),
            Column("district", _("注册区"), "district.name", width=12),
            Column("answer", _("结论"), lambda row: self._labels[answer_of(row)], width=14),
            Column("amount", _("测算上限（元）"), "amount", sort="amount", align="end", width=18),
            Column("reasons", _("不符合或不能判断的条件"), self.reasons, width=60),
        )

    @cached_property
    def filterset(self) -> ScreeningFilter:
        return ScreeningFilter(
            self.params,
            queryset=self.queryset,
            request=self.request,
            conditions=self.conditions,
            one_district=self.one_district,
        )

    def reasons(self, row: ScreeningRow) -> str:
        """Which conditions stand in the way, by their labels; "" for who qualifies."""
        key = tuple(row.met)
        if key not in self._reasons:
            found = stored_screening.reasons(self.conditions, row.met)
            self._reasons[key] = "；".join(
                said % "、".join(self.conditions[n].label for n in numbers)
                for said, numbers in zip((_("不符合：%s"), _("不能判断：%s")), found, strict=True)
                if numbers
            )
        return self._reasons[key]
