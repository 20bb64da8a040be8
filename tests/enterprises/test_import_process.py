"""The import as a process of its own: the status that it ends with, and what a kill leaves."""

import os
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from enterprises.models import Enterprise, ImportRun, YearlyFigure
from tests.enterprises import registers
from tests.measures.factories import loaded_catalogue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def catalogue(transactional_db):
    loaded_catalogue()


def started(*arguments) -> subprocess.Popen:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_enterprises", *map(str, arguments)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": urlunsplit(url)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_process_ends_with_0_1_or_2(tmp_path):
    good = registers.text(tmp_path / "good.csv", [registers.enterprise()])
    some = registers.text(tmp_path / "some.csv", [registers.enterprise(), registers.enterprise(name="")])
    processes = [started(good, "--commit"), started(some, "--commit"), started(tmp_path / "none.csv")]
    said = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 1, 2], said
    assert "第 3 行 name" in said[1][0]
    assert said[2][1].strip() == f"CommandError: 找不到文件 {tmp_path}/none.csv"
    assert Enterprise.objects.count() == 2


def test_a_killed_import_leaves_nothing_half_done(tmp_path):
    rows = [registers.enterprise() for _number in range(400)]
    path = registers.workbook(tmp_path / "r.xlsx", rows, [registers.figure(row[0]) for row in rows])
    # A lock on the figures' table holds the import where its enterprises are written and its figures are not.
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE enterprises_yearlyfigure IN ACCESS EXCLUSIVE MODE")
            process = started(path, "--commit")
            _wait_until_blocked(process)
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
    finally:
        other.rollback()
        other.close()
    assert (Enterprise.objects.count(), YearlyFigure.objects.count(), ImportRun.objects.count()) == (0, 0, 0)
    again = started(path, "--commit")
    assert again.communicate(timeout=120)[1] == ""
    assert (Enterprise.objects.count(), YearlyFigure.objects.count(), ImportRun.objects.count()) == (
        400,
        400,
        1,
    )


def _wait_until_blocked(process: subprocess.Popen) -> None:
    until = time.monotonic() + 120
    with connection.cursor() as cursor:
        while time.monotonic() < until and process.poll() is None:
            # The server itself waits between two looks.
            cursor.execute(
                """
                SELECT EXISTS (
                    SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'enterprises_yearlyfigure'::regclass
                ), pg_sleep(0.05)
                """
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("the import did not come to its figures")
