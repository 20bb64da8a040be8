"""The desk's tests: pages through the client, as the people who hold the posts, with the calls open."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.applications.factories import open_call_item


@pytest.fixture(autouse=True)
def calls(db):
    """The shipped catalogue with its two calls."""
    return open_call_item("08-01"), open_call_item("03-10")


@pytest.fixture
def as_user():
    """as_user(person) gives a client that is signed in as them."""

    def signed_in(person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return signed_in


@pytest.fixture
def counted():
    """with counted() as queries: … gives the queries that ran."""
    return lambda: CaptureQueriesContext(connection)


@pytest.fixture
def browse(browser, live_server, as_user):
    """browse(person, path, width) opens a page in a real browser, signed in; what its console or its security
    policy complains about is in page.complaints. The test needs django_db(transaction=True)."""
    contexts = []

    def opened(person, path: str, width: int = 1280, scripts: bool = True):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, locale="zh-CN", java_script_enabled=scripts
        )
        contexts.append(context)
        session = as_user(person).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{live_server.url}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
