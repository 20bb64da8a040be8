"""The demo's eight hundred further cases, made a few at a time after the first page is up."""

from collections import Counter

import pytest
from django.db import connection

from applications.models import Application
from demo import calls, crowd, enterprises
from demo.people import People
from demo.stories import Story
from enterprises.models import Enterprise
from foundation.accounts.models import User
from foundation.clock import clock
from foundation.events import verification
from foundation.events.models import Event
from measures.models import Call, LedgerEntry
from tests.plugins.shipped import load_catalogue

pytestmark = pytest.mark.django_db
EACH_SCRIPT_ONCE = len(crowd.SCRIPTS)


@pytest.fixture
def started(settings):
    """The demo as it stands after its first start, but for its own stories: they are told in test_loading.py."""
    settings.DEMO = True
    load_catalogue(with_calls=True)
    calls.extend(People(), clock.today())
    enterprises.load(crowd.random.Random(1), clock.today() - crowd.KNOWN_BEFORE)


def test_every_script_leads_where_its_name_says_without_money(started):
    before = LedgerEntry.objects.count()
    assert crowd.missing() == crowd.CASES == 800
    assert crowd.fill(600, EACH_SCRIPT_ONCE) == 0
    # Some that apply to the commission alone wait there; all others in their district.
    assert Counter(Application.objects.values_list("state", flat=True)) == {
        "draft": 1,
        "discarded": 1,
        "submitted": 5,
        "awaiting_correction": 2,
        "district_review": 2,
        "district_endorsement": 1,
        "municipal_review": 1,
        "decline_notified": 1,
        "declined": 1,
        "withdrawn": 2,
        "lapsed": 1,
        "not_accepted": 1,
        "referred": 3,
        "concluded": 2,
    }
    # With the last one the call is suspended in which nothing more is to be submitted.
    assert Call.objects.get(items__item__code=calls.SUSPENDED).state == Call.State.SUSPENDED
    assert LedgerEntry.objects.count() == before
    assert Event.objects.filter(at__gt=clock.now()).count() == 0
    verification.verify()
    # Nothing is left of these, and another turn changes nothing.
    events = Event.objects.count()
    assert crowd.fill(600, EACH_SCRIPT_ONCE) == 0
    assert Event.objects.count() == events


def test_a_turn_ends_in_time_and_the_next_one_goes_on(started):
    assert crowd.fill(0, 3) == 2
    assert crowd.fill(0, 3) == 1
    assert Application.objects.count() == 2


def test_what_breaks_leaves_nothing_half_made(started, monkeypatch):
    crowd.fill(0)

    def killed(story, **options):
        raise KeyboardInterrupt

    counts = [model.objects.count() for model in (Enterprise, User, Application, Event)]
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(Story, "draft", killed)
        crowd.fill(600)
    assert [model.objects.count() for model in (Enterprise, User, Application, Event)] == counts
    assert crowd.fill(0) == crowd.CASES - 2


def test_one_filler_works_at_a_time(started):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [crowd.LOCK])
        assert crowd.fill(600, 2) == 2
    finally:
        other.close()
    assert crowd.fill(600, 2) == 0


def test_without_the_demo_nothing_is_made():
    assert crowd.fill(600) == 0
    assert not Enterprise.objects.exists()
