"""Another host checks the history with a database that it can only read, the files and the key: nothing else."""

import os
import subprocess
import sys
from datetime import date, timedelta

import pytest
from django.conf import settings as configured
from django.db import connection, transaction

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events, exports, seals
from foundation.events.models import Event
from tests.events.factories import subject

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(*command, **variables) -> subprocess.CompletedProcess:
    """Run a command as the other host does, with this test's database."""
    base, _slash, _name = os.environ["DATABASE_URL"].rpartition("/")
    known = {
        "PATH": os.environ["PATH"],
        "APP_ENV": "production",
        "DJANGO_SETTINGS_MODULE": "config.verify",
        "DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}",
        "SEAL_KEY": configured.SEAL_KEY,
    }
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=configured.BASE_DIR,
        env=known | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def away(settings, tmp_path):
    settings.SEAL_ROOT, folder = tmp_path / "seals", tmp_path / "away"
    folder.mkdir()
    settings.SEAL_EXPORT = [str(folder)]
    with clock.at(date(2026, 3, 2)), transaction.atomic():
        events.record("trial.done", subject(), by=SYSTEM)
    with clock.at(date(2026, 3, 2) + timedelta(days=1)):
        seals.seal_day()
        exports.catch_up()
    return str(folder)


def test_it_needs_no_other_key_and_says_that_all_is_whole(away):
    done = elsewhere("verify_events", "--seals", away)
    assert (done.returncode, done.stderr) == (0, "")
    assert "导出的封存 1 份" in done.stdout


def test_another_key_than_the_writers_is_found(away):
    done = elsewhere("verify_events", "--seals", away, SEAL_KEY="x" * 40)
    assert done.returncode == 1
    assert "密钥校验不符" in done.stdout


def test_it_cannot_write(away):
    write = "from foundation.events.models import Event; Event.objects.update(verb='x')"
    done = elsewhere("shell", "--no-imports", "-c", write)
    assert done.returncode == 1
    assert "read-only transaction" in done.stderr
    assert Event.objects.get().verb == "trial.done"
