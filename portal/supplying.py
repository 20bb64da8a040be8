"""Where an enterprise supplies what isn't known of it yet, or sees what a condition was answered with."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from measures.facts import FACTS, Fact, Kind, figures, registered


@dataclass(frozen=True)
class Place:
    """A page, and what one does there."""

    url: str
    label: str


def place(fact_name: str, call_year: int) -> Place | None:
    """Where that fact is supplied; None for what the application itself asks, and for facts no longer known."""
    fact = FACTS.get(fact_name)
    if fact is None or fact.kind == Kind.CASE:
        return None
    if years := _years(fact, call_year):
        return Place(f"{reverse('enterprise_figure')}?year={max(years)}", _("填报年度数据"))
    if fact.topic is registered.TOPIC:
        return Place(reverse("enterprise") + "#register", _("核对登记信息"))
    return Place(reverse("enterprise") + "#known", _("核对纳统、信用与资质"))


def _years(fact: Fact, call_year: int) -> list[int]:
    """The years whose figures the fact reads."""
    backs = [back for back in figures.BACK if figures.relation_of(back) in fact.relations]
    return [call_year - back for back in backs]
