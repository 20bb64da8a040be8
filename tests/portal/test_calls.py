"""The public pages of calls, what the portal says of one that isn't open, and drafts that begin with earlier answers."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications import workflow
from applications.models import Application
from foundation.clock import clock
from measures.models import Call, CallItem
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.portal.reading import text_of

pytestmark = pytest.mark.django_db

REASON = "填报系统升级，保障企业申报时间"


def test_everybody_reads_every_published_call_with_its_notices_and_no_draft(
    client, django_assert_num_queries
):
    line = cases.open_call_item()
    call = line.call
    hidden = Call.objects.create(
        title="尚未发布", year=2026, opens_at=call.opens_at, closes_at=call.closes_at, office=call.office
    )
    administrator = people.policy_administrator()
    workflow.extend_call(call, administrator, REASON, call.closes_at + timedelta(days=7))
    page = text_of(client.get(reverse("call", args=[call.pk])))
    for words in (call.title, "截止申报，还有", REASON, "延长申报", "每个单位限报 1 项", "推定"):
        assert words in page
    workflow.suspend_call(call, administrator, REASON)
    assert "暂停申报，恢复的时间另行公告" in text_of(client.get(reverse("call", args=[call.pk])))
    listed = text_of(client.get(reverse("calls")))
    assert call.title in listed
    assert hidden.title not in listed
    assert client.get(reverse("call", args=[hidden.pk])).status_code == 404
    suspended = client.get(reverse("calls"), {"phase": "suspended"})
    assert [row["call"] for row in suspended.context["rows"]] == [call]
    coming = client.get(reverse("calls"), {"phase": "coming", "measure": line.item.measure_id})
    assert coming.context["rows"] == []
    assert client.get(reverse("calls"), {"export": "csv"}).status_code == 200
    item = text_of(client.get(reverse("item", args=["08-01"])))
    assert "暂停申报" in item
    assert REASON in item


def test_the_writer_of_a_draft_reads_why_it_can_not_be_submitted(client):
    draft = cases.draft()
    call = draft.call_item.call
    client.force_login(draft.created_by)
    workflow.suspend_call(call, people.policy_administrator(), REASON)
    for name in ("draft", "submit"):
        page = text_of(client.get(reverse(name, args=[draft.pk])))
        assert "暂停申报，恢复的时间另行公告；草稿为您保留" in page
        assert "提交申请" not in page
    seen = {"version": draft.version, "revision": draft.draft_revision}
    refused = client.post(reverse("submit", args=[draft.pk]), seen)
    assert refused.status_code == 409
    assert "申报已暂停" in text_of(refused)
    assert "暂停申报" in text_of(client.get(reverse("my_cases")))
    home = client.get(reverse("home"))
    assert [offer.line.item.code for offer in home.context["matched"].suspended] == ["08-01"]
    assert "看变更公告" in text_of(home)


def test_a_draft_of_the_next_call_begins_with_the_last_answers_where_the_person_wishes(client):
    earlier = cases.draft()
    writer, line = earlier.created_by, earlier.call_item
    call = line.call
    with clock.at(call.closes_at + timedelta(days=1)):
        now = clock.now()
        following = Call.objects.create(
            title="下一次",
            year=call.year,
            opens_at=now,
            closes_at=now + timedelta(days=30),
            office=call.office,
        )
        again = CallItem.objects.create(
            call=following, item=line.item, serial=2, route="full", form=line.form, decided_by=line.decided_by
        )
        following.publish(at=now)
        following.save()
        client.force_login(writer)
        page = client.get(reverse("item", args=["08-01"]))
        assert "带入上次填写的内容" in text_of(page)
        assert page.context["earlier"] == earlier
        begun = client.post(reverse("apply", args=["08-01"]), {"line": again.pk, "carry": earlier.pk})
        draft = Application.objects.get(call_item=again)
        assert begun["Location"] == reverse("draft", args=[draft.pk])
        assert draft.answers["project_summary"] == earlier.answers["project_summary"]
        assert "declare_truth" not in draft.answers
        assert "已带入上次填写的内容" in text_of(client.get(begun["Location"]))
        stranger = cases.draft(again, by=None).created_by
        client.force_login(stranger)
        other = client.post(reverse("apply", args=["08-01"]), {"line": again.pk, "carry": earlier.pk})
        assert other.status_code == 404
