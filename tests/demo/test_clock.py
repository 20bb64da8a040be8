"""The visible demo clock: forward only, refused where DEMO is off."""

import pytest
from django.urls import reverse

from foundation.clock import clock
from foundation.workdays import workdays
from tests.accounts import factories as people
from tests.applications import factories as cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    clock.forget_offset()
    yield
    clock.forget_offset()


def test_it_moves_to_the_next_working_day(demo, client):
    client.force_login(people.user())
    before = clock.today()
    response = client.post(reverse("demo:clock"), {"to": "next_workday", "next": "/notices/"})
    assert response["Location"] == "/notices/"
    clock.forget_offset()
    assert clock.today() == workdays.next_workday(before)


def test_what_the_clock_causes_happens_at_once(demo, client):
    case = cases.awaiting_correction()
    client.force_login(people.user())
    for _step in range(2):
        day = workdays.add(case.due_on, 1 + _step)
        client.post(reverse("demo:clock"), {"to": "date", "date": day.isoformat()})
        clock.forget_offset()
    case.refresh_from_db()
    assert case.reminded_at is not None
    assert case.state == "lapsed"


@pytest.mark.parametrize("day", ["", "gestern", "2020-01-01", "2031-01-01"])
def test_a_day_that_cannot_be_is_refused_and_the_clock_stays(demo, client, day):
    client.force_login(people.user())
    before = clock.today()
    response = client.post(reverse("demo:clock"), {"to": "date", "date": day}, follow=True)
    clock.forget_offset()
    assert clock.today() == before
    assert response.context["messages"] is not None


def test_it_leads_nowhere_else(demo, client):
    client.force_login(people.user())
    response = client.post(reverse("demo:clock"), {"to": "next_workday", "next": "https://evil.example/"})
    assert response["Location"] == "/"


def test_where_there_is_no_demo_it_is_refused(client):
    client.force_login(people.user())
    before = clock.today()
    client.post(reverse("demo:clock"), {"to": "next_workday"})
    assert clock.today() == before
