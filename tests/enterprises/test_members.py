"""Members of an enterprise: roles, invitations, joining, leaving, taking over; somebody always remains owner."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from applications import access as cases_access
from applications import workflow as applications
from applications.tasks import act_on_deadlines
from applications.verbs import Refused
from enterprises import (
    access,
    dispute_workflow,
    invitation_mail,
    invitation_workflow,
    joining_workflow,
    leaving_workflow,
    supplement_workflow,
    tasks,
    workflow,
)
from enterprises.member_roles import MAY, Does, MemberRole
from enterprises.models import Claim, Invitation, Member
from enterprises.workflow import ClaimRefused
from foundation.clock import clock
from foundation.events import delivery, events
from foundation.events.models import Delivery, Event, Notification
from reviews import workflow as reviews
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.enterprises.factories import agent, member, owner_of, pdf, takeover, unanswered_claim, viewer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue(db):
    cases.open_call_item()


@pytest.fixture
def enterprise():
    return enterprises.verified_enterprise()


def refused(verb, *args, code=None, match=None, **more) -> ClaimRefused:
    with pytest.raises(ClaimRefused, match=match) as raised:
        verb(*args, **more)
    assert code is None or raised.value.code == code
    return raised.value


def membership(user, enterprise) -> Member:
    return Member.objects.get(user=user, enterprise=enterprise, ended_at=None)


def next_year():
    return clock.today() + timedelta(days=365)


def told(verb: str) -> set[tuple[str, int]]:
    rows = Notification.objects.filter(event__verb=verb).order_by("pk")
    return set(rows.values_list("audience_kind", "audience_id"))


# --- roles ------------------------------------------------------------------------------------------------


def test_each_role_does_what_the_table_says_and_nothing_else(enterprise):
    owner, filler, reader = owner_of(enterprise), agent(enterprise), viewer(enterprise)
    stranger = people.user()
    for person, role in ((owner, "OWNER"), (filler, "AGENT"), (reader, "VIEWER"), (stranger, None)):
        held = MAY[MemberRole[role]] if role else frozenset()
        assert {does for does in Does if access.may(person, enterprise, does)} == held
    draft = cases.draft(None, enterprise, filler)
    for person in (reader, stranger):
        with pytest.raises(Refused, match="填写申请的权限"):
            applications.start(cases.open_call_item(), enterprise, person)
        with pytest.raises(Refused, match="不能修改"):
            applications.save_draft(draft, person, {}, draft.draft_revision)
        with pytest.raises(Refused) as raised:
            applications.submit(draft, person).one()
        assert raised.value.code == "forbidden"
        refused(
            supplement_workflow.supply,
            enterprise,
            person,
            topic="credit",
            note="x",
            document=pdf(),
            code="forbidden",
        )
    case = applications.submit(draft, filler).one()
    assert case.submitted_by == filler
    for person in (filler, reader):
        with pytest.raises(Refused, match="不能撤回申请"):
            applications.withdraw(case, person, "改期").one()
        refused(
            workflow.set_account,
            enterprise,
            person,
            bank_name=enterprises.BANK,
            bank_account=enterprises.ACCOUNT,
            match="不能填写收款账户",
        )
        refused(
            invitation_workflow.invite,
            enterprise,
            person,
            address="a@b.cn",
            role=MemberRole.VIEWER,
            code="forbidden",
        )
    assert cases_access.own(reader).get() == case
    asked = cases.awaiting_correction(case)
    with pytest.raises(Refused):
        applications.save_draft(asked, reader, {}, asked.draft_revision)
    assert (
        applications.withdraw(cases.Application.objects.get(pk=case.pk), owner, "改期").one().state
        == "withdrawn"
    )


def test_an_agents_term_ends_by_the_calendar_alone(enterprise):
    filler = agent(enterprise)
    last = membership(filler, enterprise).until
    draft = cases.draft(None, enterprise, filler)
    with clock.at(clock.moment_of(last)):
        assert access.mine(filler).get() == enterprise
    with clock.at(clock.moment_of(last + timedelta(days=1))):
        assert not access.mine(filler).exists() and not cases_access.own(filler).exists()
        with pytest.raises(Refused):
            applications.save_draft(draft, filler, {}, draft.draft_revision)
        assert draft in cases_access.own(owner_of(enterprise))
        extended = leaving_workflow.change_role(
            membership(filler, enterprise),
            owner_of(enterprise),
            MemberRole.AGENT,
            last + timedelta(days=300),
        )
        assert access.mine(filler).get() == enterprise and extended.until > last
    # Whom only somebody acts for whose term is over, nobody acts for.
    alone = enterprises.registered_enterprise()
    Member.objects.create(user=filler, enterprise=alone, role=MemberRole.AGENT, until=last)
    assert access.acted_for([enterprise.pk, alone.pk]) == {enterprise.pk, alone.pk}
    with clock.at(clock.moment_of(last + timedelta(days=1))):
        assert access.acted_for([enterprise.pk, alone.pk]) == {enterprise.pk}
    owner = owner_of(enterprise)
    for until, field in (
        (None, "until"),
        (clock.today() - timedelta(days=1), "until"),
        (clock.today() + timedelta(days=1200), "until"),
    ):
        wrong = refused(
            invitation_workflow.invite,
            enterprise,
            owner,
            address="a@b.cn",
            role=MemberRole.AGENT,
            until=until,
        )
        assert wrong.field == field
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.create(user=people.user(), enterprise=enterprise, role=MemberRole.AGENT)


# --- invitations ------------------------------------------------------------------------------------------


def test_an_invitation_reaches_its_address_and_is_accepted_once_by_that_address_alone(
    enterprise, django_capture_on_commit_callbacks
):
    owner = owner_of(enterprise)
    row = invitation_workflow.invite(
        enterprise, owner, address=" Li.Na@Example.test ", role=MemberRole.AGENT, until=next_year()
    )
    assert row.address == "li.na@example.test"
    refused(
        invitation_workflow.invite,
        enterprise,
        owner,
        address="li.na@example.test",
        role=MemberRole.VIEWER,
        match="已邀请过",
    )
    delivery.deliver(list(Notification.objects.filter(event__verb="invite").values_list("pk", flat=True)))
    (letter,) = mail.outbox
    token = invitation_mail.token_of(row)
    assert letter.to == ["li.na@example.test"] and token in letter.body and enterprise.name in letter.body
    sent = Delivery.objects.get(user=None)
    assert sent.sent_at is not None
    # The token stands nowhere at rest, and the address not in clear.
    with connection.cursor() as cursor:
        for table in ("events_event", "events_notification", "events_delivery", "enterprises_invitation"):
            cursor.execute(
                f"SELECT count(*) FROM {table} one WHERE one::text LIKE %s OR one::text ILIKE %s",
                [f"%{token}%", "%li.na@%"],
            )
            assert cursor.fetchone() == (0,), table
    other, invited = people.user(), people.user("lina", email="Li.Na@example.test")
    refused(invitation_workflow.accept, row, other, token, match="另一个邮箱", code="forbidden")
    refused(invitation_workflow.accept, row, invited, "0" * 64, match="链接已失效")
    again = invitation_workflow.resend(row, owner)
    refused(invitation_workflow.accept, row, invited, token, match="链接已失效")
    token = invitation_mail.token_of(again)
    made = invitation_workflow.accept(again, invited, token)
    assert (made.role, made.until) == (MemberRole.AGENT, row.until)
    assert told("accept_invitation") == {("owners", enterprise.pk)}
    for verb in (invitation_workflow.accept, invitation_workflow.decline):
        refused(verb, again, invited, token, match="已办结")
    refused(invitation_workflow.revoke, again, owner, match="已办结")


def test_an_invitation_ends_by_time_by_revoking_and_with_its_inviter(enterprise):
    owner, second = owner_of(enterprise), member(enterprise)
    invited = people.user()

    def invite():
        return invitation_workflow.invite(enterprise, owner, address=invited.email, role=MemberRole.VIEWER)

    row = invite()
    with clock.at(row.expires_at):
        refused(invitation_workflow.accept, row, invited, invitation_mail.token_of(row), match="已过期")
    invitation_workflow.revoke(row, second)
    refused(invitation_workflow.accept, row, invited, invitation_mail.token_of(row), match="已收回")
    row = invite()
    assert invitation_workflow.decline(row, invited, invitation_mail.token_of(row)).state == "declined"
    row = invite()
    leaving_workflow.leave(membership(owner, enterprise), owner)
    refused(invitation_workflow.accept, row, invited, invitation_mail.token_of(row), match="重新邀请")
    assert not access.mine(invited).exists()


# --- joining ----------------------------------------------------------------------------------------------


def test_who_enters_the_code_of_a_verified_enterprise_asks_its_owners(enterprise):
    owner, filler = owner_of(enterprise), agent(enterprise)
    row = enterprises.pending_claim(enterprise=enterprise, letter=False)
    assert row.route == Claim.Route.OWNERS and told("ask_to_join") >= {("owners", enterprise.pk)}
    assert not access.claims_to_decide(people.district_officer()).filter(pk=row.pk).exists()
    refused(workflow.verify_claim, row, people.district_officer(), match="应于")
    refused(joining_workflow.admit, row, filler, MemberRole.VIEWER, code="forbidden")
    refused(joining_workflow.admit, row, row.user, MemberRole.VIEWER, code="forbidden")
    done = joining_workflow.admit(row, owner, MemberRole.VIEWER)
    assert done.state == "verified" and membership(row.user, enterprise).role == MemberRole.VIEWER
    refused(joining_workflow.admit, done, owner, MemberRole.OWNER, match="已办结")
    # Who became owner meanwhile, by an invitation, is not made less by the answer to an older request.
    late = people.user("late", email="late@example.test")
    asking = enterprises.pending_claim(late, enterprise)
    asked = invitation_workflow.invite(enterprise, owner, address="late@example.test", role=MemberRole.OWNER)
    invitation_workflow.accept(asked, late, invitation_mail.token_of(asked))
    refused(joining_workflow.admit, asking, owner, MemberRole.VIEWER, match="已经是企业经办人")
    assert membership(late, enterprise).role == MemberRole.OWNER
    other = enterprises.pending_claim(enterprise=enterprise)
    assert refused(joining_workflow.refuse_to_admit, other, owner, " ").field == "reason"
    joining_workflow.refuse_to_admit(other, owner, "不认识此人")
    assert "不认识此人" in events.render(Notification.objects.get(event__verb="refuse_to_admit")).body
    assert not access.mine(other.user).exists()


def test_a_request_that_nobody_answers_comes_to_the_district_once(enterprise):
    row = enterprises.pending_claim(enterprise=enterprise, letter=False)
    assert tasks.escalate_requests() == 0
    officer = people.district_officer()
    with clock.at(clock.moment_of(row.due_on + timedelta(days=1))):
        assert (tasks.escalate_requests(), tasks.escalate_requests()) == (1, 0)
        row.refresh_from_db()
        assert access.claims_to_decide(officer).get(pk=row.pk).by_district
        refused(workflow.verify_claim, row, officer, match="授权委托书")
        row = workflow.attach_letter(row, row.user, pdf())
        assert workflow.verify_claim(row, officer).state == "verified"
    assert enterprise.members.owners().count() == 2
    assert ("user", row.user_id) in told("escalate_claim")
    late = unanswered_claim(enterprise=enterprise)
    assert joining_workflow.admit(late, owner_of(enterprise), MemberRole.VIEWER).state == "verified"


# --- leaving, handing over, taking over -------------------------------------------------------------------


def test_the_last_owner_goes_only_when_somebody_follows(enterprise):
    owner, filler = owner_of(enterprise), agent(enterprise)
    refused(leaving_workflow.leave, membership(owner, enterprise), owner, match="唯一的企业经办人")
    refused(leaving_workflow.leave, membership(owner, enterprise), filler, code="forbidden")
    refused(
        leaving_workflow.change_role, membership(owner, enterprise), owner, MemberRole.VIEWER, match="唯一"
    )
    refused(leaving_workflow.pass_ownership, membership(filler, enterprise), filler, code="forbidden")
    draft = cases.draft(None, enterprise, owner)
    stale = membership(filler, enterprise)
    new = leaving_workflow.pass_ownership(stale, owner)
    assert (new.role, new.until) == (MemberRole.OWNER, None)
    assert told("pass_ownership") == {("owners", enterprise.pk), ("user", owner.pk)}
    assert owner_of(enterprise) == filler
    # What the one who left wrote stays with the enterprise.
    assert not cases_access.own(owner).exists() and cases_access.own(filler).get() == draft
    assert applications.submit(draft, filler).one().state == "submitted"
    refused(leaving_workflow.remove, stale, filler, "x", code="stale")
    row = enterprises.pending_claim(owner, enterprise)
    assert row.route == Claim.Route.OWNERS


def test_an_owner_removes_others_but_no_owner(enterprise):
    owner, second, reader = owner_of(enterprise), member(enterprise), viewer(enterprise)
    assert refused(leaving_workflow.remove, membership(reader, enterprise), owner, "").field == "reason"
    refused(leaving_workflow.remove, membership(second, enterprise), owner, "想独自管理", match="所在区")
    refused(
        leaving_workflow.change_role, membership(second, enterprise), owner, MemberRole.VIEWER, match="所在区"
    )
    row = leaving_workflow.remove(membership(reader, enterprise), owner, "项目已结束")
    assert row.end_reason == "项目已结束" and told("remove_member") == {("user", reader.pk)}
    assert (
        not access.mine(reader).exists()
        and not events.inbox(reader).filter(audience_kind="enterprise").exists()
    )
    assert leaving_workflow.leave(membership(second, enterprise), second).ended_by == second


def test_a_takeover_waits_for_the_owners_word_or_their_time(enterprise):
    owner, officer = owner_of(enterprise), people.district_officer()
    row = takeover(enterprise=enterprise)
    assert told("ask_to_take_over") >= {("owners", enterprise.pk)}
    refused(workflow.verify_claim, row, officer, match="期满或答复后")
    with clock.at(clock.moment_of(row.answer_by + timedelta(days=1))), transaction.atomic():
        done = workflow.verify_claim(row, officer)
        assert owner_of(enterprise) == row.user and not access.mine(owner).exists()
        assert told("take_over") == {("user", owner.pk), ("user", row.user_id)}
        assert done.member.role == MemberRole.OWNER
        transaction.set_rollback(True)
    row = Claim.objects.get(pk=row.pk)
    assert refused(joining_workflow.answer_takeover, row, owner, "objects").field == "words"
    refused(joining_workflow.answer_takeover, row, row.user, "consents", code="forbidden")
    row = joining_workflow.answer_takeover(row, owner, "consents")
    refused(joining_workflow.answer_takeover, row, owner, "objects", "改主意了", match="已经答复过")
    row = workflow.verify_claim(row, officer)
    assert row.state == "verified" and owner_of(enterprise) == row.user
    refused(joining_workflow.ask_to_take_over, row, row.user, letter=pdf(), note="再来", match="现在不能")


# --- disputes ---------------------------------------------------------------------------------------------


def test_while_two_dispute_it_nobody_acts_and_the_days_come_back(enterprise):
    owner, head = owner_of(enterprise), people.district_head()
    asked = cases.awaiting_correction(cases.submitted(enterprise=enterprise))
    due = asked.due_on
    row = takeover(enterprise=enterprise)
    refused(
        dispute_workflow.dispute_takeover, row, people.district_officer(), "双方各执一词", match="提出异议"
    )
    row = joining_workflow.answer_takeover(row, owner, "objects", "我仍在职")
    refused(
        dispute_workflow.dispute_takeover, row, people.district_officer(people.PUDONG), "x", code="forbidden"
    )
    dispute = dispute_workflow.dispute_takeover(row, people.district_officer(), "双方各执一词")
    enterprise.refresh_from_db()
    assert enterprise.disputed_since
    for verb in (
        lambda: applications.save_draft(asked, owner, {}, asked.draft_revision),
        lambda: applications.resubmit(asked, owner).one(),
        lambda: applications.withdraw(asked, owner, "改期").one(),
    ):
        with pytest.raises(Refused) as raised:
            verb()
        assert raised.value.code == "forbidden"
    refused(
        workflow.set_account,
        enterprise,
        owner,
        bank_name=enterprises.BANK,
        bank_account=enterprises.ACCOUNT,
        match="争议",
    )
    refused(
        invitation_workflow.invite, enterprise, owner, address="a@b.cn", role=MemberRole.VIEWER, match="争议"
    )
    refused(leaving_workflow.leave, membership(owner, enterprise), owner, match="争议")
    refused(workflow.verify_claim, row, people.district_officer(), match="争议")
    assert cases_access.own(owner).get() == asked
    later = clock.moment_of(due + timedelta(days=4))
    with clock.at(later):
        act_on_deadlines()
        asked.refresh_from_db()
        assert asked.state == "awaiting_correction"
        refused(reviews.settle_dispute, dispute, people.district_officer(), "first", "x", code="forbidden")
        refused(
            reviews.settle_dispute,
            dispute,
            people.district_head(people.PUDONG),
            "first",
            "x",
            code="forbidden",
        )
        assert refused(reviews.settle_dispute, dispute, head, "first", "").field == "grounds"
        done = reviews.settle_dispute(dispute, head, "first", "法定代表人出具了说明")
        refused(reviews.settle_dispute, dispute, head, "second", "再判一次", code="stale")
        asked.refresh_from_db()
        assert asked.due_on > due and asked.corrections.get().due_on == asked.due_on
    enterprise.refresh_from_db()
    row.refresh_from_db()
    assert (done.state, row.state, enterprise.disputed_since) == ("settled", "rejected", None)
    assert told("settle_dispute") == {("enterprise", enterprise.pk), ("user", row.user_id)}
    assert access.may(owner, enterprise, Does.ACCOUNT)


def test_one_owner_disputes_another_and_the_loser_is_owner_no_more(enterprise):
    owner, second, reader = owner_of(enterprise), member(enterprise), viewer(enterprise)
    refused(dispute_workflow.dispute_owner, membership(second, enterprise), reader, "x", code="forbidden")
    refused(
        dispute_workflow.dispute_owner, membership(reader, enterprise), owner, "x", match="另一位企业经办人"
    )
    dispute = dispute_workflow.dispute_owner(membership(second, enterprise), owner, "对方已离职")
    refused(dispute_workflow.dispute_owner, membership(owner, enterprise), second, "反诉", match="争议")
    reviews.settle_dispute(dispute, people.district_head(), "second", "工商登记的联络员是对方")
    assert owner_of(enterprise) == second and not access.mine(owner).exists()


# --- two at once ------------------------------------------------------------------------------------------


def at_once(*verbs) -> list:
    """Each in a thread with its own connection, begun together; what each gave or raised."""
    gate, found = threading.Barrier(len(verbs)), [None] * len(verbs)

    def run(place, verb):
        try:
            gate.wait(20)
            found[place] = verb()
        except Exception as error:
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


@pytest.mark.django_db(transaction=True)
def test_of_two_last_owners_who_leave_at_once_one_remains(enterprise):
    owner, second = owner_of(enterprise), member(enterprise)
    mine, theirs = membership(owner, enterprise), membership(second, enterprise)
    found = at_once(
        lambda: leaving_workflow.leave(mine, owner), lambda: leaving_workflow.leave(theirs, second)
    )
    assert sorted(isinstance(one, ClaimRefused) for one in found) == [False, True], found
    assert enterprise.members.owners().count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_invitation_that_two_accept_at_once_makes_one_member(enterprise):
    owner, invited = owner_of(enterprise), people.user()
    row = invitation_workflow.invite(enterprise, owner, address=invited.email, role=MemberRole.VIEWER)
    token = invitation_mail.token_of(row)

    def accept():
        return invitation_workflow.accept(Invitation.objects.get(pk=row.pk), invited, token)

    found = at_once(accept, accept)
    assert sorted(isinstance(one, ClaimRefused) for one in found) == [False, True], found
    assert enterprise.members.live().filter(user=invited).count() == 1
    assert Event.objects.filter(verb="accept_invitation").count() == 1
