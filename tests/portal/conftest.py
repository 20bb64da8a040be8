"""Guards of every test here: a page that is read writes nothing, and no template meets an unknown name."""

import copy
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|TRUNCATE)\b", re.I)
UNDEFINED = "⟦%s⟧"


class Reader(Client):
    """A browser whose GETs must not write anything but the session."""

    def get(self, *args, **kwargs):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            response = super().get(*args, **kwargs)
        written = [q["sql"] for q in seen if WRITES.match(q["sql"]) and "django_session" not in q["sql"]]
        assert not written, written
        return self._checked(response)

    def post(self, *args, **kwargs):
        return self._checked(super().post(*args, **kwargs))

    def _checked(self, response):
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            assert "⟦" not in response.content.decode(), re.findall("⟦.*?⟧", response.content.decode())
        return response


@pytest.fixture(autouse=True)
def undefined_names_show(settings):
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["string_if_invalid"] = UNDEFINED
    settings.TEMPLATES = templates


@pytest.fixture
def client() -> Client:
    return Reader()


@pytest.fixture
def signed_in(client):
    """A browser of this person: signed_in(user) → client."""

    def enter(user):
        client.force_login(user)
        return client

    return enter
