"""Which rate an amount in foreign money is converted with: that of its day, else the latest of the ten days before."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from foundation.clock import clock
from measures.forms import currency, values
from measures.forms.currency import Quote
from measures.models import ExchangeRate

# Days before the one asked for within which a rate still stands for it: longer than any holiday of the market.
WITHIN = 10


class Rates:
    """rates(currency, day) -> Quote; raises values.Wrong, with what to do, where none is known.

    frozen: answers that were submitted; the rate that they carry for a currency and day stays, whatever was
    entered since. loaded: rates that were read already. One query for each pair that wasn't.
    """

    def __init__(self, frozen: Mapping | None = None, loaded: "Rates | None" = None):
        self.known: dict[tuple[str, date], Quote | None] = loaded.known if loaded else {}
        self.frozen = {
            (answer["currency"], date.fromisoformat(answer["day"])): quote
            for answer in (frozen or {}).values()
            if currency.is_foreign(answer) and (quote := currency.quote_of(answer))
        }

    def load(self, asked: Iterable[tuple[str, date]]) -> None:
        """Read the rates of these pairs at once: one query, none where there is nothing to read."""
        asked = set(asked) - self.known.keys()
        wanted = Q()
        for code, day in asked:
            wanted |= Q(currency=code, day__range=(day - timedelta(days=WITHIN), day))
        rows = ExchangeRate.objects.filter(wanted).order_by("day", "revision") if asked else ()
        self.known |= dict.fromkeys(asked)
        for row in rows:
            for code, day in asked:
                if row.currency == code and timedelta(0) <= day - row.day <= timedelta(days=WITHIN):
                    # In order: the latest day, of that the last revision.
                    self.known[code, day] = Quote(code, row.day, row.rate, row.source, row.revision)

    def __call__(self, code: str, day: date) -> Quote:
        if quote := self.frozen.get((code, day)):
            return quote
        if day > clock.today():
            raise values.Wrong(_("汇率日期不能晚于今天"))
        self.load([(code, day)])
        if quote := self.known[code, day]:
            return quote
        raise values.Wrong(
            _(
                "系统没有 {day} 及之前 {days} 天内的{currency}汇率：请改选人民币并填写折算后的金额，"
                "或者请受理部门登记这一天的汇率后再填"
            ).format(day=day.isoformat(), days=WITHIN, currency=currency.name(code))
        )


def asked_in(answers: Mapping) -> set[tuple[str, date]]:
    """The pairs of currency and day that stored answers ask a rate for."""
    found = set()
    for answer in answers.values():
        if currency.is_foreign(answer):
            try:
                found.add((answer["currency"], values.parse_day(values.typed(answer.get("day")))))
            except values.Wrong:
                continue
    return found
