"""A hundred cases take at most a handful more statements than one; a refused one never blocks the others."""

from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import workflow
from applications.models import Application, ApplicationDocument
from applications.states import State
from enterprises.models import Claim, CreditCheck, Enterprise, LegalForm, Member, StatisticalInclusion
from foundation.accounts.models import District
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event
from foundation.files import files
from measures import funds
from payments import workflow as payments
from payments.models import Disbursement
from reviews import workflow as reviews
from reviews.models import NoticeLine
from reviews.workflow import Proposal
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import ACCOUNT, BANK, NAME, pdf, uscc

pytestmark = pytest.mark.django_db
MANY = 100
# Statements that a hundred cases may take beyond those of one (a fund's moves, a second batch).
HANDFUL = 6
AWARD = Decimal("1000.00")


def many_enterprises(owner, number: int) -> list[Enterprise]:
    """Verified, in the statistics, with clean credit and an account; one person acts for all of them."""
    now, district = clock.now(), District.objects.get(pk=people.XUHUI)
    registered = Enterprise.objects.bulk_create(
        Enterprise(
            uscc=uscc(),
            name=f"{NAME}{n}",
            district=district,
            legal_form=LegalForm.COMPANY,
            bank_name=BANK,
            bank_account=ACCOUNT,
        )
        for n in range(number)
    )
    Enterprise.objects.filter(pk__in=[one.pk for one in registered]).update(state="verified", verified_at=now)
    StatisticalInclusion.objects.bulk_create(
        StatisticalInclusion(
            enterprise=one, first_period="2023-11-01", industry="M7452", source="名录", recorded_at=now
        )
        for one in registered
    )
    CreditCheck.objects.bulk_create(
        CreditCheck(
            enterprise=one, as_of=clock.today(), clean_since="2020-01-01", source="平台", recorded_at=now
        )
        for one in registered
    )
    claims = Claim.objects.bulk_create(
        Claim(
            user=owner, enterprise=one, declared_name=one.name, declared_district=district, district=district
        )
        for one in registered
    )
    events.record_many("claim", [events.Entry(claim) for claim in claims], owner)
    Member.objects.bulk_create(
        Member(user=owner, enterprise=claim.enterprise, claim=claim, since=now) for claim in claims
    )
    return list(Enterprise.objects.filter(pk__in=[one.pk for one in registered]).order_by("pk"))


def many_drafts(number: int) -> list[Application]:
    """Complete drafts of as many enterprises, written as the verb of one would write them."""
    line, owner, now = cases.open_call_item(), people.user(), clock.now()
    investment = AWARD * 10
    filled = cases.answers(
        line,
        declared_investment=str(investment),
        investment_lines={"equipment": str(investment)},
        funding_lines={"own": str(investment)},
    )
    drafts = Application.objects.bulk_create(
        Application(
            call_item=line,
            enterprise=one,
            created_by=owner,
            form=line.form,
            answers=filled,
            title="精密计量实验室扩建",
            stage_started_at=now,
        )
        for one in many_enterprises(owner, number)
    )
    events.record_many("start", [events.Entry(case) for case in drafts], owner)
    paper = files.store(pdf(), owner)
    ApplicationDocument.objects.bulk_create(
        ApplicationDocument(application=case, slot=slot, document=paper, added_by=owner)
        for case in drafts
        for slot in ("report", "licence", "premises_proof")
    )
    return drafts


@contextmanager
def statements():
    with CaptureQueriesContext(connection) as seen:
        yield seen


class Ways:
    """The verbs of the main way, each for the cases as the one before left them."""

    def __init__(self):
        self.district_officer, self.district_head = people.district_officer(), people.district_head()
        self.officer, self.head = people.municipal_officer(), people.municipal_head()
        self.maker, self.checker = people.finance_maker(), people.finance_checker()
        self.report = files.store(pdf("核定报告.pdf", "appraisal"), self.officer)

    def verbs(self):
        return {
            "submit": lambda some: workflow.submit(some, some[0].created_by),
            "request_correction": lambda some: reviews.request_correction(
                some, self.district_officer, {"report": "缺少盖章页"}
            ),
            "resubmit": lambda some: workflow.resubmit(some, some[0].created_by),
            "accept": lambda some: reviews.accept(some, self.district_officer),
            "recommend": lambda some: reviews.recommend(some, self.district_officer, "for", "同意推荐"),
            "endorse": lambda some: reviews.endorse(some, self.district_head),
            "propose": lambda some: reviews.propose(
                some,
                self.officer,
                {
                    case.pk: Proposal(True, "核定属实", appraised=AWARD * 10, document=self.report)
                    for case in some
                },
            ),
            "send_back": lambda some: reviews.send_back(some, self.head, "请复核金额"),
            "propose again": lambda some: self.verbs()["propose"](some),
            "sign_off": lambda some: reviews.sign_off(some, self.head),
            "publish": lambda some: reviews.publish(some, self.officer, "拟支持名单公示"),
            "approve": lambda some: reviews.approve(some, self.head),
            "order": lambda some: payments.order(some, self.maker),
        }


def test_a_hundred_cases_take_a_handful_more_statements_than_one():
    drafts = many_drafts(MANY + 1)
    alone, together = drafts[:1], drafts[1:]
    ways = Ways()
    grown = {}
    now = clock.now()
    for name, verb in ways.verbs().items():
        if name == "approve":
            now = alone[0].notice_closes_at
        with clock.at(now):
            with statements() as one:
                alone = verb(alone).done
            with statements() as hundred:
                outcomes = verb(together)
            together = outcomes.done
        assert (len(alone), len(together)) == (1, MANY), (name, outcomes.refused[:1])
        grown[name] = (len(one), len(hundred))
    rows = Disbursement.objects.order_by("pk")
    for name, verb in (("release", payments.release), ("return_order", payments.return_order)):
        some = list(rows.filter(state="ordered"))
        more = () if name == "release" else ("账户有误",)
        first, others = (some[:1], some[1:51]) if name == "release" else (some[:1], some[1:])
        with clock.at(now):
            with statements() as one:
                assert verb(first, ways.checker, *more).one()
            with statements() as fifty:
                assert len(verb(others, ways.checker, *more).done) == len(others) >= 49
        grown[name] = (len(one), len(fifty))
    too_many = {name: pair for name, pair in grown.items() if pair[1] > pair[0] + HANDFUL}
    assert too_many == {}, grown
    ends = Application.objects.filter(pk__in=[case.pk for case in drafts])
    assert set(ends.values_list("state", flat=True)) == {State.APPROVED}
    assert NoticeLine.objects.count() == MANY + 1
    fund = drafts[0].call_item.fund
    assert funds.balance(fund).released == AWARD * 51
    assert funds.balance(fund).committed == AWARD * 50


@pytest.mark.parametrize("verb", ["discard", "withdraw", "decline", "lapse", "remind"])
def test_ending_a_hundred_cases_takes_a_handful_more_statements_than_one(verb):
    drafts = many_drafts(MANY // 4 + 1)
    owner, officer, head = drafts[0].created_by, people.district_officer(), people.district_head()
    prepared = drafts
    if verb != "discard":
        prepared = workflow.submit(drafts, owner).done
    if verb == "decline":
        prepared = reviews.recommend(
            reviews.accept(prepared, officer).done, officer, "against", "不属新增"
        ).done
        prepared = reviews.endorse(prepared, head, "不属新增投资").done
    if verb in {"lapse", "remind"}:
        prepared = reviews.request_correction(prepared, officer, {"report": "缺页"}).done
    if verb == "lapse":
        workflow.remind(prepared)
        prepared = list(Application.objects.filter(pk__in=[case.pk for case in prepared]).order_by("pk"))
    act = {
        "discard": lambda some: workflow.discard(some, owner).done,
        "withdraw": lambda some: workflow.withdraw(some, owner, "项目取消").done,
        "decline": lambda some: reviews.decline(some, head).done,
        "lapse": lambda some: workflow.lapse(some).done,
        "remind": lambda some: workflow.remind(some),
    }[verb]
    with clock.at(clock.now() + timedelta(days=40) if verb in {"decline", "lapse"} else clock.now()):
        with statements() as one:
            assert len(act(prepared[:1])) == 1
        with statements() as many:
            assert len(act(prepared[1:])) == len(prepared) - 1
    assert len(many) <= len(one) + HANDFUL


def test_a_refused_case_never_blocks_the_others():
    good, other_district, stale, elsewhere = (
        cases.submitted(),
        cases.submitted(enterprise=cases.verified_enterprise(district=people.PUDONG)),
        cases.submitted(),
        cases.accepted(),
    )
    late = Application.objects.get(pk=stale.pk)
    cases.accepted(stale)
    before = Event.objects.count()
    outcomes = reviews.accept([other_district, late, good, elsewhere], people.district_officer())
    assert [(one.case.pk, one.refused and one.refused.code) for one in outcomes] == [
        (other_district.pk, "forbidden"),
        (late.pk, "stale"),
        (good.pk, None),
        (elsewhere.pk, "state"),
    ]
    assert Event.objects.count() == before + 1
    assert outcomes.done == [good]


def test_nothing_asked_is_nothing_done():
    cases.open_call_item()
    assert reviews.accept([], people.district_officer()) == []
    assert payments.order([], people.finance_maker()) == []
