"""The facts that rules may ask about: each one a named, documented ORM expression over an enterprise.

    FACTS["clean_credit_years"].expression(question)

A fact that isn't known is null in the database and *unknown* to a rule, never false. What a fact reads of
other tables enters as a join of one row (RELATIONS), not as a correlated subquery, so that the same
expression serves one enterprise and a million. A new fact is one entry in the module of its kind.
"""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db.models import FilteredRelation
from django.utils.translation import gettext as _

from measures.facts import case, figures, records, registered, statistics, tables
from measures.facts.fact import Fact, Kind, Question

__all__ = ["FACTS", "INPUTS", "RELATIONS", "Fact", "Kind", "Question", "fact"]

RELATIONS: dict[str, Callable[[Question], FilteredRelation]] = (
    statistics.RELATIONS | registered.RELATIONS | figures.RELATIONS | records.RELATIONS
)
FACTS: dict[str, Fact] = {
    fact.name: fact
    for module in (statistics, registered, figures, tables, records, case)
    for fact in module.FACTS
}
# The case's own values, by the names under which they are supplied.
INPUTS: dict[str, Fact] = {
    name: fact for name, fact in FACTS.items() if fact.kind == Kind.CASE and fact.inputs == (name,)
}


def fact(name: str) -> Fact:
    """The fact of that name; ValidationError, in Chinese, where there is none."""
    try:
        return FACTS[name]
    except KeyError:
        raise ValidationError(_("没有名为 %s 的事实") % name) from None
