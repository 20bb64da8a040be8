"""What becomes of a published call: each act with its reason and notice, those concerned told, drafts kept."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from applications import tasks, workflow
from applications.models import Application, ClosingReminder
from applications.states import State
from applications.workflow import CallRefused, Refused
from enterprises.leaving_workflow import remove
from foundation.accounts.access import NotAllowed
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Notification
from foundation.workdays import workdays
from measures.models import Call, CallItem, CallNotice, FormVersion
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import agent, owner_of, verified_enterprise

pytestmark = pytest.mark.django_db

REASON = "填报系统升级，保障企业申报时间"


@pytest.fixture
def call():
    return cases.open_call_item().call


@pytest.fixture
def administrator(call):
    return people.policy_administrator()


def told(user, verb: str) -> list[str]:
    return [events.render(one).subject for one in events.inbox(user) if one.event.verb == verb]


def refused_for(field: str, act) -> str:
    with pytest.raises(CallRefused) as caught:
        act()
    assert caught.value.field == field
    return caught.value.messages[0]


def test_an_extension_is_published_with_its_reason_and_told_to_drafts_and_cases(call, administrator):
    draft, submitted = cases.draft(), cases.submitted()
    cases.withdrawn()
    before = call.closes_at
    later = before + timedelta(days=7)
    assert "晚于" in refused_for(
        "closes_at", lambda: workflow.extend_call(call, administrator, REASON, before)
    )
    assert "理由" in refused_for("reason", lambda: workflow.extend_call(call, administrator, " ", later))
    beyond = clock.moment_of(call.items.get().item.measure.in_force_to + timedelta(days=2))
    words = refused_for("closes_at", lambda: workflow.extend_call(call, administrator, REASON, beyond))
    assert "已失效" in words
    for somebody in (people.municipal_head(), people.auditor(), draft.created_by):
        with pytest.raises(NotAllowed):
            workflow.extend_call(call, somebody, REASON, later)
    notice = workflow.extend_call(call, administrator, REASON, later)
    call.refresh_from_db()
    assert (call.closes_at, call.state) == (later, Call.State.PUBLISHED)
    assert (notice.closes_before, notice.closes_after) == (before, later)
    assert (notice.drafts, notice.cases, notice.office) == (1, 1, call.office)
    assert notice.number == f"KJFW-{call.year}-T{call.pk:03d}-1"
    event = events.timeline(call).last()
    assert (event.verb, event.facts["reason"]) == ("extend_call", REASON)
    for person in (draft.created_by, submitted.submitted_by):
        assert told(person, "extend_call")[0].startswith("申报延长到")
    with clock.at(before + timedelta(hours=1)):
        assert workflow.submit(draft, draft.created_by).one().state == State.SUBMITTED
    with clock.at(later), pytest.raises(CallRefused, match="不能再延长"):
        workflow.extend_call(call, administrator, REASON, later + timedelta(days=3))
    with pytest.raises(ProgrammingError, match="callnotice"), transaction.atomic():
        CallNotice.objects.filter(pk=notice.pk).update(reason="别的理由")


def test_while_a_call_is_suspended_nothing_is_submitted_and_the_lost_days_come_back(call, administrator):
    draft = cases.draft()
    writer = draft.created_by
    with pytest.raises(CallRefused, match="已发布"):
        workflow.resume_call(call, administrator, REASON)
    workflow.suspend_call(call, administrator, REASON)
    call.refresh_from_db()
    assert call.phase() == Call.Phase.SUSPENDED
    assert told(writer, "suspend_call")
    with pytest.raises(Refused, match="申报已暂停"):
        workflow.submit(draft, writer).one()
    with pytest.raises(Refused, match="申报已暂停"):
        workflow.start(CallItem.objects.get(pk=draft.call_item_id), draft.enterprise, writer)
    draft = workflow.save_draft(draft, writer, dict(draft.answers), draft.draft_revision)
    for act in (workflow.suspend_call, workflow.close_call_early):
        with pytest.raises(CallRefused, match="已暂停"):
            act(call, administrator, REASON)
    before = call.closes_at
    # Nine days of holiday and work: the lost working days alone are given back.
    with clock.at(clock.now() + timedelta(days=9)):
        lost = workdays.between(clock.local(call.suspended_at).date(), clock.today())
        early = before - timedelta(days=1)
        assert refused_for("closes_at", lambda: workflow.resume_call(call, administrator, REASON, early))
        notice = workflow.resume_call(call, administrator, REASON)
        call.refresh_from_db()
        assert workdays.between(clock.local(before).date(), clock.local(call.closes_at).date()) == lost > 0
        assert (notice.act, notice.changes_hours, call.suspended_at) == ("resume", True, None)
        assert "恢复" in told(writer, "resume_call")[0]
        assert workflow.submit(draft, writer).one().state == State.SUBMITTED


def test_a_call_that_is_closed_early_keeps_its_drafts_and_never_closes_in_the_past(call, administrator):
    draft = cases.draft()
    now = clock.now()
    past, later = now - timedelta(hours=1), call.closes_at + timedelta(hours=1)
    for hour in (past, later):
        assert refused_for("closes_at", lambda: workflow.close_call_early(call, administrator, REASON, hour))  # noqa: B023
    coming = Call.objects.filter(opens_at__gt=now).first()
    with pytest.raises(CallRefused, match="还没有开始"):
        workflow.close_call_early(coming, administrator, REASON)
    workflow.close_call_early(call, administrator, REASON)
    call.refresh_from_db()
    assert (call.closes_at, call.phase()) == (now, Call.Phase.CLOSED)
    assert "提前" in told(draft.created_by, "close_call_early")[0]
    with pytest.raises(Refused, match="截止"):
        workflow.submit(draft, draft.created_by).one()
    for act in (workflow.suspend_call, workflow.close_call_early):
        with pytest.raises(CallRefused, match="截止"):
            act(call, administrator, REASON)
    with clock.at(now + timedelta(days=200)):
        tasks.act_on_deadlines()
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_answers_are_carried_over_to_the_next_call_of_the_item_with_a_list_of_what_did_not_fit(call):
    earlier = cases.draft()
    writer, enterprise = earlier.created_by, earlier.enterprise
    line = earlier.call_item
    sections = [
        {
            "title": "项目",
            "fields": [
                {"key": "project_name", "label": "项目名称", "type": "text", "required": True},
                {"key": "project_summary", "label": "字数", "type": "number"},
                {
                    "key": "industry_focus",
                    "label": "服务领域",
                    "type": "choice",
                    "options": [{"value": "other", "label": "其他"}, {"value": "none", "label": "无"}],
                },
            ],
        }
    ]
    form = FormVersion.objects.create(item=line.item, number=9, definition={"sections": sections})
    following = Call.objects.create(
        title="下一年", year=2027, opens_at=call.opens_at, closes_at=call.closes_at, office=call.office
    )
    again = CallItem.objects.create(
        call=following, item=line.item, serial=1, route="full", form=form, decided_by=line.decided_by
    )
    following.publish(at=clock.now())
    following.save()
    carried = workflow.carry(earlier, again)
    assert carried.answers == {"project_name": "精密计量实验室扩建"}
    assert len(carried.left_behind) > 5
    assert not [label for label in carried.left_behind if "承诺" in label]
    draft = workflow.start(again, enterprise, writer, carried=carried)
    assert (draft.carried_from, draft.left_behind, draft.title) == (
        earlier,
        carried.left_behind,
        "精密计量实验室扩建",
    )
    assert events.timeline(draft).first().facts["carried_from"] == earlier.pk
    other = verified_enterprise(people.user("other"))
    with pytest.raises(Refused, match="本企业同一事项"):
        workflow.start(again, other, owner_of(other), carried=carried)


def test_the_limits_of_a_unit_are_data_and_each_refusal_names_its_limit_and_the_other_case(call):
    first = cases.submitted()
    line, enterprise, person = first.call_item, first.enterprise, first.submitted_by
    second = cases.draft(enterprise=enterprise)

    def refusal() -> str:
        [outcome] = workflow.submit(second, person)
        return outcome.refused.message

    assert f"“新增重大投资项目补助”中限报 1 项，贵单位已提交：{first.number}（待受理）" in refusal()
    lines = CallItem.objects.filter(pk=line.pk)
    lines.update(per_unit=3, per_unit_year=1)
    assert refusal().startswith(f"每个单位 {call.year} 年度的“新增重大投资项目补助”限报 1 项")
    lines.update(per_unit_year=None)
    Call.objects.filter(pk=call.pk).update(per_unit=1)
    assert refusal().startswith("每个单位在本次申报的全部专题中限报 1 项")
    # The database holds the same, whoever comes past the verb.
    with pytest.raises(IntegrityError, match="within_limits"), transaction.atomic():
        Application.objects.filter(pk=second.pk).update(
            state=State.SUBMITTED, number="X", sequence=9, submitted_at=clock.now(), identity={}
        )
    Call.objects.filter(pk=call.pk).update(per_unit=None)
    assert workflow.submit(second, person).one().number


def test_before_closing_writers_and_ready_subscribers_are_reminded_once_for_each_threshold(call):
    Call.objects.exclude(pk=call.pk).update(
        opens_at=call.opens_at - timedelta(days=9), closes_at=call.opens_at
    )
    draft = cases.draft()
    cases.empty_draft(enterprise=draft.enterprise, by=draft.created_by)
    ready = verified_enterprise(people.user("ready"))
    workflow.subscribe(owner_of(ready), ready)
    applied = cases.submitted(enterprise=verified_enterprise(people.user("applied")))
    workflow.subscribe(applied.submitted_by, applied.enterprise)
    closes = clock.local(call.closes_at).date()
    assert tasks.remind_before_closing() == 0
    for days in (7, 3, 1):
        with clock.at(clock.moment_of(workdays.add(closes, -days)) + timedelta(hours=9)):
            assert tasks.remind_before_closing() == 2
            assert tasks.remind_before_closing() == 0
    assert len(told(draft.created_by, "remind_draft")) == 3
    assert "申报即将截止" in told(owner_of(ready), "remind_closing")[0]
    assert not told(applied.submitted_by, "remind_closing")
    assert ClosingReminder.objects.filter(case__isnull=False).count() == 3
    # An extension begins anew; a suspension is silent.
    administrator = people.policy_administrator()
    with clock.at(call.closes_at - timedelta(hours=2)):
        workflow.extend_call(call, administrator, REASON, call.closes_at + timedelta(days=3))
        assert tasks.remind_before_closing() == 2
        workflow.suspend_call(call, administrator, REASON)
    with clock.at(call.closes_at + timedelta(days=2)):
        assert tasks.remind_before_closing() == 0


def test_of_a_draft_whose_writer_has_left_the_enterprise_is_reminded(call):
    enterprise = verified_enterprise()
    writer = agent(enterprise)
    draft = cases.empty_draft(enterprise=enterprise, by=writer)
    remove(writer.memberships.get(), owner_of(enterprise), "委托已终止")
    closes = clock.local(call.closes_at).date()
    with clock.at(clock.moment_of(workdays.add(closes, -3)) + timedelta(hours=9)):
        assert tasks.remind_before_closing() == 1
    assert not told(writer, "remind_draft")
    told_of = Notification.objects.filter(event__verb="remind_draft", event__chain__subject_id=draft.pk)
    assert [(one.audience_kind, one.audience_id) for one in told_of] == [("enterprise", enterprise.pk)]
