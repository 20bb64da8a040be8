"""manage.py grant_runtime: give the runtime role its rights, and no others. Run as the owner after migrate.

This is the real wall around events, seals and ledgers: a session may switch triggers off, but not grant
itself UPDATE. Each table gets its model's runtime_rights; tables without a model keep the usual four.
"""

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg import sql

USUAL = ("SELECT", "INSERT", "UPDATE", "DELETE")
# Written by migrate alone.
FIXED = {"django_migrations": ("SELECT",)}


class Command(BaseCommand):
    help = _("以库主身份执行：授予运行角色恰好够用的权限（migrate 之后执行，可重复执行）")

    @transaction.atomic
    def handle(self, *args, **options):
        role = settings.RUNTIME_ROLE
        rights = table_rights()
        with connection.cursor() as cursor:
            _require_a_role_without_powers(cursor, role)
            for statement in _statements(role, rights):
                cursor.execute(statement)
        narrowed = sum(table != USUAL for table in rights.values())
        self.stdout.write(
            str(_("角色 %(role)s 的权限已设定：%(tables)d 张表，其中 %(narrowed)d 张受限"))
            % {"role": role, "tables": len(rights), "narrowed": narrowed}
        )


def table_rights() -> dict[str, tuple[str, ...]]:
    """What the runtime role may do with each table of the database."""
    by_model = {
        model._meta.db_table: tuple(model.runtime_rights)
        for model in apps.get_models(include_auto_created=True)
        if hasattr(model, "runtime_rights")
    }
    tables = connection.introspection.table_names(include_views=False)
    return {table: FIXED.get(table) or by_model.get(table, USUAL) for table in sorted(tables)}


def _require_a_role_without_powers(cursor, role: str) -> None:
    cursor.execute(
        """
        SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole,
            pg_has_role(rolname, current_user, 'MEMBER'),
            EXISTS (SELECT 1 FROM pg_class WHERE relowner = pg_roles.oid)
        FROM pg_roles WHERE rolname = %s
        """,
        [role],
    )
    found = cursor.fetchone()
    if found is None:
        raise CommandError(
            str(_("数据库里没有角色 %(role)s，请先由管理员创建：CREATE ROLE %(role)s LOGIN PASSWORD '…'"))
            % {"role": role}
        )
    powerful, owner, owns = found
    if powerful or owner or owns:
        raise CommandError(
            str(_("角色 %(role)s 拥有特权、属于库主或拥有表，不能作为运行角色")) % {"role": role}
        )


def _statements(role: str, rights: dict[str, tuple[str, ...]]):
    names = {"role": sql.Identifier(role), "database": sql.Identifier(connection.settings_dict["NAME"])}

    def order(text: str, **more) -> sql.Composed:
        return sql.SQL(text).format(**names, **more)

    yield order("REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
    yield order("GRANT CONNECT ON DATABASE {database} TO {role}")
    yield order("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    yield order("REVOKE ALL ON SCHEMA public FROM {role}")
    yield order("GRANT USAGE ON SCHEMA public TO {role}")
    # What a later migration creates stays closed until this command runs again.
    yield order("ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {role}")
    yield order("ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {role}")
    yield order("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {role}")
    yield order("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {role}")
    yield order("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
    for table, allowed in rights.items():
        privileges = sql.SQL(", ").join(map(sql.SQL, allowed))
        yield order(
            "GRANT {privileges} ON {table} TO {role}", privileges=privileges, table=sql.Identifier(table)
        )
