"""A rule in SQL: its facts, what each condition says (true, false or null) and whether all are met.

    statement = compiler.statement(rule, question)

is one SELECT with a row for each enterprise: enterprise_id, fact_<name>, condition_<n> (n counts the rule's
conditions from 0), eligible, ready and the columns of measures.award. `ready` is eligible before a case is begun:
what only the case itself can say counts as met until it says otherwise. It has three layers, each reading the columns of
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
from measures.facts import FACTS, RELATIONS, Fact, Kind, Question
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


class NotFalse(Func):
    """True also for what isn't known yet."""

    template = "(%(expressions)s IS NOT FALSE)"
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
    demands = _demands(conditions)
    judged = _layer(met, {"eligible": _all(demands), "ready": _all(_before_the_case(demands))})
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


def _demands(conditions: Sequence[Condition]) -> list[tuple[Expression, bool]]:
    """What a rule demands, in SQL: each condition, but those of one any_of number together; and whether the case's
    own values decide on it."""
    demands = []
    numbered = [(row, Column(f"condition_{n}", BooleanField())) for n, row in enumerate(conditions)]
    for group, rows in groupby(sorted(numbered, key=_group_first), key=lambda one: one[0].any_of):
        rows = list(rows)
        if group is None:
            demands += [(column, _of_case(row)) for row, column in rows]
        else:
            demands.append((AnyOf(*(column for _, column in rows)), any(_of_case(row) for row, _ in rows)))
    return demands


def _group_first(numbered: tuple[Condition, Column]) -> int:
    return -1 if numbered[0].any_of is None else numbered[0].any_of


def _of_case(condition: Condition) -> bool:
    return FACTS[condition.fact].kind == Kind.CASE


def _before_the_case(demands: list[tuple[Expression, bool]]) -> list[tuple[Expression, bool]]:
    return [(NotFalse(demand) if of_case else demand, of_case) for demand, of_case in demands]


def _all(demands: list[tuple[Expression, bool]]) -> Expression:
    return All(*(demand for demand, _ in demands)) if demands else Value(True, output_field=BooleanField())
