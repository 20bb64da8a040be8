"""A rule in SQL: its facts, what each condition says (true, false or null) and whether all are met.

    compiler.annotate(Enterprise.objects.all(), rule, question)

adds the columns fact_<name>, condition_<n> (n counts the rule's conditions from 0), eligible and those of
measures.award. The same columns explain one enterprise and screen all of them.
"""

from collections.abc import Callable, Iterable

from django.db.models import BooleanField, Expression, ExpressionWrapper, F, Func, QuerySet, Value
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
)

from measures import award
from measures.facts import FACTS, RELATIONS, Fact, Question
from measures.models import Condition, RuleVersion


class All(Func):
    """SQL's own AND: false if one is false, else null if one is null, else true."""

    arg_joiner = " AND "
    template = "(%(expressions)s)"
    output_field = BooleanField()


class Not(Func):
    """SQL's own NOT: null stays null (a negated Q would add IS NOT NULL and swallow the unknown)."""

    template = "(NOT %(expressions)s)"
    output_field = BooleanField()


# Lookups are used as expressions: a Q would fold an impossible comparison into false even for null.
OPERATORS: dict[str, Callable[[Expression, object], Expression]] = {
    "eq": Exact,
    "ne": lambda actual, threshold: Not(Exact(actual, threshold)),
    "gte": GreaterThanOrEqual,
    "gt": GreaterThan,
    "lte": LessThanOrEqual,
    "lt": LessThan,
    "in": In,
    "not_in": lambda actual, threshold: Not(In(actual, threshold)),
    "is_true": lambda actual, threshold: ExpressionWrapper(actual, BooleanField()),
    "is_false": lambda actual, threshold: Not(actual),
}


def column_of(fact: str) -> str:
    return f"fact_{fact}"


def facts_of(rule: RuleVersion) -> list[Fact]:
    """The facts that a rule asks about, in the order of its rows."""
    named = [row.fact for row in rule.conditions.all()] + [
        row.base for row in rule.award_rows.all() if row.base
    ]
    return [FACTS[name] for name in dict.fromkeys(named)]


def annotate(enterprises: QuerySet, rule: RuleVersion, question: Question) -> QuerySet:
    """Enterprises with the rule's columns; a queryset, so that callers may filter, count and sum over it."""
    facts = facts_of(rule)
    conditions = list(rule.conditions.all())
    return (
        _with_relations(enterprises, facts, question)
        .annotate(**{column_of(fact.name): fact.expression(question) for fact in facts})
        .annotate(**{f"condition_{n}": _met(condition) for n, condition in enumerate(conditions)})
        .annotate(eligible=_all(F(f"condition_{n}") for n in range(len(conditions))))
        .annotate(**award.columns(rule))
    )


def columns(rule: RuleVersion) -> list[str]:
    """The names of the columns that `annotate` adds for this rule."""
    return [
        *(column_of(fact.name) for fact in facts_of(rule)),
        *(f"condition_{n}" for n in range(len(rule.conditions.all()))),
        "eligible",
        *award.columns(rule),
    ]


def _with_relations(enterprises: QuerySet, facts: Iterable[Fact], question: Question) -> QuerySet:
    names = dict.fromkeys(name for fact in facts for name in fact.relations)
    return enterprises.alias(**{name: RELATIONS[name](question) for name in names})


def _met(condition: Condition) -> Expression:
    fact = FACTS[condition.fact]
    threshold = fact.threshold(condition.operator, condition.value)
    return OPERATORS[condition.operator](F(column_of(fact.name)), threshold)


def _all(conditions: Iterable[Expression]) -> Expression:
    conditions = list(conditions)
    return All(*conditions) if conditions else Value(True, output_field=BooleanField())
