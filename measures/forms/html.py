"""The form as HTML: a Django form that shows and reads, while the engine alone decides what is right.

    form = engine.django_form(request.POST, initial=answers, draft=True)
    form.answers        # to be stored, also where the form isn't valid: a draft keeps wrong answers as typed
    form.is_valid()     # False where something is wrong; the errors stand beside their fields

A widget of a conditional field carries data-when-field and data-when-is (JSON); static/js/conditional.js hides
what is around it. Without JavaScript everything is visible, and the server takes what counts.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.translation import gettext as _

from foundation.display import money
from measures.forms import currency, kinds, values
from measures.forms.definition import Field

RADIO_OPTIONS = 5
# The field component draws each radio by itself.
_RADIO = {"class": "form-check-input"}
# Attributes that stand on a grid's inputs or on the fieldset around it, not on the grid.
_OF_INPUTS = frozenset({"class", "disabled", "aria-invalid", "aria-describedby"})
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ISO_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BoundSection:
    """A heading with its bound fields, for the template."""

    title: str
    help: str
    fields: list[forms.BoundField]


class CalendarInput(forms.TextInput):
    """<input type="date"> or "month"; a plain line where it must show a text that is no such day."""

    def __init__(self, kind: str, attrs=None):
        super().__init__(attrs)
        self.kind = kind

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        form = _ISO_DAY if self.kind == "date" else _ISO_MONTH
        context["widget"]["type"] = self.kind if shown is None or form.fullmatch(shown) else "text"
        return context


class MoneyGrid(forms.Widget):
    """One amount per fixed row, and their sum; drawn by templates/components/money_grid.html."""

    use_fieldset = True

    def __init__(self, field: Field, sum_name: str = "", sum_label: str = ""):
        super().__init__()
        self.field = field
        self.sum_name = sum_name
        self.sum_label = sum_label

    def value_from_datadict(self, data, files, name):
        return {row: data.get(f"{name}__{row}", "") for row, _label in self.field.rows}

    def value_omitted_from_data(self, data, files, name):
        return all(f"{name}__{row}" not in data for row, _label in self.field.rows)

    def render(self, name, value, attrs=None, renderer=None):
        attrs = {"id": f"id_{name}", **self.build_attrs(self.attrs, attrs)}
        stored = values.mapping(value)
        lines = []
        for row, label in self.field.rows:
            typed = values.typed(stored.get(row))
            try:
                values.parse_money(typed)
                wrong = False
            except values.Wrong:
                wrong = bool(typed)
            lines.append({"key": row, "label": label, "value": typed, "wrong": wrong})
        total = kinds.table_total(self.field, kinds.of(self.field).clean(self.field, stored)[0])
        context = {
            "name": name,
            "id": attrs["id"],
            "attributes": flatatt({key: text for key, text in attrs.items() if key not in _OF_INPUTS}),
            "disabled": bool(attrs.get("disabled")),
            "unit": self.field.unit,
            "lines": lines,
            "total": "" if total is None else values.money_text(total),
            "sum_name": self.sum_name,
            "sum_label": self.sum_label,
        }
        return render_to_string("components/money_grid.html", context)


class CurrencyAmount(forms.Widget):
    """An amount in yuan or in one of some currencies, then with the day of its rate; drawn by
    templates/components/currency_amount.html. The amount has the field's own name, the others NAME__currency and
    NAME__day. `form`: the answer form, which knows what the server made of it."""

    def __init__(self, form: "AnswerForm", field: Field):
        # data-money: components/field.html puts the readback under it.
        super().__init__({"data-money": True})
        self.form, self.field = form, field

    def value_from_datadict(self, data, files, name):
        code = values.typed(data.get(f"{name}__currency"))
        amount = data.get(name, "")
        if code in ("", currency.YUAN):
            return amount
        return {"currency": code, "amount": amount, "day": data.get(f"{name}__day", "")}

    def value_omitted_from_data(self, data, files, name):
        return name not in data

    def readback(self) -> str:
        """What stands under the control: the amount in 大写, and of foreign money how its yuan came about."""
        return foreign_readback(self.field, self.form.answers.get(self.field.key))

    def render(self, name, value, attrs=None, renderer=None):
        attrs = {"id": f"id_{name}", **self.build_attrs(self.attrs, attrs)}
        foreign = currency.is_foreign(value)
        day = values.typed(value.get("day")) if foreign else ""
        code = values.typed(value["currency"]) if foreign else currency.YUAN
        yuan = kinds.of(self.field).value(self.field, self.form.answers.get(self.field.key))
        of_inputs = {key: text for key, text in attrs.items() if key in {"disabled", "aria-invalid"}}
        context = {
            "name": name,
            "id": attrs["id"],
            "attributes": flatatt({key: text for key, text in attrs.items() if key not in {"id", "class"}}),
            "of_inputs": flatatt(of_inputs),
            "amount": values.typed(value.get("amount") if foreign else value),
            "yuan": "" if yuan is None else values.money_json(yuan),
            "day": day,
            "day_label": self.field.rate_day,
            "day_type": "date" if not day or _ISO_DAY.fullmatch(day) else "text",
            "choices": [
                {"code": one, "name": currency.name(one), "chosen": one == code}
                for one in (currency.YUAN, *self.field.currencies)
            ],
            "foreign": json.dumps(self.field.currencies),
        }
        return render_to_string("components/currency_amount.html", context)


def foreign_readback(answer: Field, stored) -> str:
    """3,200,000 USD × … = 22,794,880.00 元 · 贰仟… of an amount in foreign money, else yuan in 大写; "" for none."""
    yuan = kinds.of(answer).value(answer, stored)
    if yuan is None:
        return ""
    if not currency.is_foreign(stored):
        return money.read_back(yuan)
    return f"{currency.text(stored)} {answer.unit} · {money.in_capitals(yuan)}"


class AnswerField(forms.Field):
    """A field that takes what was typed: the engine cleans all answers together."""

    def __init__(self, answer: Field, widget: forms.Widget):
        # help_text is shown as HTML by the field component.
        super().__init__(
            required=answer.required, label=answer.label, help_text=escape(answer.help), widget=widget
        )
        self.answer = answer

    def clean(self, value):
        return value

    def prepare_value(self, value):
        kind, field = self.answer.type, self.answer
        if kind == "table":
            return {row: _shown_money(typed) for row, typed in values.mapping(value).items()}
        if kind == "money":
            if currency.is_foreign(value):
                return {**value, "amount": _shown_money(value.get("amount"))}
            return _shown_money(value)
        if kind == "declaration":
            return kinds.of(field).clean(field, value)[0] is True
        stored = kinds.of(field).clean(field, value)[0]
        if isinstance(stored, bool):
            return "true" if stored else "false"
        return stored

    def has_changed(self, initial, data):
        if self.disabled:
            return False
        clean = kinds.of(self.answer).clean
        return clean(self.answer, initial) != clean(self.answer, data)


class AnswerForm(forms.Form):
    """The Django form over one engine; `answers` is what to store."""

    # Words of the Chinese message say what is missing, not the browser in its own language.
    use_required_attribute = False

    def __init__(
        self, engine, data=None, *, initial=None, draft, only=None, ceilings=None, rates=None, prefix=None
    ):
        super().__init__(data, initial=dict(initial or {}), prefix=prefix)
        self.engine = engine
        self.draft = draft
        self.only = only
        self.ceilings = ceilings
        self.rates = rates
        open_keys = engine.opened(only) if only is not None else engine.by_key.keys()
        for answer in engine.fields:
            field = AnswerField(answer, self._widget(answer))
            field.disabled = answer.key not in open_keys
            if answer.when is not None:
                field.widget.attrs["data-when-field"] = self.add_prefix(answer.when.field)
                field.widget.attrs["data-when-is"] = answer.when.as_json
            self.fields[answer.key] = field

    @property
    def answers(self) -> dict:
        """What to store; before anything was sent, the initial answers."""
        if not self.is_bound:
            return self.engine.clean(self.initial).values
        self.is_valid()
        return self._cleaned.values

    @property
    def readbacks(self) -> dict[str, dict[str, str]]:
        """Of each answer in foreign money, by its name: {"text": how its yuan came about, or why they can't
        be told, "yuan": "22794880.00" or ""}."""
        found = {}
        for one in self.engine.fields:
            stored = self.answers.get(one.key)
            if one.currencies and currency.is_foreign(stored):
                yuan = kinds.of(one).value(one, stored)
                problems = self.errors.get(one.key, [])
                found[self.add_prefix(one.key)] = {
                    "text": "".join(problems) or foreign_readback(one, stored),
                    "yuan": "" if yuan is None else values.money_json(yuan),
                }
        return found

    @property
    def sections(self) -> list[BoundSection]:
        return [
            BoundSection(section.title, section.help, [self[key] for key in section.keys])
            for section in self.engine.sections
        ]

    def clean(self):
        self._cleaned = self.engine.clean(
            dict(self.cleaned_data),
            draft=self.draft,
            only=self.only,
            initial=self.initial,
            ceilings=self.ceilings,
            rates=self.rates,
        )
        errors = self._cleaned.errors
        for key, messages in errors.items():
            self.add_error(key, messages)
        return {key: stored for key, stored in self._cleaned.values.items() if key not in errors}

    def _widget(self, answer: Field) -> forms.Widget:
        return _WIDGETS[answer.type](self, answer)


def _shown_money(typed) -> str:
    text = values.typed(typed)
    try:
        return values.money_text(values.parse_money(text))
    except values.Wrong:
        return text


def _text(form, answer):
    attrs = {"maxlength": answer.max_length, "autocomplete": "off"}
    if answer.unit:
        attrs["data-unit"] = answer.unit
    return forms.TextInput(attrs)


def _paragraph(form, answer):
    return forms.Textarea({"maxlength": answer.max_length, "rows": 4})


def _money(form, answer):
    if answer.currencies:
        return CurrencyAmount(form, answer)
    return forms.TextInput(
        {
            "data-money": True,
            "data-unit": answer.unit,
            "inputmode": "decimal",
            "autocomplete": "off",
            "maxlength": len("9,999,999,999,999.99"),
        }
    )


def _number(form, answer):
    attrs = {
        "data-short": True,
        "inputmode": "decimal" if answer.decimals else "numeric",
        "autocomplete": "off",
        "maxlength": len("-9,999,999,999,999.9999"),
    }
    if answer.unit:
        attrs["data-unit"] = answer.unit
    return forms.TextInput(attrs)


def _calendar(form, answer):
    attrs = {"data-short": True, "autocomplete": "off"}
    for name in ("min", "max"):
        bound = getattr(answer, name)
        if bound is not None:
            attrs[name] = bound.isoformat() if answer.type == "date" else f"{bound:%Y-%m}"
    if answer.type == "month":
        attrs["placeholder"] = "2026-01"
    return CalendarInput(answer.type, attrs)


def _choice(form, answer):
    if len(answer.options) <= RADIO_OPTIONS:
        return forms.RadioSelect(_RADIO, choices=answer.options)
    return forms.Select(choices=[("", _("请选择")), *answer.options])


def _yes_no(form, answer):
    return forms.RadioSelect(_RADIO, choices=[("true", _("是")), ("false", _("否"))])


def _declaration(form, answer):
    return forms.CheckboxInput()


def _table(form, answer):
    if not answer.sum_to:
        return MoneyGrid(answer)
    return MoneyGrid(answer, form.add_prefix(answer.sum_to), form.engine.by_key[answer.sum_to].label)


_WIDGETS: Mapping = {
    "text": _text,
    "paragraph": _paragraph,
    "money": _money,
    "number": _number,
    "date": _calendar,
    "month": _calendar,
    "choice": _choice,
    "yes_no": _yes_no,
    "declaration": _declaration,
    "table": _table,
}
