"""What people are told: every verb has words, right for everybody who reads them."""

import re

import pytest
from django.urls import reverse

from applications.models import Application
from foundation.accounts.models import User
from foundation.events import events
from foundation.events.models import Event, Notification, ReadMark
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises

pytestmark = pytest.mark.django_db


def texts_told(case: Application, audience: str = "enterprise") -> dict[str, events.Message]:
    """The messages about a case to an audience, by verb."""
    told = Notification.objects.filter(
        event__chain__subject_id=case.pk,
        event__chain__kind="applications.application",
        audience_kind=audience,
    )
    return {one.event.verb: events.render(one) for one in told.select_related("event__chain").order_by("pk")}


def test_no_message_names_an_amount_before_the_notice():
    case = cases.signed_off()
    for verb, message in texts_told(case).items():
        assert not re.search(r"3,?200,?000|32,?000,?000", message.subject + message.body), verb


def test_the_enterprise_is_not_told_which_way_an_internal_opinion_goes():
    told = texts_told(cases.proposed())
    for verb in ("recommend", "endorse", "propose"):
        text = told[verb].subject + told[verb].body
        assert not re.search("推荐|不予|支持|核定属实|场地与设备", text), (verb, text)
    against = texts_told(
        cases.recommended(recommendation="against", enterprise=enterprises.verified_enterprise())
    )
    assert against["recommend"].subject.startswith("区级审核已完成")
    assert "不" not in against["recommend"].body.replace("不需要做什么", "")


def test_a_notice_of_declining_says_why_and_until_when_one_may_answer():
    case = cases.decline_notified()
    body = texts_told(case)["endorse"].body
    assert "项目不属于新增投资" in body
    assert f"{case.defence_due_on.month} 月 {case.defence_due_on.day} 日" in body
    assert "陈述、申辩" in body


def test_a_correction_lists_each_remark():
    told = texts_told(cases.awaiting_correction())["request_correction"]
    assert "请写明服务哪些客户。" in told.body
    assert "报告缺少盖章页。" in told.body
    assert "有 2 处需要补正" in told.body


def test_the_approved_amount_is_read_in_words_too():
    told = texts_told(cases.approved())["approve"]
    assert "3,200,000 元（叁佰贰拾万元整）" in told.body


def test_every_message_of_a_paid_case_renders_for_everybody_told(client):
    case = cases.paid()
    for told in Notification.objects.select_related("event__chain").order_by("pk"):
        message = events.render(told)
        assert message.subject and message.body, told.event.verb
        assert "None" not in message.subject + message.body, told.event.verb
        assert "{" not in message.subject + message.body, told.event.verb
    assert {"submit", "accept", "publish", "approve", "release_payment", "pay"} <= {
        event.verb for event in Event.objects.all()
    }
    assert "已拨付 3,200,000 元" in texts_told(case)["pay"].subject


def test_every_verb_that_may_tell_somebody_has_words():
    from pathlib import Path

    from django.conf import settings

    rooms = ("applications", "reviews", "payments", "enterprises")
    sources = [path for room in rooms for path in (Path(settings.BASE_DIR) / room).rglob("*.py")]
    named = set(re.findall(r'self\.verb(?:, [^=]+)? = "(\w+)"', "\n".join(p.read_text() for p in sources)))
    written = {path.name for path in (Path(settings.BASE_DIR) / "templates/messages").iterdir()}
    assert named - written == set()


@pytest.fixture
def owner() -> User:
    return cases.accepted().created_by


def test_opening_the_inbox_marks_nothing_as_read(signed_in, owner):
    page = signed_in(owner).get(reverse("messages"))
    assert "有 3 条未读消息" in page.content.decode()
    assert not ReadMark.objects.exists()
    assert events.unread_count(owner) == 3


def test_a_mails_link_leads_on_and_marks_nothing(signed_in, owner):
    told = events.inbox(owner).first()
    case = Application.objects.get()
    answer = signed_in(owner).get(reverse("message", args=[told.pk]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("case", args=[case.pk]))
    assert not ReadMark.objects.exists()


def test_opening_a_message_from_the_inbox_marks_it_as_read(signed_in, owner):
    told = events.inbox(owner).first()
    signed_in(owner).post(reverse("message", args=[told.pk]))
    assert list(ReadMark.objects.values_list("notification", flat=True)) == [told.pk]


def test_all_messages_are_marked_as_read_at_once(signed_in, owner):
    page = signed_in(owner).post(reverse("messages_read"), follow=True)
    assert "3 条消息已标为已读" in page.content.decode()
    assert events.unread_count(owner) == 0


def test_the_message_of_somebody_else_does_not_exist(signed_in, owner):
    told = events.inbox(owner).first()
    stranger = signed_in(people.user())
    assert stranger.get(reverse("message", args=[told.pk])).status_code == 404
    assert stranger.post(reverse("message", args=[told.pk])).status_code == 404
    assert not ReadMark.objects.exists()


def test_the_inbox_shows_only_what_is_unread_when_asked(signed_in, owner):
    events.mark_read(owner, [events.inbox(owner).first().pk])
    page = signed_in(owner).get(reverse("messages"), {"unread": "1"}).content.decode()
    assert "已受理" not in page.split("<main")[1].split("还没")[0] or "有 2 条未读消息" in page
    assert "共 2 条" in page
