from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import audiences, delivery, events
from foundation.events.models import Chain, Delivery
from tests.events.factories import person, subject

pytestmark = pytest.mark.django_db


def told(*to, **facts):
    event = events.record("trial.told", subject(), by=SYSTEM, tell=to, **facts)
    return event.notifications.get()


def test_a_person_finds_what_is_told_to_them_and_to_their_audiences(teams):
    reader = person()
    teams[5] = {reader.pk}
    mine = told(events.Audience("user", reader.pk))
    ours = told(events.Audience("team", 5))
    told(events.Audience("user", person().pk))
    told(events.Audience("team", 6))
    assert set(events.inbox(reader)) == {mine, ours}


def test_the_newest_message_comes_first():
    reader = person()
    with clock.at(date(2026, 3, 3)):
        later = told(events.Audience("user", reader.pk))
    with clock.at(date(2026, 3, 2)):
        earlier = told(events.Audience("user", reader.pk))
    assert list(events.inbox(reader)) == [later, earlier]


def test_membership_counts_as_of_the_moment_of_reading(teams):
    reader = person()
    teams[5] = set()
    ours = told(events.Audience("team", 5))
    assert not events.inbox(reader).exists()
    teams[5] = {reader.pk}
    assert list(events.inbox(reader)) == [ours]


def test_an_audience_may_begin_with_the_day_of_joining(monkeypatch):
    reader = person()
    monkeypatch.setattr(audiences, "_members", {"user": audiences._members["user"]})
    monkeypatch.setattr(audiences, "_of_user", {("user",): audiences._of_user["user",]})
    monkeypatch.setattr(audiences, "_withheld", {})
    events.register_audience("team", members=lambda ids: {}, of_user=lambda user: {5: clock.now()})
    with clock.at(date(2026, 3, 2)):
        before = told(events.Audience("team", 5))
    with clock.at(date(2026, 3, 9)):
        after = told(events.Audience("team", 5))
    with clock.at(date(2026, 3, 5)):
        assert list(events.inbox(reader)) == [after]
    with clock.at(date(2026, 3, 1)):
        assert list(events.inbox(reader)) == [after, before]


def test_reading_is_each_persons_own(teams):
    one, other = person(), person()
    teams[5] = {one.pk, other.pk}
    message = told(events.Audience("team", 5))
    assert events.mark_read(one, [message.pk]) == 1
    assert (events.unread_count(one), events.unread_count(other)) == (0, 1)
    assert events.inbox(one).get().is_read
    assert not events.inbox(other).get().is_read


def test_reading_twice_counts_once():
    reader = person()
    message = told(events.Audience("user", reader.pk))
    assert [events.mark_read(reader, [message.pk]) for _ in range(2)] == [1, 0]
    assert message.read_marks.count() == 1


def test_nobody_marks_somebody_elses_message():
    reader, stranger = person(), person()
    message = told(events.Audience("user", reader.pk))
    assert events.mark_read(stranger, [message.pk]) == 0
    assert events.unread_count(reader) == 1
    assert not message.read_marks.exists()


@pytest.mark.parametrize("nobody", [AnonymousUser(), SYSTEM])
def test_who_has_no_account_has_no_inbox(nobody):
    told(events.Audience("user", person().pk))
    assert not events.inbox(nobody).exists()
    assert events.unread_count(nobody) == 0


def test_a_closed_account_has_no_inbox():
    reader = person(is_active=False)
    told(events.Audience("user", reader.pk))
    assert not events.inbox(reader).exists()


def test_inbox_counter_and_words_cost_one_query_each_for_any_number(teams, django_assert_num_queries):
    reader = person()
    teams[5] = {reader.pk}
    for _ in range(20):
        told(events.Audience("team", 5), number="KJFW-1")
    with django_assert_num_queries(1):
        assert events.unread_count(reader) == 20
    with django_assert_num_queries(1):
        shown = list(events.inbox(reader)[:15])
        assert not any(message.is_read or not message.event.chain.kind for message in shown)
    with django_assert_num_queries(1):
        assert all(message.subject for message in events.render_many(shown))


def test_a_message_is_made_of_its_events_facts():
    message = events.render(
        told(events.Audience("user", person().pk), number="KJFW-1", enterprise="<甲> & 乙公司")
    )
    assert message.subject == "您的申请 KJFW-1 已受理"
    assert message.body == "<甲> & 乙公司：编号 KJFW-1 已由 系统 受理。"


def test_a_message_leads_where_its_room_says(monkeypatch):
    monkeypatch.setattr(audiences, "_urls", {})
    reader = person()
    message = told(events.Audience("user", reader.pk))
    assert events.url_of(message.event, reader) is None
    events.register_subject(type(subject()), lambda pk, user: f"/units/{pk}/?for={user.pk}")
    assert events.url_of(message.event, reader) == f"/units/{message.event.chain.subject_id}/?for={reader.pk}"


def test_days_of_a_frozen_clock_are_kept():
    reader = person()
    with clock.at(date(2026, 3, 2)) as moment:
        message = told(events.Audience("user", reader.pk))
    assert message.created_at - moment < timedelta(seconds=1)


def test_some_members_are_not_told_of_some_subjects(teams):
    kept_out, reader = person(), person()
    teams[5] = {kept_out.pk, reader.pk}
    secret, common = told(events.Audience("team", 5)), told(events.Audience("team", 5))
    subjects = Chain.objects.filter(pk=secret.event.chain_id).values("subject_id")
    events.register_withheld(
        "team",
        type(subject()),
        people=lambda ids: {
            pk: {kept_out.pk} for pk in ids & set(subjects.values_list("subject_id", flat=True))
        },
        subjects=lambda user: subjects if user == kept_out else Chain.objects.none().values("subject_id"),
    )
    assert list(events.inbox(kept_out)) == [common]
    assert events.unread_count(kept_out) == 1
    assert set(events.inbox(reader)) == {secret, common}
    delivery.deliver([secret.pk, common.pk])
    assert sorted(Delivery.objects.values_list("notification", "user")) == sorted(
        [(secret.pk, reader.pk), (common.pk, kept_out.pk), (common.pk, reader.pk)]
    )
