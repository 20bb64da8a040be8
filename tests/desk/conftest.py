"""The desk's tests: pages through the client, as the people who hold the posts, with the calls open."""

import pytest
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
