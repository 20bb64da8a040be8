"""Changing the key of encrypted columns: everything is encrypted again with the first of FIELD_KEYS."""

from collections.abc import Iterator

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from psycopg import sql

from foundation.accounts.fields import EncryptedTextField

BATCH = 500


class Undecryptable(Exception):
    """A value that none of FIELD_KEYS opens: the text names its column and row."""


def columns() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    """Every encrypted column of the house."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField) and field.model is model:
                yield model, field


def rotate(model: type[models.Model], field: EncryptedTextField, write: bool = True) -> tuple[int, int]:
    """(rows with a value, those that were under an older key); write: encrypt these again.

    Batch by batch, each in its own transaction with its rows locked: the site goes on meanwhile, and a killed run is
    taken up by the next. The moment within each token stays. Raises Undecryptable.
    """
    keys = [Fernet(key) for key in settings.FIELD_KEYS]
    newest, every = keys[0], MultiFernet(keys)
    names = {
        "table": sql.Identifier(model._meta.db_table),
        "column": sql.Identifier(field.column),
        "key": sql.Identifier(model._meta.pk.column),
    }
    read = sql.SQL(
        "SELECT {key}, {column} FROM {table} WHERE {key} > %s AND {column} <> '' ORDER BY {key} LIMIT %s"
    ).format(**names) + sql.SQL(" FOR NO KEY UPDATE" if write else "")
    change = sql.SQL("UPDATE {table} SET {column} = %s WHERE {key} = %s").format(**names)
    seen, old, last = 0, 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(read, [last, BATCH])
            rows = cursor.fetchall()
            if not rows:
                return seen, old
            changes = []
            for pk, token in rows:
                try:
                    newest.decrypt(token)
                except InvalidToken:
                    changes.append((_rotated(every, token, model, field, pk), pk))
            if write:
                cursor.executemany(change, changes)
            seen, old, last = seen + len(rows), old + len(changes), rows[-1][0]


def _rotated(every: MultiFernet, token: str, model, field, pk) -> str:
    try:
        return every.rotate(token).decode()
    except InvalidToken as error:
        raise Undecryptable(f"{model._meta.label}.{field.name} #{pk}") from error
