"""Tables whose rows are written once: events, seals, ledgers, submissions, rule checks.

Two walls: a trigger that refuses UPDATE and DELETE to everyone, and the runtime role's rights
(grant_runtime), which hold where a session switches triggers off.
"""

import pgtrigger
from django.apps import apps
from django.db import models


class AppendOnly(models.Model):
    """Base of an append-only model: class LedgerEntry(AppendOnly). No Meta to inherit.

    runtime_rights: what the runtime role may do with the table; a model of any room may narrow its own.
    """

    append_only = True
    runtime_rights = ("SELECT", "INSERT")

    class Meta:
        abstract = True


def append_only_models() -> list[type[models.Model]]:
    """Every concrete model marked append_only, in order of their labels."""
    marked = [
        model for model in apps.get_models() if getattr(model, "append_only", False) and not model._meta.proxy
    ]
    return sorted(marked, key=lambda model: model._meta.label)


def append_only_tables() -> list[str]:
    """The database tables of all append-only models."""
    return [model._meta.db_table for model in append_only_models()]


def register_triggers() -> None:
    """Give every append-only model its trigger; called when all models are loaded.

    Registered here and not in an inherited Meta: a model whose Meta inherits nothing would silently lose it.
    """
    for model in append_only_models():
        if any(trigger.name == "append_only" for trigger in getattr(model._meta, "triggers", ())):
            continue
        pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete).register(model)
