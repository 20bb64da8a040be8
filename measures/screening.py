"""Who qualifies: the rule of a call item asked of every enterprise at once.

    screening.counts(call_item)            # yes, no, unknown, and what it would cost: one query
    for row in screening.rows(call_item):  # streamed, whatever their number

The same statement as measures.eligibility, around all enterprises; the case's own values are unknown to it
unless they are given for everybody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Value

from enterprises.models import Enterprise
from foundation.clock import clock
from measures import compiler
from measures.compiler import Statement
from measures.eligibility import question_of
from measures.facts import INPUTS
from measures.models import CallItem, RuleVersion

ROWS_AT_ONCE = 2000


class NoRule(LookupError):
    """The call item has no rule that could be asked."""


@dataclass(frozen=True)
class Counts:
    """How many enterprises qualify, don't, and can't be told; total is the sum of the awards of those who
    qualify, in yuan; `unpriced` of them have an award that isn't known."""

    yes: int
    no: int
    unknown: int
    total: Decimal
    unpriced: int

    @property
    def all(self) -> int:
        return self.yes + self.no + self.unknown


@dataclass(frozen=True)
class Row:
    """One enterprise's answer; `conditions` in the order of the rule's."""

    enterprise_id: int
    uscc: str
    name: str
    district: str
    eligible: bool | None
    amount: Decimal | None
    actuals: tuple[Any, ...]
    conditions: tuple[bool | None, ...]


COUNTS = """
    COUNT(*) FILTER (WHERE {answer}.eligible), COUNT(*) FILTER (WHERE NOT {answer}.eligible),
    COUNT(*) FILTER (WHERE {answer}.eligible IS NULL),
    COALESCE(SUM({award}) FILTER (WHERE {answer}.eligible), 0),
    COUNT(*) FILTER (WHERE {answer}.eligible AND {award} IS NULL)
"""


def counts_of(statement: Statement, answer: str) -> str:
    """The SQL of the five figures of Counts, over a statement that stands as the table `answer`."""
    award = f"{answer}.award" if "award" in statement.columns else "0::numeric(16, 2)"
    return COUNTS.format(answer=answer, award=award)


def rule_for(call_item: CallItem, at: datetime | None = None, on: date | None = None) -> RuleVersion:
    """The rule in force on the day `on`, or, where none was yet, at the moment. NoRule where there is none."""
    versions = RuleVersion.objects.with_rows().filter(call_item=call_item)
    moment = at or clock.now()
    then = clock.moment_of(on) if on else moment
    rule = versions.approved(then).first() or versions.approved(moment).first()
    if rule is None:
        raise NoRule(call_item.code)
    return rule


def statement(
    rule: RuleVersion,
    *,
    at: datetime | None = None,
    on: date | None = None,
    inputs: Mapping[str, Any] | None = None,
    enterprises=None,
    also: tuple[str, ...] = (),
) -> Statement:
    """The rule over all enterprises; inputs (facts.INPUTS) are the same for every one. ValueError as in explain."""
    given = {
        name: Value(INPUTS[name].read_input(value), output_field=INPUTS[name].type.field)
        for name, value in (inputs or {}).items()
    }
    question = question_of(rule, at or clock.now(), on, given)
    return compiler.statement(rule, question, enterprises, also)


def counts(rule: RuleVersion, **asked) -> Counts:
    """One query; `asked` as in `statement`."""
    asking = statement(rule, **asked)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {counts_of(asking, 'answer')} FROM ({asking.sql} OFFSET 0) AS answer",  # noqa: S608
            asking.params,
        )
        return Counts(*cursor.fetchone())


def ready(rule: RuleVersion, **asked) -> list[tuple[int, Decimal | None]]:
    """Who could apply: the ids of enterprises of which nothing is unmet and nothing missing but what a case itself
    says, with their awards where known, in order; `asked` as in `statement`, `enterprises` a set of bounded size."""
    asking = statement(rule, **asked)
    amount = "answer.award" if "award" in asking.columns else "NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT answer.enterprise_id, {amount} FROM ({asking.sql} OFFSET 0) AS answer
            WHERE answer.ready ORDER BY answer.enterprise_id
            """,  # noqa: S608  made of names and of the ORM's SQL; values are parameters
            asking.params,
        )
        return cursor.fetchall()


def rows(rule: RuleVersion, **asked) -> Iterator[Row]:
    """Every enterprise's answer in the order of their codes, by a cursor on the server; `asked` as in `statement`."""
    asking = statement(rule, **asked)
    facts = [compiler.column_of(row.fact) for row in rule.conditions.all()]
    met = [f"condition_{n}" for n in range(len(facts))]
    amount = "answer.award" if "award" in asking.columns else "NULL"
    wanted = "".join(f", answer.{connection.ops.quote_name(name)}" for name in [*facts, *met])
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(
            f"""
            SELECT enterprise.id, enterprise.uscc, enterprise.name, enterprise.district_id,
                answer.eligible, CASE WHEN answer.eligible THEN {amount} END {wanted}
            FROM ({asking.sql} OFFSET 0) AS answer
            JOIN {Enterprise._meta.db_table} AS enterprise ON enterprise.id = answer.enterprise_id
            ORDER BY enterprise.uscc
            """,  # noqa: S608  made of names and of the ORM's SQL; values are parameters
            asking.params,
        )
        while found := cursor.fetchmany(ROWS_AT_ONCE):
            for row in found:
                yield Row(*row[:6], row[6 : 6 + len(facts)], row[6 + len(facts) :])
