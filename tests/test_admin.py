"""The admin: its own policy, a sidebar by rooms for each role, and what waits for the person who opens it."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from foundation.clock import clock
from measures.rule_workflow import start_rule
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.applications.conftest import monday

__all__ = ["monday"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue(monday):
    cases.open_call_item()


def signed_in(user) -> Client:
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


def sidebar(client: Client) -> dict[str, list[str]]:
    groups = client.get(reverse("admin:index")).context["sidebar_navigation"]
    return {str(group["title"]): [str(item["title"]) for item in group["items"]] for group in groups}


def test_the_admin_has_a_policy_of_its_own_and_the_other_pages_keep_the_strict_one():
    client = signed_in(people.policy_administrator())
    relaxed = client.get(reverse("admin:index"))["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval';" in relaxed + ";"
    assert "default-src 'none'" in relaxed and "frame-ancestors 'self'" in relaxed
    for page in ("/", "/notices/", "/accounts/login/"):
        assert "unsafe" not in Client().get(page)["Content-Security-Policy"]


def test_the_sidebar_is_grouped_by_rooms_and_nothing_is_missing():
    everything = {}
    for person in (people.auditor(), people.system_administrator()):
        for title, items in sidebar(signed_in(person)).items():
            everything.setdefault(title, set()).update(items)
    assert set(everything) == {"", "政策与申报", "资金", "企业", "审计", "运行"}
    assert "资金台账" in everything["资金"] and "规则版本" in everything["政策与申报"]
    shown = {name for items in everything.values() for name in items} - {"等您办理"}
    assert shown == {str(model._meta.verbose_name_plural) for model in admin.site._registry}


def test_the_machinerys_own_pages_are_the_system_administrators_alone():
    task = reverse("admin:django_celery_beat_periodictask_changelist")
    for person in (people.policy_administrator(), people.auditor()):
        client = signed_in(person)
        assert client.get(task).status_code == 403
        assert "周期性任务" not in str(sidebar(client))
    assert signed_in(people.system_administrator()).get(task).status_code == 200


def test_a_rule_waits_for_another_person_than_its_writer():
    line = cases.open_call_item()
    writer, other = people.policy_administrator(), people.policy_administrator("b")
    rule = start_rule(line, writer)
    page = signed_in(other).get(reverse("admin:index")).content.decode()
    assert "等您核准" in page and reverse("admin:measures_ruleversion_change", args=[rule.pk]) in page
    page = signed_in(writer).get(reverse("admin:index")).content.decode()
    assert "等您核准" not in page and "须由另一人核准" in page


def test_calls_that_open_or_close_soon_are_named_with_the_days_left(monday):
    call = cases.open_call_item().call
    client = signed_in(people.policy_administrator())
    with clock.at(call.closes_at - timedelta(days=3)):
        page = client.get(reverse("admin:index")).content.decode()
        assert call.title in page and "截止申报，还有 3 天" in page
    with clock.at(call.closes_at + timedelta(days=1)):
        assert call.title not in client.get(reverse("admin:index")).content.decode()
