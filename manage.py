#!/usr/bin/env python
"""Django's commands. Outside production, services and keys that are not configured are found or started."""

import os
import sys

# These change or compare the schema or its rights: they run as the role that owns the database.
OWNER_COMMANDS = {
    "backup",
    "createcachetable",
    "flush",
    "grant_runtime",
    "loaddata",
    "makemigrations",
    "migrate",
    "optimizemigration",
    "pgtrigger",
    "restore",
    "remove_stale_contenttypes",
    "showmigrations",
    "sqlmigrate",
    "squashmigrations",
    "test",
}


def prepare_environment(command: str) -> None:
    """Fill in what is not set (never in production) and choose the database role for the command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if os.environ.setdefault("APP_ENV", "development") != "production":
        from config.local import environment, places

        try:
            values = environment.ensure()
        except places.LocalError as error:
            sys.exit(str(error))
        for name, value in values.items():
            os.environ.setdefault(name, value)
    if command in OWNER_COMMANDS and os.environ.get("DATABASE_OWNER_URL"):
        os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]


def main() -> None:
    prepare_environment(sys.argv[1] if len(sys.argv) > 1 else "")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
