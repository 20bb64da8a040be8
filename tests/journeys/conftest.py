"""People with browsers, against a live server on the test database."""

from pathlib import Path

import pytest

from tests.journeys.people import Visitor


def pytest_addoption(parser):
    parser.addoption("--pictures", help="folder to write the journeys' screenshots to (docs/screenshots)")


@pytest.fixture
def visit(browser, live_server, request):
    """visit("username") gives a signed-in Visitor; visit() somebody whom nobody knows yet."""
    folder = request.config.getoption("--pictures", default=None)
    present = []

    def come(username: str = "") -> Visitor:
        visitor = Visitor(browser, live_server.url, username, Path(folder) if folder else None)
        present.append(visitor)
        return visitor.sign_in(username) if username else visitor

    yield come
    for visitor in present:
        visitor.leave()
