"""What the officials' verbs set, clear, refuse and give back."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from applications import workflow
from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from enterprises.models import CreditCheck
from foundation.accounts.models import Post, User
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Notification
from foundation.files import files
from measures import funds
from measures.models import AwardRow, Condition
from measures.rule_workflow import approve_rule, start_rule, try_rule
from reviews import workflow as reviews
from reviews.models import NoticeLine, Opinion, PublicNotice
from reviews.workflow import Proposal
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.applications.factories import INVESTMENT
from tests.enterprises.factories import pdf, verified_claim, verified_enterprise

pytestmark = pytest.mark.django_db
AWARD = Decimal("3200000.00")


@pytest.fixture(autouse=True)
def catalogue(db):
    cases.open_call_item()


def refusal(outcomes) -> Refused:
    with pytest.raises(Refused) as caught:
        outcomes.one()
    return caught.value


def report(case: Application, by: User):
    return files.store(pdf("核定报告.pdf", f"appraisal {case.pk}"), by)


def support(case: Application, **changes):
    officer = people.municipal_officer()
    values = {"support": True, "text": "核定属实", "appraised": INVESTMENT, "document": report(case, officer)}
    return reviews.propose(case, officer, Proposal(**values | changes))


def held(case: Application) -> funds.Balances:
    return funds.held([case.pk])[case.pk]


def at_end_of_notice(case: Application):
    return clock.at(case.notice_closes_at)


# --- proposing --------------------------------------------------------------------------------------------


def test_a_proposal_sets_money_aside_and_explains_every_yuan():
    case = support(cases.endorsed()).one()
    assert (case.proposed_amount, held(case).set_aside) == (AWARD, AWARD)
    assert [Decimal(line["amount"]) for line in case.award_lines] == [AWARD]
    assert "10%" in case.award_lines[0]["text"]
    assert case.appraisal_document.sha256 == events.timeline(case).last().facts["appraisal_sha256"]
    assert Opinion.objects.filter(application=case).last().amount == AWARD


def test_the_cap_comes_last_and_the_lines_sum_to_the_award():
    case = support(cases.endorsed(), appraised=Decimal("80000000.00")).one()
    lines = [Decimal(line["amount"]) for line in case.award_lines]
    assert (case.proposed_amount, sum(lines)) == (Decimal("5000000.00"),) * 2
    assert lines == [Decimal("8000000.00"), Decimal("-3000000.00")]


def test_less_than_the_rule_says_is_one_more_line():
    case = support(cases.endorsed(), amount=Decimal("3000000.00")).one()
    lines = [Decimal(line["amount"]) for line in case.award_lines]
    assert (case.proposed_amount, sum(lines)) == (Decimal("3000000.00"),) * 2
    assert held(case).set_aside == Decimal("3000000.00")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"appraised": None}, "appraised"),
        ({"document": None}, "document"),
        ({"text": " "}, "text"),
        ({"text": "长" * 4001}, "text"),
        ({"amount": AWARD + Decimal("0.01")}, "amount"),
        ({"amount": Decimal("0.00")}, "amount"),
        ({"amount": Decimal("0.001")}, "amount"),
        ({"appraised": Decimal("-1.00")}, "appraised"),
        ({"appraised": Decimal("1.005")}, "appraised"),
        ({"appraised": Decimal("1E+15")}, "appraised"),
    ],
)
def test_a_proposal_that_is_not_whole_is_explained_beside_its_field(changes, field):
    case = cases.endorsed()
    wrong = refusal(support(case, **changes))
    assert (wrong.code, set(wrong.fields)) == ("invalid", {field})
    assert held(case) == funds.Balances()
    assert Application.objects.get(pk=case.pk).version == case.version


def test_the_declared_investment_never_pays():
    case = cases.endorsed()
    assert case.declared_investment == INVESTMENT
    case = support(case, appraised=Decimal("12000000.00")).one()
    assert case.proposed_amount == Decimal("1200000.00")


def test_what_is_unknown_needs_a_word_about_how_it_was_found_out():
    case = cases.endorsed(enterprise=verified_enterprise(eligible=False))
    wrong = refusal(support(case))
    assert set(wrong.fields) == {"unknown_note"}
    case = support(case, unknown_note="已向统计部门书面核实").one()
    opinion = Opinion.objects.filter(application=case).last()
    assert opinion.text == "核定属实\n已向统计部门书面核实"


def test_a_fund_that_does_not_reach_refuses_one_and_not_the_others():
    first, second, third = (cases.endorsed() for _n in range(3))
    fund = first.call_item.fund
    officer = people.municipal_officer()
    spare = funds.balance(fund).available - AWARD - Decimal("1000000.00")
    funds.set_aside(fund, [funds.Move(0, "KJFW-else", spare)], SYSTEM)
    proposals = {
        case.pk: Proposal(True, "核定属实", appraised=appraised, document=report(case, officer))
        for case, appraised in [
            (first, INVESTMENT),
            (second, INVESTMENT),
            (third, Decimal("10000000.00")),
        ]
    }
    outcomes = reviews.propose([first, second, third], officer, proposals)
    assert [one.refused and one.refused.code for one in outcomes] == [None, "invalid", None]
    assert "不足以预占 3,200,000.00 元" in outcomes[1].refused.message
    assert funds.balance(fund).available == 0


def test_to_decline_needs_reasons_and_no_money():
    officer, case = people.municipal_officer(), cases.endorsed()
    assert set(refusal(reviews.propose(case, officer, Proposal(False, ""))).fields) == {"text"}
    case = reviews.propose(case, officer, Proposal(False, "项目已于去年开工")).one()
    assert (case.proposal, case.proposed_amount, case.reason) == ("decline", None, "项目已于去年开工")
    assert held(case) == funds.Balances()
    case = reviews.sign_off(case, people.municipal_head()).one()
    assert (case.state, case.defence_due_on) == (State.DECLINE_NOTIFIED, date(2026, 9, 29))
    told = Notification.objects.filter(event__verb="sign_off", audience_kind="enterprise").get()
    assert "项目已于去年开工" in events.render(told).body


# --- a second person --------------------------------------------------------------------------------------


def both(*roles: str, office: str) -> User:
    """One person who holds several roles at an office."""
    person = people.officer(roles[0], office, "-both")
    for role in roles[1:]:
        Post.objects.create(user=person, office=person.posts.get().office, role=role, since=date(2020, 1, 1))
    return User.objects.get(pk=person.pk)


def test_who_recommended_does_not_endorse():
    person = both("district_officer", "district_head", office="kw-310104")
    case = reviews.recommend(cases.accepted(), person, "for", "同意推荐").one()
    assert refusal(reviews.endorse(case, person)).message == "推荐人与复核人不能是同一人"
    assert reviews.endorse(case, people.district_head()).one().state == State.MUNICIPAL_REVIEW


def test_who_proposed_neither_signs_off_nor_approves():
    person = both("municipal_officer", "municipal_head", office="kw")
    case = cases.endorsed()
    proposal = Proposal(True, "核定属实", appraised=INVESTMENT, document=report(case, person))
    case = reviews.propose(case, person, proposal).one()
    assert refusal(reviews.sign_off(case, person)).message == "拟定人与签发人不能是同一人"
    case = cases.published(reviews.sign_off(case, people.municipal_head()).one())
    with at_end_of_notice(case):
        assert refusal(reviews.approve(case, person)).message == "拟定人与批复人不能是同一人"
        assert reviews.approve(case, people.municipal_head()).one().state == State.APPROVED


def test_a_post_that_ended_yesterday_does_nothing():
    officer = people.district_officer()
    case = cases.submitted()
    officer.posts.update(until=clock.today() - timedelta(days=1))
    assert refusal(reviews.accept(case, User.objects.get(pk=officer.pk))).code == "forbidden"


# --- turning back -----------------------------------------------------------------------------------------


def cleared(case: Application) -> bool:
    """Nothing of the proposal is left on the row."""
    nothing = [
        case.proposed_by_id,
        case.proposed_at,
        case.proposed_amount,
        case.signed_off_by_id,
        case.signed_off_at,
        case.published_at,
        case.notice_closes_at,
        case.decline_notified_at,
        case.defence_due_on,
    ]
    return nothing == [None] * 9 and (case.proposal, case.reason, case.award_lines) == ("", "", [])


def test_sent_back_by_the_head_a_case_holds_no_money_and_no_proposal():
    case = reviews.send_back(cases.proposed(), people.municipal_head(), "请补充核定依据").one()
    assert case.state == State.MUNICIPAL_REVIEW
    assert cleared(case) and held(case) == funds.Balances()
    assert case.due_on == date(2026, 10, 26)
    assert support(case).one().state == State.PROPOSED


def test_sent_back_in_the_district_a_case_has_no_recommendation():
    case = reviews.send_back(cases.recommended(), people.district_head(), "请到现场核实").one()
    assert (case.state, case.recommendation, case.recommended_by, case.recommended_at) == (
        State.DISTRICT_REVIEW,
        "",
        None,
        None,
    )
    told = Notification.objects.filter(event__verb="send_back")
    assert [(one.audience_kind, one.audience_id) for one in told] == [("office", case.office_id)]


def test_reopened_a_case_holds_no_money_and_its_place_on_the_list_stays_as_published():
    case = cases.published()
    case = reviews.reopen(case, people.municipal_head(), "异议成立").one()
    assert case.state == State.MUNICIPAL_REVIEW
    assert cleared(case) and held(case) == funds.Balances()
    assert NoticeLine.objects.get(application=case).amount == AWARD


@pytest.mark.parametrize("state", ["proposed", "signed_off", "published"])
def test_withdrawn_a_case_holds_no_money(state):
    case = getattr(cases, state)()
    free = funds.balance(case.call_item.fund).available
    case = cases.withdrawn(case)
    assert (case.state, case.proposal, case.proposed_amount, case.due_on) == (State.WITHDRAWN, "", None, None)
    assert funds.balance(case.call_item.fund).available == free + AWARD
    assert held(case) == funds.Balances()


def test_withdrawing_needs_a_reason_and_a_colleague_may():
    case = cases.submitted()
    assert set(refusal(workflow.withdraw(case, case.submitted_by, " ")).fields) == {"reason"}
    colleague = verified_claim(enterprise=case.enterprise).user
    assert workflow.withdraw(case, colleague, "项目取消").one().state == State.WITHDRAWN


def test_reconsidered_a_case_goes_to_the_commission_without_the_notice():
    case = reviews.reconsider(cases.decline_notified(), people.district_head(), "申辩成立").one()
    assert (case.state, case.office) == (State.MUNICIPAL_REVIEW, case.municipal_office)
    assert cleared(case)
    assert case.recommendation == "against"  # what the district said stays said
    assert support(case).one().state == State.PROPOSED


def test_declining_waits_for_the_whole_day_of_the_defence():
    case = cases.decline_notified()
    assert case.defence_due_on == case.due_on == date(2026, 9, 29)
    head = people.district_head()
    with clock.at(datetime(2026, 9, 29, 23, 59, 59, tzinfo=clock.SHANGHAI)):
        assert "期限未满" in refusal(reviews.decline(case, head)).message
    with clock.at(datetime(2026, 9, 30, 0, 0, tzinfo=clock.SHANGHAI)):
        assert reviews.decline(case, head).one().state == State.DECLINED


# --- the public notice ------------------------------------------------------------------------------------


def test_a_notice_is_open_for_five_whole_workdays_across_the_holidays():
    with clock.at(datetime(2026, 9, 29, 15, tzinfo=clock.SHANGHAI)):
        case = cases.published()
    # 30; 8, 9, 10 (a worked Saturday), 12: it closes as the 12th ends
    assert clock.local(case.notice_closes_at) == datetime(2026, 10, 13, tzinfo=clock.SHANGHAI)
    assert case.due_on == date(2026, 10, 19)
    head = people.municipal_head()
    with clock.at(case.notice_closes_at - timedelta(seconds=1)):
        assert "公示期未满" in refusal(reviews.approve(case, head)).message
        assert PublicNotice.objects.get().is_open()
    with at_end_of_notice(case):
        assert not PublicNotice.objects.get().is_open()
        case = reviews.approve(case, head).one()
    assert (case.approved_amount, held(case).committed) == (AWARD, AWARD)
    assert case.office == case.call_item.fund.paid_by


def test_lists_are_numbered_per_call_item_and_sorted_by_case():
    first, second = cases.signed_off(), cases.signed_off()
    officer = people.municipal_officer()
    reviews.publish([second, first], officer, "第一批名单")
    third = cases.published()
    notices = PublicNotice.objects.order_by("pk")
    assert [notice.number for notice in notices] == ["GS-2026-0801-1-01", "GS-2026-0801-1-02"]
    assert [line.application for line in notices[0].lines.order_by("position")] == [first, second]
    assert notices[1].lines.get().application == third


def test_a_list_holds_those_that_were_not_refused():
    ready, early = cases.signed_off(), cases.proposed()
    outcomes = reviews.publish([early, ready], people.municipal_officer(), "名单")
    assert [one.refused and one.refused.code for one in outcomes] == ["state", None]
    assert NoticeLine.objects.get().application == ready
    assert reviews.publish([early], people.municipal_officer(), "空名单").done == []
    assert PublicNotice.objects.count() == 1


def test_one_list_is_of_one_call_item():
    case = cases.signed_off()
    other = cases.referred()
    outcomes = reviews.publish([case, other], people.municipal_officer(), "混合名单")
    assert {one.refused.code for one in outcomes} == {"invalid"}
    assert not PublicNotice.objects.exists()


# --- rules checked again ----------------------------------------------------------------------------------


def test_what_became_known_during_the_notice_stops_the_approval():
    case = cases.published()
    with at_end_of_notice(case):
        CreditCheck.objects.create(
            enterprise=case.enterprise,
            as_of=clock.today(),
            listed=True,
            source="市公共信用信息平台",
            recorded_at=clock.now(),
        )
        wrong = refusal(reviews.approve(case, people.municipal_head()))
    assert "应退回重审" in wrong.message
    assert held(case).set_aside == AWARD


@pytest.mark.parametrize(("rate", "message"), [("0.0500", "最多 1,600,000.00 元"), (None, "算不出支持金额")])
def test_a_rule_that_changed_during_the_notice_stops_a_larger_award(rate, message):
    case = cases.published()
    rule = start_rule(case.call_item, people.policy_administrator())
    AwardRow.objects.filter(rule=rule).delete()
    if rate:
        AwardRow.objects.create(rule=rule, position=1, kind="rate", base="investment", rate=Decimal(rate))
    try_rule(rule, people.policy_administrator("-2"))
    approve_rule(rule, people.policy_administrator("-2"))
    with at_end_of_notice(case):
        assert message in refusal(reviews.approve(case, people.municipal_head())).message


def test_a_threshold_changed_in_the_admin_changes_who_is_recommended():
    case = cases.accepted()
    rule = start_rule(case.call_item, people.policy_administrator())
    Condition.objects.filter(rule=rule, fact="investment").update(value="50000000")
    try_rule(rule, people.policy_administrator("-2"))
    approve_rule(rule, people.policy_administrator("-2"))
    with clock.at(clock.now() + timedelta(minutes=1)):
        wrong = refusal(reviews.recommend(case, people.district_officer(), "for", "同意"))
        assert "有新增投资" in wrong.message
        case = reviews.recommend(case, people.district_officer(), "against", "投资额不足").one()
    assert (case.state, case.eligible) == (State.DISTRICT_ENDORSEMENT, False)


def test_the_ledger_is_whole_after_all_of_this():
    cases.paid()
    cases.withdrawn(cases.proposed())
    reviews.reopen(cases.published(), people.municipal_head(), "异议成立").one()
    cases.signed_off()
    call_command("verify_ledger", verbosity=0)
    call_command("verify_events", verbosity=0)


# --- referred ---------------------------------------------------------------------------------------------


def test_a_returned_referral_is_received_again():
    case = reviews.return_referral(cases.referred(), people.municipal_officer(), "不属本单位").one()
    assert (case.state, case.accepted_at, case.accepted_by) == (State.SUBMITTED, None, None)
    case = cases.accepted(case)
    case = reviews.conclude(case, people.municipal_officer(), "已纳入服务机构库").one()
    assert (case.state, case.result, case.due_on) == (State.CONCLUDED, "已纳入服务机构库", None)
    assert case.ended_at == clock.now()
