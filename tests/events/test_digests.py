"""The daily digest: one mail a day for each person, at half past eight, exactly once."""

import threading
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection, transaction

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import delivery, digests, events, preferences, tasks
from foundation.events.kinds import Choice, Kind, Timing
from foundation.events.models import Delivery, Digest, DigestLine
from tests.events.factories import person, subject

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.events.urls")]

EVENING = datetime(2026, 3, 2, 20, 0, tzinfo=clock.SHANGHAI)
EARLY = datetime(2026, 3, 3, 8, 29, tzinfo=clock.SHANGHAI)
MORNING = datetime(2026, 3, 3, 8, 30, tzinfo=clock.SHANGHAI)


def reader(**fields):
    someone = person(**fields)
    preferences.choose(someone, {Kind.PROGRESS: Choice(Timing.DIGEST, True, False)})
    return someone


def tell(someone, number, at=EVENING):
    with clock.at(at), transaction.atomic():
        tell = [events.Audience("user", someone.pk)]
        event = events.record(
            "trial.told", subject(), by=SYSTEM, tell=tell, number=number, enterprise="甲公司"
        )
        message = event.notifications.get()
        delivery.resolve([message.pk])
    return message


def send_at(moment):
    with clock.at(moment):
        tasks.send_digests()


def test_what_is_gathered_comes_in_one_mail_at_half_past_eight(settings):
    settings.SITE_URL = "https://kefu.example"
    someone = reader()
    one, other = tell(someone, "KJFW-1"), tell(someone, "KJFW-2")
    assert not mail.outbox
    send_at(EARLY)
    assert not mail.outbox
    send_at(MORNING)
    (sent,) = mail.outbox
    assert sent.to == [someone.email]
    assert sent.subject == "每日汇总：2 条消息"
    assert "1. 您的申请 KJFW-1 已受理" in sent.body
    assert "2. 您的申请 KJFW-2 已受理" in sent.body
    for message in (one, other):
        assert f"https://kefu.example/messages/{message.pk}/" in sent.body


def test_a_second_beat_sends_nothing_again():
    tell(reader(), "1")
    for minutes in (0, 5, 300):
        send_at(MORNING + timedelta(minutes=minutes))
    assert len(mail.outbox) == 1


def test_what_is_told_after_the_hour_waits_for_the_next_day():
    someone = reader()
    tell(someone, "1", MORNING + timedelta(minutes=1))
    send_at(MORNING + timedelta(hours=3))
    assert not mail.outbox
    send_at(MORNING + timedelta(days=1))
    assert len(mail.outbox) == 1


def test_a_beat_that_slept_through_the_hour_still_sends_that_day():
    tell(reader(), "1")
    send_at(MORNING + timedelta(hours=5))
    assert len(mail.outbox) == 1


def test_who_has_nothing_gathered_gets_no_mail():
    reader()
    send_at(MORNING)
    assert not Digest.objects.exists()


def test_who_left_or_lost_the_address_gets_none_and_nothing_is_lost():
    someone = reader()
    tell(someone, "1")
    type(someone).objects.filter(pk=someone.pk).update(is_active=False)
    send_at(MORNING)
    assert not mail.outbox
    assert DigestLine.objects.get().digest is None


def test_a_refused_digest_is_tried_again_with_the_same_pauses(settings):
    settings.EMAIL_BACKEND = "tests.events.mailboxes.RefusesSomebody"
    tell(reader(email="refused@example.test"), "1")
    send_at(MORNING)
    row = Delivery.objects.get()
    assert (row.attempts, row.last_error, row.sent_at) == (1, "SMTPRecipientsRefused", None)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with clock.at(row.next_try_at):
        assert delivery.sweep() == 1
    assert [sent.subject for sent in mail.outbox] == ["每日汇总：1 条消息"]


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_make_one_digest_of_each_person():
    with transaction.atomic():
        people = [reader() for _ in range(4)]
    for someone in people:
        tell(someone, "1")
    start = threading.Barrier(2)

    def beat():
        try:
            with clock.at(MORNING):
                start.wait(10)
                delivery.send(digests.gather())
        finally:
            connection.close()

    threads = [threading.Thread(target=beat) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(sent.to[0] for sent in mail.outbox) == sorted(one.email for one in people)
    assert Digest.objects.count() == Delivery.objects.count() == 4
