"""Money and other figures as text. Every amount is a Decimal in yuan; nothing here passes through a float."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

import cn2an

FEN = Decimal("0.01")
WAN = Decimal(10_000)
YI = Decimal(100_000_000)
# numeric(16, 2), the widest amount that the database holds
LARGEST = Decimal(10) ** 14


def exact(value) -> Decimal:
    """The value as a Decimal; a float is refused, for it has already lost the fen."""
    if isinstance(value, float):
        raise TypeError("an amount must be a Decimal, an int or a string, never a float")
    try:
        amount = Decimal(str(value).replace(",", "").strip())
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {value!r}") from error
    if not amount.is_finite():
        raise ValueError(f"not an amount: {value!r}")
    return amount


def plain(value) -> str:
    """3,200,000 when whole, 3,200,000.50 otherwise; a value finer than a fen is rounded half up."""
    amount = exact(value).quantize(FEN, ROUND_HALF_UP)
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def to_the_fen(value) -> str:
    """Always two places: 3,200,000.00."""
    return f"{exact(value).quantize(FEN, ROUND_HALF_UP):,.2f}"


def in_capitals(value) -> str:
    """人民币大写 of an amount with at most two places, e.g. 叁佰贰拾万元整.

    A negative amount begins with 负. Raises ValueError when the amount is finer than a fen or wider than
    the database's numeric(16, 2): a text that stands on a payment order is never rounded in silence.
    """
    amount = exact(value)
    if amount != amount.quantize(FEN):
        raise ValueError(f"finer than a fen: {value!r}")
    if abs(amount) >= LARGEST:
        raise ValueError(f"wider than any amount here: {value!r}")
    sign = "负" if amount < 0 else ""
    # as text: cn2an reads digits from a string and never meets a float; its own sign would follow -0.00
    return sign + _capitals(f"{abs(amount):.2f}")


def _capitals(text: str) -> str:
    whole, fraction = text.split(".")
    high, low = divmod(int(whole), int(YI))
    jiao, fen = fraction
    # cn2an loses the 亿 of numbers such as 1,0000,0001,0000, so each side of 亿 goes through it alone
    body = ""
    if high:
        body = cn2an.an2cn(str(high), "up") + "亿"
        if low and low < 10_000_000:
            body += "零"
    if low or not high:
        body += cn2an.an2cn(str(low), "up")
    if fraction == "00":
        return body + "元整"
    small = ("" if jiao == "0" else cn2an.an2cn(jiao, "up") + "角") + (
        "" if fen == "0" else cn2an.an2cn(fen, "up") + "分"
    )
    if int(whole) == 0:
        return small
    return body + "元" + ("零" if jiao == "0" else "") + small


def read_back(value) -> str:
    """What stands under an input while one types: 3,200,000 元 · 叁佰贰拾万元整 (money_readback.js says the same)."""
    return f"{plain(value)} 元 · {in_capitals(value)}"


def in_units(value) -> tuple[str, str]:
    """A large amount for reading at a glance: ("1.24", "亿元"), ("500", "万元"), ("800", "元")."""
    amount = exact(value)
    for size, unit in ((YI, "亿元"), (WAN, "万元")):
        if abs(amount) >= size:
            scaled = (amount / size).quantize(FEN, ROUND_HALF_UP)
            text = f"{scaled:,.2f}".rstrip("0").rstrip(".")
            return text, unit
    return plain(amount), "元"
