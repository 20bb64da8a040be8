"""Writing checked rows in sets: some statements for thousands of rows, all in the caller's transaction.

Rows travel as arrays (unnest) and not through a temporary table: the runtime role may not make any, because a
temporary table could stand in front of a real one, events included.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from enterprises.models import Enterprise

# What the register's rows are said to come from.
SOURCE = "法人库导入"
# Any number that all who import agree on: two imports at once would each append the same figures.
LOCK = 4754_2024

Values = Sequence[Sequence[Any]]


@dataclass(slots=True)
class Counts:
    """What rows of one table come to."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0

    def add(self, new: int, changed: int, unchanged: int) -> None:
        self.new += new
        self.changed += changed
        self.unchanged += unchanged

    @property
    def total(self) -> int:
        return self.new + self.changed + self.unchanged + self.bad


@dataclass(frozen=True, slots=True)
class Change:
    """A registered enterprise that the file knows differently: {field: [before, after]}, as texts."""

    id: int
    name: str
    state: str
    fields: dict[str, list[str]]


GIVEN = """
    unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[])
    AS given (uscc, name, district, industry, established_on, legal_form)
"""
# An empty cell says nothing: what is known stays. A code that only a claimant told of is now the register's.
DIFFERS = """
    (
        stored.name <> given.name OR stored.district_id <> given.district OR stored.legal_form <> given.legal_form
        OR (given.industry <> '' AND stored.industry <> given.industry)
        OR (given.established_on IS NOT NULL AND stored.established_on IS DISTINCT FROM given.established_on)
        OR stored.source = %s
    )
"""
FIELDS = ("name", "district", "industry", "established_on", "legal_form")


def lock() -> None:
    """Wait for another import to end; until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def try_lock() -> bool:
    """Keep imports out until the end of the transaction; False while one is under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return cursor.fetchone()[0]


def compare_enterprises(rows: Values, told: str) -> tuple[int, list[Change]]:
    """How many of the codes are registered, and which of these would change. `told`: the source that yields."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM enterprises_enterprise WHERE uscc = ANY(%s)", [[row[0] for row in rows]]
        )
        (registered,) = cursor.fetchone()
    return registered, _changes(rows, told, for_update=False) if registered else []


def write_enterprises(rows: Values, told: str, at: datetime) -> tuple[int, list[Change]]:
    """Register new codes, bring changed ones up to date; returns the number of new ones and the changes."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO enterprises_enterprise (
                uscc, name, district_id, industry, established_on, legal_form, address, source,
                bank_name, bank_account, bank_account_fingerprint, state, state_reason, created_at, version
            )
            SELECT given.*, '', %s, '', '', '', 'registered', '', %s, 0 FROM {GIVEN}
            ON CONFLICT (uscc) DO NOTHING
            """,  # noqa: S608  constants of this module
            [SOURCE, at, *_columns(rows)],
        )
        new = cursor.rowcount
    changes = _changes(rows, told, for_update=True) if new < len(rows) else []
    if changes:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                UPDATE enterprises_enterprise AS stored SET
                    name = given.name, district_id = given.district, legal_form = given.legal_form,
                    industry = coalesce(nullif(given.industry, ''), stored.industry),
                    established_on = coalesce(given.established_on, stored.established_on),
                    -- What the register knows as a legal person has no parent.
                    parent_id = CASE WHEN given.legal_form = 'branch' THEN stored.parent_id END,
                    parent_name = CASE WHEN given.legal_form = 'branch' THEN stored.parent_name ELSE '' END,
                    parent_uscc = CASE WHEN given.legal_form = 'branch' THEN stored.parent_uscc ELSE '' END,
                    source = %s, version = stored.version + 1
                FROM {GIVEN} WHERE stored.uscc = given.uscc AND stored.id = ANY(%s)
                """,  # noqa: S608
                [SOURCE, *_columns(rows), [change.id for change in changes]],
            )
    return new, changes


def _changes(rows: Values, told: str, for_update: bool) -> list[Change]:
    lock_rows = "FOR NO KEY UPDATE OF stored" if for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT stored.id, stored.state, stored.source,
                stored.name, stored.district_id, stored.industry, stored.established_on, stored.legal_form,
                given.name, given.district, given.industry, given.established_on, given.legal_form
            FROM {GIVEN} JOIN enterprises_enterprise AS stored ON stored.uscc = given.uscc
            WHERE {DIFFERS} ORDER BY stored.id {lock_rows}
            """,  # noqa: S608
            [*_columns(rows), told],
        )
        return [_change(row, told) for row in cursor.fetchall()]


def _change(row: Sequence[Any], told: str) -> Change:
    key, state, source, *values = row
    before, after = values[: len(FIELDS)], values[len(FIELDS) :]
    fields = {
        field: [str(old or ""), str(new)]
        for field, old, new in zip(FIELDS, before, after, strict=True)
        if new not in (None, "") and old != new
    }
    if source == told:
        fields["source"] = [source, SOURCE]
    return Change(key, after[0], state, fields)


def _columns(rows: Values) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


# --- figures --------------------------------------------------------------------------------------------
JUDGED = """
    SELECT enterprise.id AS enterprise_id, given.*, latest.id IS NULL AS fresh,
        (latest.revenue, latest.rd_expense, latest.employees, latest.taxes, latest.profit)
            IS DISTINCT FROM (given.revenue, given.rd_expense, given.employees, given.taxes, given.profit) AS differs
    FROM unnest(
        %s::text[], %s::int[], %s::numeric[], %s::numeric[], %s::int[], %s::numeric[], %s::numeric[], %s::text[]
    ) WITH ORDINALITY AS given (uscc, year, revenue, rd_expense, employees, taxes, profit, source, place)
    LEFT JOIN enterprises_enterprise AS enterprise ON enterprise.uscc = given.uscc
    LEFT JOIN LATERAL (
        SELECT figure.* FROM enterprises_yearlyfigure AS figure
        WHERE figure.enterprise_id = enterprise.id AND figure.valid_for = given.year
            AND figure.source = given.source
        ORDER BY figure.recorded_at DESC, figure.id DESC LIMIT 1
    ) AS latest ON true
"""
COUNTED = """
    SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh AND differs),
        count(*) FILTER (WHERE NOT fresh AND NOT differs)
    FROM judged
"""


def compare_figures(rows: Values) -> tuple[int, int, int]:
    """How many rows are new, differ from the latest of their year and source, or say the same."""
    with connection.cursor() as cursor:
        cursor.execute(f"WITH judged AS ({JUDGED}) {COUNTED}", _columns(rows))
        return cursor.fetchone()


def write_figures(rows: Values, by_id: int | None, at: datetime) -> tuple[int, int, int]:
    """Append what is new or differs, leave what says the same; returns as compare_figures does."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH judged AS ({JUDGED}), written AS (
                INSERT INTO enterprises_yearlyfigure (
                    enterprise_id, valid_for, revenue, rd_expense, employees, taxes, profit, source,
                    recorded_at, recorded_by_id
                )
                SELECT enterprise_id, year, revenue, rd_expense, employees, taxes, profit, source, %s, %s
                FROM judged WHERE fresh OR differs ORDER BY place
            )
            {COUNTED}
            """,  # noqa: S608
            [*_columns(rows), at, by_id],
        )
        return cursor.fetchone()


def with_branches(codes: Sequence[str]) -> set[str]:
    """Which of these codes are of parents of branches."""
    known = Enterprise.objects.filter(uscc__in=codes, branches__isnull=False).order_by("uscc")
    return set(known.values_list("uscc", flat=True))


def registered(codes: Sequence[str], batch: int = 20_000) -> Iterator[str]:
    """Which of these codes are registered."""
    for start in range(0, len(codes), batch):
        known = Enterprise.objects.filter(uscc__in=codes[start : start + batch]).order_by("uscc")
        yield from known.values_list("uscc", flat=True)
