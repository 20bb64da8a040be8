"""Where an enterprise supplies what isn't known of it yet, or sees what a condition was answered with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from enterprises.models import Enterprise, Supplement
from measures.facts import FACTS, Fact, Kind, figures, records, registered, statistics

Topic = Supplement.Topic
# Which paper supplies the facts of a topic.
PAPERS = {
    statistics.TOPIC: Topic.INCLUSION,
    records.CREDIT: Topic.CREDIT,
    records.QUALIFICATIONS: Topic.QUALIFICATION,
    records.SUPPORT: Topic.SUPPORT,
    registered.TOPIC: Topic.REGISTER,
}


@dataclass(frozen=True)
class Place:
    """A page, what one does there, and the topic of the paper that is handed in there ("" for figures)."""

    url: str
    label: str
    topic: str = ""


def place(fact_name: str, call_year: int) -> Place | None:
    """Where that fact is supplied; None for what the application itself asks, and for facts no longer known."""
    fact = FACTS.get(fact_name)
    if fact is None or fact.kind == Kind.CASE:
        return None
    if years := _years(fact, call_year):
        return Place(f"{reverse('enterprise_figure')}?year={max(years)}", _("填报年度数据"))
    topic = PAPERS.get(fact.topic, Topic.REGISTER)
    return Place(f"{reverse('enterprise_supply')}?topic={topic.value}", _("补充资料"), topic.value)


def seen_at(fact_name: str) -> str:
    """Where the enterprise sees the value that the fact was answered with; "" for what the application says."""
    fact = FACTS.get(fact_name)
    if fact is None or fact.kind == Kind.CASE:
        return ""
    return reverse("enterprise") + ("#register" if fact.topic is registered.TOPIC else "#known")


def handed_in(enterprise: Enterprise) -> Mapping[str, date]:
    """The topics about which a paper waits to be entered, with the day by which it is; one query."""
    return dict(enterprise.supplements.pending().order_by("topic").values_list("topic", "due_on"))


def _years(fact: Fact, call_year: int) -> list[int]:
    """The years whose figures the fact reads."""
    backs = [back for back in figures.BACK if figures.relation_of(back) in fact.relations]
    return [call_year - back for back in backs]
