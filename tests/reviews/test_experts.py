"""专家评审: who is in the pool, who may be asked, no interest declared, a review given once; nobody else learns who."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from applications import access
from applications import workflow as applying
from applications.verbs import Refused
from enterprises.models import Claim, Enterprise, Member
from foundation.accounts.models import Office
from foundation.accounts.workflow import AccountRefused, end_post, give_post
from foundation.clock import clock
from foundation.events.events import timeline
from foundation.events.models import Event, Notification
from measures import workflow as policy
from measures.models import Call, CallItem, ReviewCriterion
from reviews import conflicts, expert_access, scoring, workflow
from reviews.models import Expert, ExpertReview, ReviewScore
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of, verified_enterprise
from tests.reviews import experts
from tests.reviews.experts import OPINION, SCORES

pytestmark = pytest.mark.django_db


def refused(verb, *args, **given) -> Refused:
    before = Event.objects.count()
    with pytest.raises(Refused) as caught:
        verb(*args, **given)
    assert Event.objects.count() == before
    return caught.value


def soon(days: int = 10):
    return clock.today() + timedelta(days=days)


def audiences(verb: str) -> set:
    told = Notification.objects.filter(event__verb=verb)
    return set(told.values_list("audience_kind", "audience_id"))


def test_experts_are_asked_declare_and_review_once():
    case = cases.endorsed()
    officer = people.municipal_officer()
    first, second = experts.pooled("a"), experts.pooled("b")
    rows = workflow.ask_experts(case, officer, [first, second], soon(), "请着重看投资构成。")
    assert [row.criteria[1]["weight"] for row in rows] == [30, 30]
    assert audiences("ask_review") == {("user", first.person_id), ("user", second.person_id)}
    # The case's own event says how many, never who; what the expert is told doesn't name the case's number.
    event = timeline(case).get(verb="ask_experts")
    assert event.facts["experts"] == 2
    for one in (first, second):
        assert str(one.person) not in str(event.facts) and one.employer not in str(event.facts)
    assert case.number not in str(Event.objects.filter(verb="ask_review").first().facts)
    row, other = rows
    person = first.person
    assert list(expert_access.own_reviews(person)) == [row]
    assert not access.on_desk(person).exists()
    assert set(expert_access.reviews(officer)) == set(rows) == set(expert_access.reviews(people.auditor()))
    assert not expert_access.reviews(people.district_officer()).exists()
    # Nothing is reviewed before the declaration, nothing is read either.
    given = {"scores": SCORES, "opinion": OPINION, "verdict": "support"}
    assert refused(workflow.submit_review, row, person, **given).code == "state"
    assert not expert_access.reads_submission(person, row)
    for somebody in (second.person, officer, people.auditor()):
        assert refused(workflow.declare_no_conflict, row, somebody).code == "forbidden"
    row = workflow.declare_no_conflict(row, person)
    assert expert_access.reads_submission(person, row)
    assert "没有任职" in timeline(row).get(verb="declare_no_conflict").facts["declaration"]
    assert refused(workflow.declare_no_conflict, row, person).code == "state"
    # Within the bounds, with a text and a conclusion.
    for scores, place in (
        ([*SCORES[:3]], "score_4"),
        ([Decimal("20.1"), *SCORES[1:]], "score_1"),
        ([SCORES[0], Decimal("-1"), *SCORES[2:]], "score_2"),
        ([*SCORES[:2], Decimal("12.34"), SCORES[3]], "score_3"),
    ):
        wrong = refused(workflow.submit_review, row, person, **given | {"scores": scores})
        assert set(wrong.fields) == {place}
    assert "opinion" in refused(workflow.submit_review, row, person, **given | {"opinion": " "}).fields
    assert "verdict" in refused(workflow.submit_review, row, person, **given | {"verdict": "?"}).fields
    assert refused(workflow.submit_review, row, person, **given | {"scores": [*SCORES, 1]}).code == "invalid"
    assert refused(workflow.submit_review, row, second.person, **given).code == "forbidden"
    done = workflow.submit_review(row, person, **given)
    assert (done.state, done.total) == ("submitted", Decimal("80.5"))
    assert not expert_access.reads_submission(person, done)
    assert audiences("submit_review") == {("office", case.office_id)}
    facts = timeline(case).get(verb="submit_review").facts
    assert (facts["submitted"], facts["experts"]) == (1, 2) and "80.5" not in str(facts)
    # Once and for good, in the database as well.
    assert refused(workflow.submit_review, row, person, **given).code == "stale"
    assert refused(workflow.submit_review, done, person, **given).code == "state"
    assert refused(workflow.decline_review, done, person, "time").code == "state"
    assert refused(workflow.withdraw_request, done, officer, "不需要了").code == "state"
    for change in ({"opinion": "改了"}, {"total": 100}, {"due_on": soon(40)}):
        with transaction.atomic(), pytest.raises(DatabaseError), transaction.atomic():
            ExpertReview.objects.filter(pk=done.pk).update(**change)
    with transaction.atomic(), pytest.raises(DatabaseError), transaction.atomic():
        ReviewScore.objects.filter(review=done).update(points=1)
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        ReviewScore.objects.create(review=other, position=1, points=21, weight=20)
    # Together with a second one.
    other = workflow.declare_no_conflict(other, second.person)
    workflow.submit_review(
        other, second.person, scores=[10, 20, 20, 10], opinion="依据不足", verdict="oppose"
    )
    found = scoring.scores(list(case.expert_reviews.prefetch_related("scores").order_by("pk")))
    assert (found.mean, found.lowest, found.highest, found.spread) == tuple(
        map(Decimal, ("70.25", "60", "80.5", "20.5"))
    )
    assert [line.mean for line in found.lines] == [
        Decimal(mean) for mean in ("13.00", "22.25", "22.50", "12.50")
    ]
    assert expert_access.counts(case) == (0, 2)


def test_who_and_what_can_not_be_asked():
    case, officer = cases.endorsed(), people.municipal_officer()
    ask = workflow.ask_experts
    assert "experts" in refused(ask, case, officer, [], soon()).fields
    fit = experts.pooled("fit")
    for days in (0, 61):
        assert "due_on" in refused(ask, case, officer, [fit], soon(days)).fields
    for somebody in (people.district_officer(), people.auditor(), fit.person):
        assert refused(ask, case, somebody, [fit], soon()).code == "forbidden"
    assert refused(ask, cases.accepted(), officer, [fit], soon()).code == "state"
    # Who belongs to the applicant, by its code, its name however it is typed, or as its person.
    by_code = experts.pooled("code", employer_code=case.enterprise.uscc)
    by_name = experts.pooled("name", employer=f" {case.enterprise.name}（总部）".replace("（总部）", " "))
    member = experts.pooled("member")
    claim = Claim.objects.filter(enterprise=case.enterprise).order_by("pk").first()
    Member.objects.filter(claim=claim).update(user=member.person)
    # Who keeps out, who signed before, whose entry or account has ended.
    former = people.municipal_officer("out")
    workflow.keep_out(former, case, "亲属任职")
    former.posts.update(role="expert")
    out = workflow.enter_expert(former, officer, case.office, fields=["财务审计"], employer="示例事务所")
    gone = workflow.end_expert(experts.pooled("gone"), officer, "本人提出")
    idle = experts.pooled("idle")
    end_post(idle.person.posts.get(), people.system_administrator(), clock.today())
    with clock.at(clock.now() + timedelta(days=1)):
        against = conflicts.against([fit, by_code, by_name, member, gone, idle, out], case)
        assert set(against) == {one.pk for one in (by_code, by_name, member, gone, idle, out)}
        both = refused(ask, case, officer, [fit, by_code], soon())
        assert "experts" in both.fields and str(by_code.person) in both.message
    assert not ExpertReview.objects.exists()
    ask(case, officer, [fit], soon())
    assert "experts" in refused(ask, case, officer, [fit], soon()).fields


def test_partners_and_the_legal_person_above_a_branch_are_the_applicant_too():
    line = cases.open_call_item()
    CallItem.objects.filter(pk=line.pk).update(consortium_most=2)
    line.refresh_from_db()
    partner = verified_enterprise(name="联合检测技术有限公司")
    case = cases.draft(line)
    given = {"part": "检测方法开发", "share": Decimal(30)}
    part = applying.name_partner(case, case.created_by, uscc=partner.uscc, name=partner.name, **given)
    applying.confirm_part(part, owner_of(partner))
    case = applying.submit(case, case.created_by).one()
    by_partner = experts.pooled("a", employer="联合检测技术 有限公司")
    by_code = experts.pooled("b", employer_code=partner.uscc)
    above = experts.pooled("c", employer="上级集团有限公司")
    free = experts.pooled("d")
    Enterprise.objects.filter(pk=case.enterprise_id).update(
        legal_form="branch", parent_uscc=partner.uscc[:-1] + "X", parent_name="上级集团有限公司"
    )
    case.enterprise.refresh_from_db()
    against = conflicts.against([by_partner, by_code, above, free], case)
    assert set(against) == {by_partner.pk, by_code.pk, above.pk}


def test_an_expert_declines_and_is_not_asked_again():
    case, officer = cases.endorsed(), people.municipal_officer()
    row = experts.asked(case)
    decline = workflow.decline_review
    assert "ground" in refused(decline, row, row.person, "?").fields
    assert "because" in refused(decline, row, row.person, "other", " ").fields
    assert refused(decline, row, officer, "time").code == "forbidden"
    done = decline(row, row.person, "conflict")
    assert done.state == "declined" and audiences("decline_review") == {("office", case.office_id)}
    assert "回避" in timeline(case).get(verb="decline_review").facts["declined_for"]
    assert refused(workflow.declare_no_conflict, done, row.person).code == "state"
    assert "experts" in refused(workflow.ask_experts, case, officer, [done.expert], soon()).fields
    assert expert_access.counts(case) == (0, 0)


def test_a_request_is_withdrawn_and_void_once_the_case_has_moved_on():
    case, officer = cases.endorsed(), people.municipal_officer()
    row = experts.asked(case)
    withdraw = workflow.withdraw_request
    assert "because" in refused(withdraw, row, officer, "").fields
    assert refused(withdraw, row, row.person, "-").code == "forbidden"
    assert refused(withdraw, row, people.district_officer(), "-").code == "forbidden"
    assert withdraw(row, officer, "另请他人").state == "withdrawn"
    assert audiences("withdraw_request") == {("user", row.person_id)}
    # Asked again, and late.
    again = experts.declared(case)
    with clock.at(clock.now() + timedelta(days=11)):
        again.refresh_from_db()
        assert again.is_overdue and expert_access.counts(case) == (1, 0)
    # A correction only interrupts the review.
    asking = workflow.request_correction(
        case, people.municipal_officer(), {"project_summary": "请补充"}, ""
    ).one()
    assert ExpertReview.objects.waiting().count() == 1
    case = cases.resubmitted(asking)
    cases.proposed(case=case)
    again = ExpertReview.objects.select_related("application").get(pk=again.pk)
    assert not again.is_waiting and not ExpertReview.objects.waiting().exists()
    late = {"scores": SCORES, "opinion": OPINION, "verdict": "support"}
    assert refused(workflow.submit_review, again, again.person, **late).code == "state"
    assert not expert_access.reads_submission(again.person, again)
    # Who keeps out of the case sees none of its reviews.
    workflow.keep_out(officer, case, "利害关系")
    assert not expert_access.reviews(officer).exists()


def test_who_keeps_out_asks_and_withdraws_nothing():
    case, officer = cases.endorsed(), people.municipal_officer()
    row = experts.asked(case)
    workflow.keep_out(officer, case, "利害关系")
    assert refused(workflow.ask_experts, case, officer, [experts.pooled("b")], soon()).code == "forbidden"
    assert refused(workflow.withdraw_request, row, officer, "不需要了").code == "forbidden"
    assert workflow.withdraw_request(row, people.municipal_officer("b"), "不需要了").state == "withdrawn"


def test_without_criteria_an_expert_gives_no_scores():
    case = cases.endorsed()
    ReviewCriterion.objects.all().delete()
    row = experts.declared(case)
    given = {"opinion": OPINION, "verdict": "oppose"}
    assert refused(workflow.submit_review, row, row.person, scores=[Decimal(5)], **given).code == "invalid"
    done = workflow.submit_review(row, row.person, scores=[], **given)
    assert done.total is None and not done.scores.exists()
    assert scoring.scores([done]) is None


def test_the_pool_is_kept_by_the_commission_and_its_accounts_by_the_administrator():
    cases.open_call_item()
    officer, office = people.municipal_officer(), Office.objects.get(code="kw")
    person = people.expert()
    given = {"fields": ["科学研究与试验发展服务"], "employer": "示例大学"}
    enter = workflow.enter_expert
    for somebody in (people.district_officer(), people.system_administrator(), people.auditor(), person):
        assert refused(enter, person, somebody, office, **given).code == "forbidden"
    assert "fields" in refused(enter, person, officer, office, **given | {"fields": [" "]}).fields
    assert "employer" in refused(enter, person, officer, office, **given | {"employer": ""}).fields
    yesterday = clock.today() - timedelta(days=1)
    assert "until" in refused(enter, person, officer, office, until=yesterday, **given).fields
    assert "person" in refused(enter, people.user(), officer, office, **given).fields
    entry = enter(person, officer, office, **given)
    assert audiences("enter_expert") == {("user", person.pk)}
    assert "person" in refused(enter, person, officer, office, **given).fields
    assert "because" in refused(workflow.end_expert, entry, officer, "").fields
    assert refused(workflow.end_expert, entry, person, "本人提出").code == "forbidden"
    assert not workflow.end_expert(entry, officer, "更换单位").is_in_force
    assert refused(workflow.end_expert, entry, officer, "更换单位").code == "state"
    assert enter(
        person, officer, office, until=clock.today(), **given | {"employer": "另一所大学"}
    ).is_in_force
    assert Expert.objects.filter(person=person).count() == 2
    # Who reviews as an expert decides nothing.
    with pytest.raises(AccountRefused):
        give_post(
            person,
            people.system_administrator(),
            office=office,
            role="municipal_officer",
            since=clock.today(),
        )
    with pytest.raises(AccountRefused):
        give_post(officer, people.system_administrator(), office=office, role="expert", since=clock.today())


def test_criteria_make_a_hundred_points_before_a_call_is_published():
    line = cases.open_call_item()
    shipped = list(line.criteria.values_list("weight", flat=True))
    assert sum(shipped) == 100 and len(shipped) == 4
    call = Call.objects.create(
        title="评审指标",
        year=line.call.year,
        opens_at=clock.now(),
        closes_at=clock.now() + timedelta(days=30),
        office=line.call.office,
    )
    other = CallItem.objects.create(
        call=call,
        item=line.item,
        serial=9,
        route=line.route,
        form=line.form,
        fund=line.fund,
        decided_by=line.decided_by,
    )
    ReviewCriterion.objects.create(call_item=other, position=1, name="水平", looks_at="-", weight=90)
    with pytest.raises(policy.Refused) as caught:
        policy.publish_call(call, people.policy_administrator())
    assert any("合计 90 分" in message for message in caught.value.messages)
    ReviewCriterion.objects.create(call_item=other, position=2, name="成效", looks_at="-", weight=10)
    with pytest.raises(policy.Refused) as caught:
        policy.publish_call(call, people.policy_administrator())
    assert not any("评审指标" in message for message in caught.value.messages)
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        ReviewCriterion.objects.create(call_item=other, position=3, name="多余", looks_at="-", weight=101)
