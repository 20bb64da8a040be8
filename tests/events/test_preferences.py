"""Each person chooses how to be told; the inbox always has everything."""

from datetime import date

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import delivery, events, preferences
from foundation.events.kinds import DEFAULTS, MUST_REACH, Choice, Kind, Timing
from foundation.events.models import Delivery, DigestLine, Preference
from tests.events.factories import person, reachable_by_phone, subject

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.events.urls")]

DUE = {"number": "KJFW-1", "due_on": date(2026, 3, 9), "item": "检测"}


def told(verb, someone, **facts):
    event = events.record(verb, subject(), by=SYSTEM, tell=[events.Audience("user", someone.pk)], **facts)
    message = event.notifications.get()
    delivery.deliver([message.pk])
    return message


def channels() -> list[str]:
    return sorted(Delivery.objects.values_list("channel", flat=True))


def test_who_chose_nothing_has_the_defaults():
    assert preferences.of(person()) == {kind: DEFAULTS[kind] for kind in Kind}


def test_what_is_chosen_stands_and_is_recorded_without_personal_data():
    someone = person()
    wanted = {Kind.PROGRESS: Choice(Timing.DIGEST, True, False)}
    assert preferences.choose(someone, wanted) == [Kind.PROGRESS]
    assert preferences.of(someone)[Kind.PROGRESS] == wanted[Kind.PROGRESS]
    event = events.timeline(someone).get()
    assert event.verb == "choose_notifications"
    assert event.facts["kinds"]["progress"]["timing"] == "digest"


def test_choosing_what_stands_already_changes_and_records_nothing():
    someone = person()
    assert preferences.choose(someone, preferences.of(someone)) == []
    assert not events.timeline(someone).exists()
    assert not Preference.objects.exists()


@pytest.mark.parametrize("kind", sorted(MUST_REACH))
def test_what_must_be_done_by_a_date_is_never_left_to_the_inbox_alone(kind):
    someone = person()
    with pytest.raises(preferences.PreferenceRefused, match="有期限"):
        preferences.choose(someone, {kind: Choice(Timing.INBOX, True, False)})
    with pytest.raises(IntegrityError), transaction.atomic():
        Preference.objects.create(user=someone, kind=kind, timing=Timing.INBOX, mail=True, sms=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Preference.objects.create(user=someone, kind=kind, timing=Timing.NOW, mail=False, sms=False)


def test_at_once_needs_a_way():
    with pytest.raises(preferences.PreferenceRefused, match="至少要选一种"):
        preferences.choose(person(), {Kind.PROGRESS: Choice(Timing.NOW, False, False)})


def test_inbox_only_sends_nothing_and_stands_in_the_inbox():
    someone = person()
    preferences.choose(someone, {Kind.PROGRESS: Choice(Timing.INBOX, True, True)})
    message = told("trial.told", someone, number="1", enterprise="甲")
    assert (channels(), mail.outbox) == ([], [])
    assert list(events.inbox(someone)) == [message]


def test_other_kinds_are_told_as_before():
    someone = person()
    preferences.choose(someone, {Kind.PROGRESS: Choice(Timing.INBOX, True, True)})
    told("trial.asked", someone, **DUE)
    assert channels() == ["mail"]


def test_a_text_goes_only_to_a_confirmed_number():
    waiting = person(phone="13812345678")
    told("trial.asked", waiting, **DUE)
    assert channels() == ["mail"]
    told("trial.asked", reachable_by_phone(), **DUE)
    assert channels() == ["mail", "mail", "sms"]


def test_both_channels_off_but_one_each():
    someone = reachable_by_phone()
    preferences.choose(someone, {Kind.ACT: Choice(Timing.NOW, mail=False, sms=True)})
    told("trial.asked", someone, **DUE)
    assert channels() == ["sms"]


def test_who_chose_texts_and_lost_the_number_gets_a_mail_of_what_must_be_done():
    someone = person()
    preferences.choose(someone, {Kind.ACT: Choice(Timing.NOW, mail=False, sms=True)})
    told("trial.asked", someone, **DUE)
    assert channels() == ["mail"]


def test_who_has_a_number_alone_gets_a_text_of_what_must_be_done():
    someone = reachable_by_phone(email="")
    preferences.choose(someone, {Kind.ACT: Choice(Timing.DIGEST, mail=True, sms=False)})
    told("trial.asked", someone, **DUE)
    assert channels() == ["sms"]
    assert not DigestLine.objects.exists()


def test_the_choices_of_many_cost_one_query(django_assert_num_queries):
    people = [person().pk for _ in range(20)]
    with clock.at(date(2026, 3, 2)), django_assert_num_queries(1):
        preferences.chosen(people)
