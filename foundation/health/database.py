"""The check of what everything stands on: the database answers, and has the tables of this version."""

from collections.abc import Iterator

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.health import health
from foundation.health.health import Problem


def check() -> Iterator[Problem]:
    """Unapplied migrations; a database that doesn't answer fails the check itself."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        names = "、".join(f"{migration.app_label}.{migration.name}" for migration, _back in waiting[:3])
        yield Problem(
            "database.migrations",
            _("数据库落后于程序：有 %(count)d 个迁移没有执行（%(names)s 等）")
            % {"count": len(waiting), "names": names},
            _("以库主身份执行 manage.py migrate，再执行 manage.py grant_runtime。"),
        )


def register() -> None:
    health.register("database", gettext_lazy("数据库"), check, serving=True)
