"""Two at once: one wins, the other is told; numbers stay gapless and money is never promised twice."""

import contextvars
import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from applications import deadlines, workflow
from applications.models import Application
from applications.states import State
from applications.verbs import Outcomes, Refused
from enterprises import supplement_workflow as supplements
from enterprises import workflow as enterprises
from enterprises.models import Claim, Enterprise, Supplement
from enterprises.workflow import ClaimRefused
from foundation.accounts.models import User
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event
from foundation.files import files
from foundation.workdays import workflow as calendar
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
    ACCOUNT,
    BANK,
    owner_of,
    pdf,
    pending_claim,
    registered_enterprise,
    verified_enterprise,
    with_account,
)

pytestmark = pytest.mark.django_db(transaction=True)
AWARD = Decimal("3200000.00")


@pytest.fixture(autouse=True)
def catalogue(transactional_db):
    cases.open_call_item()
    yield
    # Whatever raced, the history and the money are whole.
    call_command("verify_events", verbosity=0)
    call_command("verify_ledger", verbosity=0)


def at_once(*acts: Callable[[], object]) -> list:
    """Run the acts in threads of their own that start together; their results or exceptions, in order.

    Each thread has its own connection and sees the same frozen clock.
    """
    start = threading.Barrier(len(acts), timeout=20)
    results: list = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            result = act()
            if isinstance(result, Outcomes):
                result = result.one()
            results[place] = result
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(run, place, act))
        for place, act in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "two acts wait for each other"
    return results


def split(results: list) -> tuple[list, list[str]]:
    """Who got through, and the codes of those who were refused; anything else is an error."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, Refused | ClaimRefused):
            raise result
    done = [result for result in results if not isinstance(result, Exception)]
    return done, [result.code for result in results if isinstance(result, Exception)]


def copies(case: Application, number: int = 2) -> list[Application]:
    """The case as so many pages saw it."""
    return [Application.objects.select_related("form", "call_item").get(pk=case.pk) for _n in range(number)]


def changes(case: Application, verb: str) -> int:
    return events.timeline(case).filter(verb=verb).count()


def test_two_officers_accept_the_same_case():
    case = cases.submitted()
    officers = [people.district_officer(), people.district_officer(mark="-2")]
    seen = copies(case)
    done, refused = split(
        at_once(
            *[lambda one=one, by=by: reviews.accept(one, by) for one, by in zip(seen, officers, strict=True)]
        )
    )
    assert (len(done), refused) == (1, ["stale"])
    case.refresh_from_db()
    assert (case.state, case.version, case.accepted_by_id) == (
        State.DISTRICT_REVIEW,
        2,
        done[0].accepted_by_id,
    )
    assert changes(case, "accept") == 1
    assert case.steps.filter(left_at=None).count() == 1


def test_different_verbs_on_one_case():
    case = cases.published()
    head, owner = people.municipal_head(), case.submitted_by
    with clock.at(case.notice_closes_at):
        approved, withdrawn, reopened = copies(case, 3)
        done, refused = split(
            at_once(
                lambda: reviews.approve(approved, head),
                lambda: workflow.withdraw(withdrawn, owner, "项目取消"),
                lambda: reviews.reopen(reopened, head, "异议成立"),
            )
        )
    assert (len(done), refused) == (1, ["stale", "stale"])
    held = funds.held([case.pk])[case.pk]
    expected = {State.APPROVED: (0, AWARD), State.WITHDRAWN: (0, 0), State.MUNICIPAL_REVIEW: (0, 0)}
    assert (held.set_aside, held.committed) == expected[done[0].state]


def test_lists_in_different_orders_do_not_wait_for_each_other():
    some = [cases.submitted() for _n in range(4)]
    officers = [people.district_officer(), people.district_officer(mark="-2")]
    there, back = [copies(case) for case in some], some[::-1]
    results = at_once(
        lambda: reviews.accept([pair[0] for pair in there], officers[0]).done,
        lambda: reviews.accept(copies_of(back), officers[1]).done,
    )
    done, refused = split(results)
    assert refused == []
    assert sorted(len(one) for one in done) == [0, 4]


def copies_of(some: list[Application]) -> list[Application]:
    """Fresh instances in the order given; the versions are those before the race."""
    return [Application(pk=case.pk, version=case.version) for case in some]


def test_cases_submitted_at_once_get_numbers_without_a_gap():
    drafts = [cases.draft() for _n in range(5)]
    empty = cases.empty_draft(enterprise=verified_enterprise())
    done, refused = split(
        at_once(*[lambda case=case: workflow.submit(case, case.created_by) for case in [*drafts, empty]])
    )
    assert refused == ["invalid"]
    assert sorted(case.sequence for case in done) == [1, 2, 3, 4, 5]
    assert len({case.number for case in done}) == 5
    assert cases.submitted().sequence == 6


def test_two_drafts_of_one_enterprise_submitted_at_once():
    enterprise = verified_enterprise()
    drafts = [cases.draft(enterprise=enterprise) for _n in range(3)]
    done, refused = split(
        at_once(*[lambda case=case: workflow.submit(case, case.created_by) for case in drafts])
    )
    assert (len(done), refused) == (1, ["invalid", "invalid"])
    assert done[0].sequence == 1


def test_one_draft_submitted_twice():
    draft = cases.draft()
    done, refused = split(
        at_once(*[lambda case=case: workflow.submit(case, case.created_by) for case in copies(draft)])
    )
    assert (len(done), refused) == (1, ["stale"])
    assert draft.submissions.count() == draft.checks.count() == 1


def test_a_draft_edited_while_it_is_submitted_is_one_or_the_other():
    draft = cases.draft()
    edited, handed_in = copies(draft)
    changed = {**draft.answers, "project_summary": "改过的内容，写得更清楚。"}
    at_once(
        lambda: workflow.save_draft(edited, draft.created_by, changed, edited.draft_revision),
        lambda: workflow.submit(handed_in, draft.created_by),
    )
    draft.refresh_from_db()
    if draft.state == State.SUBMITTED:
        assert draft.submissions.get().answers == draft.answers != changed
    else:
        assert (draft.state, draft.answers) == (State.DRAFT, changed)


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


# --- claims -----------------------------------------------------------------------------------------------


def test_one_claim_decided_twice_at_once():
    row = pending_claim()
    officers = [people.district_officer(), people.district_officer(mark="-2")]
    first, second = Claim.objects.get(pk=row.pk), Claim.objects.get(pk=row.pk)
    done, refused = split(
        at_once(
            lambda: enterprises.verify_claim(first, officers[0]),
            lambda: enterprises.reject_claim(second, officers[1], "缺公章"),
        )
    )
    assert (len(done), refused) == (1, ["stale"])
    row.refresh_from_db()
    assert row.state == done[0].state
    assert row.enterprise.members.count() == (1 if row.state == "verified" else 0)


def test_one_person_claims_one_code_twice_at_once():
    enterprise, person = registered_enterprise(), people.user()
    claim = {"uscc": enterprise.uscc, "name": enterprise.name, "district": enterprise.district}
    done, refused = split(at_once(*[lambda: enterprises.claim(person, **claim, letter=pdf())] * 2))
    assert (len(done), refused) == (1, ["invalid"])


def test_two_people_claim_an_unknown_code_at_once():
    known = registered_enterprise()
    claim = {"uscc": known.uscc, "name": "同一家检测公司", "district": known.district}
    Enterprise.objects.filter(pk=known.pk).delete()
    pair = [people.user(), people.user()]
    done, refused = split(at_once(*[lambda by=by: enterprises.claim(by, **claim) for by in pair]))
    assert (len(done), refused) == (2, [])
    assert Enterprise.objects.filter(uscc=known.uscc).count() == 1


def supplement(enterprise: Enterprise) -> Supplement:
    owner = owner_of(enterprise)
    return supplements.supply(enterprise, owner, topic="credit", note="信用报告", document=pdf())


def test_one_supplement_answered_twice_at_once():
    row = supplement(verified_enterprise())
    officer, head = people.district_officer(), people.district_head()
    first, second = Supplement.objects.get(pk=row.pk), Supplement.objects.get(pk=row.pk)
    done, refused = split(
        at_once(
            lambda: supplements.record_supplement(first, officer, "已登记信用核查"),
            lambda: supplements.refuse_supplement(second, head, "没有公章"),
        )
    )
    assert (len(done), refused) == (1, ["stale"])
    row.refresh_from_db()
    assert (row.state, row.answer) == (done[0].state, done[0].answer)


def test_one_topic_supplied_twice_at_once():
    enterprise = verified_enterprise()
    done, refused = split(at_once(*[lambda: supplement(enterprise)] * 2))
    assert (len(done), refused) == (1, ["invalid"])


def test_a_draft_begun_while_its_claim_is_decided():
    row = pending_claim()
    line, officer = cases.open_call_item(), people.district_officer()
    letter = pdf("换过的.pdf", "another")
    seen = Claim.objects.get(pk=row.pk)
    results = at_once(
        lambda: workflow.start(line, row.enterprise, row.user),
        lambda: enterprises.verify_claim(seen, officer),
        lambda: enterprises.attach_letter(row, row.user, letter),
    )
    done, refused = split(results)
    assert len(done) >= 2
    assert set(refused) <= {"stale", "state"}


def test_a_person_keeps_no_more_drafts_than_allowed():
    enterprise = verified_enterprise()
    owner, line = owner_of(enterprise), cases.open_call_item()
    for _n in range(workflow.filling.DRAFTS_AT_ONCE - 1):
        workflow.start(line, enterprise, owner)
    done, refused = split(at_once(*[lambda: workflow.start(line, enterprise, owner)] * 3))
    assert (len(done), refused) == (1, ["invalid", "invalid"])


# --- what else moves a case -------------------------------------------------------------------------------


def test_an_answer_and_the_lapse_of_a_correction_at_once():
    case = cases.awaiting_correction()
    workflow.remind([case])
    answered, lapsed = copies(case)
    last = clock.moment_of(case.due_on)

    def lapse():
        with clock.at(last + timedelta(days=1)):
            return workflow.lapse(lapsed)

    def answer():
        with clock.at(last):
            return workflow.resubmit(answered, case.submitted_by)

    done, refused = split(at_once(answer, lapse))
    assert (len(done), refused) == (1, ["stale"])


def test_a_reminder_from_two_workers_is_one():
    case = cases.awaiting_correction()
    at_once(lambda: workflow.remind([case]), lambda: workflow.remind([case]))
    assert changes(case, "remind") == 1


def test_a_changed_calendar_does_not_undo_a_verb():
    case = cases.submitted()
    administrator, officer = people.policy_administrator(), people.district_officer()
    day = case.due_on
    change = calendar.Change(day, is_workday=False, note="停工")
    split(
        at_once(
            lambda: calendar.change_days([change], administrator),
            lambda: reviews.accept(case, officer),
        )
    )
    case.refresh_from_db()
    assert case.state == State.DISTRICT_REVIEW
    due, step = case.due_on, case.steps.get(left_at=None)
    deadlines.recompute(date(2026, 1, 1))
    case.refresh_from_db()
    assert case.due_on >= due
    assert step.state == case.state


def test_an_account_changed_while_it_is_paid_to_is_one_or_the_other():
    case = cases.approved()
    with_account(case.enterprise)
    owner, maker = owner_of(case.enterprise), people.finance_maker()
    seen = copies(case)[0]
    with clock.at(case.approved_at + timedelta(hours=1)):
        done, refused = split(
            at_once(
                lambda: payments.order(seen, maker),
                lambda: enterprises.set_account(
                    case.enterprise, owner, bank_name="上海银行徐汇支行", bank_account="99990000111122"
                ),
            )
        )
    assert (len(done), refused) == (2, [])
    row = Disbursement.objects.get()
    assert (row.payee_bank, row.payee_account) in {
        (BANK, ACCOUNT),
        ("上海银行徐汇支行", "99990000111122"),
    }


def test_each_change_has_one_event_however_many_tried():
    case = cases.submitted()
    officers = [people.district_officer(mark=f"-{n}") for n in range(6)]
    seen = copies(case, 6)
    before = Event.objects.count()
    done, refused = split(
        at_once(
            *[lambda one=one, by=by: reviews.accept(one, by) for one, by in zip(seen, officers, strict=True)]
        )
    )
    assert (len(done), refused) == (1, ["stale"] * 5)
    assert Event.objects.count() == before + 1
    assert User.objects.get(pk=done[0].accepted_by_id) in officers


# --- through the pages --------------------------------------------------------------------------------------


def posting(person: User, url: str, data: dict) -> Callable[[], HttpResponse]:
    """A browser of this person that sends this form; each has its own session."""
    client = Client()
    client.force_login(person)
    return lambda: client.post(url, data)


def answers(*acts: Callable[[], HttpResponse]) -> list[int]:
    results = at_once(*acts)
    for result in results:
        if isinstance(result, Exception):
            raise result
    pages = [result for result in results if result.status_code == 409]
    assert all("刚刚" in page.content.decode() for page in pages)
    return sorted(result.status_code for result in results)


def test_two_officers_post_on_one_case_at_once():
    case = cases.submitted()
    url = reverse("desk:accept", args=[case.pk])
    officers = [people.district_officer(), people.district_officer(mark="-2")]
    data = {"accept-version": case.version, "accept-text": "材料齐全"}
    assert answers(*[posting(officer, url, data) for officer in officers]) == [302, 409]
    assert changes(case, "accept") == 1


def test_the_enterprise_withdraws_while_the_officer_accepts():
    case = cases.submitted()
    accept, withdraw = reverse("desk:accept", args=[case.pk]), reverse("case_withdraw", args=[case.pk])
    codes = answers(
        posting(people.district_officer(), accept, {"accept-version": case.version, "accept-text": ""}),
        posting(case.submitted_by, withdraw, {"version": case.version, "reason": "项目取消"}),
    )
    assert codes == [302, 409]


def test_a_double_click_submits_once():
    case = cases.draft()
    url, data = reverse("submit", args=[case.pk]), {"version": 0, "revision": case.draft_revision}
    person = case.created_by
    assert answers(posting(person, url, data), posting(person, url, data)) == [302, 409]
    assert case.submissions.count() == 1


def test_two_heads_approve_many_at_once():
    some = [cases.published() for _n in range(3)]
    heads = [people.municipal_head(), people.municipal_head("-2")]
    url = reverse("desk:many_approve")
    data = {"pick": [f"{case.pk}-{case.version}" for case in some], "text": "公示无异议", "confirmed": "1"}
    with clock.at(some[-1].notice_closes_at):
        results = at_once(*[posting(head, url, data) for head in heads])
    assert all(not isinstance(result, Exception) for result in results), results
    for case in some:
        assert changes(case, "approve") == 1
    assert funds.balance(some[0].call_item.fund).committed == AWARD * 3
