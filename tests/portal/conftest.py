import pytest


@pytest.fixture
def signed_in(client):
    """A browser of this person: signed_in(user) → client."""

    def enter(user):
        client.force_login(user)
        return client

    return enter
