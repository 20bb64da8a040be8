"""A mobile number is confirmed by a code, encrypted, never seen in full, and rarely written to."""

import re
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from foundation.accounts import phones
from foundation.accounts.models import PhoneCode, User
from foundation.clock import clock
from foundation.events import events
from tests.accounts.factories import user

pytestmark = pytest.mark.django_db

NUMBER = "13812345678"
NOON = clock.moment_of(date(2026, 3, 2))


@pytest.fixture(autouse=True)
def texts(settings, tmp_path) -> Path:
    settings.SMS_FILE_PATH = tmp_path / "sms"
    return settings.SMS_FILE_PATH


def ask(person, number=NUMBER, minutes=0) -> str:
    """Ask for a code and read it off the phone."""
    with clock.at(NOON + timedelta(minutes=minutes)):
        phones.request_code(person, number)
        # The latest of this number: the file's name carries the minute.
        newest = max(
            Path(phones.sms.settings.SMS_FILE_PATH).iterdir(), key=lambda file: file.stat().st_mtime_ns
        )
    return re.search(r"\b\d{6}\b", newest.read_text().partition("\n")[2])[0]


def confirm(person, code, minutes=1):
    with clock.at(NOON + timedelta(minutes=minutes)):
        return phones.confirm(person, code)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_number_is_kept_once_its_code_is_entered(texts):
    person = user()
    code = ask(person, " +86 138-1234 5678 ")
    assert User.objects.get(pk=person.pk).phone == ""
    confirm(person, f" {code[:3]} {code[3:]}")
    person = User.objects.get(pk=person.pk)
    assert (person.phone, person.phone_confirmed_at) == (NUMBER, NOON + timedelta(minutes=1))
    assert len(person.phone_fingerprint) == 64


def test_the_database_and_the_events_never_hold_the_number_in_clear():
    person = user()
    confirm(person, ask(person))
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_user UNION ALL SELECT phone FROM accounts_phonecode")
        stored = [value for (value,) in cursor.fetchall() if value]
    assert len(stored) == 2
    assert not any(NUMBER in value for value in stored)
    event = events.timeline(person).get()
    assert (event.verb, set(event.facts)) == ("confirm_number", {"fingerprint"})
    assert NUMBER not in str(event.facts)


@pytest.mark.parametrize("number", ["", "1381234567", "138123456789", "12812345678", "02112345678", "abc"])
def test_what_is_no_mobile_number_is_refused(number):
    with pytest.raises(phones.PhoneRefused, match="11 位手机号"):
        phones.request_code(user(), number)
    assert not PhoneCode.objects.exists()


def test_a_wrong_code_is_counted_and_the_fifth_ends_it():
    person = user()
    code = ask(person)
    for left in (4, 3, 2, 1):
        with pytest.raises(phones.PhoneRefused, match=f"还可以试 {left} 次"):
            confirm(person, other_than(code))
    with pytest.raises(phones.PhoneRefused, match="次数过多"):
        confirm(person, other_than(code))
    with pytest.raises(phones.PhoneRefused, match="已失效"):
        confirm(person, code)


def test_a_code_is_good_for_ten_minutes_and_once():
    person = user()
    code = ask(person)
    with pytest.raises(phones.PhoneRefused, match="已失效"):
        confirm(person, code, minutes=11)
    confirm(person, code, minutes=10)
    with pytest.raises(phones.PhoneRefused, match="已失效"):
        confirm(person, code, minutes=10)


def test_another_persons_code_opens_nothing():
    person, other = user(), user()
    code = ask(person)
    ask(other, "13912345678")
    with pytest.raises(phones.PhoneRefused):
        confirm(other, code)


def test_codes_are_few_for_one_person_and_for_one_number():
    person = user()
    ask(person)
    with pytest.raises(phones.PhoneRefused, match="一分钟后"):
        ask(person, minutes=0.5)
    for minute in range(1, 5):
        ask(person, minutes=minute)
    with pytest.raises(phones.PhoneRefused, match="上限"):
        ask(person, "13900000000", minutes=10)
    with pytest.raises(phones.PhoneRefused, match="上限"):
        ask(user(), minutes=11)
    ask(person, minutes=24 * 60 + 5)


def test_a_gateway_that_fails_is_said_and_its_code_is_void(settings, caplog):
    settings.SMS_BACKEND = "tests.events.mailboxes.SilentGateway"
    person = user()
    with pytest.raises(phones.PhoneRefused, match="没有发出"):
        phones.request_code(person, NUMBER)
    assert phones.pending(person) is None
    assert NUMBER not in caplog.text


def test_a_new_number_takes_the_old_ones_place_once_it_is_confirmed():
    person = user()
    confirm(person, ask(person))
    code = ask(person, "13900000000", minutes=5)
    assert User.objects.get(pk=person.pk).phone == NUMBER
    confirm(person, code, minutes=6)
    assert User.objects.get(pk=person.pk).phone == "13900000000"


def test_a_number_is_removed_with_its_event():
    person = user()
    confirm(person, ask(person))
    assert phones.remove(person)
    assert not phones.remove(person)
    person = User.objects.get(pk=person.pk)
    assert (person.phone, person.phone_fingerprint, person.phone_confirmed_at) == ("", "", None)
    assert [event.verb for event in events.timeline(person)] == ["confirm_number", "remove_number"]


def test_the_database_refuses_a_confirmation_without_a_number():
    person = user()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=person.pk).update(phone_confirmed_at=NOON)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_send_one_code(texts):
    person = user()
    start, refused = threading.Barrier(2), []

    def click():
        try:
            start.wait(10)
            with clock.at(NOON):
                phones.request_code(person, NUMBER)
        except phones.PhoneRefused:
            refused.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(refused), len(list(texts.iterdir()))) == (1, 1)
