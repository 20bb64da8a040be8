"""PostgreSQL's own programs for dump and restore, of the server's version, with the password off the command line."""

import os
import shutil
import subprocess
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _


class ProgramFailed(Exception):
    """A program is missing or ended with an error; the text says which and what it said."""


def run(program: str, *arguments: str) -> None:
    """Run pg_dump or pg_restore against the configured database; raises ProgramFailed."""
    try:
        done = subprocess.run(
            [find(program), "--no-password", *arguments],
            env=os.environ | _connection(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise ProgramFailed(f"{program}: {error}") from error
    if done.returncode:
        raise ProgramFailed(f"{program}: {done.stderr.strip()[-2000:]}")


def find(program: str) -> str:
    """The program's path: in PG_BIN where that is set, else on PATH."""
    folder = settings.PG_BIN
    found = shutil.which(program, path=str(Path(folder)) if folder else None)
    if found is None:
        raise ProgramFailed(
            _("找不到 %(program)s：请安装与数据库同版本的 PostgreSQL 客户端，或用 PG_BIN 指明其文件夹")
            % {"program": program}
        )
    return found


def _connection() -> dict[str, str]:
    """libpq's variables for the configured database."""
    given = connection.settings_dict
    known = {
        "PGHOST": given["HOST"],
        "PGPORT": given["PORT"],
        "PGUSER": given["USER"],
        "PGPASSWORD": given["PASSWORD"],
        "PGDATABASE": given["NAME"],
        "PGSSLMODE": given["OPTIONS"].get("sslmode", ""),
        "PGSSLROOTCERT": given["OPTIONS"].get("sslrootcert", ""),
    }
    return {name: str(value) for name, value in known.items() if value}
