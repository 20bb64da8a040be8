"""Random people do random things to several cases on random days; what must hold, holds after each.

Each example starts from the same cases in several states and is rolled back.
"""

import contextlib
import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from applications import workflow
from applications.models import Application
from applications.states import VERBS, State
from applications.tasks import act_on_deadlines
from applications.verbs import Refused
from enterprises import workflow as enterprises
from enterprises.models import Enterprise
from enterprises.workflow import ClaimRefused
from foundation.accounts.models import Post, User
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events.models import Event
from foundation.files import files
from payments import workflow as payments
from payments.models import Disbursement
from reviews import workflow as reviews
from reviews.workflow import Proposal
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of, pdf, pending_claim, verified_enterprise, with_account
from tests.plugins.long import LONG
from tests.reviews.invariants import broken

pytestmark = pytest.mark.django_db
S = State

# By state the act that leads on, with who does it; so that examples get far within their steps.
ONWARD = {
    S.DRAFT: ("submit", "owner"),
    S.SUBMITTED: ("accept", "receiver"),
    S.AWAITING_CORRECTION: ("resubmit", "owner"),
    S.DISTRICT_REVIEW: ("recommend", "district_officer"),
    S.DISTRICT_ENDORSEMENT: ("endorse", "district_head"),
    S.MUNICIPAL_REVIEW: ("propose", "municipal_officer"),
    S.WAITLISTED: ("propose", "municipal_officer"),
    S.PROPOSED: ("sign_off", "municipal_head"),
    S.DECLINE_NOTIFIED: ("decline", "decider"),
    S.SIGNED_OFF: ("publish", "municipal_officer"),
    S.PUBLIC_NOTICE: ("approve", "municipal_head"),
    S.REFERRED: ("conclude", "municipal_officer"),
}
PAYING = {
    None: ("order", "finance_maker"),
    "ordered": ("release", "finance_checker"),
    "released": ("confirm", "finance_maker"),
    "returned": ("order", "finance_maker"),
}
# What also happens, by the right people.
ASIDE = {
    S.DRAFT: [("discard", "owner")],
    S.SUBMITTED: [("request_correction", "receiver"), ("refuse_acceptance", "receiver")],
    S.AWAITING_CORRECTION: [("lapse", "system")],
    S.DISTRICT_REVIEW: [("oppose", "district_officer"), ("request_correction", "district_officer")],
    S.DISTRICT_ENDORSEMENT: [("send_back", "district_head")],
    S.MUNICIPAL_REVIEW: [
        ("propose_decline", "municipal_officer"),
        ("request_correction", "municipal_officer"),
        ("waitlist", "municipal_officer"),
    ],
    S.WAITLISTED: [("lapse_waitlisted", "municipal_officer"), ("withdraw", "owner")],
    S.PROPOSED: [("send_back", "municipal_head"), ("withdraw", "owner")],
    S.DECLINE_NOTIFIED: [("reconsider", "decider"), ("state_defence", "owner")],
    S.SIGNED_OFF: [("withdraw", "owner")],
    S.PUBLIC_NOTICE: [("reopen", "municipal_head"), ("withdraw", "owner")],
    S.APPROVED: [
        ("return_order", "finance_checker"),
        ("notify_revocation", "municipal_officer"),
        ("revoke", "municipal_head"),
    ],
    S.PAID: [
        ("complete", "municipal_officer"),
        ("notify_revocation", "municipal_officer"),
        ("revoke", "municipal_head"),
    ],
    S.COMPLETED: [("notify_revocation", "municipal_officer"), ("revoke", "municipal_head")],
    S.REFERRED: [("return_referral", "municipal_officer"), ("withdraw", "owner")],
}
ACTS = sorted({act for act, _who in itertools.chain(ONWARD.values(), PAYING.values(), *ASIDE.values())})
PEOPLE = [
    "owner",
    "stranger",
    "claimant",
    "district_officer",
    "district_head",
    "district_both",
    "other_district_officer",
    "other_district_head",
    "municipal_officer",
    "municipal_head",
    "municipal_both",
    "finance_maker",
    "finance_checker",
    "finance_both",
    "policy_administrator",
    "auditor",
    "system",
]
HEADS = ["district_head", "municipal_head", "other_district_head", "district_officer"]
MANAGED = ["suspend", "reinstate", "reinstate"]
FOR_MANY = [act for act in ACTS if act not in {"confirm", "release", "return_order"}]
PLACES = st.integers(0, 8)
MONEY = [Decimal(amount) for amount in ("12000000.00", "32000000.00", "80000000.00")]


class World:
    """What every example starts from."""

    def __init__(self):
        line = cases.open_call_item()
        enterprise = verified_enterprise()
        self.owner = owner_of(enterprise)
        both = verified_enterprise(self.owner)
        cases.draft(line, enterprise)
        cases.draft(line, enterprise)
        cases.draft(line, both)
        cases.draft(cases.open_call_item("03-10"), enterprise)
        for made in (
            cases.accepted,
            cases.endorsed,
            cases.signed_off,
            cases.approved,
            cases.decline_notified,
        ):
            with_account(made(enterprise=verified_enterprise(self.owner)).enterprise)
        self.people = {
            "owner": self.owner,
            "stranger": owner_of(verified_enterprise()),
            "claimant": pending_claim(enterprise=enterprise).user,
            "district_officer": people.district_officer(),
            "district_head": people.district_head(),
            "district_both": both_roles("district_officer", "district_head", "kw-310104"),
            "other_district_officer": people.district_officer(people.PUDONG),
            "other_district_head": people.district_head(people.PUDONG),
            "municipal_officer": people.municipal_officer(),
            "municipal_head": people.municipal_head(),
            "municipal_both": both_roles("municipal_officer", "municipal_head", "kw"),
            "finance_maker": people.finance_maker(),
            "finance_checker": people.finance_checker(),
            "finance_both": both_roles("finance_maker", "finance_checker", "czj"),
            "policy_administrator": people.policy_administrator(),
            "auditor": people.auditor(),
            "system": SYSTEM,
        }
        self.cases = list(Application.objects.order_by("pk").values_list("pk", flat=True))
        self.report = files.store(pdf("核定报告.pdf", "appraisal"), self.people["municipal_officer"])
        last = max(event.at for event in Event.objects.order_by("pk"))
        self.now = last + timedelta(days=1)


def both_roles(first: str, second: str, office: str) -> User:
    """Somebody who holds two roles at an office, and so could sign twice."""
    person = people.officer(first, office, "-both")
    post = person.posts.get()
    Post.objects.create(user=person, office=post.office, role=second, since=post.since)
    return User.objects.get(pk=person.pk)


class Machine(RuleBasedStateMachine):
    """Rules draw a case (by place), an act and a person; refusals must change nothing."""

    world: World
    done: set[str]

    def __init__(self):
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.now = self.world.now
        # What an open page still shows.
        self.pages = {pk: self.fresh(pk) for pk in self.world.cases}

    def teardown(self):
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    def fresh(self, pk: int) -> Application:
        return Application.objects.get(pk=pk)

    # --- what is done -------------------------------------------------------------------------------------

    @rule(place=PLACES, money=st.sampled_from(MONEY), steps=st.integers(1, 5))
    def goes_on(self, place, money, steps):
        """The right people do what comes next, when the hour has come; some steps in a row."""
        for _n in range(steps):
            case = self.fresh(self.world.cases[place])
            row = Disbursement.objects.filter(application=case).order_by("-pk").first()
            onward = ONWARD.get(S(case.state)) or (case.state == S.APPROVED and PAYING[row and row.state])
            if not onward:
                return
            self.as_it_should(case, *onward, money)

    @rule(place=PLACES, choice=st.integers(0, 2), money=st.sampled_from(MONEY))
    def turns_aside(self, place, choice, money):
        """The right person does what also happens there."""
        case = self.fresh(self.world.cases[place])
        aside = ASIDE.get(S(case.state))
        if aside:
            self.as_it_should(case, *aside[choice % len(aside)], money)

    @rule(
        place=PLACES,
        act=st.sampled_from(ACTS),
        who=st.sampled_from(PEOPLE),
        money=st.sampled_from(MONEY),
        stale=st.booleans(),
    )
    def anybody_tries(self, place, act, who, money, stale):
        pk = self.world.cases[place]
        case = self.pages[pk] if stale else self.fresh(pk)
        self.attempt(act, case, self.world.people[who], money)

    @rule(act=st.sampled_from(FOR_MANY), who=st.sampled_from(PEOPLE), money=st.sampled_from(MONEY))
    def anybody_tries_with_all(self, act, who, money):
        """Many at once: each gets its own answer."""
        before = self.rows()
        some = [self.fresh(pk) for pk in self.world.cases]
        with clock.at(self.now):
            outcomes = self.acts(some, self.world.people[who], money)[act]()
        after = self.rows()
        for outcome in outcomes:
            self.judge(act, outcome.case.pk, outcome.refused, before, after)

    @rule(place=PLACES, days=st.integers(0, 4))
    def time_passes(self, place, days):
        """Days go by, the clock does what it causes, somebody opens a page."""
        self.now += timedelta(days=days)
        with clock.at(self.now):
            act_on_deadlines()
        pk = self.world.cases[place]
        self.pages[pk] = self.fresh(pk)

    @rule(place=PLACES, verb=st.sampled_from(MANAGED), who=st.sampled_from(HEADS))
    def an_enterprise_is_managed(self, place, verb, who):
        enterprise = Enterprise.objects.get(applications=self.world.cases[place])
        with clock.at(self.now), contextlib.suppress(ClaimRefused):
            getattr(enterprises, verb)(enterprise, self.world.people[who], "例行核查")

    # --- how it is judged ---------------------------------------------------------------------------------

    def attempt(self, act: str, case: Application, by, money: Decimal) -> None:
        before, events = self.rows(), Event.objects.count()
        refused = None
        try:
            with clock.at(self.now):
                self.acts([case], by, money)[act]().one()
        except Refused as refusal:
            refused = refusal
            assert refusal.message and refusal.code in {"stale", "state", "forbidden", "invalid"}
            assert Event.objects.count() == events
        self.judge(act, case.pk, refused, before, self.rows())

    def as_it_should(self, case: Application, act: str, who: str, money: Decimal) -> None:
        self.wait_for(case, act)
        self.attempt(act, case, self.person(who, case), money)

    def rows(self) -> dict[int, dict]:
        return {row["id"]: row for row in Application.objects.filter(pk__in=self.world.cases).values()}

    def judge(self, act: str, pk: int, refused, before: dict, after: dict) -> None:
        if refused:
            assert after[pk] == before[pk]
            return
        self.done.add(act)
        verb = {
            "oppose": "recommend",
            "propose_decline": "propose",
            "confirm": "pay",
            "lapse_waitlisted": "lapse",
        }.get(act, act)
        if verb not in VERBS:  # order, release, return and a defence leave the case where it is
            assert after[pk] | {"defended_at": None} == before[pk] | {"defended_at": None}
            return
        assert after[pk]["version"] == before[pk]["version"] + 1
        assert after[pk]["state"] in VERBS[verb].leads[State(before[pk]["state"])]

    @invariant()
    def everything_holds(self):
        assert broken() == []

    # --- arguments ----------------------------------------------------------------------------------------

    def person(self, who: str, case: Application):
        if who == "receiver":
            who = "district_officer" if case.district_office_id else "municipal_officer"
        if who == "decider":
            who = "district_head" if case.office_id == case.district_office_id else "municipal_head"
        return self.world.people[who]

    def wait_for(self, case: Application, act: str) -> None:
        """Until the hour at which the act may be done."""
        until = {
            "approve": case.notice_closes_at,
            "decline": case.defence_due_on and clock.moment_of(case.defence_due_on + timedelta(days=1)),
            "lapse": case.due_on and clock.moment_of(case.due_on + timedelta(days=1)),
        }.get(act)
        if act == "lapse":
            with clock.at(self.now):
                workflow.remind([case])
        if act == "revoke" and (notice := case.revocations.filter(state="open").first()):
            until = clock.moment_of(notice.due_on + timedelta(days=1))
        if until:
            self.now = max(self.now, until)

    def acts(self, some: list[Application], by, money: Decimal) -> dict:
        def support(case):
            return Proposal(
                True, "核定属实", appraised=money, document=self.world.report, unknown_note="已核实"
            )

        def payment():
            row = Disbursement.objects.filter(application=some[0]).order_by("-pk").first()
            if row is None:
                raise Refused("state", "尚未提出拨付")
            return row

        def receipt(row):
            return payments.Confirmation(f"PZ-{row.pk}", row.amount, clock.today())

        slot = {case.pk: Application.objects.get(pk=case.pk).form.definition for case in some}
        return {
            "submit": lambda: workflow.submit(some, by),
            "discard": lambda: workflow.discard(some, by),
            "withdraw": lambda: workflow.withdraw(some, by, "项目调整"),
            "lapse": lambda: workflow.closing.Lapse(by).run(some),
            "accept": lambda: reviews.accept(some, by),
            "request_correction": lambda: reviews.request_correction(
                some, by, {slot[some[0].pk]["documents"][0]["key"]: "缺少盖章页"}
            ),
            "resubmit": lambda: workflow.resubmit(some, by),
            "recommend": lambda: reviews.recommend(some, by, "for", "同意推荐"),
            "oppose": lambda: reviews.recommend(some, by, "against", "不属新增投资"),
            "endorse": lambda: reviews.endorse(some, by, "同意"),
            "send_back": lambda: reviews.send_back(some, by, "请再核实"),
            "propose": lambda: reviews.propose(some, by, {case.pk: support(case) for case in some}),
            "waitlist": lambda: reviews.waitlist(some, by, {case.pk: support(case) for case in some}),
            "lapse_waitlisted": lambda: reviews.lapse_waitlisted(some, by, "本批资金已用完"),
            "propose_decline": lambda: reviews.propose(
                some, by, {case.pk: Proposal(False, "不属新增投资") for case in some}
            ),
            "sign_off": lambda: reviews.sign_off(some, by),
            "refuse_acceptance": lambda: reviews.refuse_acceptance(some, by, "scope", "不在本市实施"),
            "state_defence": lambda: reviews.state_defence(some, by, "设备均为新购"),
            "decline": lambda: reviews.decline(some, by, "合同所附发票为往年，不采纳"),
            "reconsider": lambda: reviews.reconsider(some, by, "申辩成立"),
            "publish": lambda: reviews.publish(some, by, "拟支持名单公示"),
            "approve": lambda: reviews.approve(some, by),
            "reopen": lambda: reviews.reopen(some, by, "异议成立"),
            "notify_revocation": lambda: payments.notify_revocation(some, by, "moved", "已迁出本市"),
            "revoke": lambda: payments.revoke(some, by, "已考虑，不采纳"),
            "complete": lambda: reviews.check_completion(
                some, by, reviews.Check(True, clock.today(), "予以通过")
            ),
            "conclude": lambda: reviews.conclude(some, by, "已纳入服务机构库"),
            "return_referral": lambda: reviews.return_referral(some, by, "不属本单位"),
            "order": lambda: payments.order(some, by),
            "release": lambda: payments.release(payment(), by),
            "return_order": lambda: payments.return_order(payment(), by, "账户有误"),
            "confirm": lambda: payments.confirm_payment(row := payment(), by, receipt(row)),
        }


def test_whoever_does_whatever_the_house_stands():
    Machine.world, Machine.done = World(), set()
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=200 if LONG else 6,
            stateful_step_count=40 if LONG else 30,
            deadline=None,
            database=None,
            derandomize=not LONG,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    # The machine gets about: else it would prove nothing.
    assert {"submit", "accept", "propose", "sign_off", "publish", "approve", "order"} <= Machine.done
