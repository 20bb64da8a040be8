"""The check of what everything stands on: the database answers, and has the tables of this version."""

from collections.abc import Iterator
from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.health import health
from foundation.health.health import Problem

Key = tuple[str, str]


@cache
def _shipped() -> dict[Key, frozenset[Key]]:
    """The migrations of this program, each with those that it replaces; they don't change while it runs."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {key: frozenset(migration.replaces) for key, migration in loader.disk_migrations.items()}


def check() -> Iterator[Problem]:
    """Unapplied migrations; a database that doesn't answer fails the check itself."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    waiting = sorted(
        key
        for key, replaces in _shipped().items()
        if key not in applied and not (replaces and replaces <= applied)
    )
    if waiting:
        names = "、".join(f"{room}.{name}" for room, name in waiting[:3])
        yield Problem(
            "database.migrations",
            _("数据库落后于程序：有 %(count)d 个迁移没有执行（%(names)s 等）")
            % {"count": len(waiting), "names": names},
            _("以库主身份执行 manage.py migrate，再执行 manage.py grant_runtime。"),
        )


def register() -> None:
    health.register("database", gettext_lazy("数据库"), check, serving=True)
