"""What each type of field does with an answer: clean what was typed, read it as a value, show it.

An answer is stored as JSON: text and codes as they are, money "32000000.00", numbers "12.5", days
"2026-03-01", months "2026-01", yes/no and declarations as booleans, a table as {row: money}. An answer that
is wrong stays as it was typed, so that a draft gives it back; an unanswered field isn't stored at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from measures.forms import currency, values
from measures.forms.definition import Field

YES = frozenset({"true", "yes", "on", "1", "是"})
NO = frozenset({"false", "no", "0", "否"})


@dataclass(frozen=True, slots=True)
class Kind:
    """clean(field, raw) -> (stored or None, [Chinese]); value(field, stored) -> Python value or None where
    unanswered or wrong; text(field, stored) -> what people read."""

    clean: Callable[[Field, object], tuple[object, list[str]]]
    value: Callable[[Field, object], object]
    text: Callable[[Field, object], str]


def of(field: Field) -> Kind:
    return _FOREIGN if field.currencies else _KINDS[field.type]


def cleaned(field: Field, raw, rates: currency.Rates | None = None) -> tuple[object, list[str]]:
    """What the field's kind cleans. rates: where the rate of an amount in foreign money is taken from; without, a
    rate that the answer carries stays."""
    if field.currencies and currency.is_foreign(raw):
        return _clean_foreign(field, raw, rates)
    return of(field).clean(field, raw)


def _clean_text(field, raw):
    text = values.plain_text(raw, lines=field.type == "paragraph")
    if len(text) > field.max_length:
        problem = _("最多 {longest} 字，现在有 {length} 字").format(
            longest=field.max_length, length=len(text)
        )
        return text, [problem]
    return text or None, []


def _text_value(field, stored):
    return stored if isinstance(stored, str) and len(stored) <= field.max_length else None


def _scalar(parse, store, show) -> Kind:
    """A type whose answer is parsed from one typed line: money, number, date, month."""

    def clean(field, raw):
        text = values.typed(raw)
        if not text:
            return None, []
        try:
            value = parse(field, text)
        except values.Wrong as wrong:
            return text, [str(wrong)]
        return store(value), _out_of_bounds(field, value, show)

    def value(field, stored):
        try:
            found = parse(field, stored) if isinstance(stored, str) else None
        except values.Wrong:
            return None
        return None if found is None or _out_of_bounds(field, found, show) else found

    def text(field, stored):
        try:
            return show(parse(field, stored))
        except values.Wrong:
            return stored

    return Kind(clean, value, text)


def _out_of_bounds(field: Field, value, show) -> list[str]:
    unit = f" {field.unit}" if field.unit else ""
    if field.min is not None and value < field.min:
        if field.type == "number" and field.min == 0:
            return [_("不能为负数")]
        if isinstance(value, date):
            return [_("不得早于 {bound}").format(bound=show(field.min))]
        return [_("不得低于 {bound}{unit}").format(bound=show(field.min), unit=unit)]
    if field.max is not None and value > field.max:
        if isinstance(value, date):
            return [_("不得晚于 {bound}").format(bound=show(field.max))]
        return [_("不得高于 {bound}{unit}").format(bound=show(field.max), unit=unit)]
    return []


def _clean_choice(field, raw):
    text = values.typed(raw)
    if not text or text in dict(field.options):
        return text or None, []
    return text, [_("请从所列选项中选择一项")]


def _clean_yes_no(field, raw):
    if isinstance(raw, bool):
        return raw, []
    text = values.typed(raw).lower()
    if text in YES or text in NO:
        return text in YES, []
    return text or None, [_("请选择“是”或“否”")] if text else []


def _yes_no_text(field, stored):
    if not isinstance(stored, bool):
        return str(stored)
    return _("是") if stored else _("否")


def _clean_declaration(field, raw):
    ticked = raw is True or values.typed(raw).lower() in YES
    return (True if ticked else None), []


def _clean_table(field, raw):
    raw = values.mapping(raw)
    stored, problems = {}, []
    for key, label in field.rows:
        text = values.typed(raw.get(key))
        if not text:
            continue
        try:
            stored[key] = values.money_json(values.parse_money(text))
        except values.Wrong as wrong:
            stored[key] = text
            problems.append(_("{row}：{reason}").format(row=label, reason=wrong))
    if not problems and _table_total(field, stored) >= values.MONEY_LIMIT:
        problems.append(_("合计过大，请核对单位是否为元"))
    return stored or None, problems


def _table_total(field, stored) -> Decimal:
    return sum(
        (values.parse_money(stored[key]) for key, _label in field.rows if key in stored), Decimal("0.00")
    )


def table_total(field: Field, stored) -> Decimal | None:
    """The sum of a table in yuan; None where nothing is filled in or a row is wrong."""
    stored = values.mapping(stored)
    try:
        return _table_total(field, stored) if stored else None
    except values.Wrong:
        return None


def _table_text(field, stored):
    total = table_total(field, stored)
    return values.money_text(total) if total is not None else _("无法合计，请先改正各行金额")


_KINDS = {
    "text": Kind(_clean_text, _text_value, lambda field, stored: stored),
    "paragraph": Kind(_clean_text, _text_value, lambda field, stored: stored),
    "money": _scalar(lambda field, text: values.parse_money(text), values.money_json, values.money_text),
    "number": _scalar(
        lambda field, text: values.parse_number(text, field.decimals), values.number_json, values.number_text
    ),
    "date": _scalar(lambda field, text: values.parse_day(text), date.isoformat, values.day_text),
    "month": _scalar(
        lambda field, text: values.parse_month(text), lambda value: f"{value:%Y-%m}", values.month_text
    ),
    "choice": Kind(
        _clean_choice,
        lambda field, stored: stored if stored in dict(field.options) else None,
        lambda field, stored: dict(field.options).get(stored, stored),
    ),
    "yes_no": Kind(
        _clean_yes_no, lambda field, stored: stored if isinstance(stored, bool) else None, _yes_no_text
    ),
    "declaration": Kind(
        _clean_declaration,
        lambda field, stored: True if stored is True else None,
        lambda field, stored: _("已声明"),
    ),
    "table": Kind(_clean_table, table_total, _table_text),
}


def _clean_foreign(field, raw, rates=None):
    if not currency.is_foreign(raw) or values.typed(raw["currency"]) == currency.YUAN:
        return _KINDS["money"].clean(field, raw.get("amount") if isinstance(raw, Mapping) else raw)
    typed = {part: values.typed(raw.get(part)) for part in ("currency", "amount", "day")}
    if not typed["amount"] and not typed["day"]:
        return None, []
    for part, problem in (
        ("amount", _("请填写外币金额")),
        ("day", _("请填写{day}").format(day=field.rate_day)),
    ):
        if not typed[part]:
            return typed, [problem]
    try:
        code, amount, day = currency.amount_of(typed, field.currencies)
        quote = rates(code, day) if rates else currency.quote_of(raw)
    except values.Wrong as wrong:
        return typed, [str(wrong)]
    if quote is None or quote.currency != code:
        return typed, [_("还没有折算成人民币，请打开填写页重新保存")]
    yuan = currency.convert(amount, quote.rate)
    if yuan >= values.MONEY_LIMIT:
        return typed, [_("折算成人民币后金额过大，请核对")]
    return currency.stored(amount, day, quote), _out_of_bounds(field, yuan, values.money_text)


def _foreign_value(field, stored):
    if not currency.is_foreign(stored):
        return _KINDS["money"].value(field, stored)
    yuan = currency.yuan_of(stored) if stored["currency"] in field.currencies else None
    return None if yuan is None or _out_of_bounds(field, yuan, values.money_text) else yuan


def _foreign_text(field, stored):
    return currency.text(stored) if currency.is_foreign(stored) else _KINDS["money"].text(field, stored)


# Money that may be given in other currencies.
_FOREIGN = Kind(_clean_foreign, _foreign_value, _foreign_text)
