"""撤销 and 追回: told first, decided by another person; the unspent goes back, the paid is recovered, all is traced."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event, Notification
from measures import funds
from measures.verification import verify as verify_ledgers
from payments import access, workflow
from payments.models import RecoveryOrder, RecoveryReceipt
from payments.workflow import BackPayment
from reviews import access as duties
from reviews import workflow as reviews
from reviews.models import Letter
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.applications.conftest import monday

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
__all__ = ["monday"]
AWARD = Decimal("3200000.00")


def refused(verb, *args) -> Refused:
    with pytest.raises(Refused) as caught:
        found = verb(*args)
        if hasattr(found, "one"):
            found.one()
    return caught.value


def day_after(case):
    return clock.at(clock.moment_of(case.revocations.get(state="open").due_on + timedelta(days=1)))


def test_what_is_not_paid_goes_back_into_the_fund():
    case = cases.approved()
    before = funds.balance(case.call_item.fund)
    done = cases.revoked(case)
    after = funds.balance(case.call_item.fund)
    assert (done.state, done.reason) == (State.REVOKED, "迁出本市：注册地已迁至外省")
    assert after.available == before.available + AWARD
    assert after.committed == before.committed - AWARD
    assert not RecoveryOrder.objects.exists()
    assert list(verify_ledgers({})) == []
    body = events.render(Notification.objects.get(event__verb="revoke", audience_kind="enterprise")).body
    assert "缴回" not in body
    assert "行政复议" in body


@pytest.mark.parametrize("made", [cases.paid, cases.completed])
def test_what_was_paid_is_ordered_back_and_the_ledger_still_says_that_it_was_spent(made):
    done = cases.revoked(made())
    order = done.recovery
    assert (order.amount, order.state, order.office) == (AWARD, "ordered", done.call_item.fund.paid_by)
    assert funds.balance(done.call_item.fund).spent == AWARD
    assert list(verify_ledgers({})) == []
    said = {row["label"]: row["text"] for row in done.letters.get(kind=Letter.Kind.REVOCATION).body}
    assert "3,200,000 元缴回国库" in said["资金缴回"]
    told = Notification.objects.get(event__verb="revoke", audience_kind="enterprise")
    assert "3,200,000" in events.render(told).body


def test_it_is_told_first_and_decided_by_another_person_after_the_day():
    case = cases.approved()
    officer, head = people.municipal_officer(), people.municipal_head()
    with clock.at(case.approved_at + timedelta(hours=1)):
        assert refused(workflow.revoke, case, head).code == "state"
        assert refused(workflow.notify_revocation, case, head, "moved", "迁出").code == "forbidden"
        assert "ground" in refused(workflow.notify_revocation, case, officer, "", "迁出").fields
        assert "text" in refused(workflow.notify_revocation, case, officer, "moved", " ").fields
    case = cases.revocation_notified(case)
    with clock.at(clock.moment_of(case.revocations.get().due_on)):
        assert refused(workflow.notify_revocation, case, officer, "moved", "再告知").code == "state"
        assert "陈述申辩期限未满" in refused(workflow.revoke, case, head).message
        assert not duties.awaiting(head).filter(pk=case.pk).exists()
    with day_after(case):
        assert duties.awaiting(head).filter(pk=case.pk).exists()
        assert refused(workflow.revoke, case, officer).code == "forbidden"
        assert workflow.revoke(case, head).one().state == State.REVOKED


def test_with_a_defence_the_head_decides_at_once_and_answers_it():
    case = cases.revocation_notified()
    head = people.municipal_head()
    with clock.at(case.revocations.get().notified_at + timedelta(hours=1)):
        reviews.state_defence(case, case.submitted_by, "总部仍在本市").one()
        assert refused(reviews.state_defence, case, case.submitted_by, "再说").code == "state"
        assert "text" in refused(workflow.revoke, case, head).fields
        done = workflow.revoke(case, head, "工商登记已迁出，不采纳。").one()
    said = {row["label"]: row["text"] for row in done.letters.get(kind=Letter.Kind.REVOCATION).body}
    assert said["对陈述申辩的答复"] == "工商登记已迁出，不采纳。"
    assert case.defences.get().text == "总部仍在本市"


def test_dropped_the_support_stands_and_may_be_told_of_again():
    case = cases.revocation_notified()
    with clock.at(case.revocations.get().notified_at + timedelta(hours=1)):
        workflow.drop_revocation(case, people.municipal_head(), "查明未迁出").one()
        assert Application.objects.get(pk=case.pk).state == State.APPROVED
        assert refused(workflow.revoke, case, people.municipal_head()).code == "state"
        workflow.notify_revocation(case, people.municipal_officer(), "renounced", "企业书面放弃").one()
    assert case.revocations.count() == 2


def test_not_while_money_is_on_its_way():
    row = cases.ordered()
    case, maker, officer = row.application, people.finance_maker(), people.municipal_officer()
    with clock.at(row.ordered_at + timedelta(hours=1)):
        assert "正在拨付" in refused(workflow.notify_revocation, case, officer, "moved", "迁出").message
        workflow.return_order(row, people.finance_checker(), "待查").one()
        assert access.payable(maker).filter(pk=case.pk).exists()
        workflow.notify_revocation(case, officer, "moved", "迁出").one()
        assert "拟撤销" in refused(workflow.order, case, maker).message
        assert not access.payable(maker).filter(pk=case.pk).exists()
        workflow.drop_revocation(case, people.municipal_head(), "查明未迁出").one()
        assert workflow.order(case, maker).one().ordered
    assert list(verify_ledgers({})) == []


# --- recovery -----------------------------------------------------------------------------------------------


@pytest.fixture
def order():
    found = cases.revoked(cases.paid()).recovery
    with clock.at(found.ordered_at + timedelta(hours=1)):
        yield found


def slip(amount: str, reference: str = "HK-1", days: int = 0) -> BackPayment:
    return BackPayment(reference, Decimal(amount), clock.today() + timedelta(days=days))


def test_money_comes_back_in_parts_until_all_is_there(order):
    maker = people.finance_maker()
    part = workflow.receive_recovery(order, maker, slip("1200000.00"))
    assert (part.state, part.missing) == ("partly_recovered", Decimal("2000000.00"))
    whole = workflow.receive_recovery(part, maker, slip("2000000.00", "HK-2"))
    assert (whole.state, whole.missing) == ("recovered", 0)
    assert refused(workflow.receive_recovery, whole, maker, slip("1.00", "HK-3")).code == "state"
    assert [row.amount for row in order.receipts.order_by("pk")] == [Decimal("1200000"), Decimal("2000000")]
    assert Event.objects.filter(verb="receive_recovery").count() == 2
    told = Notification.objects.filter(event__verb="receive_recovery", audience_kind="enterprise").first()
    assert "已缴回" in events.render(told).subject
    assert list(verify_ledgers({})) == []


@pytest.mark.parametrize(
    ("amount", "reference", "days", "field"),
    [
        ("3200000.01", "HK-1", 0, "amount"),
        ("0.00", "HK-1", 0, "amount"),
        ("100.00", " ", 0, "reference"),
        ("100.00", "HK-1", 1, "received_on"),
        ("100.00", "HK-1", -9, "received_on"),
    ],
)
def test_a_slip_that_cannot_be_is_refused_beside_its_field(order, amount, reference, days, field):
    wrong = refused(workflow.receive_recovery, order, people.finance_maker(), slip(amount, reference, days))
    assert list(wrong.fields) == [field]
    assert not RecoveryReceipt.objects.exists()


def test_one_slip_counts_once(order):
    maker = people.finance_maker()
    part = workflow.receive_recovery(order, maker, slip("100.00"))
    assert "reference" in refused(workflow.receive_recovery, part, maker, slip("100.00")).fields
    assert refused(workflow.receive_recovery, order, maker, slip("100.00", "HK-2")).code == "stale"


def test_the_rest_is_written_off_by_the_checker_with_a_reason(order):
    part = workflow.receive_recovery(order, people.finance_maker(), slip("100.00"))
    checker = people.finance_checker()
    assert "reason" in refused(workflow.write_off_recovery, part, checker, " ").fields
    assert refused(workflow.write_off_recovery, part, people.finance_maker(), "破产").code == "forbidden"
    done = workflow.write_off_recovery(part, checker, "企业破产清算终结，无财产可供执行")
    assert (done.state, done.missing) == ("written_off", AWARD - Decimal("100.00"))


def test_who_sees_what_is_to_come_back(order):
    seers = [people.finance_maker(), people.municipal_head(), people.municipal_officer(), people.auditor()]
    assert all(list(access.recoveries(person)) == [order] for person in seers)
    for person in (people.district_officer(), order.application.submitted_by):
        assert not access.recoveries(person).exists()


def test_the_database_takes_no_sum_that_its_state_does_not_say(order):
    for changes in ({"recovered": Decimal("1.00")}, {"state": "recovered"}, {"state": "written_off"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RecoveryOrder.objects.filter(pk=order.pk).update(**changes)


# --- the pages ----------------------------------------------------------------------------------------------


def test_from_the_notice_to_the_money_back_on_the_pages(client):
    case = cases.paid()
    with clock.at(case.paid_at + timedelta(hours=1)):
        client.force_login(people.municipal_officer())
        data = {
            "notify-revocation-version": case.version,
            "notify-revocation-ground": "false",
            "notify-revocation-text": "发票系伪造",
        }
        assert client.post(reverse("desk:notify_revocation", args=[case.pk]), data).status_code == 302
        assert "已告知企业拟撤销" in client.get(reverse("desk:case", args=[case.pk])).content.decode()
        client.force_login(case.submitted_by)
        page = client.get(reverse("case", args=[case.pk])).content.decode()
        assert "发票系伪造" in page
        defence = reverse("case_defence", args=[case.pk])
        assert defence in page
        assert "发票系伪造" in client.get(defence).content.decode()
        assert client.post(defence, {"version": case.version, "text": "发票可以查验"}).status_code == 302
        client.force_login(people.municipal_head())
        page = client.get(reverse("desk:case", args=[case.pk])).content.decode()
        assert "发票可以查验" in page
        data = {"revoke-version": case.version, "revoke-text": "税务机关已确认，不采纳"}
        assert client.post(reverse("desk:revoke", args=[case.pk]), data).status_code == 302
        order = RecoveryOrder.objects.get()
        client.force_login(people.finance_maker())
        assert order.number in client.get(reverse("desk:recoveries")).content.decode()
        url = reverse("desk:recovery_receive", args=[order.pk])
        data = {"version": 0, "reference": "HK-9", "amount": "五", "received_on": f"{clock.today()}"}
        assert client.post(url, data).status_code == 422
        assert client.post(url, data | {"amount": "1,000,000"}).status_code == 302
        page = client.get(reverse("desk:recovery", args=[order.pk])).content.decode()
        assert "2,200,000.00" in page
        client.force_login(people.finance_checker())
        off = reverse("desk:recovery_write_off", args=[order.pk])
        assert client.post(off, {"version": 1, "reason": "企业已破产"}).status_code == 302
        client.force_login(case.submitted_by)
        page = client.get(reverse("case", args=[case.pk])).content.decode()
        assert "撤销的理由" in page
        assert "已缴回" in page
