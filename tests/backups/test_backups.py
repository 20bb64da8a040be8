"""A backup of a lived-in house, restored into another database and folder, proves itself; a changed one is found."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from applications.documents import issue_acceptance
from foundation.backups import backups
from foundation.backups.backups import BackupFailed
from foundation.clock import clock
from foundation.events import seals
from foundation.files import files
from foundation.files.models import Document
from tests.applications import factories as cases
from tests.applications.conftest import monday

__all__ = ["monday"]
pytestmark = pytest.mark.django_db(transaction=True)
RESTORED = "kefu_restored"


def url_of(database: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


def manage(*arguments: str, database: str, data: Path) -> subprocess.CompletedProcess:
    """A command as a process of its own, on another database and other folders."""
    url = url_of(database)
    known = {"DATABASE_URL": url, "DATABASE_OWNER_URL": url, "DATA_DIR": str(data)}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | known,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def empty_database():
    """The name of a database without tables."""
    name = f"{RESTORED}_{connection.settings_dict['NAME']}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield name
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def house(monday, tmp_path):
    """A paid case, an issued document, a sealed day; and the folder of their backup."""
    case = cases.paid()
    with clock.at(case.paid_at):
        issue_acceptance(case, case.submitted_by)
    with clock.at(case.paid_at.replace(year=case.paid_at.year + 1)):
        seals.seal_day(clock.local(case.paid_at).date())
    folder = tmp_path / "backup"
    call_command("backup", folder, verbosity=0)
    return case, folder


def test_what_is_restored_is_proved_and_what_is_changed_is_found(house, empty_database, tmp_path):
    case, folder = house
    data = tmp_path / "data"
    done = manage("restore", str(folder), database=empty_database, data=data)
    assert done.returncode == 0, done.stdout + done.stderr
    # The proofs of history and money ran on what was restored, against the restored seals.
    assert "完整" in done.stdout and str(Document.objects.count()) in done.stdout
    with psycopg.connect(url_of(empty_database), autocommit=True) as restored:
        row = restored.execute(
            "SELECT state, approved_amount FROM applications_application WHERE number = %s", [case.number]
        ).fetchone()
        assert row == ("paid", case.approved_amount)
    for document in Document.objects.order_by("pk"):
        kept = data / "documents" / document.stored_as
        assert kept.read_bytes() == files.path(document).read_bytes()
    # Not over anything that is there.
    again = manage("restore", str(folder), database=empty_database, data=tmp_path / "other")
    assert again.returncode == 1 and "不是空的" in again.stderr
    # Whoever changes history in the restored database is found there.
    with psycopg.connect(url_of(empty_database), autocommit=True) as restored:
        restored.execute("ALTER TABLE events_event DISABLE TRIGGER USER")
        restored.execute("UPDATE events_event SET actor_label = 'x' WHERE verb = 'accept'")
    assert manage("verify_events", database=empty_database, data=data).returncode == 1


def test_each_change_of_a_backup_is_found_before_anything_is_written(house, tmp_path):
    _case, folder = house
    backups.check(folder)

    def changed(change) -> str:
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy)
        change(copy)
        with pytest.raises(BackupFailed) as failed:
            backups.check(copy)
        return str(failed.value)

    def spoil(path: Path):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    def one(copy: Path) -> Path:
        return next(path for path in sorted((copy / "documents").rglob("*")) if path.is_file())

    assert "SHA-256" in changed(lambda copy: spoil(copy / "database.dump"))
    assert "SHA-256" in changed(lambda copy: spoil(one(copy)))
    assert "SHA-256" in changed(lambda copy: spoil(next((copy / "seals").iterdir())))
    assert "缺少" in changed(lambda copy: next((copy / "seals").iterdir()).unlink())
    assert "份文件" in changed(lambda copy: one(copy).unlink())
    assert "manifest" in changed(lambda copy: (copy / "manifest.json").unlink())

    def sign_anew(copy: Path):
        spoil(copy / "database.dump")
        manifest = json.loads((copy / "manifest.json").read_text())
        manifest["content"]["database"]["sha256"] = backups.digest_of(copy / "database.dump")
        (copy / "manifest.json").write_text(json.dumps(manifest))

    assert "签名" in changed(sign_anew)


def test_a_store_with_a_missing_document_gives_no_backup(monday, tmp_path):
    case = cases.submitted()
    path = files.path(case.papers.order_by("pk").first().document)
    content = path.read_bytes()
    path.unlink()
    try:
        with pytest.raises(CommandError, match="缺少文件"):
            call_command("backup", tmp_path / "backup", verbosity=0)
    finally:
        path.write_bytes(content)
    with pytest.raises(BackupFailed, match="不是完整的备份"):
        backups.check(tmp_path / "backup")


def test_a_backup_does_not_go_over_another(tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(CommandError, match="不是空的"):
        call_command("backup", tmp_path, verbosity=0)
