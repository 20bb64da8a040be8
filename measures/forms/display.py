"""Answers to read: on the case page, beside the documents at the desk, and in the submission's print."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from measures.forms import currency, kinds, values


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what was asked, the answer as people read it, and what it was in the last submission.

    A table gives a row for each of its lines (part_of is the table's key) and one for its sum, which
    carries the table's own key and the remark. source: where the rate of foreign money is from. previous_text is None where there was no last submission.
    """

    key: str
    label: str
    text: str
    unit: str = ""
    previous_text: str | None = None
    changed: bool = False
    remark: str = ""
    type: str = ""
    answered: bool = True
    part_of: str = ""
    source: str = ""

    @property
    def value(self) -> str:
        """The text, by the name that templates/components/key_value.html reads."""
        return self.text

    @property
    def previous(self) -> str | None:
        """The previous text, by the name that templates/components/key_value.html reads."""
        return self.previous_text


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: list[Row]


def sections(form, answers, previous=None, remarks: Mapping[str, str] | None = None) -> list[Section]:
    """The visible answers by section; also those that only the last submission showed, as no longer asked."""
    now = _Side(form, answers)
    before = _Side(form, previous) if previous is not None else None
    found = []
    for section in form.sections:
        rows = [
            row
            for key in section.keys
            if key in now.shown or (before is not None and key in before.shown)
            for row in _rows(form.by_key[key], now, before, (remarks or {}).get(key, ""))
        ]
        if rows:
            found.append(Section(section.title, rows))
    return found


class _Side:
    """One set of answers: stored values and what they show."""

    def __init__(self, form, answers):
        self.stored = form.clean(answers).values
        self.shown = form.visible(self.stored)

    def text(self, field) -> str:
        if field.key not in self.shown:
            return _("不适用")
        if field.key not in self.stored:
            return _("未填写")
        return kinds.of(field).text(field, self.stored[field.key])

    def line(self, field, row: str) -> str:
        if field.key not in self.shown:
            return _("不适用")
        amount = values.mapping(self.stored.get(field.key)).get(row)
        if amount is None:
            return _("未填写")
        try:
            return values.money_text(values.parse_money(amount))
        except values.Wrong:
            return amount

    def source(self, field) -> str:
        """Where the rate of an amount in foreign money is from."""
        answer = self.stored.get(field.key) if field.key in self.shown else None
        quote = currency.quote_of(answer) if field.currencies and currency.is_foreign(answer) else None
        return _("汇率来源：{source}").format(source=quote.source) if quote else ""

    def has(self, field, row: str | None = None) -> bool:
        if field.key not in self.shown or field.key not in self.stored:
            return False
        return row is None or row in self.stored[field.key]


def _rows(field, now: _Side, before: _Side | None, remark: str) -> list[Row]:
    lines = [
        _row(
            f"{field.key}.{row}",
            _("{table}：{row}").format(table=field.label, row=label),
            now.line(field, row),
            before and before.line(field, row),
            field=field,
            answered=now.has(field, row),
            part_of=field.key,
        )
        for row, label in field.rows
    ]
    label = _("{table}：合计").format(table=field.label) if lines else field.label
    whole = _row(
        field.key,
        label,
        now.text(field),
        before and before.text(field),
        field=field,
        answered=now.has(field),
        remark=remark,
        source=now.source(field),
    )
    return [*lines, whole]


def _row(key, label, text, previous_text, *, field, answered, remark="", part_of="", source="") -> Row:
    return Row(
        key=key,
        label=label,
        text=text,
        unit=field.unit if answered else "",
        previous_text=previous_text,
        changed=previous_text is not None and previous_text != text,
        remark=remark,
        type=field.type,
        answered=answered,
        part_of=part_of,
        source=source,
    )
