"""免申即享: a list drawn and checked by two, the enterprise's own word, silence chased, the omitted heard."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from applications import workflow
from applications.models import Application, RuleCheck, Submission
from applications.states import State
from applications.verbs import Refused
from enterprises.models import CreditCheck, Enterprise
from enterprises.workflow import set_account
from foundation.clock import clock
from foundation.events import events
from foundation.files import files
from measures import funds, screening_workflow
from measures.models import CallItem, LedgerEntry
from reviews import access
from reviews import workflow as reviews
from reviews.models import ListingRequest, OfferContact, ProactiveList, PublicNotice
from reviews.workflow import Contact
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import BANK, owner_of, pdf, verified_enterprise
from tests.reviews import offered

pytestmark = pytest.mark.django_db
AWARD = Decimal("200000.00")


@pytest.fixture(autouse=True)
def whole(db):
    """Whatever a test did, the ledger and the history agree with the cases."""
    yield
    call_command("verify_ledger", verbosity=0)
    call_command("verify_events", verbosity=0)


def set_aside() -> Decimal:
    return funds.balance(offered.call_item().fund).set_aside


def standing() -> Decimal:
    held = Application.objects.filter(state__in=["offered", "signed_off", "public_notice"])
    return sum(held.order_by().values_list("proposed_amount", flat=True), Decimal(0))


def refused(act, code: str, words: str = "") -> Refused:
    """The act is refused with that code and those words, and writes nothing."""
    before = events.timeline(offered.call_item()).count(), set_aside(), Application.objects.count()
    with pytest.raises(Refused, match=words or None) as told, transaction.atomic():
        result = act()
        if hasattr(result, "one"):
            result.one()
    assert told.value.code == code, told.value.message
    assert before == (events.timeline(offered.call_item()).count(), set_aside(), Application.objects.count())
    return told.value


def spoil(enterprise: Enterprise) -> None:
    """What is known of its credit is no longer clean."""
    CreditCheck.objects.create(
        enterprise=enterprise,
        as_of=clock.today(),
        listed=True,
        source="市公共信用信息平台",
        recorded_at=clock.now(),
    )


def test_a_list_is_drawn_from_a_screening_struck_checked_by_another_and_offered():
    first, second, struck, gone = (offered.qualified(name=f"示例{n}检测有限公司") for n in "一二三四")
    alone = offered.unclaimed(people.PUDONG, name="示例五检测有限公司")
    unknown = verified_enterprise(eligible=False)
    screening = offered.screened()
    officer, head = people.municipal_officer(), people.municipal_head()
    refused(lambda: reviews.draw_list(screening, head), "forbidden")
    drawn = reviews.draw_list(screening, officer)
    rows = {row.enterprise_id: row for row in drawn.rows.all()}
    assert rows.keys() == {one.pk for one in (first, second, struck, gone, alone)}
    assert unknown.pk not in rows
    assert {row.amount for row in rows.values()} == {AWARD}
    refused(lambda: reviews.draw_list(screening, officer), "state", "还没有复核")

    refused(lambda: reviews.strike_row(rows[struck.pk], officer, " "), "invalid", "理由")
    refused(lambda: reviews.strike_row(rows[struck.pk], head, "重复"), "forbidden")
    reviews.strike_row(rows[struck.pk], officer, "与另一家为同一法人，不重复支持")
    refused(lambda: reviews.strike_row(rows[struck.pk], officer, "再划"), "stale")
    refused(lambda: reviews.check_list(drawn, head), "stale")
    drawn.refresh_from_db()
    refused(lambda: reviews.check_list(drawn, officer), "forbidden")

    # What became known since the drawing is seen by the check; who fell out is told with the reason.
    spoil(gone)
    assert set_aside() == 0
    drawn = reviews.check_list(drawn, head)
    assert (drawn.state, drawn.checked_by) == ("checked", head)
    outcomes = {row.enterprise_id: row for row in drawn.rows.select_related("case")}
    assert outcomes[struck.pk].case is outcomes[gone.pk].case is None
    assert "不符合：近三年没有严重失信" in outcomes[gone.pk].left_out
    assert set_aside() == standing() == 3 * AWARD

    case = outcomes[first.pk].case
    assert (case.state, case.office.code, case.proposed_amount) == ("offered", "kw", AWARD)
    assert (case.proposed_by, case.signed_off_by) == (officer, head)
    assert case.number == f"KJFW-{case.call_item.code}-000001"
    assert case.award_lines == [{"text": case.award_lines[0]["text"], "amount": "200000.00"}]
    assert case.due_on > clock.today()
    assert case.steps.get().state == "offered"
    assert RuleCheck.objects.get(application=case).eligible is True
    assert events.inbox(owner_of(first))[0].event.verb == "offer"
    # Nobody acts for the fifth yet: its district is asked to reach it, and whoever acts for it later sees it.
    district = people.district_officer(people.PUDONG)
    assert events.inbox(district)[0].event.verb == "check_list"
    assert access.offers_to_chase(district).get() == outcomes[alone.pk].case
    assert not access.offers_to_chase(people.district_officer()).exists()
    refused(lambda: reviews.check_list(drawn, people.municipal_head("-2")), "stale")
    refused(lambda: reviews.drop_list(drawn, officer, "作废"), "stale")


def test_a_list_whose_fund_does_not_reach_is_refused_whole_and_a_dropped_list_frees_the_next():
    enterprises = [offered.qualified() for _n in range(2)]
    drawn = offered.drawn(*enterprises)
    line = offered.call_item()
    rich = line.fund
    CallItem.objects.filter(pk=line.pk).update(fund=cases.empty_fund(rich))
    # The rule names the fund of its call item; the empty one reaches for nobody.
    told = refused(lambda: reviews.check_list(drawn, people.municipal_head()), "invalid", "还差")
    assert "400,000.00" in told.message
    CallItem.objects.filter(pk=line.pk).update(fund=rich)
    refused(lambda: reviews.drop_list(drawn, people.municipal_officer(), ""), "invalid")
    refused(lambda: reviews.drop_list(drawn, people.district_officer(), "错"), "forbidden")
    dropped = reviews.drop_list(drawn, people.municipal_head(), "筛选日期有误，重新筛选")
    assert (dropped.state, dropped.reason) == ("dropped", "筛选日期有误，重新筛选")
    again = offered.drawn(*enterprises)
    assert again.number.endswith("-02")
    with pytest.raises(IntegrityError), transaction.atomic():
        # Past the verbs: nobody checks a list of their own.
        ProactiveList.objects.filter(pk=again.pk).update(
            state="checked", checked_by=again.drawn_by, checked_at=clock.now()
        )
    assert set_aside() == 0


def test_the_enterprise_confirms_with_account_and_declarations_and_the_way_goes_on():
    case = offered.offered()
    owner = owner_of(case.enterprise)
    Enterprise.objects.filter(pk=case.enterprise_id).update(bank_account="", bank_name="")
    told = refused(lambda: workflow.confirm_offer(case, owner, {"same_project_supported": False}), "invalid")
    assert {"bank_account", "declare_consent", "declare_integrity", "declare_truth"} == told.fields.keys()
    set_account(case.enterprise, owner, bank_name=BANK, bank_account="6222020200112238821")
    stranger = owner_of(verified_enterprise())
    refused(lambda: workflow.confirm_offer(case, stranger, offered.CONFIRMED), "forbidden")
    refused(lambda: workflow.confirm_offer(case, people.municipal_officer(), offered.CONFIRMED), "forbidden")
    with pytest.raises(IntegrityError), transaction.atomic():
        # Past the verbs: nobody goes on without the enterprise's word.
        Application.objects.filter(pk=case.pk).update(state="signed_off")

    done = workflow.confirm_offer(case, owner, offered.CONFIRMED).one()
    assert (done.state, done.confirmed_by, done.submitted_by) == (State.SIGNED_OFF, owner, owner)
    assert set_aside() == AWARD
    copy = Submission.objects.get(application=case)
    assert copy.answers == offered.CONFIRMED
    refused(lambda: workflow.confirm_offer(case, owner, offered.CONFIRMED), "stale")
    refused(lambda: workflow.decline_offer(done, owner), "state")

    paid = cases.paid(cases.approved(cases.published(done)))
    assert paid.state == State.PAID
    assert funds.balance(paid.call_item.fund).spent == AWARD
    assert PublicNotice.objects.get().lines.get().project == paid.call_item.item.name


def test_what_is_not_as_the_list_says_is_reviewed_and_a_clear_no_is_refused():
    supported, spoilt, declined = (offered.qualified() for _n in range(3))
    offered.checked(supported, spoilt, declined)
    other = offered.CONFIRMED | {
        "same_project_supported": True,
        "other_support_details": "区级升规奖励 10 万元",
    }
    case = offered.case_of(supported)
    looked_at = workflow.confirm_offer(case, owner_of(supported), other).one()
    assert (looked_at.state, looked_at.proposed_amount, looked_at.proposal) == ("municipal_review", None, "")
    assert set_aside() == standing() == 2 * AWARD
    # The officer proposes as for any other case: the declarations and the frozen check are there.
    proposal = reviews.Proposal(support=True, text="区级奖励为不同事由，可以支持")
    again = reviews.propose(looked_at, people.municipal_officer(), proposal).one()
    assert (again.state, set_aside()) == ("proposed", 3 * AWARD)

    spoil(spoilt)
    case = offered.case_of(spoilt)
    refused(
        lambda: workflow.confirm_offer(case, owner_of(spoilt), offered.CONFIRMED), "invalid", "核对不符合"
    )
    # Silence, or a no of the rule, ends nothing by itself; the officer may end this one, with a reason.
    officer = people.municipal_officer()
    refused(lambda: reviews.end_offer(case, people.municipal_head(), "不符合"), "forbidden")
    refused(
        lambda: reviews.end_offer(offered.case_of(declined), officer, "一直没有确认"), "state", "不等于放弃"
    )
    ended = reviews.end_offer(case, officer, "已列入严重失信名单，不再符合条件").one()
    assert (ended.state, set_aside()) == ("lapsed", 2 * AWARD)
    told = events.inbox(owner_of(spoilt))[0].event
    assert (told.verb, "行政复议" in told.facts["remedies"]) == ("end_offer", True)

    case = offered.case_of(declined)
    gone = workflow.decline_offer(case, owner_of(declined)).one()
    assert (gone.state, gone.reason, set_aside()) == ("withdrawn", "企业放弃，没有写明理由", AWARD)
    # Who gave it up isn't put on the next list, but may ask.
    with pytest.raises(Refused, match="没有可以列入"):
        reviews.draw_list(offered.screened(), officer)
    assert reviews.ask_listing(offered.call_item(), declined, owner_of(declined), "重新考虑").state == "asked"


def test_silence_is_reminded_twice_then_phoned_and_never_forfeited():
    case = offered.offered()
    owner, officer = owner_of(case.enterprise), people.district_officer()
    days = case.call_item.confirm_days
    said = Contact("phone", clock.today(), "will_confirm", "王经理", "下周确认")
    for _n in range(2):
        assert workflow.remind_offers() == []
    with clock.at(case.due_on + timedelta(days=1)):
        assert workflow.remind_offers() == [case]
        assert workflow.remind_offers() == []
        assert not access.offers_to_chase(officer).exists()
    late = clock.moment_of(case.due_on + timedelta(days=2 * days + 10))
    with clock.at(late):
        assert workflow.remind_offers() == [case]
        assert workflow.remind_offers() == []
        assert [one.event.verb for one in events.inbox(owner)[:3]] == ["remind_offer"] * 2 + ["offer"]
        assert access.offers_to_chase(officer).get() == case
        assert not access.offers_to_chase(people.district_officer(people.PUDONG)).exists()
        wrong = Contact("letter", clock.today() + timedelta(days=1), "", "")
        told = refused(lambda: reviews.record_contact(case, officer, wrong), "invalid")
        assert told.fields.keys() == {"method", "on", "result", "person"}
        other = people.district_officer(people.PUDONG)
        refused(lambda: reviews.record_contact(case, other, said), "forbidden")
        reviews.record_contact(case, officer, said).one()
        row = OfferContact.objects.get()
        assert (row.person, row.masked_person, row.office.code) == ("王经理", "王**", "kw-310104")
        assert "王经理" not in str(events.timeline(case).last().facts)
        case.refresh_from_db()
        assert case.state == State.OFFERED
        # Months later it still stands, and is confirmed like on the first day.
        assert workflow.confirm_offer(case, owner, offered.CONFIRMED).one().state == State.SIGNED_OFF
        refused(lambda: reviews.record_contact(offered.case_of(case.enterprise), officer, said), "state")


def test_an_offer_ends_with_the_year_of_its_money_by_an_officers_verb_alone():
    case = offered.offered()
    with clock.at(clock.today().replace(year=clock.today().year + 1, month=2, day=1)):
        workflow.remind_offers()
        case.refresh_from_db()
        assert case.state == State.OFFERED
        ended = reviews.end_offer(
            case, people.municipal_officer(), "年度资金已结束，可在下一年度再确认"
        ).one()
    assert (ended.state, ended.proposed_amount, set_aside()) == (State.LAPSED, None, 0)


def test_the_omitted_ask_and_are_included_by_two_or_refused_with_remedies():
    line = offered.call_item()
    early = offered.qualified()
    refused(lambda: reviews.ask_listing(line, early, owner_of(early), "请列入"), "state", "尚未复核")
    offered.checked(early)
    refused(lambda: reviews.ask_listing(line, early, owner_of(early), "请列入"), "state", "已列入名单")
    enterprise = offered.qualified()
    owner, officer, head = owner_of(enterprise), people.municipal_officer(), people.municipal_head()
    refused(lambda: reviews.ask_listing(line, enterprise, owner, ""), "invalid")
    refused(lambda: reviews.ask_listing(line, enterprise, owner_of(early), "请列入"), "forbidden")
    refused(
        lambda: reviews.ask_listing(cases.open_call_item(), enterprise, owner, "请列入"), "state", "企业申报"
    )
    paper = files.store(pdf("统计局证明.pdf"), owner)
    asked = reviews.ask_listing(line, enterprise, owner, "名单筛选之后才登记纳统", [paper])
    assert (asked.answer["eligible"], asked.documents.get()) == (True, paper)
    refused(lambda: reviews.ask_listing(line, enterprise, owner, "请列入"), "state", "等待答复")

    refused(lambda: reviews.grant_listing(asked, head, "属实"), "forbidden")
    refused(lambda: reviews.grant_listing(asked, officer, ""), "invalid")
    asked = reviews.grant_listing(asked, officer, "已与统计局核实")
    extra = asked.rows.get().list
    assert (asked.state, extra.is_supplementary, extra.state) == ("included", True, "drawn")
    # A supplementary list that comes to nothing brings the request back, with a new day.
    reviews.drop_list(extra, head, "先核实法人关系")
    asked.refresh_from_db()
    assert (asked.state, asked.reply) == ("asked", "")
    assert events.inbox(owner)[0].event.verb == "put_back_listing"
    asked = reviews.grant_listing(asked, officer, "再次核实无误")
    extra = asked.rows.order_by("-pk").first().list
    refused(lambda: reviews.check_list(extra, officer), "forbidden")
    reviews.check_list(extra, head)
    assert offered.case_of(enterprise).state == State.OFFERED
    assert set_aside() == standing() == 2 * AWARD

    unlucky = offered.omitted()
    spoil(unlucky)
    second = offered.asked(unlucky)
    assert second.answer["eligible"] is False
    refused(lambda: reviews.grant_listing(second, officer, "请列入"), "invalid", "不能列入")
    stale = ListingRequest.objects.get(pk=second.pk)
    done = reviews.refuse_listing(second, officer, "现列入严重失信名单")
    refused(lambda: reviews.refuse_listing(stale, officer, "再次"), "stale")
    told = events.inbox(owner_of(unlucky))[0].event
    assert (done.state, told.verb, "行政复议" in told.facts["remedies"]) == (
        "refused",
        "refuse_listing",
        True,
    )


def test_nobody_applies_for_what_is_awarded_without_an_application():
    enterprise = offered.qualified()
    refused(
        lambda: workflow.start(offered.call_item(), enterprise, owner_of(enterprise)), "state", "无需申报"
    )
    assert workflow.tell_newly_eligible() == 0
    # No list is drawn of an item that enterprises apply for.
    other = screening_workflow.screen(cases.open_call_item(), people.municipal_officer())
    refused(lambda: reviews.draw_list(other, people.municipal_officer()), "state", "不是免申即享")


def test_a_check_takes_as_many_statements_for_many_as_for_few():
    counts = []
    for number in (2, 12):
        for _n in range(number):
            offered.unclaimed()
        drawn = reviews.draw_list(offered.screened(), people.municipal_officer())
        with CaptureQueriesContext(connection) as queries:
            reviews.check_list(drawn, people.municipal_head())
        counts.append(len(queries))
    assert counts[1] <= counts[0]
    assert LedgerEntry.objects.filter(kind="set_aside").count() == 14
