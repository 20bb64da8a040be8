"""An amount in foreign money and what it is in yuan. Pure: the rate of a day comes from outside.

    Quote(currency, day, rate, source, revision)   one rate, as it was known
    rates(currency, day) -> Quote                  raises values.Wrong where none is known (measures/exchange.py)

A rate is always yuan for ONE unit of the currency. Yuan = amount × rate, rounded half up to 0.01. An answer in
foreign money is stored with all that made its yuan, so that they can be computed again:
{"currency": "USD", "amount": "3200000.00", "day": "2026-03-01" (what was typed), "rate": "7.1234",
"rate_day": "2026-02-27", "source": "…", "revision": 1, "yuan": "22794880.00"}; in yuan it is plain money, as ever.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from measures.forms import values

YUAN = "CNY"
# ISO 4217: the currencies that the interbank market quotes, with the places of their smallest unit.
CURRENCIES = {
    "USD": (gettext_lazy("美元"), 2),
    "EUR": (gettext_lazy("欧元"), 2),
    "JPY": (gettext_lazy("日元"), 0),
    "HKD": (gettext_lazy("港元"), 2),
    "GBP": (gettext_lazy("英镑"), 2),
    "AUD": (gettext_lazy("澳大利亚元"), 2),
    "NZD": (gettext_lazy("新西兰元"), 2),
    "SGD": (gettext_lazy("新加坡元"), 2),
    "CHF": (gettext_lazy("瑞士法郎"), 2),
    "CAD": (gettext_lazy("加拿大元"), 2),
    "MOP": (gettext_lazy("澳门元"), 2),
    "MYR": (gettext_lazy("马来西亚林吉特"), 2),
    "RUB": (gettext_lazy("俄罗斯卢布"), 2),
    "ZAR": (gettext_lazy("南非兰特"), 2),
    "KRW": (gettext_lazy("韩元"), 0),
    "AED": (gettext_lazy("阿联酋迪拉姆"), 2),
    "SAR": (gettext_lazy("沙特里亚尔"), 2),
    "HUF": (gettext_lazy("匈牙利福林"), 2),
    "PLN": (gettext_lazy("波兰兹罗提"), 2),
    "DKK": (gettext_lazy("丹麦克朗"), 2),
    "SEK": (gettext_lazy("瑞典克朗"), 2),
    "NOK": (gettext_lazy("挪威克朗"), 2),
    "TRY": (gettext_lazy("土耳其里拉"), 2),
    "MXN": (gettext_lazy("墨西哥比索"), 2),
    "THB": (gettext_lazy("泰铢"), 2),
}
# Of a rate: so many whole digits and places, as the column holds them.
RATE_DIGITS, RATE_PLACES = 14, 8
FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Quote:
    """`rate`: yuan for one unit; `day`: the day that it is of; `revision`: 1, or more after corrections."""

    currency: str
    day: date
    rate: Decimal
    source: str
    revision: int


Rates = Callable[[str, date], Quote]


def name(code: str) -> str:
    """美元（USD）; 人民币（CNY）."""
    label = _("人民币") if code == YUAN else CURRENCIES[code][0] if code in CURRENCIES else ""
    return f"{label}（{code}）" if label else code


def convert(amount: Decimal, rate: Decimal) -> Decimal:
    """Yuan, to the fen, half up."""
    with localcontext(prec=60):
        return (amount * rate).quantize(FEN, ROUND_HALF_UP)


def parse_rate(text: str) -> Decimal:
    """Yuan for one unit, above zero, at most eight places; raises values.Wrong."""
    rate = values.parse_number(text, RATE_PLACES)
    if rate <= 0:
        raise values.Wrong(_("汇率应大于零"))
    if rate >= 10 ** (RATE_DIGITS - RATE_PLACES):
        raise values.Wrong(_("汇率过大，请核对"))
    return rate


def rate_text(rate: Decimal) -> str:
    """7.1234, with four places at least."""
    text = f"{rate.normalize():f}"
    whole, _point, places = text.partition(".")
    return f"{whole}.{places.ljust(4, '0')}"


def is_foreign(answer) -> bool:
    """Whether a stored or typed answer is an amount in foreign money."""
    return isinstance(answer, Mapping) and bool(answer.get("currency"))


def amount_of(answer: Mapping, allowed) -> tuple[str, Decimal, date]:
    """Currency, amount and day of a typed or stored answer; raises values.Wrong."""
    code = values.typed(answer.get("currency"))
    if code not in CURRENCIES or code not in allowed:
        raise values.Wrong(_("这里不能用这个币种，请从所列币种中选择"))
    amount = values.parse_number(values.typed(answer.get("amount")), CURRENCIES[code][1])
    if amount < 0:
        raise values.Wrong(_("金额不能为负数"))
    return code, amount, values.parse_day(values.typed(answer.get("day")))


def quote_of(answer: Mapping) -> Quote | None:
    """The rate that stands in a stored answer; None where it was not converted."""
    try:
        return Quote(
            answer["currency"],
            date.fromisoformat(answer["rate_day"]),
            parse_rate(answer["rate"]),
            answer["source"],
            answer["revision"],
        )
    except (KeyError, TypeError, ValueError):
        return None


def stored(amount: Decimal, day: date, quote: Quote) -> dict:
    """The answer as it is kept, with everything that made its yuan."""
    return {
        "currency": quote.currency,
        "amount": values.money_json(amount),
        "day": day.isoformat(),
        "rate": f"{quote.rate.normalize():f}",
        "rate_day": quote.day.isoformat(),
        "source": quote.source,
        "revision": quote.revision,
        "yuan": values.money_json(convert(amount, quote.rate)),
    }


def yuan_of(answer) -> Decimal | None:
    """Yuan of a stored answer in foreign money, computed again; None where it was not converted."""
    try:
        quote = quote_of(answer)
        return convert(values.parse_number(answer["amount"], 2), quote.rate) if quote else None
    except (KeyError, TypeError, ValueError):
        return None


def text(answer: Mapping) -> str:
    """3,200,000 USD × 7.1234（2026-03-02 人民币汇率中间价）= 22,794,880.00; without a rate what was typed."""
    yuan, quote = yuan_of(answer), quote_of(answer)
    if yuan is None or quote is None:
        return " ".join(filter(None, (values.typed(answer.get(part)) for part in ("amount", "currency"))))
    day = quote.day.isoformat()
    if answer["day"] != day:
        day = _("{day}，为 {asked} 之前最近一日").format(day=day, asked=answer["day"])
    amount = values.money_text(values.parse_number(answer["amount"], 2)).removesuffix(".00")
    return f"{amount} {quote.currency} × {rate_text(quote.rate)}（{day}）= {values.money_text(yuan)}"
