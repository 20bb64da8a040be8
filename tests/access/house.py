"""People of every role and what they would reach: built once for the tests of a module, rolled back after them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from applications import workflow
from applications.documents import issue_acceptance
from enterprises import record_workflow
from enterprises.dispute_workflow import dispute_takeover
from enterprises.invitation_mail import token_of
from enterprises.invitation_workflow import invite
from enterprises.joining_workflow import answer_takeover
from enterprises.supplement_workflow import supply
from foundation.accounts.models import Office, User
from foundation.accounts.roles import PUBLIC, SYSTEM
from foundation.accounts.workflow import name_deputy
from foundation.clock import clock
from foundation.events.models import Notification
from foundation.files import files
from measures import screening_workflow, simulation_workflow
from measures.models import CallItem, SpecialFund
from reviews import workflow as reviews
from reviews.documents import issue_notice
from reviews.models import PublicNotice
from tests.access.table import (
    ADMINISTRATOR,
    AGENT,
    AUDITOR,
    CLAIMANT,
    COMMISSION,
    CONSULTED,
    DISTRICT,
    EXPERT,
    FINANCE,
    LIAISON,
    NEWCOMER,
    OPERATOR,
    OWNER,
    SECURITY,
    SPECIALIST,
    STRANGER,
    VIEWER,
    Row,
)
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.applications.conftest import MONDAY, monday
from tests.enterprises.factories import (
    agent,
    owner_of,
    pdf,
    takeover,
    unanswered_claim,
    verified_enterprise,
    viewer,
)
from tests.reviews import experts
from tests.reviews import offered as proactive
from tests.tracking import factories as tracked
from tracking import workflow as tracking
from tracking.documents import issue_report
from tracking.quarters import Quarter

__all__ = ["built", "clients", "house", "monday", "url_of"]


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """The house, built once: each test runs in a savepoint of the transaction that ends with the module."""
    outermost = transaction.atomic()
    # As around a test: what is durable may be in it.
    outermost._from_testcase = True
    with django_db_blocker.unblock(), clock.at(MONDAY), outermost:
        house = _build()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield house
        transaction.set_rollback(True)


@pytest.fixture
def house(built, monday, db):
    """The roles' people, read anew, and what the addresses are about."""
    people_of, objects = built
    return {role: User.objects.get(pk=person.pk) for role, person in people_of.items()}, dict(objects)


def _build() -> tuple[dict[str, User], dict]:
    """A case on notice, one being paid, a draft, a claim: all of Xuhui and of `owner`."""
    cases.open_call_item()
    case = cases.published()
    enterprise, owner = case.enterprise, case.submitted_by
    draft = cases.draft(cases.open_call_item("03-10"), enterprise, owner)
    payment = cases.ordered(case=cases.approved(cases.published(enterprise=verified_enterprise(owner))))
    claim = unanswered_claim(people.user(), enterprise)
    cases.empty_draft(None, enterprise, claim.user)
    recovery = cases.revoked(cases.paid(enterprise=verified_enterprise(district=people.PUDONG))).recovery
    supplement = supply(enterprise, owner, topic="credit", note="信用报告", document=pdf("信用报告.pdf"))
    invitation = invite(enterprise, owner, address="new@example.test", role="enterprise_viewer")
    agent_, viewer_ = agent(enterprise), viewer(enterprise)
    asked = cases.awaiting_correction(
        cases.submitted(cases.open_call_item("03-10"), enterprise), {"capability": "请写明设备清单。"}
    )
    objected = takeover()
    answer_takeover(objected, owner_of(objected.enterprise), "objects", "我仍在职")
    objected.refresh_from_db()
    dispute = dispute_takeover(objected, people.district_officer(), "双方各执一词")
    at_counter = cases.filed_at_counter(cases.open_call_item())
    quarter = Quarter.of(clock.today())
    job, _new = screening_workflow.request_screening(case.call_item, people.municipal_officer())
    screening = screening_workflow.screen(case.call_item, people.municipal_officer())
    simulation = simulation_workflow.save_simulation(
        screening.rule, {"rate": "0.08"}, people.municipal_head(), "说明"
    )
    report = tracking.compile_report(quarter, people.municipal_officer())
    enterprise.refresh_from_db()
    change = record_workflow.record_relocation(
        enterprise,
        people.district_officer(),
        "moved_in",
        clock.today(),
        source="变更通知",
        place="江苏省苏州市",
        document=pdf(),
    )
    roles = {
        NEWCOMER: people.user(),
        CLAIMANT: claim.user,
        OWNER: owner,
        AGENT: agent_,
        VIEWER: viewer_,
        STRANGER: owner_of(verified_enterprise()),
        "other_district_officer": people.district_officer(people.PUDONG),
        "other_district_head": people.district_head(people.PUDONG),
        **{
            name: getattr(people, name)()
            for name in (
                *DISTRICT,
                *COMMISSION,
                *FINANCE,
                ADMINISTRATOR,
                AUDITOR,
                OPERATOR,
                SECURITY,
                CONSULTED,
                LIAISON,
                EXPERT,
                SPECIALIST,
            )
        },
    }
    invited = roles[STRANGER].memberships.get().enterprise
    CallItem.objects.filter(pk=draft.call_item_id).update(consortium_most=1)
    partner = workflow.name_partner(
        draft, owner, uscc=invited.uscc, name=invited.name, part="检测", share=Decimal(30)
    )
    referral = tracked.waiting(enterprise, document=pdf("说明.pdf"))
    action = tracked.action("04-01", "sww")
    tracked.contact(tracked.served(enterprise))
    notice = PublicNotice.objects.get(lines__application=case)
    issued = {
        "case": issue_acceptance(case, owner).pk,
        "notice": issue_notice(notice, SYSTEM).pk,
        "report": issue_report(report, people.municipal_officer()).pk,
    }
    told = Notification.objects.filter(audience_kind="office", event__verb="submit").order_by("pk")
    paper = files.store(pdf("证明.pdf"), PUBLIC)
    said = reviews.Statement("person", "王建国", "13812345678", "去年已获支持", [paper])
    objection = reviews.raise_objection(notice, case, said)
    lead = reviews.send_lead(notice, case, "设备是租来的", [paper])
    listed = proactive.checked(proactive.newly_included(enterprise))
    omitted = proactive.qualified(district=people.PUDONG)
    asking = owner_of(omitted)
    proof = files.store(pdf("统计局证明.pdf"), asking)
    request = reviews.ask_listing(listed.call_item, omitted, asking, "纳统时间已更正", [proof])
    reviewed = cases.endorsed(enterprise=verified_enterprise())
    slot = reviewed.submissions.get().documents[0]
    consultation = reviews.consult(
        reviewed,
        roles["municipal_officer"],
        reviews.Question(
            Office.objects.get(code="jxw"), "有无意见？", clock.today() + timedelta(days=9), [slot["slot"]]
        ),
    )
    expert_review = experts.declared(reviewed)
    kept_out = reviews.ask_recusal(
        case, owner, reviews.Request("municipal_officer", "王五", "该人员在我公司的竞争对手兼职。")
    )
    out = reviews.keep_out(people.district_officer(mark="b"), verified_enterprise(), "亲属任职")
    # Not in force yet: it lets nobody do more.
    deputyship = name_deputy(
        roles["district_head"].posts.get(),
        roles["district_head"],
        deputy=roles["district_officer"],
        since=clock.today() + timedelta(days=1),
        until=clock.today() + timedelta(days=5),
        reason="出差",
    )
    objects = {
        "": {},
        "reviewed": {"pk": reviewed.pk},
        "consultation": {"pk": consultation.pk},
        "consultation_document": {"pk": consultation.pk, "document": slot["document"]},
        "expert": {"pk": expert_review.expert_id},
        "expert_review": {"pk": expert_review.pk},
        "expert_document": {"pk": expert_review.pk, "document": slot["document"]},
        "recusal_request": {"pk": case.pk, "asked": kept_out.pk},
        "recusal": {"pk": out.pk},
        "person": {"pk": roles["district_officer"].pk},
        "post": {"pk": roles["district_officer"].posts.get().pk},
        "deputyship": {"pk": deputyship.pk},
        "query": {"item": case.call_item_id, "token": token_of(invitation)},
        "case": {"pk": case.pk},
        "draft": {"pk": draft.pk},
        "slot": {"pk": draft.pk, "slot": "licence"},
        "partner": {"pk": draft.pk, "partner": partner.pk},
        "part": {"pk": partner.pk},
        "submission": {"pk": case.pk, "number": 1},
        "letter": {"pk": asked.pk, "letter": asked.letters.get().pk},
        "member": {"pk": agent_.memberships.get().pk},
        "invitation": {"pk": invitation.pk},
        "dispute": {"pk": dispute.pk},
        "dispute_letter": {"pk": dispute.pk, "claim": dispute.claim_id},
        "counter": {"pk": at_counter.pk},
        "document": {"pk": case.pk, "document": case.papers.order_by("pk").first().document_id},
        "claim": {"pk": claim.pk},
        "notice": {"pk": notice.pk},
        "call": {"pk": case.call_item.call_id},
        "notice_number": {"number": notice.number},
        "issued_case": {"pk": case.pk, "issued": issued["case"]},
        "issued_notice": {"pk": notice.pk, "issued": issued["notice"]},
        "issued_notice_number": {"number": notice.number, "issued": issued["notice"]},
        "issued_report": {"year": quarter.year, "number": quarter.number, "issued": issued["report"]},
        "objection": {"pk": objection.pk},
        "objection_document": {"pk": objection.pk, "document": paper.pk},
        "lead": {"pk": lead.pk},
        "lead_document": {"pk": lead.pk, "document": paper.pk},
        "list": {"pk": listed.pk},
        "list_row": {"pk": listed.pk, "row": listed.rows.get().pk},
        "offer": {"pk": listed.rows.get().case_id},
        "listing_request": {"pk": request.pk},
        "listing_document": {"pk": request.pk, "document": proof.pk},
        "supplement": {"pk": supplement.pk},
        "referral": {"pk": referral.pk},
        "action": {"pk": action.pk},
        "payment": {"pk": payment.pk},
        "recovery": {"pk": recovery.pk},
        "fund": {"pk": SpecialFund.objects.get().pk},
        "enterprise": {"pk": enterprise.pk},
        "change": {"pk": enterprise.pk, "change": change.pk},
        "line": {"pk": case.call_item_id},
        "screening": {"pk": screening.pk},
        "screening_row": {"pk": screening.pk, "row": screening.rows.get(enterprise=enterprise).pk},
        "simulation": {"pk": simulation.pk},
        "job": {"pk": job.pk},
        "quarter": {"year": quarter.year, "number": quarter.number},
        "message": {
            "pk": Notification.objects.filter(
                audience_kind="enterprise", event__verb="submit", audience_id=enterprise.pk
            )
            .earliest("pk")
            .pk
        },
        "office_message": {"pk": told.first().pk},
    }
    return roles, objects


def clients(roles: dict[str, User]):
    yield "anonymous", Client()
    for role, person in roles.items():
        client = Client()
        client.force_login(person)
        yield role, client


def url_of(name: str, row: Row, objects: dict) -> str:
    return reverse(name, kwargs=objects[row.name] | row.more) + row.query.format(**objects["query"])
