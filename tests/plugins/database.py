"""The test database, quickly: migrated once into a template, copied for each run and each xdist worker.

The template carries a fingerprint of everything that a migration runs; a changed one is made anew and old
ones are dropped. Passwords are hashed by the fastest hasher: no test proves how slow the real one is.
"""

import hashlib
from contextlib import contextmanager
from pathlib import Path

import django
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

PREFIX = "template_kefu_"
# Templates that stay beside the newest one: branches with other migrations take turns.
KEPT = 2
# What one run does to the templates, another waits for.
LOCK = 20241010


def pytest_configure(config):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """In place of pytest-django's: a copy of the template instead of a migration."""
    database = settings.DATABASES["default"]
    real, name = database["NAME"], database["TEST"]["NAME"]
    with django_db_blocker.unblock():
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            template = _template(cursor)
            _create(cursor, name, template)
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        _switch_to(name)
    yield
    with django_db_blocker.unblock():
        _switch_to(real)
        with connection._nodb_cursor() as cursor:
            _drop(cursor, name)


def _template(cursor) -> str:
    """The name of a migrated, analysed database; made if it isn't there."""
    template = PREFIX + _fingerprint()
    cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC", [PREFIX + "%"])
    found = [name for (name,) in cursor.fetchall()]
    if template in found:
        return template
    unfinished = f"{template}_unfinished"
    _create(cursor, unfinished, "template1")
    with _switched_to(unfinished):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        with connection.cursor() as inside:
            inside.execute("ANALYZE")
    cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{template}"')
    for other in found[KEPT:]:
        _drop(cursor, other)
    return template


def _fingerprint() -> str:
    """Of the migrations, and of what data migrations write."""
    digest = hashlib.sha256(django.__version__.encode())
    ours = Path(settings.BASE_DIR)
    paths = [Path(__file__)]
    for app in apps.get_app_configs():
        paths += sorted((Path(app.path) / "migrations").glob("*.py"))
    paths += sorted((ours / "foundation" / "workdays").glob("*.py"))
    for path in paths:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _create(cursor, name: str, template: str) -> None:
    _drop(cursor, name)
    cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _drop(cursor, name: str) -> None:
    """End our own sessions there, then drop it. WITH (FORCE) would also want to end an autovacuum of the
    server's own, which the owner may not; a plain drop sends that one away by itself."""
    cursor.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
        " AND usename IS NOT NULL AND pg_has_role(usename, 'MEMBER') AND backend_type = 'client backend'",
        [name],
    )
    cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _switch_to(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


@contextmanager
def _switched_to(name: str):
    before = connection.settings_dict["NAME"]
    _switch_to(name)
    try:
        yield
    finally:
        _switch_to(before)
