import threading
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import connection, transaction

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import delivery, events
from foundation.events.channels import CHANNELS
from foundation.events.models import Delivery, Notification
from tests.events.factories import person, subject

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.events.urls")]

DAY = date(2026, 3, 2)
MAIL_BACKOFF = CHANNELS["mail"].backoff


def told(*to):
    event = events.record("trial.told", subject(), by=SYSTEM, tell=to, number="KJFW-1", enterprise="甲公司")
    return list(event.notifications.order_by("pk"))


def user(someone):
    return events.Audience("user", someone.pk)


def test_each_member_gets_a_mail_with_a_link_to_the_message(teams, settings):
    settings.SITE_URL = "https://kefu.example"
    one, other = person(), person()
    teams[5] = {one.pk, other.pk}
    (message,) = told(events.Audience("team", 5))
    delivery.deliver([message.pk])
    assert sorted(sent.to for sent in mail.outbox) == sorted([[one.email], [other.email]])
    sent = mail.outbox[0]
    assert sent.subject == "您的申请 KJFW-1 已受理"
    assert "甲公司：编号 KJFW-1" in sent.body
    assert f"https://kefu.example/messages/{message.pk}/" in sent.body
    message.refresh_from_db()
    assert message.resolved_at
    assert all(row.sent_at and row.attempts == 1 for row in Delivery.objects.all())


def test_delivering_again_sends_nothing_again(teams):
    reader = person()
    (message,) = told(user(reader))
    for _ in range(3):
        delivery.deliver([message.pk])
    delivery.sweep()
    assert len(mail.outbox) == 1


def test_who_has_no_address_or_a_closed_account_gets_no_mail():
    messages = told(user(person(email="")), user(person(is_active=False)))
    delivery.deliver([message.pk for message in messages])
    assert not mail.outbox
    assert not Delivery.objects.exists()
    assert not Notification.objects.filter(resolved_at=None).exists()


def test_a_refused_address_does_not_stop_the_others(settings, caplog):
    settings.EMAIL_BACKEND = "tests.events.mailboxes.RefusesSomebody"
    refused, fine = person(email="refused@example.test"), person()
    messages = told(user(refused), user(fine))
    with clock.at(DAY) as now:
        delivery.deliver([message.pk for message in messages])
    assert [sent.to for sent in mail.outbox] == [[fine.email]]
    failed = Delivery.objects.get(user=refused)
    assert (failed.sent_at, failed.attempts) == (None, 1)
    assert failed.next_try_at == now + timedelta(minutes=MAIL_BACKOFF[0])
    assert failed.last_error == "SMTPRecipientsRefused"
    assert "refused@example.test" not in caplog.text


def test_a_dead_mail_server_costs_one_attempt_and_the_rest_waits(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    messages = told(*(user(person()) for _ in range(5)))
    delivery.deliver([message.pk for message in messages])
    assert Delivery.objects.filter(sent_at=None).count() == 5
    assert Delivery.objects.filter(attempts=1).count() == 1
    assert set(Delivery.objects.exclude(last_error="").values_list("last_error", flat=True)) == {
        "ConnectionRefusedError"
    }


def test_attempts_grow_apart_and_end(settings):
    settings.EMAIL_BACKEND = "tests.events.mailboxes.RefusesSomebody"
    (message,) = told(user(person(email="refused@example.test")))
    with clock.at(DAY) as now:
        delivery.deliver([message.pk])
    waits = []
    while (row := Delivery.objects.get()).next_try_at:
        waits.append((row.next_try_at - now) / timedelta(minutes=1))
        with clock.at(row.next_try_at - timedelta(seconds=1)):
            assert delivery.sweep() == 0
            assert Delivery.objects.get().attempts == row.attempts
        with clock.at(row.next_try_at) as now:
            delivery.sweep()
    assert waits == list(MAIL_BACKOFF)
    assert (row.attempts, row.sent_at) == (len(MAIL_BACKOFF) + 1, None)


def test_the_sweep_delivers_what_nobody_delivered():
    with clock.at(DAY) as now:
        told(user(person()))
        assert delivery.sweep() == 0
    with clock.at(now + timedelta(minutes=1)):
        assert delivery.sweep() == 1
        assert delivery.sweep() == 0
    assert len(mail.outbox) == 1


def test_the_sweep_works_through_more_than_one_batch(monkeypatch):
    monkeypatch.setattr(delivery, "BATCH", 3)
    with clock.at(DAY):
        for _ in range(10):
            told(user(person()))
    assert delivery.sweep() == 10
    assert len(mail.outbox) == 10


def test_words_that_cannot_be_rendered_are_tried_again_later(settings):
    (message,) = told(user(person()))
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    delivery.deliver([message.pk])
    row = Delivery.objects.get()
    assert (row.last_error, row.sent_at) == ("TemplateDoesNotExist", None)
    assert row.next_try_at


def test_resolving_many_costs_the_same_as_resolving_one(teams, django_assert_max_num_queries):
    teams[5] = {person().pk for _ in range(3)}
    ids = [told(events.Audience("team", 5))[0].pk for _ in range(30)]
    with django_assert_max_num_queries(7):
        assert delivery.resolve(ids) == 30
    assert Delivery.objects.count() == 90


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_messages_send_each_once():
    with transaction.atomic():
        ids = [told(user(person()))[0].pk for _ in range(12)]
    start = threading.Barrier(3)

    def work():
        start.wait(10)
        try:
            delivery.deliver(ids)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    delivery.deliver(ids)
    assert len(mail.outbox) == 12
    assert Delivery.objects.filter(attempts=1, sent_at__isnull=False).count() == 12


@pytest.mark.django_db(transaction=True)
def test_a_delivery_in_another_workers_hands_is_left_to_it():
    with transaction.atomic():
        (message,) = told(user(person()))
    delivery.resolve([message.pk])
    sent = []
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get()

        def work():
            try:
                sent.append(delivery.send([row.pk]))
            finally:
                connection.close()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(20)
    assert sent == [(0, 0)]
    assert not mail.outbox
