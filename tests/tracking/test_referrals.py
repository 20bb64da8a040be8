"""转办单: an enterprise asks about an item without a call, its unit answers, and everybody knows who has it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from applications.verbs import Refused
from enterprises import workflow as enterprises_workflow
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events import events
from foundation.files.files import RefusedFile
from foundation.workdays import workdays
from measures.models import Item
from tests.accounts import factories as people
from tests.applications.factories import open_call_item
from tests.enterprises.factories import NAME, owner_of, pdf, verified_enterprise
from tests.measures.factories import loaded_catalogue
from tests.portal.reading import error_beside, heading_of, text_of
from tests.tracking import factories
from tracking import referral_workflow as workflow
from tracking.models import Referral

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue():
    loaded_catalogue()


def inbox(user) -> list[str]:
    return [events.render(one).subject for one in events.inbox(user)]


def refusal(act, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as refused:
        act(*args, **kwargs)
    return refused.value


def office(code: str) -> Office:
    return Office.objects.get(code=code)


def test_the_whole_way_is_told_to_both_sides_with_its_days():
    liaison = people.unit_liaison()
    row = factories.waiting()
    owner = owner_of(row.enterprise)
    assert (row.office.code, row.due_on) == ("sww", workdays.due(clock.today(), 1))
    assert any(NAME in subject and "前联系" in subject for subject in inbox(liaison))
    assert not any("前联系" in subject for subject in inbox(people.municipal_officer()))
    row = workflow.take_referral(row, liaison)
    assert row.due_on == workdays.due(clock.today(), 15)
    assert "市商务委已接收您的办理请求：外资研发中心" in inbox(owner)
    row = workflow.conclude_referral(
        row, liaison, outcome="granted", result="已认定，证书另寄", reference="沪商外资〔2026〕1号"
    )
    assert (row.state, row.ended_by, row.outcome) == ("concluded", liaison, "granted")
    assert "办理请求已办结：外资研发中心（已纳入、认定或给予支持）" in inbox(owner)
    told = list(events.timeline(row))
    assert [event.verb for event in told] == ["refer_item", "take_referral", "conclude_referral"]
    assert told[-1].facts["on_time"] is True and "13800138000" not in str([event.facts for event in told])
    # Another request about the same item may follow once it is concluded.
    assert factories.waiting(row.enterprise).state == "waiting"


def test_where_a_unit_has_nobody_the_commission_is_told_and_answers_for_it():
    commission = people.municipal_officer()
    row = factories.waiting()
    assert any("前联系" in subject for subject in inbox(commission))
    row = workflow.conclude_referral(row, commission, outcome="told", result="请向市商务委窗口提交")
    assert (row.state, row.taken_by) == ("concluded", commission)


def test_items_of_the_districts_go_to_the_district_of_the_enterprise():
    row = factories.waiting(code="10-04")
    assert row.office.code == "kw-310104"
    assert workflow.take_referral(row, people.district_officer()).state == "working"


def test_a_request_that_is_not_the_units_is_passed_on_and_its_days_begin_anew():
    liaison, row = people.unit_liaison(), factories.working()
    with clock.at(clock.now() + timedelta(days=7)):
        assert refusal(workflow.pass_referral, row, liaison, office("kw"), " ").fields.keys() == {"reason"}
        assert "office" in refusal(workflow.pass_referral, row, liaison, office("sww"), "不归").fields
        assert "office" in refusal(workflow.pass_referral, row, liaison, office("swj"), "不归").fields
        passed = workflow.pass_referral(row, liaison, office("kw"), "由市科委负责")
        assert (passed.state, passed.office.code, passed.taken_at) == ("waiting", "kw", None)
        assert passed.due_on == workdays.due(clock.today(), 1)
        assert "办理请求转市科委办理：外资研发中心" in inbox(owner_of(row.enterprise))
    # It isn't the old unit's any more.
    assert refusal(workflow.take_referral, passed, liaison).code == "forbidden"


def test_the_enterprise_takes_a_request_back_until_it_is_concluded():
    row = factories.working()
    assert refusal(workflow.withdraw_referral, row, people.user()).code == "forbidden"
    liaison = people.unit_liaison()
    withdrawn = workflow.withdraw_referral(row, owner_of(row.enterprise))
    assert withdrawn.state == "withdrawn"
    assert f"{NAME}撤回了办理请求：外资研发中心" in inbox(liaison)
    for act in (
        lambda: workflow.withdraw_referral(withdrawn, owner_of(row.enterprise)),
        lambda: workflow.take_referral(withdrawn, liaison),
        lambda: workflow.pass_referral(withdrawn, liaison, office("kw"), "理由"),
        lambda: workflow.conclude_referral(withdrawn, liaison, outcome="told", result="结果"),
    ):
        assert refusal(act).code == "stale"


def test_who_may_not_answer_is_refused_and_a_stale_page_too():
    row = factories.waiting()
    stale = Referral.objects.get(pk=row.pk)
    for person in (
        people.district_officer(),
        people.unit_liaison("jxw"),
        people.auditor(),
        owner_of(row.enterprise),
    ):
        assert refusal(workflow.take_referral, row, person).code == "forbidden"
        assert refusal(workflow.see_contact, row, person).code == "forbidden"
    workflow.take_referral(row, people.unit_liaison())
    assert refusal(workflow.take_referral, stale, people.unit_liaison()).code == "stale"
    again = Referral.objects.get(pk=row.pk)
    assert refusal(workflow.take_referral, again, people.unit_liaison()).code == "stale"
    bad = {"outcome": "perhaps", "result": "结果"}
    assert "outcome" in refusal(workflow.conclude_referral, again, people.unit_liaison(), **bad).fields
    bad = {"outcome": "told", "result": " "}
    assert "result" in refusal(workflow.conclude_referral, again, people.unit_liaison(), **bad).fields


def test_what_cannot_be_asked_is_refused_with_the_reason():
    enterprise = verified_enterprise()
    owner = owner_of(enterprise)

    def asked(code="01-09", by=owner, **changes):
        given = {"text": "请指导", "contact": factories.CONTACT} | changes
        return refusal(workflow.refer_item, Item.objects.get(code=code), enterprise, by, **given)

    assert asked(by=people.user()).code == "forbidden"
    for code in ("05-02", "08-01", "10-01", "02-01"):
        assert asked(code).code == "state"
    for changes, field in (
        ({"text": " "}, "text"),
        ({"text": "长" * 1001}, "text"),
        ({"contact": ""}, "contact"),
        ({"contact": "王工"}, "contact"),
        ({"contact": "王" * 60 + " 13800138000"}, "contact"),
    ):
        assert field in asked(**changes).fields
    factories.waiting(enterprise)
    assert "还没有办结" in asked().message
    with pytest.raises(RefusedFile):
        factories.waiting(enterprise, "01-03", document=SimpleUploadedFile("x.pdf", b"MZ"))
    enterprises_workflow.suspend(enterprise, people.district_head(), "年报逾期")
    assert asked("01-03").code == "forbidden"


def test_an_item_that_is_open_for_application_is_applied_for():
    line = open_call_item("08-02")
    Item.objects.filter(pk=line.item_id).update(treatment="referral")
    enterprise = verified_enterprise()
    item = Item.objects.get(code="08-02")
    given = {"text": "请求", "contact": factories.CONTACT}
    told = refusal(workflow.refer_item, item, enterprise, owner_of(enterprise), **given)
    assert "请直接申请" in told.message


def test_the_database_refuses_what_no_verb_would_write():
    row = factories.waiting()
    for changes in (
        {"state": "concluded"},
        {"state": "working"},
        {"result": "没有办结"},
        {"taken_at": clock.now()},
        {"text": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Referral.objects.filter(pk=row.pk).update(**changes)
            connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SELECT contact FROM tracking_referral WHERE id = %s", [row.pk])
        assert "13800138000" not in cursor.fetchone()[0]


# --- the pages -------------------------------------------------------------------------------------------


def test_the_whole_way_on_the_pages(client):
    enterprise = verified_enterprise()
    owner, liaison = owner_of(enterprise), people.unit_liaison()
    client.force_login(owner)
    item = reverse("item", args=["01-09"])
    assert "向市商务委提出办理请求" in text_of(client.get(item))
    ask = reverse("item_ask", args=["01-09"])
    assert heading_of(client.get(ask)) == "“外资研发中心”先转给市商务委办理"
    wrong = client.post(ask, {"text": "请指导认定", "contact": "王工"})
    assert wrong.status_code == 422 and "请写上电话" in error_beside(wrong, "contact")
    sent = {"text": "请指导认定", "contact": factories.CONTACT, "document": pdf("说明.pdf")}
    page = client.post(ask, sent, follow=True)
    row = Referral.objects.get()
    assert "已转市商务委，应于" in heading_of(page) and "13800138000" not in text_of(page)
    assert "已转市商务委，应于" in text_of(client.get(item))
    assert client.post(ask, sent | {"document": pdf()}).status_code == 409
    assert client.get(reverse("referral_document", args=[row.pk])).status_code == 200
    assert "已转市商务委" in text_of(client.get(reverse("referrals")))

    client.force_login(liaison)
    listed = client.get(reverse("desk:referrals"))
    assert heading_of(listed) == "有 1 件转办单待答复" and NAME in text_of(listed)
    page = client.get(reverse("desk:referral", args=[row.pk]))
    assert "13800138000" not in text_of(page)
    assert "13800138000" in text_of(client.post(reverse("desk:referral_contact", args=[row.pk])))
    assert events.timeline(row).last().verb == "see_contact"
    assert client.post(reverse("desk:referral_take", args=[row.pk]), {"version": "0"}).status_code == 302
    assert client.post(reverse("desk:referral_take", args=[row.pk]), {"version": "0"}).status_code == 409
    row.refresh_from_db()
    address = reverse("desk:referral_conclude", args=[row.pk])
    missing = client.post(address, {"conclude-version": row.version})
    assert missing.status_code == 422 and "请选择结果" in text_of(missing)
    given = {"conclude-version": row.version, "conclude-outcome": "arranged", "conclude-result": "已约定面谈"}
    assert client.post(address, given).status_code == 302
    ended = text_of(client.get(reverse("desk:referrals"), {"tab": "ended", "outcome": "arranged"}))
    assert "已对接或安排" in ended
    told = client.get(reverse("desk:referrals_export"), {"tab": "ended", "export": "csv"})
    exported = b"".join(told.streaming_content).decode("utf-8-sig")
    assert NAME in exported and "已约定面谈" in exported and "13800138000" not in exported

    client.force_login(owner)
    assert "已约定面谈" in text_of(client.get(reverse("referral", args=[row.pk])))


def test_passing_on_and_taking_back_on_the_pages(client):
    row = factories.waiting()
    client.force_login(people.municipal_officer())
    page = client.get(reverse("desk:referral", args=[row.pk]))
    assert "代市商务委办理" in text_of(page)
    address = reverse("desk:referral_pass", args=[row.pk])
    assert client.post(address, {"pass-version": 0}).status_code == 422
    given = {"pass-version": 0, "pass-office": office("kw").pk, "pass-reason": "由市科委负责"}
    assert client.post(address, given).status_code == 302
    client.force_login(owner_of(row.enterprise))
    page = client.get(reverse("referral", args=[row.pk]))
    assert "市商务委 → 市科委" in text_of(page) and "由市科委负责" in text_of(page)
    address = reverse("referral_withdraw", args=[row.pk])
    assert client.post(address, {"version": "0"}).status_code == 409
    assert client.post(address, {"version": "1"}).status_code == 302
    assert "已由企业撤回" in text_of(client.get(reverse("referral", args=[row.pk])))


def test_anothers_request_does_not_exist(client):
    row = factories.waiting(document=pdf())
    client.force_login(owner_of(verified_enterprise()))
    for name in ("referral", "referral_document"):
        assert client.get(reverse(name, args=[row.pk])).status_code == 404
    client.force_login(people.unit_liaison("jxw"))
    for name in ("desk:referral", "desk:referral_document"):
        assert client.get(reverse(name, args=[row.pk])).status_code == 404
