"""Real PostgreSQL and a real broker for the tests.

Loaded with `-p` (see pyproject.toml), because the settings are read before any conftest is.
"""

import atexit
import os
import shutil
import sys
import tempfile
import zlib

import pytest

from config.local import broker, browser, environment, places


def _prepare() -> None:
    os.environ["APP_ENV"] = "test"
    os.environ["DEMO"] = "0"
    os.environ.pop("DEBUG", None)
    try:
        values = environment.ensure()
    except places.LocalError as error:
        sys.exit(f"{error}")
    for name, value in values.items():
        os.environ.setdefault(name, value)
    # Tests run as the owner: they create the test database and empty its tables.
    os.environ.setdefault("DATABASE_RUNTIME_URL", os.environ["DATABASE_URL"])
    os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]
    os.environ["REDIS_URL"] = _own_broker_database(os.environ["REDIS_URL"])
    # A test database need not survive a power cut.
    os.environ.setdefault("PGOPTIONS", "-c synchronous_commit=off")
    # pytest-playwright keeps an event loop in the thread that also talks to the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    os.environ["PLAYWRIGHT_BROWSERS_PATH"] = str(browser.DOWNLOADED)
    data = tempfile.mkdtemp(prefix="kefu-tests-")
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    os.environ["DATA_DIR"] = data


def _own_broker_database(url: str) -> str:
    """A database number by suffix and worker, never 0: that one belongs to `make run`."""
    mark = f"{os.environ.get('TEST_DB_SUFFIX', '')}/{os.environ.get('PYTEST_XDIST_WORKER', '')}"
    return f"{url.rpartition('/')[0]}/{1 + zlib.crc32(mark.encode()) % (broker.DATABASES - 1)}"


_prepare()


@pytest.fixture(scope="session")
def runtime_role() -> str:
    """The database role that the web runs as; the owner may take it with SET ROLE."""
    from django.conf import settings

    return settings.RUNTIME_ROLE
