"""代理: the deputy's acts are recorded as such, and for a second signature the two are one person."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from applications.models import Application
from applications.verbs import Refused
from foundation.accounts import workflow as accounts
from foundation.accounts.models import User
from foundation.clock import clock
from foundation.events.models import Event
from foundation.files import files
from payments import workflow as payments
from reviews import access as duties
from reviews import workflow
from reviews.models import Opinion
from reviews.workflow import Proposal
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import pdf, verified_enterprise, with_account

pytestmark = pytest.mark.django_db


def deputise(holder: User, deputy: User) -> User:
    """The deputy as the next request sees them, from today for a month."""
    accounts.name_deputy(
        holder.posts.get(),
        holder,
        deputy=deputy,
        since=clock.today(),
        until=clock.today() + timedelta(days=60),
        reason="休假",
    )
    return User.objects.get(pk=deputy.pk)


def refused(outcomes) -> Refused:
    with pytest.raises(Refused) as caught:
        outcomes.one()
    return caught.value


def fresh(case: Application) -> Application:
    return Application.objects.get(pk=case.pk)


def test_a_deputy_endorses_for_the_head_what_another_recommended_and_the_record_says_so():
    mine, theirs = cases.accepted(), cases.recommended()
    colleague = people.district_officer(mark="b")
    assert theirs.recommended_by == people.district_officer()
    head, deputy = people.district_head(), deputise(people.district_head(), colleague)
    assert duties.verbs(deputy, theirs) == ["endorse", "send_back"]
    assert duties.awaiting(deputy).filter(pk=theirs.pk).exists()
    done = workflow.endorse(theirs, deputy, "同意").one()
    assert (done.endorsed_by, done.endorsed_for) == (deputy, head)
    opinion = Opinion.objects.get(application=done, verdict="endorse")
    assert (opinion.by, opinion.in_place_of) == (deputy, head)
    event = Event.objects.get(verb="endorse")
    assert event.actor == deputy and event.facts["in_place_of"] == head.pk
    # As an officer they act for themselves.
    recommended = workflow.recommend(mine, deputy, "for", "建议推荐").one()
    assert recommended.recommended_for is None
    # What they recommended they don't endorse in the head's place.
    assert "endorse" not in duties.verbs(deputy, recommended) and duties.barred(deputy, recommended)
    assert not duties.awaiting(deputy).filter(pk=mine.pk).exists()
    assert refused(workflow.endorse(recommended, deputy, "同意")).code == "forbidden"
    # The head, back early, does.
    assert workflow.endorse(recommended, User.objects.get(pk=head.pk), "同意").one()


def test_what_was_recommended_in_somebody_s_place_counts_as_theirs():
    case = cases.accepted()
    office = case.office
    holder, deputy = people.district_officer(), people.district_head()
    people.district_officer(mark="c")
    acting = deputise(holder, deputy)
    case = workflow.recommend(case, acting, "for", "建议推荐").one()
    assert (case.recommended_by, case.recommended_for) == (deputy, holder)
    # Neither the deputy (also the head) nor the holder, should they be a head too, endorses it.
    assert refused(workflow.endorse(case, User.objects.get(pk=deputy.pk), "同意")).code == "forbidden"
    people.holds(holder, "district_head", office)
    assert refused(workflow.endorse(fresh(case), User.objects.get(pk=holder.pk), "同意")).code == "forbidden"
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=case.pk).update(endorsed_by=holder, endorsed_at=clock.now())
    assert workflow.endorse(fresh(case), people.district_head(mark="b"), "同意").one()


def test_propose_and_sign_off_or_approve_stay_with_two():
    case = cases.endorsed()
    officer, head = people.municipal_officer(), people.municipal_head()
    acting = deputise(head, officer)
    report = files.store(pdf("核定报告.pdf", "appraisal"), officer)
    support = Proposal(True, "核定属实", appraised=cases.INVESTMENT, document=report)
    case = workflow.propose(case, acting, support).one()
    assert refused(workflow.sign_off(case, acting)).code == "forbidden"
    assert workflow.sign_off(case, User.objects.get(pk=head.pk)).one().signed_off_for is None
    # Another officer as the head's deputy signs what the first proposed, not what the head did in the officer's place.
    second = cases.proposed(enterprise=verified_enterprise())
    accounts.end_deputyship(head.deputyships.model.objects.get(), head)
    other = deputise(head, people.municipal_officer("b"))
    signed = workflow.sign_off(second, other).one()
    assert (signed.signed_off_by, signed.signed_off_for) == (other, head)


def test_order_and_release_stay_with_two():
    case = cases.approved()
    with_account(case.enterprise)
    maker, checker = people.finance_maker(), people.finance_checker()
    acting = deputise(checker, maker)
    row = payments.order(case, acting).one().ordered
    assert (row.ordered_by, row.ordered_for) == (maker, None)
    assert refused(payments.release(row, acting)).code == "forbidden"
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(released_by=checker, released_for=maker)
    released = payments.release(row, User.objects.get(pk=checker.pk)).done
    assert [one.released_for for one in released] == [None]


def test_whose_case_the_holder_keeps_out_of_the_deputy_may_take():
    case = cases.recommended()
    head, deputy = people.district_head(), people.district_officer(mark="b")
    workflow.keep_out(head, case, "利害关系")
    acting = deputise(User.objects.get(pk=head.pk), deputy)
    assert workflow.endorse(case, acting, "同意").one().endorsed_for == head


def test_told_and_decided_of_a_revocation_stay_with_two():
    case = cases.approved()
    officer, head = people.municipal_officer(), people.municipal_head()
    acting = deputise(head, officer)
    case = payments.notify_revocation(case, acting, "moved", "已迁出本市").one()
    with clock.at(clock.now() + timedelta(days=40)):
        assert "revoke" not in duties.verbs(User.objects.get(pk=officer.pk), case)
        assert refused(payments.revoke(case, User.objects.get(pk=officer.pk))).code == "forbidden"
        assert "revoke" in duties.verbs(User.objects.get(pk=head.pk), case)


def test_who_keeps_out_is_decided_in_the_head_s_place_and_never_for_the_head_by_the_deputy():
    case = cases.accepted()
    head, second = people.district_head(), people.district_head(mark="b")
    people.district_officer(mark="b")
    deputy = deputise(head, people.district_officer(mark="c"))
    workflow.order_recusal(people.district_officer(), deputy, case, "曾在该企业任职")
    assert Event.objects.get(verb="recuse").facts["in_place_of"] == head.pk
    row = workflow.keep_out(head, case, "亲属任职")
    with pytest.raises(Refused, match="本人不能解除"):
        workflow.lift_recusal(row, deputy, "已无关系")
    assert "in_place_of" not in Event.objects.filter(verb="recuse").latest("pk").facts
    workflow.lift_recusal(row, second, "核实后无利害关系")
    assert "in_place_of" not in Event.objects.get(verb="lift_recusal").facts
