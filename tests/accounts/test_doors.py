"""The doors of the house: one sign-in with a rate limit, and a page for forms that came too late."""

import pytest
from django.test import Client

from tests.accounts.factories import user

pytestmark = pytest.mark.django_db


def test_the_admins_own_sign_in_leads_to_the_one_that_knows_a_rate_limit(client):
    response = client.get("/admin/login/", {"next": "/admin/"})
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
    assert client.get("/admin/").status_code == 302


def test_guessing_a_password_is_stopped_after_some_tries(client):
    user("target")
    for number in range(8):
        client.post("/accounts/login/", {"login": "target", "password": f"wrong-guess-{number}"})
    right = client.post("/accounts/login/", {"login": "target", "password": "correct-horse-2026"})
    assert right.status_code != 302, "the right password came in after too many wrong ones"
    assert "_auth_user_id" not in client.session


def test_a_form_without_its_token_gets_a_page_in_chinese():
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/accounts/login/", {"login": "a", "password": "b"})
    assert response.status_code == 403
    assert "页面打开太久" in response.content.decode()
