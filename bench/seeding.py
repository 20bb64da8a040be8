"""A scratch database with many enterprises and three years of figures each, seeded by COPY."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from django.conf import settings
from django.core.management import call_command
from django.db import connection

NAME = "bench_kefu"
RECORDED = datetime(2026, 1, 10, 1, tzinfo=UTC)
YEARS = (2023, 2024, 2025)
INDUSTRIES = ("M7310", "M7452", "M7510", "I6510", "L7231")


@contextmanager
def scratch_database(name: str = NAME) -> Iterator[None]:
    """The connection's database is a new, migrated one inside the block, and dropped after it."""
    before = connection.settings_dict["NAME"]
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        _switch_to(name)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("load_catalogue", "--with-calls", verbosity=0)
        yield
    finally:
        _switch_to(before)
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _switch_to(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def seed(size: int) -> None:
    """`size` enterprises: most in the statistics, a fifth with a gap in their figures, a tenth without credit."""
    draw = random.Random(20241014)
    districts = _codes("SELECT code FROM accounts_district ORDER BY code")
    offices = _codes("SELECT id FROM accounts_office ORDER BY id")
    _copy(
        "enterprises_enterprise",
        "id, uscc, name, district_id, legal_form, industry, established_on, address, source, bank_name,"
        " bank_account, bank_account_fingerprint, state, state_reason, created_at, version",
        (
            (
                n,
                f"91310{n:013d}",
                f"示例企业{n}",
                districts[n % len(districts)],
                "branch" if n % 17 == 0 else "company",
                INDUSTRIES[n % 5],
                date(2000 + n % 25, 1 + n % 12, 1),
                "",
                "bench",
                "",
                "",
                "",
                "registered",
                "",
                RECORDED,
                0,
            )
            for n in range(1, size + 1)
        ),
    )
    _copy(
        "enterprises_yearlyfigure",
        "enterprise_id, valid_for, revenue, rd_expense, employees, taxes, profit, source, recorded_at",
        _figures(size, draw),
    )
    _copy(
        "enterprises_statisticalinclusion",
        "enterprise_id, first_period, industry, science_class, confirmed_by_id, source, recorded_at",
        (
            (
                n,
                date(2021 + n % 5, 1 + n % 12, 1),
                INDUSTRIES[n % 5],
                "",
                offices[0] if n % 3 else None,
                "bench",
                RECORDED,
            )
            for n in range(1, size + 1)
            if n % 4
        ),
    )
    _copy(
        "enterprises_creditcheck",
        "enterprise_id, as_of, clean_since, listed, source, recorded_at",
        (
            (n, date(2026, 1, 5), date(2018 + n % 8, 1, 1), n % 101 == 0, "bench", RECORDED)
            for n in range(1, size + 1)
            if n % 10
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def officer():
    """Somebody of the commission, who may screen."""
    from foundation.accounts.models import Office, Post, User
    from foundation.accounts.roles import Role

    person = User.objects.create(username="bench", full_name="bench")
    office = Office.objects.filter(kind=Office.Kind.MUNICIPAL).order_by("pk").first()
    Post.objects.create(user=person, office=office, role=Role.MUNICIPAL_OFFICER, since=date(2024, 1, 1))
    return person


def _figures(size: int, draw: random.Random):
    for n in range(1, size + 1):
        revenue = draw.randrange(10**7, 10**10)
        for year in YEARS:
            if draw.random() < 0.07:
                continue
            revenue = revenue * draw.randrange(80, 150) // 100
            yuan = f"{revenue // 100}.{revenue % 100:02d}"
            rd_expense = f"{revenue // 1500}.00"
            yield n, year, yuan, rd_expense, 5 + n % 400, f"{revenue // 3000}.00", "0.00", "bench", RECORDED


def _codes(sql: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [code for (code,) in cursor.fetchall()]


def _copy(table: str, columns: str, rows) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
