"""The form of a simulation: every value of a rule that may be set, beside today's."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.forms.fields import MoneyField
from measures import fact_types, simulation
from measures.fact_types import percent, yuan
from measures.facts import FACTS
from measures.models import AwardRow, Condition, RuleVersion

# So many codes are ticked; more are written.
FEW = 20


class SimulationForm(forms.Form):
    """Fields by the names of simulation.settable; what is absent or left empty is as it is today.

    `changes` after is_valid(): {name: value as text} of what differs from the rule.
    """

    use_required_attribute = False

    def __init__(self, data, *, rule: RuleVersion):
        self.rule = rule
        self.rows = simulation.settable(rule)
        today = {name: shown(row, field) for name, (row, field) in self.rows.items()}
        if data is not None:
            data = {name: _given(data, name, value) for name, value in today.items()}
        super().__init__(data, initial=today)
        for name, (row, field) in self.rows.items():
            self.fields[name] = _field(row, field)

    @property
    def changes(self) -> dict[str, str]:
        today = {name: simulation.text_of(*self.rows[name]) for name in self.fields}
        return {name: value for name, value in self.cleaned_data.items() if value != today[name]}

    def clean(self):
        """Each value as its row would store it; what doesn't fit is said beside its field."""
        read = {}
        for name, value in list(self.cleaned_data.items()):
            try:
                read[name] = simulation.checked(self.rule, name, str(value))
            except ValidationError as wrong:
                self.add_error(name, wrong.messages)
        return read


def _given(data, name: str, today):
    """What was sent of a field, today's value where nothing was."""
    if isinstance(today, list):
        return [code for one in data.getlist(name) for code in one.split(",") if code] or today
    return data.get(name, "").strip() or str(today)


class CodesField(forms.MultipleChoiceField):
    """Some of few codes, each by its name; the value is their text as a condition stores it, in today's order."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, today: list[str], **options):
        super().__init__(**options)
        self.today = today

    def clean(self, value) -> str:
        chosen = super().clean(value)
        kept = [code for code in self.today if code in chosen]
        return ",".join([*kept, *(code for code in chosen if code not in kept)])


class NoteForm(forms.Form):
    use_required_attribute = False

    note = forms.CharField(
        label=gettext_lazy("说明"),
        max_length=200,
        help_text=gettext_lazy("写明为什么测算，如“征求意见稿第二稿”。"),
        error_messages={"required": gettext_lazy("请写一句说明")},
    )


def _field(row: Condition | AwardRow, field: str) -> forms.Field:
    today = _("现行 %s") % value_text(row, field)
    options = {"label": label_of(row), "help_text": today}
    kind = type_of(row, field)
    if kind is fact_types.MONEY:
        return MoneyField(**options)
    if kind is fact_types.DATE:
        return forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), **options)
    if names := few_codes(row):
        return CodesField(choices=list(names.items()), today=shown(row, field), **options)
    if kind is fact_types.CODE:
        return forms.CharField(max_length=500, **options)
    attrs = {"autocomplete": "off", "inputmode": "decimal"}
    if kind is fact_types.RATIO:
        options["help_text"] = _("%s；可以写成 15%% 或 0.15") % today
    elif row.__class__ is Condition:
        attrs["data-unit"] = str(FACTS[row.fact].unit)
    return forms.CharField(max_length=30, widget=forms.TextInput(attrs=attrs), **options)


def type_of(row: Condition | AwardRow, field: str) -> fact_types.FactType:
    if isinstance(row, Condition):
        return FACTS[row.fact].type
    return fact_types.RATIO if field == "rate" else fact_types.MONEY


def few_codes(row: Condition | AwardRow) -> dict[str, str]:
    """The names of the codes that a condition chooses from, where they are few enough to tick; else nothing."""
    if not isinstance(row, Condition) or FACTS[row.fact].type is not fact_types.CODE:
        return {}
    names = FACTS[row.fact].names()
    return {code: str(name) for code, name in names.items()} if len(names) <= FEW else {}


def label_of(row: Condition | AwardRow) -> str:
    """What is set: a condition's fact and comparison, an award's kind with its base."""
    if isinstance(row, Condition):
        fact = FACTS[row.fact]
        return f"{fact.label}{fact.type.words.get(row.operator, row.get_operator_display())}"
    if row.kind == AwardRow.Kind.RATE:
        return _("支持比例（%s）") % FACTS[row.base].label
    kind = str(row.get_kind_display())
    # An upper bound's own label tells its amount, which is what is changed here.
    named = row.label and row.kind not in AwardRow.BOUNDING
    return f"{kind}（{row.label}）" if named else _("支持%s") % kind


def value_text(row: Condition | AwardRow, field: str, value: str | None = None) -> str:
    """The row's value, or another one as text, as people read it: 20%, 5,000,000.00 元."""
    if isinstance(row, Condition):
        fact = FACTS[row.fact]
        given = row.value if value is None else value
        return fact.threshold_text(row.operator, fact.threshold(row.operator, given))
    number = getattr(row, field) if value is None else Decimal(value)
    return percent(number) if field == "rate" else yuan(number)


def shown(row: Condition | AwardRow, field: str) -> str | Decimal | list[str]:
    """Today's value as it stands in its field."""
    kind = type_of(row, field)
    text = simulation.text_of(row, field)
    if few_codes(row):
        return text.split(",")
    if kind is fact_types.RATIO:
        return percent(Decimal(text))
    return Decimal(text) if kind is fact_types.MONEY else text


def changes_text(rule: RuleVersion, values: dict[str, str]) -> list[dict]:
    """What was changed, for a list: {label, then, now}."""
    rows = simulation.settable(rule)
    return [
        {
            "label": label_of(rows[name][0]),
            "then": value_text(*rows[name]),
            "now": value_text(*rows[name], value),
        }
        for name, value in values.items()
    ]
