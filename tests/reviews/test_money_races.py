"""Two at once where money, a notice or a decision after it is at stake: nothing is promised or paid twice."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.files import files
from measures import funds
from measures.models import SpecialFund
from payments import workflow as payments
from payments.models import Disbursement
from reviews import workflow as reviews
from reviews.models import PublicNotice
from reviews.workflow import Proposal
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import (
    pdf,
    with_account,
)
from tests.reviews.racing import at_once, catalogue, changes, copies, split

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["catalogue"]
AWARD = Decimal("3200000.00")


def leave(fund, amount: Decimal, case: Application) -> None:
    """A budget of which only so much is left; a draft of somebody else holds the rest."""
    small = SpecialFund.objects.create(
        code="small", name="小额专项资金", year=fund.year, office=fund.office, paid_by=fund.paid_by
    )
    with transaction.atomic():
        funds.appropriate(small, amount, by=SYSTEM, note="仅够一项")
    case.call_item.fund = small
    case.call_item.save()


def test_two_proposals_for_the_last_money():
    first, second = cases.endorsed(), cases.endorsed()
    leave(first.call_item.fund, AWARD + Decimal("1000000.00"), first)
    officers = [people.municipal_officer(), people.municipal_officer("-2")]
    report = files.store(pdf("核定报告.pdf", "appraisal"), officers[0])
    proposal = Proposal(True, "核定属实", appraised=cases.INVESTMENT, document=report)
    results = at_once(
        *[
            lambda case=case, by=by: reviews.propose(case, by, proposal)
            for case, by in zip([first, second], officers, strict=True)
        ]
    )
    done, refused = split(results)
    assert (len(done), refused) == (1, ["invalid"])
    assert any("不足以预占" in str(result) for result in results)
    assert funds.balance(Application.objects.get(pk=first.pk).call_item.fund).available == Decimal(
        "1000000.00"
    )


def test_a_payment_ordered_twice_at_once():
    case = cases.approved()
    with_account(case.enterprise)
    makers = [people.finance_maker(), people.finance_maker("-2")]
    with clock.at(case.approved_at + timedelta(hours=1)):
        done, refused = split(
            at_once(
                *[
                    lambda one=one, by=by: payments.order(one, by)
                    for one, by in zip(copies(case), makers, strict=True)
                ]
            )
        )
    assert (len(done), refused) == (1, ["state"])
    assert Disbursement.objects.count() == 1
    assert funds.held([case.pk])[case.pk].ordered == AWARD


def rows(row: Disbursement, number: int = 2) -> list[Disbursement]:
    return [Disbursement.objects.get(pk=row.pk) for _n in range(number)]


def test_a_payment_released_and_returned_at_once():
    row = cases.ordered()
    checkers = [people.finance_checker(), people.finance_checker("-2")]
    released, returned = rows(row)
    with clock.at(row.ordered_at + timedelta(hours=1)):
        done, refused = split(
            at_once(
                lambda: payments.release(released, checkers[0]),
                lambda: payments.return_order(returned, checkers[1], "户名不符"),
            )
        )
    assert (len(done), refused) == (1, ["stale"])
    held = funds.held([row.application_id])[row.application_id]
    assert (held.released, held.committed) in {(AWARD, 0), (0, AWARD)}


def test_a_payment_confirmed_twice_at_once():
    row = cases.released()
    makers = [people.finance_maker(), people.finance_maker("-2")]
    with clock.at(row.released_at + timedelta(hours=1)):
        done, refused = split(
            at_once(
                *[
                    lambda one=one, by=by: payments.confirm_payment(
                        one, by, payments.Confirmation(f"PZ-{by.pk}", one.amount, clock.today())
                    )
                    for one, by in zip(rows(row), makers, strict=True)
                ]
            )
        )
    assert (len(done), refused) == (1, ["stale"])
    case = Application.objects.get(pk=row.application_id)
    assert (case.state, changes(case, "pay")) == (State.PAID, 1)
    assert case.enterprise.supports.count() == 1
    assert funds.held([case.pk])[case.pk].spent == AWARD


def test_one_reference_for_two_payments_at_once():
    first, second = cases.released(), cases.released()
    maker = people.finance_maker()
    with clock.at(second.released_at + timedelta(hours=1)):
        results = at_once(
            *[
                lambda row=row: payments.confirm_payment(
                    row, maker, payments.Confirmation("PZ-1", row.amount, clock.today())
                )
                for row in (first, second)
            ]
        )
    done, refused = split(results)
    assert (len(done), refused) == (1, ["invalid"])
    (wrong,) = [result for result in results if isinstance(result, Refused)]
    assert wrong.fields == {"reference": ["该支付凭证号已登记过"]}


def test_two_lists_published_at_once_have_different_numbers():
    first, second = cases.signed_off(), cases.signed_off()
    officers = [people.municipal_officer(), people.municipal_officer("-2")]
    done, refused = split(
        at_once(
            lambda: reviews.publish(first, officers[0], "第一批名单"),
            lambda: reviews.publish(second, officers[1], "第二批名单"),
        )
    )
    assert (len(done), refused) == (2, [])
    numbers = PublicNotice.objects.order_by("number").values_list("number", flat=True)
    assert [number[-2:] for number in numbers] == ["01", "02"]


def test_one_case_on_two_lists_at_once():
    case = cases.signed_off()
    officer = people.municipal_officer()
    done, refused = split(
        at_once(*[lambda one=one: reviews.publish(one, officer, "名单") for one in copies(case)])
    )
    assert (len(done), refused) == (1, ["stale"])
    assert PublicNotice.objects.count() == 1


def test_objections_at_once_get_different_numbers_and_one_answer_counts():
    case = cases.published()
    notice = PublicNotice.objects.get(lines__application=case)
    said = reviews.Statement("person", "王建国", "13812345678", "去年已获支持")
    done, refused = split(at_once(*[lambda: reviews.raise_objection(notice, case, said)] * 3))
    assert refused == []
    assert sorted(row.number[-3:] for row in done) == ["001", "002", "003"]
    officers = [people.municipal_officer(), people.municipal_officer("-2")]
    answers = [reviews.Answer(upheld, "已核实", "phone", clock.today()) for upheld in (True, False)]
    raised = done[0]
    done, refused = split(
        at_once(
            *[
                lambda by=by, answer=answer: reviews.answer_objection(raised, by, answer)
                for by, answer in zip(officers, answers, strict=True)
            ]
        )
    )
    assert len(done) == 1
    assert set(refused) <= {"stale", "state"}
    assert changes(case, "reopen") == (done[0].state == "upheld")


def test_a_defence_sent_twice_at_once_is_one():
    case = cases.decline_notified()
    first, second = copies(case)
    done, refused = split(
        at_once(
            lambda: reviews.state_defence(first, case.submitted_by, "设备均为新购"),
            lambda: reviews.state_defence(second, case.submitted_by, "设备均为新购"),
        )
    )
    assert (len(done), refused) == (1, ["state"])
    assert case.defences.count() == 1


def test_a_notice_of_revocation_and_an_order_to_pay_at_once():
    case = cases.approved()
    with_account(case.enterprise)
    told, ordered = copies(case)
    maker, officer = people.finance_maker(), people.municipal_officer()
    with clock.at(case.approved_at + timedelta(hours=1)):
        done, refused = split(
            at_once(
                lambda: payments.notify_revocation(told, officer, "moved", "已迁出本市"),
                lambda: payments.order(ordered, maker),
            )
        )
    assert (len(done), refused) == (1, ["state"])
    assert Disbursement.objects.exists() != case.revocations.exists()


def test_one_slip_for_two_recoveries_at_once():
    orders = [cases.revoked(cases.paid()).recovery for _n in range(2)]
    maker = people.finance_maker()
    with clock.at(orders[1].ordered_at + timedelta(hours=1)):
        slip = payments.BackPayment("HK-1", Decimal("100.00"), clock.today())
        done, refused = split(
            at_once(*[lambda order=order: payments.receive_recovery(order, maker, slip) for order in orders])
        )
    assert (len(done), refused) == (1, ["invalid"])
