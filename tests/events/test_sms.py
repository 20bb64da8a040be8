"""Text messages: the subject alone, by an adapter, with a pace of retries of their own."""

from datetime import date
from pathlib import Path

import pytest
from django.core import mail

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import delivery, events, sms
from foundation.events.channels import CHANNELS, masked_address
from foundation.events.models import Delivery
from tests.events.factories import person, reachable_by_phone, subject

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.events.urls")]

DUE = {"number": "KJFW-1", "due_on": date(2026, 3, 9), "item": "检测", "note": "请寄原件"}


def asked(*people):
    tell = [events.Audience("user", one.pk) for one in people]
    event = events.record("trial.asked", subject(), by=SYSTEM, tell=tell, **DUE)
    return [one.pk for one in event.notifications.order_by("pk")]


@pytest.fixture
def outbox(settings, tmp_path) -> Path:
    settings.SMS_FILE_PATH = tmp_path / "sms"
    return settings.SMS_FILE_PATH


def test_the_file_backend_keeps_number_and_text_for_its_owner_alone(outbox):
    delivery.deliver(asked(reachable_by_phone("13812345678")))
    (file,) = outbox.iterdir()
    assert file.read_text() == "13812345678\n【科服直达】请在 3 月 9 日前补正 KJFW-1\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_text_is_never_longer_than_a_gateway_takes():
    text = sms.text_of("很长的标题" * 100)
    assert len(text) == sms.LONGEST
    assert text.startswith("【科服直达】很长") and text.endswith("…")


def test_a_silent_gateway_costs_one_attempt_and_mail_goes_on(settings, caplog):
    settings.SMS_BACKEND = "tests.events.mailboxes.SilentGateway"
    people = [reachable_by_phone() for _ in range(3)]
    delivery.deliver(asked(*people))
    assert len(mail.outbox) == 3
    texts = Delivery.objects.filter(channel="sms")
    assert texts.filter(attempts=1, last_error="Unreachable").count() == 1
    assert texts.filter(attempts=0).count() == 2
    assert not any(one.phone in caplog.text for one in people)


def test_a_silent_mail_server_does_not_hold_up_texts(settings, outbox):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    delivery.deliver(asked(*(reachable_by_phone() for _ in range(3))))
    assert len(list(outbox.iterdir())) == 3
    assert Delivery.objects.filter(channel="mail", attempts=1).count() == 1


def test_texts_are_given_up_sooner_than_mails(settings):
    settings.SMS_BACKEND = "tests.events.mailboxes.RefusingGateway"
    someone = reachable_by_phone(email="")
    with clock.at(date(2026, 3, 2)) as now:
        delivery.deliver(asked(someone))
    while (row := Delivery.objects.get()).next_try_at:
        with clock.at(row.next_try_at) as now:
            delivery.sweep()
    assert (row.channel, row.attempts, row.given_up_at) == ("sms", len(CHANNELS["sms"].backoff) + 1, now)
    assert row.last_error == "ValueError"


def test_who_removed_the_number_in_between_is_not_written_to(outbox):
    someone = reachable_by_phone()
    ids = asked(someone)
    delivery.resolve(ids)
    type(someone).objects.filter(pk=someone.pk).update(
        phone="", phone_fingerprint="", phone_confirmed_at=None
    )
    delivery.deliver(ids)
    assert Delivery.objects.get(channel="sms").last_error == "NoAddress"
    assert not outbox.exists()


def test_screens_see_addresses_masked():
    someone = reachable_by_phone("13812345678", email="zhang.san@example.test")
    assert masked_address(Delivery(user=someone, channel="sms")) == "138****5678"
    assert masked_address(Delivery(user=someone, channel="mail")) == "z***@example.test"
    nobody = person(email="")
    assert masked_address(Delivery(user=nobody, channel="sms")) == "没有已确认的手机号"
    assert masked_address(Delivery(user=nobody, channel="mail")) == "没有邮箱"
