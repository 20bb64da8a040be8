"""The desk's page of a call: its money and cases, whom a decision reaches, and each act with its refusal in place."""

from datetime import timedelta

import pytest
from django.urls import reverse

from foundation.clock import clock
from measures.models import Call, CallItem
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import verified_enterprise

pytestmark = pytest.mark.django_db

REASON = "填报系统升级"


def test_the_administrator_sees_whom_it_reaches_and_decides_with_a_reason(as_user):
    case = cases.proposed()
    cases.draft(enterprise=verified_enterprise(people.user("writer")))
    CallItem.objects.filter(pk=case.call_item_id).update(budget="5000000.00")
    call = case.call_item.call
    page = reverse("desk:call", args=[call.pk])
    browser = as_user(people.policy_administrator())
    assert page in browser.get(reverse("desk:calls")).content.decode()
    shown = browser.get(page).content.decode()
    assert "现在有 1 家的 1 份草稿、1 家的 1 件在办申请，都会收到通知" in shown
    assert "1,800,000" in shown
    assert "取消申报" not in shown
    hour = f"{clock.local(call.closes_at):%Y-%m-%dT%H:%M}"
    extend = reverse("desk:extend_call", args=[call.pk])
    data = {"extend_call-seen": 0, "extend_call-closes_at": hour, "extend_call-reason": REASON}
    refused = browser.post(extend, data)
    assert refused.status_code == 422
    assert "应晚于现在的截止时间" in refused.content.decode()
    data["extend_call-closes_at"] = f"{clock.local(call.closes_at + timedelta(days=7)):%Y-%m-%dT%H:%M}"
    assert browser.post(extend, data).status_code == 302
    assert "截止时间由" in browser.get(page).content.decode()
    # A page that knew of fewer notices is told so.
    assert browser.post(extend, data).status_code == 409
    for verb in ("suspend_call", "resume_call"):
        form = {f"{verb}-seen": call.notices.count(), f"{verb}-reason": REASON}
        if verb == "resume_call":
            call.refresh_from_db()
            form["resume_call-closes_at"] = f"{clock.local(call.closes_at):%Y-%m-%dT%H:%M}"
        assert browser.post(reverse(f"desk:{verb}", args=[call.pk]), form).status_code == 302
    call.refresh_from_db()
    assert (call.state, call.notices.count()) == (Call.State.PUBLISHED, 3)


def test_the_head_cancels_and_the_officer_only_reads(as_user):
    case = cases.submitted()
    call = case.call_item.call
    cancel = reverse("desk:cancel_call", args=[call.pk])
    form = {"cancel_call-seen": 0, "cancel_call-reason": REASON}
    officer = as_user(people.municipal_officer())
    assert "取消申报" not in officer.get(reverse("desk:call", args=[call.pk])).content.decode()
    assert officer.post(cancel, form).status_code == 403
    head = as_user(people.municipal_head())
    assert "没有办完的申请随之失效" in head.get(reverse("desk:call", args=[call.pk])).content.decode()
    empty = head.post(cancel, form | {"cancel_call-reason": " "})
    assert "请写明理由，公开显示" in empty.content.decode()
    assert head.post(cancel, form).status_code == 302
    case.refresh_from_db()
    assert case.state == "lapsed"
    assert "已取消申报" in head.get(reverse("desk:call", args=[call.pk])).content.decode()
