"""A rule in SQL: its facts, what each condition says (true, false or null) and whether all are met.

    statement = compiler.statement(rule, question)

is one SELECT with a row for each enterprise: enterprise_id, fact_<name>, condition_<n> (n counts the rule's
conditions from 0), eligible and the columns of measures.award. It has three layers, each reading the columns of
the one below, so that no fact is computed twice; OFFSET 0 keeps PostgreSQL from merging them again. The same
statement explains one enterprise, screens all of them and simulates.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import connection
from django.db.models import BooleanField, Expression, Func, QuerySet, Value
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
)

from enterprises.models import Enterprise
from measures import award
from measures.columns import Column
from measures.facts import FACTS, RELATIONS, Fact, Question
from measures.models import Condition, RuleVersion


class All(Func):
    """SQL's own AND: false if one is false, else null if one is null, else true."""

    arg_joiner = " AND "
    template = "(%(expressions)s)"
    output_field = BooleanField()


class AnyOf(Func):
    """SQL's own OR: true if one is true, else null if one is null, else false."""

    arg_joiner = " OR "
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
    "is_true": lambda actual, threshold: actual,
    "is_false": lambda actual, threshold: Not(actual),
}


@dataclass(frozen=True)
class Statement:
    """SQL with its parameters, and the names of its columns in order."""

    sql: str
    params: tuple
    columns: tuple[str, ...]


def column_of(fact: str) -> str:
    return f"fact_{fact}"


def facts_of(rule: RuleVersion) -> list[Fact]:
    """The facts that a rule asks about, in the order of its rows."""
    named = [row.fact for row in rule.conditions.all()] + [
        row.base for row in rule.award_rows.all() if row.base
    ]
    return [FACTS[name] for name in dict.fromkeys(named)]


def statement(
    rule: RuleVersion,
    question: Question,
    enterprises: QuerySet | None = None,
    also: Iterable[str] = (),
) -> Statement:
    """The rule for all enterprises, or for those of an unordered queryset; `also` are more facts to select."""
    enterprises = Enterprise.objects.order_by() if enterprises is None else enterprises
    facts = list({fact.name: fact for fact in [*facts_of(rule), *(FACTS[name] for name in also)]}.values())
    conditions = list(rule.conditions.all())
    names = ("enterprise_id", *(column_of(fact.name) for fact in facts))
    sql, params = _facts(enterprises, facts, question).query.sql_with_params()
    quoted = ", ".join(connection.ops.quote_name(name) for name in names)
    below = Statement(f"SELECT * FROM ({sql} OFFSET 0) AS facts ({quoted})", params, names)  # noqa: S608
    met = _layer(below, {f"condition_{n}": _met(condition) for n, condition in enumerate(conditions)})
    judged = _layer(met, {"eligible": _eligible(conditions)})
    for columns in award.layers(rule):
        judged = _layer(judged, columns)
    return judged


def _facts(enterprises: QuerySet, facts: Sequence[Fact], question: Question) -> QuerySet:
    columns = {column_of(fact.name): fact.expression(question) for fact in facts}
    return _with_relations(enterprises, facts, question).annotate(**columns).values_list("pk", *columns)


def _with_relations(enterprises: QuerySet, facts: Iterable[Fact], question: Question) -> QuerySet:
    names = dict.fromkeys(name for fact in facts for name in fact.relations)
    return enterprises.alias(**{name: RELATIONS[name](question) for name in names})


def _layer(below: Statement, columns: dict[str, Expression]) -> Statement:
    """One more SELECT around, with columns made of those below."""
    if not columns:
        return below
    compiler = Enterprise.objects.order_by().query.get_compiler(connection=connection)
    compiled = [compiler.compile(expression) for expression in columns.values()]
    more = ", ".join(
        f"{sql} AS {connection.ops.quote_name(name)}"
        for name, (sql, _) in zip(columns, compiled, strict=True)
    )
    params = tuple(param for _, given in compiled for param in given)
    return Statement(
        f"SELECT below.*, {more} FROM ({below.sql} OFFSET 0) AS below",  # noqa: S608  made of names and the ORM's SQL
        (*params, *below.params),
        (*below.columns, *columns),
    )


def _met(condition: Condition) -> Expression:
    fact = FACTS[condition.fact]
    threshold = fact.threshold(condition.operator, condition.value)
    return OPERATORS[condition.operator](Column(column_of(fact.name), fact.type.field), threshold)


def _eligible(conditions: Sequence[Condition]) -> Expression:
    """All conditions, where those of one any_of number count as met when one is."""
    demands = []
    numbered = [(row.any_of, Column(f"condition_{n}", BooleanField())) for n, row in enumerate(conditions)]
    for group, rows in groupby(
        sorted(numbered, key=lambda row: -1 if row[0] is None else row[0]), key=lambda row: row[0]
    ):
        columns = [column for _, column in rows]
        demands += columns if group is None else [AnyOf(*columns)]
    return All(*demands) if demands else Value(True, output_field=BooleanField())
