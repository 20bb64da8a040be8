"""Paying: two people, the exact amount, once; every yuan in the ledger."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from enterprises import workflow as enterprises
from enterprises.models import CreditCheck, SupportRecord
from enterprises.record_workflow import record_relocation
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event, Notification
from measures import funds
from payments import access, workflow
from payments.models import Disbursement
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import ACCOUNT, owner_of, with_account

pytestmark = pytest.mark.django_db
AWARD = Decimal("3200000.00")


def later(row, hours: int = 1):
    """Some hours after the last thing that happened to a payment or a case."""
    moments = [getattr(row, name, None) for name in ("approved_at", "ordered_at", "released_at")]
    return clock.at(max(filter(None, moments)) + timedelta(hours=hours))


def receipt(row: Disbursement, **changes) -> workflow.Confirmation:
    values = {"reference": f"PZ-{row.pk}", "amount": row.amount, "paid_on": clock.today()}
    return workflow.Confirmation(**values | changes)


def refusal(outcomes) -> Refused:
    with pytest.raises(Refused) as caught:
        outcomes.one()
    return caught.value


def test_money_walks_from_bucket_to_bucket():
    case = cases.approved()
    fund = case.call_item.fund
    total = funds.balance(fund).total
    assert funds.held([case.pk])[case.pk].committed == AWARD
    row = cases.ordered(case)
    assert (row.amount, row.number, row.payee_account) == (AWARD, f"BF-{case.number}-1", ACCOUNT)
    assert funds.held([case.pk])[case.pk].ordered == AWARD
    with later(row):
        row = workflow.release(row, people.finance_checker()).one()
    assert funds.held([case.pk])[case.pk].released == AWARD
    with later(row):
        row = workflow.confirm_payment(row, people.finance_maker(), receipt(row)).one()
    assert funds.held([case.pk])[case.pk].spent == AWARD
    assert funds.balance(fund).total == total
    case = Application.objects.get(pk=case.pk)
    assert (case.state, case.paid_at, case.due_on) == (State.PAID, row.confirmed_at, None)
    assert [event.verb for event in events.timeline(row)] == [
        "order_payment",
        "release_payment",
        "confirm_payment",
    ]
    assert events.timeline(case).last().verb == "pay"


def test_what_moved_out_of_the_city_after_the_approval_is_not_paid():
    case = cases.approved()
    with_account(case.enterprise)
    with later(case):
        case.enterprise.refresh_from_db()
        record_relocation(
            case.enterprise,
            people.district_officer(),
            "moved_out",
            clock.today(),
            source="市场监管局变更通知",
            place="江苏省苏州市",
        )
        wrong = refusal(workflow.order(case, people.finance_maker()))
    assert "没有迁出本市" in str(wrong)
    case.refresh_from_db()
    assert case.state == State.APPROVED


def test_the_maker_does_not_release_and_the_checker_neither_orders_nor_confirms():
    row = cases.ordered()
    maker, checker = people.finance_maker(), people.finance_checker()
    with later(row):
        assert refusal(workflow.release(row, maker)).code == "forbidden"
        people.officer("finance_checker", people.FINANCE, "-both")
        both = people.finance_maker()
        both.posts.create(office=row.office, role="finance_checker", since=clock.today())
        both = type(both).objects.get(pk=both.pk)
        wrong = refusal(workflow.release(row, both))
        assert wrong.message == "经办人与复核人不能是同一人"
        row = workflow.release(row, checker).one()
        assert refusal(workflow.confirm_payment(row, checker, receipt(row))).code == "forbidden"
    other = cases.approved()
    with later(other):
        with_account(other.enterprise)
        assert refusal(workflow.order(other, checker)).code == "forbidden"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": AWARD - Decimal("0.01")}, "amount"),
        ({"amount": AWARD + Decimal("0.01")}, "amount"),
        ({"reference": "  "}, "reference"),
        ({"reference": "P" * 61}, "reference"),
    ],
)
def test_a_wrong_receipt_is_explained_beside_its_field(changes, field):
    row = cases.released()
    with later(row):
        wrong = refusal(workflow.confirm_payment(row, people.finance_maker(), receipt(row, **changes)))
    assert set(wrong.fields) == {field}
    row.refresh_from_db()
    assert row.state == "released"
    assert not SupportRecord.objects.exists()


def test_a_receipt_is_of_a_day_between_release_and_today():
    row = cases.released()
    maker = people.finance_maker()
    with later(row, hours=48):
        for wrong in (clock.today() + timedelta(days=1), clock.today() - timedelta(days=3)):
            answer = refusal(workflow.confirm_payment(row, maker, receipt(row, paid_on=wrong)))
            assert set(answer.fields) == {"paid_on"}
        assert workflow.confirm_payment(row, maker, receipt(row)).one().state == "confirmed"


def test_a_reference_pays_once():
    first, second = cases.released(), cases.released()
    maker = people.finance_maker()
    with later(second):
        workflow.confirm_payment(first, maker, receipt(first, reference="PZ-1")).one()
        wrong = refusal(workflow.confirm_payment(second, maker, receipt(second, reference=" PZ-1 ")))
        assert wrong.fields == {"reference": ["该支付凭证号已登记过"]}
        again = refusal(workflow.confirm_payment(first, maker, receipt(first, reference="PZ-1")))
    assert again.code == "stale"


def test_a_returned_order_may_be_made_anew_and_counts_its_tries():
    row = cases.ordered()
    case = Application.objects.get(pk=row.application_id)
    with later(row):
        with pytest.raises(Refused) as wrong:
            workflow.return_order(row, people.finance_checker(), "  ")
        assert set(wrong.value.fields) == {"reason"}
        row = workflow.return_order(row, people.finance_checker(), "开户行与户名不符").one()
        assert (row.state, row.reason) == ("returned", "开户行与户名不符")
        assert funds.held([case.pk])[case.pk].committed == AWARD
        again = workflow.order(case, people.finance_maker()).one().ordered
    assert again.number == f"BF-{case.number}-2"
    assert refusal(workflow.release(row, people.finance_checker())).code == "state"


def test_one_case_is_ordered_once_however_often_it_is_asked_for():
    case = cases.approved()
    with_account(case.enterprise)
    maker = people.finance_maker()
    with later(case):
        outcomes = workflow.order([case, Application.objects.get(pk=case.pk)], maker)
        assert len(outcomes) == 1 and outcomes.one().ordered
        assert refusal(workflow.order(case, maker)).message == "该申请已提出过拨付"
    assert Disbursement.objects.count() == 1


def test_nothing_is_ordered_without_an_account_or_where_the_rule_now_says_no():
    case, listed = cases.approved(), cases.approved()
    maker = people.finance_maker()
    with later(listed):
        wrong = refusal(workflow.order(case, maker))
        assert "收款账户" in wrong.message
        with_account(case.enterprise)
        with_account(listed.enterprise)
        CreditCheck.objects.create(
            enterprise=listed.enterprise,
            as_of=clock.today(),
            listed=True,
            source="市公共信用信息平台",
            recorded_at=clock.now(),
        )
        outcomes = workflow.order([listed, case], maker)
    assert [one.refused and one.refused.code for one in outcomes] == ["invalid", None]
    assert "严重失信" in outcomes[0].refused.message
    assert Disbursement.objects.get().application == case


def test_where_money_goes_is_fixed_when_it_is_ordered():
    row = cases.ordered()
    enterprise = row.application.enterprise
    enterprises.set_account(
        enterprise, owner_of(enterprise), bank_name="上海银行徐汇支行", bank_account="99990000111122"
    )
    row.refresh_from_db()
    assert row.payee_account == ACCOUNT
    with connection.cursor() as cursor:
        cursor.execute("SELECT payee_account FROM payments_disbursement")
        assert ACCOUNT not in cursor.fetchone()[0]
    assert not any(ACCOUNT in str(event.facts) for event in Event.objects.order_by("pk"))


def test_a_replaced_account_is_shown_to_maker_and_checker_and_redirects_nothing(client):
    case = cases.approved()
    with_account(case.enterprise)
    enterprise = case.enterprise
    said = {"bank_name": "上海银行徐汇支行"}
    with later(case):
        enterprises.set_account(enterprise, owner_of(enterprise), **said, bank_account="99990000111122")
    with later(case, 2):
        client.force_login(people.finance_maker())
        assert "更换过收款账户，请核对" in client.get(reverse("desk:payments")).content.decode()
        case.refresh_from_db()
        row = workflow.order(case, people.finance_maker()).one().ordered
    event = Event.objects.get(verb="order_payment")
    assert event.facts["account_replaced_on"] == clock.local(row.ordered_at).date().isoformat()
    with later(row):
        enterprises.set_account(enterprise, owner_of(enterprise), **said, bank_account="99990000555566")
    client.force_login(people.finance_checker())
    with later(row, 2):
        for address in (reverse("desk:payment", args=[row.pk]), f"{reverse('desk:payments')}?tab=ordered"):
            text = client.get(address).content.decode()
            assert "提出前 30 天内" in text
            assert "5566" in text and "本笔仍付提出时的账户" in text
        row.refresh_from_db()
        assert row.payee_account == "99990000111122"
        enterprise.refresh_from_db()
        enterprises.close(enterprise, people.district_head(), "已注销")
        assert "收款企业已注销" in client.get(reverse("desk:payment", args=[row.pk])).content.decode()
        row = workflow.return_order(row, people.finance_checker(), "账户已更换").one()
        case.refresh_from_db()
        assert "企业已注销" in refusal(workflow.order(case, people.finance_maker())).message


def test_what_was_paid_stands_in_the_support_record_under_the_year_of_its_call():
    case = cases.published()
    late = clock.moment_of(case.notice_closes_at).replace(year=case.notice_closes_at.year + 1)
    with clock.at(late):
        row = cases.released(cases.reviews.approve(case, people.municipal_head()).one())
    with later(row):
        workflow.confirm_payment(row, people.finance_maker(), receipt(row)).one()
    record = SupportRecord.objects.get()
    assert row.released_at.year == case.call_item.call.year + 1
    assert (record.year, record.amount, record.case_number) == (case.call_item.call.year, AWARD, case.number)
    assert record.origin == SupportRecord.Origin.OURS


def test_who_is_told_of_a_payment():
    case = cases.paid()
    kind = "payments.disbursement"
    told = Notification.objects.filter(event__chain__kind=kind).order_by("pk")
    assert [(one.event.verb, one.audience_kind) for one in told] == [
        ("order_payment", "office"),
        ("release_payment", "enterprise"),
        ("release_payment", "office"),
    ]
    paid = Notification.objects.filter(event__verb="pay").order_by("audience_kind")
    assert [(one.audience_kind, one.audience_id) for one in paid] == [
        ("enterprise", case.enterprise_id),
        ("office", case.office_id),
    ]


def test_finance_sees_what_it_pays_and_nothing_before():
    waiting, row = cases.published(), cases.ordered()
    for person in (people.finance_maker(), people.finance_checker(), people.auditor()):
        assert list(access.visible(person)) == [row]
    for person in (people.municipal_head(), people.district_officer(), owner_of(waiting.enterprise)):
        assert not access.visible(person).exists()


# --- what the database refuses ----------------------------------------------------------------------------


def update(row, **values):
    with transaction.atomic():
        Disbursement.objects.filter(pk=row.pk).update(**values)


def test_the_database_refuses_payments_past_their_verbs():
    row = cases.ordered()
    for wrong in (
        {"state": "confirmed"},
        {"state": "released"},  # without who and when
        {"state": "returned"},  # without a reason
        {"amount": Decimal("0.00")},
        {"released_by": row.ordered_by, "released_at": row.ordered_at, "state": "released"},
        {"reference": "PZ-9"},  # before it was confirmed
    ):
        with pytest.raises(IntegrityError):
            update(row, **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disbursement.objects.create(
            number="BF-2",
            application=row.application,
            fund=row.fund,
            office=row.office,
            amount=row.amount,
            payee_name="另一户名",
            payee_bank="另一银行",
            payee_account="123",
            ordered_by=row.ordered_by,
        )


def test_the_database_refuses_another_amount_than_the_ordered_one():
    row = cases.released()
    for amount in (row.amount - Decimal("0.01"), None):
        with pytest.raises(IntegrityError):
            update(
                row,
                state="confirmed",
                confirmed_at=row.released_at,
                confirmed_by=row.ordered_by,
                reference="PZ-1",
                paid_on=clock.today(),
                paid_amount=amount,
            )
