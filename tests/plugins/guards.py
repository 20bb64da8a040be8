"""Guards that every test runs under, and stored query counts.

- A variable that one of our templates uses and nobody set is an error.
- A queryset without an order comes back shuffled.
- A GET or HEAD that writes anything but the session is an error.
- Every test begins without the demo clock of another one.
"""

import json
import random
import re
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.db.models.query import QuerySet
from django.template import base as template_base
from django.test.utils import CaptureQueriesContext

from foundation.clock import clock

COUNTS = Path(__file__).parent.parent / "query_counts.json"
OURS = str(settings.BASE_DIR / "templates")
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|MERGE)\b", re.IGNORECASE)
# What a page view may write: the session, and the counters of the rate limits.
MAY_BE_WRITTEN = re.compile(r'"?(django_session|cache_entries)"?')


class UndefinedVariable(AssertionError):
    """A template asks for what its view does not give."""


def _undefined_variables_fail(monkeypatch) -> None:
    known = template_base.FilterExpression.resolve

    def resolve(self, context, ignore_failures=False):
        if not ignore_failures and isinstance(self.var, template_base.Variable):
            template = getattr(context, "template", None)
            name = str(getattr(getattr(template, "origin", None), "name", ""))
            if name.startswith(OURS):
                try:
                    self.var.resolve(context)
                except template_base.VariableDoesNotExist as error:
                    raise UndefinedVariable(f"{self.var} in {name.removeprefix(OURS)}") from error
        return known(self, context, ignore_failures)

    monkeypatch.setattr(template_base.FilterExpression, "resolve", resolve)


def _unordered_querysets_are_shuffled(monkeypatch) -> None:
    known = QuerySet._fetch_all

    def fetch_all(self):
        fresh = self._result_cache is None
        known(self)
        if fresh and not self.ordered and len(self._result_cache) > 1:
            random.shuffle(self._result_cache)

    monkeypatch.setattr(QuerySet, "_fetch_all", fetch_all)


class WroteOnRead(AssertionError):
    """A page view changed the database."""


def _reading_views_write_nothing(monkeypatch) -> None:
    known = BaseHandler.get_response

    def watch(execute, sql, params, many, context):
        if WRITES.match(sql) and not MAY_BE_WRITTEN.search(sql):
            raise WroteOnRead(sql[:200])
        return execute(sql, params, many, context)

    def get_response(self, request):
        if request.method not in {"GET", "HEAD"}:
            return known(self, request)
        with connection.execute_wrapper(watch):
            return known(self, request)

    monkeypatch.setattr(BaseHandler, "get_response", get_response)


@pytest.fixture(autouse=True)
def guards(monkeypatch):
    """All guards, around each test."""
    _undefined_variables_fail(monkeypatch)
    _unordered_querysets_are_shuffled(monkeypatch)
    _reading_views_write_nothing(monkeypatch)
    # What the demo's clock was moved by in the test before is no time of this one.
    clock.forget_offset()


def pytest_addoption(parser):
    parser.addoption(
        "--store-query-counts",
        action="store_true",
        help="write the number of queries of each page to tests/query_counts.json instead of comparing",
    )


@pytest.fixture
def stored_queries(request):
    """with stored_queries("desk queue"): … the block takes as many queries as tests/query_counts.json says."""

    @contextmanager
    def counted(name: str):
        with CaptureQueriesContext(connection) as seen:
            yield
        counts = json.loads(COUNTS.read_text(encoding="utf-8")) if COUNTS.exists() else {}
        if request.config.getoption("--store-query-counts"):
            counts[name] = len(seen)
            COUNTS.write_text(
                json.dumps(counts, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
            )
            return
        statements = "\n".join(query["sql"][:160] for query in seen.captured_queries)
        assert name in counts, f"no stored count for {name!r}: run with --store-query-counts"
        assert len(seen) == counts[name], f"{name}: {len(seen)} queries, stored {counts[name]}\n{statements}"

    return counted
