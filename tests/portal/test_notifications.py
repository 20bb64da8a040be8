"""通知设置: the same page for people of enterprises and for officers."""

import re

import pytest
from django.urls import reverse

from foundation.accounts.models import User
from foundation.events import preferences
from foundation.events.kinds import DEFAULTS, Choice, Kind, Timing
from tests.accounts import factories as people
from tests.measures.factories import loaded_catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def texts(settings, tmp_path):
    settings.SMS_FILE_PATH = tmp_path / "sms"
    return settings.SMS_FILE_PATH


@pytest.fixture(params=["", "desk:"], ids=["portal", "desk"])
def face(request, signed_in):
    """(person, browser, address of a name) on each face."""
    if request.param:
        loaded_catalogue()
    person = people.district_officer() if request.param else people.user()
    return person, signed_in(person), lambda name: reverse(f"{request.param}{name}")


def answers(**changes) -> dict:
    """The form as it stands unless chosen, with changes: act_timing="digest"."""
    typed = {}
    for kind in Kind:
        typed[f"{kind}-timing"] = str(DEFAULTS[kind].timing)
        typed[f"{kind}-mail"] = "on"
    return typed | {name.replace("_", "-"): value for name, value in changes.items()}


def test_the_page_is_reached_from_the_messages_and_says_what_cannot_be_switched_off(face):
    _person, client, url = face
    assert url("notification_settings") in client.get(url("messages")).content.decode()
    page = client.get(url("notification_settings")).content.decode()
    for part in ("需要我办理", "有期限，不能只在站内告知", "始终保留全部内容，不能关闭"):
        assert part in page
    assert page.count("btn-primary") == 1


def test_what_is_chosen_is_kept(face):
    person, client, url = face
    answer = client.post(
        url("notification_settings"), answers(progress_timing="digest", account_timing="inbox")
    )
    assert (answer.status_code, answer.url) == (302, url("notification_settings"))
    now = preferences.of(person)
    assert now[Kind.PROGRESS] == Choice(Timing.DIGEST, True, False)
    assert now[Kind.ACCOUNT].timing == Timing.INBOX
    # Texts can't be chosen without a number: what stood there stays for the day there is one.
    assert now[Kind.ACT] == DEFAULTS[Kind.ACT]


def test_what_has_a_date_is_not_left_to_the_inbox_even_by_hand(face):
    person, client, url = face
    answer = client.post(url("notification_settings"), answers(act_timing="inbox"))
    assert answer.status_code == 422
    answer = client.post(url("notification_settings"), answers(progress_mail=""))
    assert "至少要选一种方式" in answer.content.decode()
    assert preferences.of(person)[Kind.ACT] == DEFAULTS[Kind.ACT]


def test_a_number_is_entered_confirmed_shown_masked_and_removed(face, texts):
    person, client, url = face
    page = client.post(url("phone_code"), {"phone": "138 1234 5678"}, follow=True).content.decode()
    assert "138****5678" in page and "12345678" not in page
    (text,) = texts.iterdir()
    code = re.search(r"验证码 (\d{6})", text.read_text())[1]
    page = client.post(url("phone_confirm"), {"code": "000000" if code != "000000" else "1"})
    assert page.status_code == 422
    assert "还可以试 4 次" in page.content.decode()
    page = client.post(url("phone_confirm"), {"code": code}, follow=True).content.decode()
    assert "手机号已确认" in page and "138****5678" in page and "12345678" not in page
    assert User.objects.get(pk=person.pk).phone == "13812345678"
    assert "checked" in page.partition('id="id_act-sms"')[0].rpartition("<input")[2] or (
        "checked" in page.partition('id="id_act-sms"')[2].partition(">")[0]
    )
    client.post(url("phone_remove"))
    assert User.objects.get(pk=person.pk).phone == ""


def test_what_is_wrong_with_a_number_stands_beside_it(face):
    _person, client, url = face
    for typed in ("", "12345"):
        page = client.post(url("phone_code"), {"phone": typed})
        assert page.status_code == 422
        assert 'id="phone-error"' in page.content.decode()
    page = client.post(url("phone_confirm"), {"code": "123456"})
    assert "验证码已失效" in page.content.decode()
