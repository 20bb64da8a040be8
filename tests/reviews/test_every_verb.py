"""Every verb in every state for every role: done or refused, as one table says."""

from datetime import timedelta
from typing import NamedTuple

import pytest
from django.db import connection, transaction

from applications import workflow
from applications.models import Application, Correction, RuleCheck, Step, Submission
from applications.states import VERBS, State
from applications.verbs import Refused
from foundation.accounts.models import District
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events.models import Event
from foundation.files import files
from measures.models import LedgerEntry, SpecialFund
from payments import workflow as payments
from payments.models import Disbursement
from reviews import workflow as reviews
from reviews.models import Defence, Delivery, Letter, Opinion, PublicNotice
from reviews.workflow import Proposal
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of, pdf, pending_claim, verified_enterprise, with_account
from tests.plugins.long import LONG
from tests.reviews import offered

S = State
DISTRICT = ("district_officer", "district_head")
DECIDED = (S.APPROVED, S.PAID, S.COMPLETED)

# Who gets a verb through, state by state; everybody else, and every other state, is refused.
TABLE: dict[str, dict[str, set[str]]] = {
    "submit": {S.DRAFT: {"owner"}},
    "discard": {S.DRAFT: {"owner", "system"}},
    "accept": {S.SUBMITTED: {"district_officer"}},
    "refuse_acceptance": {S.SUBMITTED: {"district_officer"}},
    "request_correction": {
        S.SUBMITTED: {"district_officer"},
        S.DISTRICT_REVIEW: {"district_officer"},
        S.MUNICIPAL_REVIEW: {"municipal_officer"},
    },
    "resubmit": {S.AWAITING_CORRECTION: {"owner"}},
    "lapse": {S.AWAITING_CORRECTION: {"system"}},
    "recommend": {S.DISTRICT_REVIEW: {"district_officer"}},
    "endorse": {S.DISTRICT_ENDORSEMENT: {"district_head"}},
    "send_back": {S.DISTRICT_ENDORSEMENT: {"district_head"}, S.PROPOSED: {"municipal_head"}},
    "propose": {S.MUNICIPAL_REVIEW: {"municipal_officer"}, S.WAITLISTED: {"municipal_officer"}},
    "waitlist": {S.MUNICIPAL_REVIEW: {"municipal_officer"}},
    "sign_off": {S.PROPOSED: {"municipal_head"}},
    "decline": {S.DECLINE_NOTIFIED: {"district_head"}},
    "reconsider": {S.DECLINE_NOTIFIED: {"district_head"}},
    "publish": {S.SIGNED_OFF: {"municipal_officer"}},
    "approve": {S.PUBLIC_NOTICE: {"municipal_head"}},
    "reopen": {S.PUBLIC_NOTICE: {"municipal_head"}},
    # The case's own verb of payment has no door but confirm_payment: tests/payments.
    "pay": {},
    # Beside the states.
    "transfer_case": {
        S.SUBMITTED: {"district_head", "municipal_officer"},
        S.DISTRICT_REVIEW: {"district_head", "municipal_officer"},
    },
    # Against a revocation: tests/payments/test_revoking.py; these cases have no such notice.
    "state_defence": {S.DECLINE_NOTIFIED: {"owner"}},
    "notify_revocation": {state: {"municipal_officer"} for state in DECIDED},
    "drop_revocation": {state: {"municipal_head"} for state in DECIDED},
    "fail_completion": {S.PAID: {"municipal_officer"}},
    "request_change": {S.APPROVED: {"owner"}, S.PAID: {"owner"}},
    "approve_change": {S.APPROVED: {"municipal_officer"}, S.PAID: {"municipal_officer"}},
    "refuse_change": {S.APPROVED: {"municipal_officer"}, S.PAID: {"municipal_officer"}},
    # The officer's way to lapse; the clock's own is above.
    "lapse_waitlisted": {S.WAITLISTED: {"municipal_officer"}},
    "order": {S.APPROVED: {"finance_maker"}},
    "complete": {S.PAID: {"municipal_officer"}},
    "revoke": {state: {"municipal_head"} for state in DECIDED},
    "conclude": {S.REFERRED: {"municipal_officer"}},
    "return_referral": {S.REFERRED: {"municipal_officer"}},
    "withdraw": {state: {"owner"} for state in VERBS["withdraw"].sources},
    # A case begins with the check of its list (tests/reviews/test_proactive.py).
    "offer": {},
    "confirm_offer": {S.OFFERED: {"owner"}},
    "decline_offer": {S.OFFERED: {"owner"}},
    "end_offer": {S.OFFERED: {"municipal_officer"}},
    "record_contact": {S.OFFERED: {"district_officer", "municipal_officer"}},
}

# Verbs that leave the case in its state, or are another door of one in VERBS.
ASIDE = {
    "transfer_case",
    "order",
    "state_defence",
    "lapse_waitlisted",
    "notify_revocation",
    "drop_revocation",
    "fail_completion",
    "request_change",
    "approve_change",
    "refuse_change",
    "record_contact",
}

# How a case comes to each state that today's verbs reach.
REACHED = {
    S.DRAFT: cases.draft,
    S.OFFERED: offered.offered,
    S.SUBMITTED: cases.submitted,
    S.AWAITING_CORRECTION: cases.awaiting_correction,
    S.DISTRICT_REVIEW: cases.accepted,
    S.DISTRICT_ENDORSEMENT: cases.recommended,
    S.MUNICIPAL_REVIEW: cases.endorsed,
    S.WAITLISTED: cases.waitlisted,
    S.PROPOSED: cases.proposed,
    S.DECLINE_NOTIFIED: cases.decline_notified,
    S.SIGNED_OFF: cases.signed_off,
    S.PUBLIC_NOTICE: cases.published,
    S.APPROVED: cases.approved,
    S.PAID: cases.paid,
    S.REFERRED: cases.referred,
    S.DECLINED: cases.declined,
    S.WITHDRAWN: cases.withdrawn,
    S.LAPSED: cases.lapsed,
    S.NOT_ACCEPTED: cases.not_accepted,
    S.CONCLUDED: cases.concluded,
    S.COMPLETED: cases.completed,
    S.REVOKED: cases.revoked,
    S.DISCARDED: lambda: workflow.discard(case := cases.draft(), case.created_by).one(),
}


# These are tried after another verb, which writes.
PREPARED = {"drop_revocation", "revoke", "approve_change", "refuse_change"}


def doing(case: Application, report):
    """Each verb with arguments that nothing but role and state could refuse."""
    return {
        "submit": lambda by: workflow.submit(case, by),
        "discard": lambda by: workflow.discard(case, by),
        "accept": lambda by: reviews.accept(case, by),
        "refuse_acceptance": lambda by: reviews.refuse_acceptance(case, by, "scope", "不在本市实施"),
        "state_defence": lambda by: reviews.state_defence(case, by, "设备均为新购"),
        "request_correction": lambda by: reviews.request_correction(
            case, by, {next((slot.key for slot in case.form.form.slots), "declare_truth"): "缺少盖章页"}
        ),
        "resubmit": lambda by: workflow.resubmit(case, by),
        "lapse": lambda by: workflow.closing.Lapse(by).run(case),
        "transfer_case": lambda by: reviews.transfer_case(
            case, by, District.objects.get(pk=people.PUDONG), "企业已迁入浦东新区"
        ),
        "recommend": lambda by: reviews.recommend(case, by, "for", "建议推荐"),
        "endorse": lambda by: reviews.endorse(case, by, "同意"),
        "send_back": lambda by: reviews.send_back(case, by, "请补充核查"),
        "propose": lambda by: reviews.propose(
            case, by, Proposal(True, "核定属实", appraised=cases.INVESTMENT, document=report)
        ),
        "waitlist": lambda by: waitlist(case, by, report),
        "lapse_waitlisted": lambda by: reviews.lapse_waitlisted(case, by, "本批资金已用完"),
        "sign_off": lambda by: reviews.sign_off(case, by),
        "decline": lambda by: reviews.decline(case, by),
        "reconsider": lambda by: reviews.reconsider(case, by, "申辩成立"),
        "publish": lambda by: reviews.publish(case, by, "拟支持名单公示"),
        "approve": lambda by: reviews.approve(case, by),
        "reopen": lambda by: reviews.reopen(case, by, "核对不符"),
        "order": lambda by: payments.order(case, by),
        "notify_revocation": lambda by: payments.notify_revocation(case, by, "moved", "已迁出本市"),
        "drop_revocation": lambda by: told(case, lambda: payments.drop_revocation(case, by, "未迁出")),
        "revoke": lambda by: told(case, lambda: payments.revoke(case, by), answered=True),
        "complete": lambda by: reviews.check_completion(
            case, by, reviews.Check(True, clock.today(), "予以通过")
        ),
        "fail_completion": lambda by: reviews.check_completion(
            case, by, reviews.Check(False, clock.today(), "设备未到齐", clock.today() + timedelta(days=30))
        ),
        "request_change": lambda by: reviews.request_change(case, by, WISH),
        "approve_change": lambda by: asked(case, lambda: reviews.approve_change(case, by, "同意延期")),
        "refuse_change": lambda by: asked(case, lambda: reviews.refuse_change(case, by, "理由不足")),
        "conclude": lambda by: reviews.conclude(case, by, "已入库"),
        "return_referral": lambda by: reviews.return_referral(case, by, "不属本单位职责"),
        "withdraw": lambda by: workflow.withdraw(case, by, "项目调整"),
        "confirm_offer": lambda by: workflow.confirm_offer(case, by, offered.CONFIRMED),
        "decline_offer": lambda by: workflow.decline_offer(case, by, "今年不需要"),
        "end_offer": lambda by: reviews.end_offer(case, by, "年度资金已结束"),
        "record_contact": lambda by: reviews.record_contact(
            case, by, reviews.Contact("phone", clock.today(), "will_confirm", "王经理")
        ),
    }


WISH = reviews.Wish("term", "到 2026 年 12 月", "到 2027 年 3 月", "设备到货推迟")


def told(case: Application, act, answered: bool = False):
    """After the notice of a revocation (its day passed), where the case's state takes one; undone with the try."""
    if case.state not in DECIDED:
        return act()
    payments.notify_revocation(case, people.municipal_officer(), "moved", "已迁出本市").one()
    if not answered:
        return act()
    with clock.at(clock.moment_of(case.revocations.get().due_on + timedelta(days=1))):
        return act()


def asked(case: Application, act):
    """After the enterprise asked for a change, where the case's state takes one."""
    if case.state in (S.APPROVED, S.PAID):
        reviews.request_change(case, case.submitted_by, WISH).one()
    return act()


def waitlist(case: Application, by, report):
    """While the fund is empty; undone with the rest of the try."""
    if case.call_item.fund_id:
        cases.pays_from(case, cases.empty_fund(SpecialFund.objects.exclude(code="empty").get()))
    proposal = Proposal(True, "核定属实", appraised=cases.INVESTMENT, document=report)
    return reviews.waitlist(case, by, proposal)


def moment_for(verb: str, case: Application):
    """When nothing but role and state could refuse the verb."""
    now = clock.now()
    if verb == "lapse_waitlisted":
        return case.call_item.call.closes_at + timedelta(days=1)
    if verb == "end_offer":
        # Its money's year is over.
        return clock.moment_of(now.replace(year=now.year + 1, month=2, day=1))
    if verb == "discard":
        return case.call_item.call.closes_at + timedelta(days=100)
    if verb == "lapse" and case.due_on:
        return clock.moment_of(case.due_on + timedelta(days=1))
    if verb == "decline" and case.defence_due_on:
        return clock.moment_of(case.defence_due_on + timedelta(days=1))
    if case.state in DECIDED:
        return max(case.paid_at or now, case.approved_at, case.ended_at or now) + timedelta(hours=3)
    if verb in {"approve", "order"} and case.notice_closes_at:
        return max(case.notice_closes_at, case.approved_at or now) + timedelta(hours=10)
    return now


class Written(NamedTuple):
    """What a refused verb must leave alone: the case, column by column, and how much stands beside it."""

    case: dict
    events: int
    beside: tuple[int, ...]


BESIDE = (
    Step,
    Submission,
    RuleCheck,
    Correction,
    Opinion,
    PublicNotice,
    Letter,
    Delivery,
    Defence,
    Disbursement,
    LedgerEntry,
)
COUNTS = "SELECT " + ", ".join(f"(SELECT count(*) FROM {one._meta.db_table})" for one in (Event, *BESIDE))


def written(case: Application) -> Written:
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        events, *beside = cursor.fetchone()
    return Written(Application.objects.values().get(pk=case.pk), events, tuple(beside))


@pytest.fixture
def roles(db):
    """One person of each kind; the case under test belongs to `owner`'s enterprise in Xuhui."""
    cases.open_call_item()
    return {
        "stranger": owner_of(verified_enterprise(people.user("stranger"))),
        "newcomer": people.user("newcomer"),
        "district_officer": people.district_officer(),
        "district_head": people.district_head(),
        "other_district_officer": people.district_officer(people.PUDONG),
        "other_district_head": people.district_head(people.PUDONG),
        "municipal_officer": people.municipal_officer(),
        "municipal_head": people.municipal_head(),
        "finance_maker": people.finance_maker(),
        "finance_checker": people.finance_checker(),
        "policy_administrator": people.policy_administrator(),
        "auditor": people.auditor(),
        "system": SYSTEM,
    }


def asking(verb: str, state: State, people_by_role: dict) -> dict:
    """Everybody where the verb happens in the state. Where it doesn't: whoever does it in another one, so that it is
    the state that refuses, and a stranger; `make test-long` asks everybody there too."""
    if LONG or TABLE[verb].get(state):
        return people_by_role
    elsewhere = set().union(*TABLE[verb].values()) | {"stranger"}
    return {role: person for role, person in people_by_role.items() if role in elsewhere}


def test_the_table_speaks_of_every_state_and_every_verb():
    assert set(REACHED) == set(State)
    assert set(TABLE) - ASIDE == set(VERBS)
    for verb, allowed in TABLE.items():
        if verb not in ASIDE:
            assert set(allowed) <= set(VERBS[verb].sources)


@pytest.mark.parametrize("state", REACHED, ids=lambda state: state.value)
def test_each_verb_is_done_or_refused_as_the_table_says(state, roles):
    case = REACHED[state]()
    assert case.state == state
    owner = owner_of(case.enterprise) if case.offered_at else case.created_by
    with_account(case.enterprise)
    pending_claim(roles["newcomer"], case.enterprise)
    report = files.store(pdf("核定报告.pdf", "appraisal"), roles["municipal_officer"])
    workflow.remind([case])
    workflow.warn_drafts([case])
    wrong = []
    case = Application.objects.select_related("form", "call_item__call").get(pk=case.pk)
    before = written(case)
    for verb in doing(case, report):
        for role, person in asking(verb, state, {**roles, "owner": owner}).items():
            expected = role in TABLE[verb].get(state, set())
            said = ""
            # Every verb gives back its own copy of the case; this one stays as the page saw it.
            with clock.at(moment_for(verb, case)), transaction.atomic():
                try:
                    doing(case, report)[verb](person).one()
                    done = True
                except Refused as refusal:
                    done, said = False, refusal.message
                    assert refusal.message
                    if verb not in PREPARED or case.state not in DECIDED:
                        assert written(case) == before
                if done:
                    assert written(case).events > before.events
                transaction.set_rollback(True)
            if done != expected:
                wrong.append(f"{verb} by {role}: {'done' if done else 'refused ' + said}")
    assert wrong == []
