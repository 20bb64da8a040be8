import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events, hashing
from foundation.events.messages import MissingMessage
from foundation.events.models import Chain, Event, Notification
from tests.events.factories import person, subject

pytestmark = pytest.mark.django_db


def test_an_event_tells_who_did_what_to_which_subject_when():
    officer, case = person(), subject()
    with clock.at(date(2026, 3, 2)):
        event = events.record("trial.done", case, by=officer, number="KJFW-1", amount=Decimal("500000.00"))
    event.refresh_from_db()
    assert (event.chain.kind, event.chain.subject_id) == ("accounts.office", case.pk)
    assert (event.seq, event.verb, event.actor) == (1, "trial.done", officer)
    assert event.actor_label == officer.actor_label
    assert event.at == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    assert event.facts == {"number": "KJFW-1", "amount": "500000.00"}


def test_events_of_a_subject_are_chained_by_hash():
    case = subject()
    first = events.record("trial.begun", case, by=SYSTEM)
    second = events.record("trial.done", case, by=SYSTEM, step=2)
    chain = Chain.objects.get()
    assert (first.previous, second.previous) == ("", first.hash)
    assert (chain.seq, chain.head) == (2, second.hash)
    assert events.hash_of(Event.objects.get(pk=second.pk), chain) == second.hash


def test_the_system_acts_without_an_account():
    event = events.record("trial.lapsed", subject(), by=SYSTEM)
    assert event.actor is None
    assert event.actor_label == "系统"


def test_somebody_unknown_cannot_act():
    with pytest.raises(TypeError):
        events.record("trial.done", subject(), by=AnonymousUser())


def test_each_subject_has_its_own_chain():
    one, other = subject(), subject()
    events.record("trial.done", one, by=SYSTEM)
    events.record("trial.done", other, by=SYSTEM)
    assert [event.seq for event in events.timeline(one)] == [1]
    assert [event.seq for event in events.timeline(other)] == [1]


def test_one_subject_may_appear_twice_in_a_batch():
    case, other = subject(), subject()
    entries = [events.Entry(each, {"n": n}) for n, each in enumerate((case, other, case))]
    recorded = events.record_many("trial.done", entries, by=SYSTEM)
    assert [event.facts["n"] for event in recorded] == [0, 1, 2]
    assert [event.seq for event in recorded] == [1, 1, 2]
    assert recorded[2].previous == recorded[0].hash
    assert [event.facts["n"] for event in events.timeline(case)] == [0, 2]


def test_an_empty_batch_writes_nothing():
    assert events.record_many("trial.done", [], by=SYSTEM) == []
    assert not Chain.objects.exists()


def test_the_number_of_statements_does_not_grow_with_the_batch():
    def statements(n):
        officer = person()
        entries = [
            events.Entry(subject(), {"number": str(i)}, [events.Audience("user", officer.pk)])
            for i in range(n)
        ]
        with CaptureQueriesContext(connection) as captured:
            events.record_many("trial.told", entries, by=officer)
        return [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]

    assert len(statements(100)) == len(statements(1)) <= 6


def test_it_carries_the_number_of_its_transaction():
    event = events.record("trial.done", subject(), by=SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        assert event.tx == cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_work_outside_of_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"):
        events.record("trial.done", subject(), by=SYSTEM)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_leaves_no_event_and_no_message():
    reader = person()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        events.record("trial.told", subject(), by=SYSTEM, tell=[events.Audience("user", reader.pk)])
        raise ZeroDivisionError
    assert not Event.objects.exists()
    assert not Notification.objects.exists()


@pytest.mark.parametrize("verb", ["", "Accept", "a b", "../../etc", "accept.", "受理"])
def test_a_verb_is_a_plain_word(verb):
    with pytest.raises(ValueError):
        events.record(verb, subject(), by=SYSTEM)


@pytest.mark.parametrize("fact", [1.5, float("nan"), {1, 2}, datetime(2026, 1, 1), Decimal("NaN"), object()])  # noqa: DTZ001
def test_a_fact_without_an_exact_form_is_refused(fact):
    with pytest.raises(TypeError):
        events.record("trial.done", subject(), by=SYSTEM, fact=fact)
    with pytest.raises(TypeError):
        events.record("trial.done", subject(), by=SYSTEM, inside=[{"deep": fact}])
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "key", ["phone", "contact_phone", "email", "mail", "id_number", "bank_account", "Mobile"]
)
def test_a_fact_named_like_personal_data_is_refused(key):
    with pytest.raises(hashing.PersonalData):
        events.record("trial.done", subject(), by=SYSTEM, **{key: "x"})
    with pytest.raises(hashing.PersonalData):
        events.record("trial.done", subject(), by=SYSTEM, people=[{key: "x"}])


def test_a_subject_needs_a_saved_row():
    unsaved = subject()
    unsaved.pk = None
    with pytest.raises(TypeError):
        events.record("trial.done", unsaved, by=SYSTEM)


def test_a_verb_that_tells_somebody_needs_words():
    with pytest.raises(MissingMessage, match=r"trial\.mute"):
        events.record("trial.mute", subject(), by=SYSTEM, tell=[events.Audience("user", person().pk)])


def test_an_audience_nobody_registered_is_an_error():
    with pytest.raises(LookupError, match="choir"):
        events.record("trial.told", subject(), by=SYSTEM, tell=[events.Audience("choir", 1)])


def test_an_audience_named_twice_is_told_once():
    reader = events.Audience("user", person().pk)
    event = events.record("trial.told", subject(), by=SYSTEM, tell=[reader, reader])
    assert event.notifications.count() == 1


def test_nobody_changes_or_removes_an_event():
    event = events.record("trial.done", subject(), by=SYSTEM)
    for act in (
        lambda: Event.objects.filter(pk=event.pk).update(verb="trial.other"),
        lambda: Event.objects.filter(pk=event.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="events_event"), transaction.atomic():
            act()


def test_a_place_in_a_chain_is_taken_once():
    event = events.record("trial.done", subject(), by=SYSTEM)
    event.pk = None
    event._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save()


def test_the_timeline_costs_one_query(django_assert_num_queries):
    case, officer = subject(), person()
    for _ in range(5):
        events.record("trial.done", case, by=officer)
    with django_assert_num_queries(1):
        assert [str(event.actor) + event.chain.kind for event in events.timeline(case)]


def in_threads(*works):
    errors = []

    def run(work):
        try:
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not errors
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.django_db(transaction=True)
def test_writers_of_the_same_subjects_wait_for_each_other_in_any_order():
    cases = [subject() for _ in range(4)]

    def write(order):
        def work():
            for _ in range(8):
                with transaction.atomic():
                    events.record_many("trial.done", [events.Entry(case) for case in order], by=SYSTEM)

        return work

    in_threads(write(cases), write(cases[::-1]), write(cases[1:] + cases[:1]))
    for case in cases:
        assert [event.seq for event in events.timeline(case)] == list(range(1, 25))
        linked = [event.previous for event in events.timeline(case)][1:]
        assert linked == [event.hash for event in events.timeline(case)][:-1]
