"""Every address with every role: who comes in, what they reach, and that nobody else changes anything.

One table says it for the whole house; an address without a row fails, so does a row without an address.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from applications import workflow
from applications.documents import issue_acceptance
from applications.models import Application
from enterprises import record_workflow
from enterprises.dispute_workflow import dispute_takeover
from enterprises.invitation_mail import token_of
from enterprises.invitation_workflow import invite
from enterprises.joining_workflow import answer_takeover
from enterprises.models import Claim
from enterprises.supplement_workflow import supply
from foundation.accounts.access import rule_of
from foundation.accounts.models import Office, User
from foundation.accounts.roles import PUBLIC, SYSTEM
from foundation.accounts.workflow import name_deputy
from foundation.clock import clock
from foundation.events.models import Event, Notification
from foundation.files import files
from measures import screening_workflow, simulation_workflow
from measures.models import CallItem, SpecialFund
from reviews import workflow as reviews
from reviews.documents import issue_notice
from reviews.models import PublicNotice
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.applications.conftest import MONDAY, monday
from tests.enterprises.factories import (
    agent,
    owner_of,
    pdf,
    pending_claim,
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

pytestmark = pytest.mark.django_db
__all__ = ["monday"]

# Their own rules, tested by their packages and by the tests of the admin; static files are public.
OTHERS = ("admin/", "accounts/")

NEWCOMER, CLAIMANT, OWNER, STRANGER = "newcomer", "claimant", "owner", "stranger"
AGENT, VIEWER = "agent", "viewer"
OURS = {OWNER, AGENT, VIEWER}
DISTRICT = {"district_officer", "district_head"}
OTHER_DISTRICT = {"other_district_officer", "other_district_head"}
COMMISSION = {"municipal_officer", "municipal_head"}
FINANCE = {"finance_maker", "finance_checker"}
ADMINISTRATOR, AUDITOR, OPERATOR = "policy_administrator", "auditor", "system_administrator"
SECURITY, CONSULTED, LIAISON = "security_administrator", "consulted_unit", "unit_liaison"
EXPERT, SPECIALIST = "expert", "service_specialist"
ENTERPRISES = {NEWCOMER, CLAIMANT, STRANGER} | OURS
REVIEWERS = DISTRICT | OTHER_DISTRICT | COMMISSION
OFFICERS = (
    REVIEWERS | FINANCE | {ADMINISTRATOR, AUDITOR, OPERATOR, SECURITY, CONSULTED, LIAISON, EXPERT, SPECIALIST}
)
EVERYBODY = ENTERPRISES | OFFICERS
ANYBODY = EVERYBODY | {"anonymous"}


@dataclass(frozen=True)
class Row:
    """Who may come in at all, and who of them reaches this object (the others: `away`).

    name: of the object in `objects`, whose value gives the address's parts. answer: to GET, for those who
    reach it; 405 where only POST does something. led_on: who is taken to another page.
    """

    inside: set[str]
    name: str = ""
    reach: set[str] | None = None
    answer: int = 200
    more: dict = field(default_factory=dict)
    away: int = 404
    led_on: frozenset[str] = frozenset()
    query: str = ""

    def expected(self, role: str) -> int:
        if role not in self.inside:
            return 302 if role == "anonymous" else 403
        if self.answer == 405:
            return 405
        if role in self.led_on:
            return 302
        return self.answer if self.reach is None or role in self.reach else self.away


def post(inside: set[str], name: str = "", reach: set[str] | None = None, **more) -> Row:
    return Row(inside, name, reach, 405, more)


SEES_CASE = DISTRICT | COMMISSION | {AUDITOR}
READS_CASES = REVIEWERS | FINANCE | {AUDITOR}
OFFICER, HEAD = {"district_officer", "other_district_officer"}, {"district_head", "other_district_head"}
HEADS = HEAD | {"municipal_head"}
SCREENERS = COMMISSION | {ADMINISTRATOR}
ARRANGERS = HEADS | {"finance_checker"}
ASKED_OR_ASKING = COMMISSION | {AUDITOR, CONSULTED}
KEEPS_POOL = COMMISSION | {AUDITOR}
KEEPERS = {OPERATOR, SECURITY, AUDITOR}
RECEIVERS = OFFICER | {"municipal_officer"}
# Officers fill in at the counter: their own drafts, on the pages of the enterprises.
FILLS_IN = ENTERPRISES | RECEIVERS
# Who answers requests and enters actions, at their unit or for every one.
ANSWERING = OFFICER | COMMISSION | {LIAISON}
HAS_REFERRAL = COMMISSION | {LIAISON}

TABLE: dict[str, Row] = {
    # the portal: public pages
    "home": Row(ANYBODY, led_on=frozenset(OFFICERS)),
    "catalogue": Row(ANYBODY),
    "measure": Row(ANYBODY, more={"number": 8}),
    "item": Row(ANYBODY, more={"code": "08-01"}),
    "calls": Row(ANYBODY),
    "call": Row(ANYBODY, "call"),
    "notices": Row(ANYBODY),
    "notice": Row(ANYBODY, "notice_number"),
    "notice_issue": post(ANYBODY, "notice_number"),
    "notice_issued": Row(ANYBODY, "issued_notice_number"),
    "notice_objection": Row(ANYBODY, "notice_number"),
    # the portal: whom one acts for
    "claim": Row(ENTERPRISES),
    "claims": Row(ENTERPRISES),
    "claim_letter": post(ENTERPRISES, "claim", {CLAIMANT}),
    "claim_letter_file": Row(ENTERPRISES, "claim", {CLAIMANT}),
    "enterprise": Row(ENTERPRISES, reach=OURS | {STRANGER}, away=302),
    "enterprise_figure": Row(ENTERPRISES, reach=OURS | {STRANGER}, away=302),
    "enterprise_account": Row(ENTERPRISES, reach=OURS | {STRANGER}, away=302),
    "enterprise_choose": post(ENTERPRISES),
    "enterprise_supply": Row(ENTERPRISES, reach=OURS | {STRANGER}, away=302),
    "supplement_document": Row(ENTERPRISES, "supplement", OURS),
    "claim_takeover": post(ENTERPRISES, "claim", {CLAIMANT}),
    # the portal: members
    "members": Row(ENTERPRISES, reach=OURS | {STRANGER}, away=302),
    "member_invite": post(ENTERPRISES),
    "member_leave": post(ENTERPRISES),
    "member_role": post(ENTERPRISES, "member", {OWNER}),
    "member_remove": post(ENTERPRISES, "member", {OWNER}),
    "member_hand_over": post(ENTERPRISES, "member", {OWNER}),
    "member_dispute": post(ENTERPRISES, "member", {OWNER}),
    "join_admit": post(ENTERPRISES, "claim", {OWNER}),
    "join_refuse": post(ENTERPRISES, "claim", {OWNER}),
    "takeover_answer": post(ENTERPRISES, "claim", {OWNER}),
    "invitation_resend": post(ENTERPRISES, "invitation", {OWNER}),
    "invitation_revoke": post(ENTERPRISES, "invitation", {OWNER}),
    "invitation": Row(ANYBODY, "invitation", query="?token={token}"),
    # Without the token of the mail nobody reaches it.
    "invitation_accept": post(ENTERPRISES, "invitation", set()),
    "invitation_decline": post(ENTERPRISES, "invitation", set()),
    "item_ask": Row(ENTERPRISES, more={"code": "01-03"}, reach=OURS - {VIEWER} | {STRANGER}, away=302),
    "referrals": Row(ENTERPRISES),
    "referral": Row(ENTERPRISES, "referral", OURS),
    "referral_withdraw": post(ENTERPRISES, "referral", OURS),
    "referral_document": Row(ENTERPRISES, "referral", OURS),
    "subscribe": post(ENTERPRISES),
    "unsubscribe": post(ENTERPRISES),
    # the portal: cases and drafts
    "apply": Row(ENTERPRISES, more={"code": "08-01"}, answer=302),
    "my_cases": Row(ENTERPRISES),
    "case": Row(ENTERPRISES, "case", OURS),
    "offer": Row(ENTERPRISES, "offer", OURS),
    "offer_decline": post(ENTERPRISES, "offer", OURS),
    # Whom nobody verified is led to their claims, who is on the list already to the item.
    "listing": Row(
        ENTERPRISES,
        more={"code": "09-03"},
        reach=OURS | {STRANGER},
        away=302,
        led_on=frozenset(OURS),
    ),
    "case_withdraw": post(ENTERPRISES, "case", OURS),
    "case_letter": Row(ENTERPRISES, "letter", OURS),
    "case_letter_received": post(ENTERPRISES, "letter", OURS),
    "case_defence": Row(ENTERPRISES, "case", OURS, answer=302),
    "case_recusal": Row(ENTERPRISES, "case", OURS),
    "case_change": Row(ENTERPRISES, "case", OURS, answer=302),
    "case_submission": Row(ENTERPRISES, "submission", OURS),
    "case_document": Row(FILLS_IN, "document", OURS),
    "case_issue_submission": post(ENTERPRISES, "submission", OURS),
    "case_issue_acceptance": post(ENTERPRISES, "case", OURS),
    "case_issued": Row(ENTERPRISES, "issued_case", OURS),
    "draft": Row(FILLS_IN, "draft", OURS, led_on=frozenset({VIEWER})),
    "draft_autosave": post(FILLS_IN, "draft", OURS),
    "draft_upload": post(FILLS_IN, "slot", OURS),
    "draft_remove": post(FILLS_IN, "slot", OURS),
    "draft_department": post(FILLS_IN, "draft", OURS),
    "draft_discard": post(FILLS_IN, "draft", OURS),
    "submit": Row(FILLS_IN, "draft", OURS),
    "partners": Row(ENTERPRISES, "draft", OURS),
    "partner_agreement": post(ENTERPRISES, "partner", OURS),
    "partner_drop": post(ENTERPRISES, "partner", OURS),
    "parts": Row(ENTERPRISES),
    # The partner's own people alone, not the lead's.
    "part": Row(ENTERPRISES, "part", {STRANGER}),
    "messages": Row(ENTERPRISES),
    "messages_read": post(ENTERPRISES),
    "message": Row(EVERYBODY, "message", OURS, answer=302),
    "notification_settings": Row(ENTERPRISES),
    "phone_code": post(ENTERPRISES),
    "phone_confirm": post(ENTERPRISES),
    "phone_remove": post(ENTERPRISES),
    # for load balancers
    "health": Row(ANYBODY),
    # the desk: lists
    "desk:home": Row(OFFICERS, answer=302),
    "desk:queue": Row(REVIEWERS | {AUDITOR}),
    "desk:queue_export": Row(REVIEWERS | {AUDITOR}, query="?export=csv"),
    "desk:many_accept": post(RECEIVERS),
    "desk:many_endorse": post(HEAD),
    "desk:many_sign_off": post({"municipal_head"}),
    "desk:many_approve": post({"municipal_head"}),
    # the desk: one case of Xuhui, on public notice
    "desk:case": Row(READS_CASES, "case", SEES_CASE),
    "desk:document": Row(READS_CASES, "document", SEES_CASE),
    "desk:accept": post(RECEIVERS, "case", DISTRICT | COMMISSION),
    "desk:refuse_acceptance": post(RECEIVERS, "case", DISTRICT | COMMISSION),
    "desk:request_correction": Row(RECEIVERS, "case", DISTRICT | COMMISSION, answer=302),
    "desk:transfer_case": post(HEAD | {"municipal_officer"}, "case", DISTRICT | COMMISSION),
    "desk:recommend": post(OFFICER, "case", DISTRICT),
    "desk:recommend_against": post(OFFICER, "case", DISTRICT),
    "desk:endorse": post(HEAD, "case", DISTRICT),
    "desk:send_back": post(HEADS, "case", DISTRICT | COMMISSION),
    "desk:propose": post({"municipal_officer"}, "case"),
    "desk:estimate": Row({"municipal_officer"}, "case"),
    "desk:propose_preview": post({"municipal_officer"}, "case"),
    "desk:propose_decline": post({"municipal_officer"}, "case"),
    "desk:sign_off": post({"municipal_head"}, "case"),
    "desk:decline": post(HEADS, "case", DISTRICT | COMMISSION),
    "desk:reconsider": post(HEADS, "case", DISTRICT | COMMISSION),
    "desk:approve": post({"municipal_head"}, "case"),
    "desk:reopen": post({"municipal_head"}, "case"),
    "desk:conclude": post({"municipal_officer"}, "case"),
    "desk:return_referral": post({"municipal_officer"}, "case"),
    "desk:case_issue_submission": post(REVIEWERS, "submission", DISTRICT | COMMISSION),
    "desk:case_issue_acceptance": post(REVIEWERS, "case", DISTRICT | COMMISSION),
    "desk:case_issued": Row(READS_CASES, "issued_case", SEES_CASE),
    "desk:letter": Row(READS_CASES, "letter", COMMISSION | {AUDITOR}),
    "desk:letter_delivery": post(REVIEWERS, "letter", COMMISSION),
    "desk:waitlist": post({"municipal_officer"}, "case"),
    "desk:lapse_waitlisted": post({"municipal_officer"}, "case"),
    "desk:notify_revocation": post({"municipal_officer"}, "case"),
    "desk:drop_revocation": post({"municipal_head"}, "case"),
    "desk:revoke": post({"municipal_head"}, "case"),
    "desk:decide_change": post({"municipal_officer"}, "case"),
    "desk:check_completion": Row({"municipal_officer"}, "case", answer=302),
    # the desk: claims of Xuhui
    "desk:claims": Row(OFFICER | {AUDITOR}),
    "desk:claim": Row(OFFICER | {AUDITOR}, "claim", {"district_officer", AUDITOR}),
    "desk:claim_letter": Row(OFFICER | {AUDITOR}, "claim", {"district_officer", AUDITOR}),
    "desk:claim_verify": post(OFFICER, "claim", {"district_officer"}),
    "desk:claim_reject": post(OFFICER, "claim", {"district_officer"}),
    "desk:claim_dispute": post(OFFICER, "claim", {"district_officer"}),
    "desk:disputes": Row(HEADS | {AUDITOR}),
    "desk:dispute": Row(HEADS | {AUDITOR}, "dispute", {"district_head", AUDITOR}),
    "desk:dispute_settle": post(HEADS, "dispute", {"district_head"}),
    "desk:counter": Row(RECEIVERS, "enterprise", {"district_officer", "municipal_officer"}),
    "desk:counter_scan": Row(REVIEWERS | {AUDITOR}, "counter", SEES_CASE),
    # the desk: calls
    "desk:calls": Row(COMMISSION | {ADMINISTRATOR, AUDITOR}),
    "desk:call": Row(COMMISSION | {ADMINISTRATOR, AUDITOR}, "call"),
    "desk:extend_call": post({ADMINISTRATOR}, "call"),
    "desk:suspend_call": post({ADMINISTRATOR}, "call"),
    "desk:resume_call": post({ADMINISTRATOR}, "call"),
    "desk:close_call_early": post({ADMINISTRATOR}, "call"),
    "desk:cancel_call": post({"municipal_head"}, "call"),
    "desk:conclude_call": post({"municipal_head"}, "call"),
    # the desk: notices
    "desk:supplements": Row(DISTRICT | OTHER_DISTRICT | {AUDITOR}),
    "desk:supplement": Row(DISTRICT | OTHER_DISTRICT | {AUDITOR}, "supplement", DISTRICT | {AUDITOR}),
    "desk:supplement_document": Row(
        DISTRICT | OTHER_DISTRICT | {AUDITOR}, "supplement", DISTRICT | {AUDITOR}
    ),
    "desk:supplement_record": post(DISTRICT | OTHER_DISTRICT, "supplement", DISTRICT),
    "desk:supplement_refuse": post(DISTRICT | OTHER_DISTRICT, "supplement", DISTRICT),
    # the desk: awarded without an application
    "desk:proactive": Row(REVIEWERS | {AUDITOR}, answer=302),
    "desk:lists": Row(COMMISSION | {AUDITOR}),
    "desk:list_draw": post({"municipal_officer"}, "screening"),
    "desk:list": Row(COMMISSION | {AUDITOR}, "list"),
    "desk:list_export": Row(COMMISSION | {AUDITOR}, "list", query="?export=csv"),
    "desk:list_check": post({"municipal_head"}, "list"),
    "desk:list_drop": post(COMMISSION, "list"),
    "desk:list_row": Row(COMMISSION | {AUDITOR}, "list_row"),
    "desk:list_strike": post({"municipal_officer"}, "list_row"),
    "desk:offers": Row(REVIEWERS | {AUDITOR}),
    "desk:offers_export": Row(REVIEWERS | {AUDITOR}, query="?export=csv"),
    "desk:offer_contact": post(RECEIVERS, "offer", DISTRICT | COMMISSION),
    "desk:offer_end": post({"municipal_officer"}, "offer"),
    "desk:listing_requests": Row(COMMISSION | {AUDITOR}),
    "desk:listing_request": Row(COMMISSION | {AUDITOR}, "listing_request"),
    "desk:listing_request_document": Row(COMMISSION | {AUDITOR}, "listing_document"),
    "desk:listing_request_grant": post({"municipal_officer"}, "listing_request"),
    "desk:listing_request_refuse": post({"municipal_officer"}, "listing_request"),
    "desk:notices": Row(COMMISSION | {AUDITOR}),
    "desk:notice_new": Row({"municipal_officer"}, query="?item={item}"),
    "desk:notice": Row(COMMISSION | {AUDITOR}, "notice"),
    "desk:notice_issue": post(REVIEWERS, "notice", COMMISSION),
    "desk:notice_issued": Row(COMMISSION | {AUDITOR}, "issued_notice"),
    "desk:objections": Row(COMMISSION),
    "desk:objection": Row(COMMISSION, "objection"),
    "desk:objection_contact": post(COMMISSION, "objection"),
    "desk:objection_document": Row(COMMISSION, "objection_document"),
    "desk:lead": Row(COMMISSION, "lead"),
    "desk:lead_document": Row(COMMISSION, "lead_document"),
    # the desk: money
    "desk:payments": Row(FINANCE | {AUDITOR}),
    "desk:payment_order": post({"finance_maker"}),
    "desk:payment_release": post({"finance_checker"}),
    "desk:payment": Row(FINANCE | {AUDITOR}, "payment"),
    "desk:payment_return": post({"finance_checker"}, "payment"),
    "desk:payment_confirm": post({"finance_maker"}, "payment"),
    "desk:waiting": Row(COMMISSION),
    "desk:recoveries": Row(COMMISSION | FINANCE | {AUDITOR}),
    "desk:recovery": Row(COMMISSION | FINANCE | {AUDITOR}, "recovery"),
    "desk:recovery_receive": post({"finance_maker"}, "recovery"),
    "desk:recovery_write_off": post({"finance_checker"}, "recovery"),
    "desk:funds": Row(COMMISSION | FINANCE | {AUDITOR}),
    "desk:fund": Row(COMMISSION | FINANCE | {AUDITOR}, "fund"),
    # the desk: enterprises of Xuhui
    "desk:enterprises": Row(REVIEWERS | {AUDITOR}),
    "desk:enterprise": Row(REVIEWERS | {AUDITOR}, "enterprise", SEES_CASE),
    "desk:enterprise_change_document": Row(REVIEWERS | {AUDITOR}, "change", SEES_CASE),
    "desk:enterprise_suspend": post(HEADS, "enterprise", {"district_head", "municipal_head"}),
    "desk:enterprise_reinstate": post(HEADS, "enterprise", {"district_head", "municipal_head"}),
    "desk:enterprise_close": post(HEADS, "enterprise", {"district_head", "municipal_head"}),
    "desk:enterprise_relocation": post(OFFICER | HEAD, "enterprise", DISTRICT),
    "desk:enterprise_name": post(OFFICER | HEAD, "enterprise", DISTRICT),
    "desk:enterprise_legal_form": post(OFFICER | HEAD, "enterprise", DISTRICT),
    "desk:enterprise_uscc": post(OFFICER | HEAD, "enterprise", DISTRICT),
    "desk:enterprise_parent": post(OFFICER | HEAD, "enterprise", DISTRICT),
    "desk:enterprise_department": post(OFFICER | HEAD, "enterprise", DISTRICT),
    "desk:enterprise_merger": Row(HEADS, "enterprise", {"district_head"}),
    "desk:enterprise_inclusion": post(OFFICER | HEAD, "enterprise", DISTRICT),
    "desk:enterprise_credit_check": post(OFFICER | HEAD, "enterprise", DISTRICT),
    "desk:enterprise_qualification": post(OFFICER | HEAD, "enterprise", DISTRICT),
    # the desk: measure 10, messages
    "desk:referrals": Row(ANSWERING | {AUDITOR}),
    "desk:referrals_export": Row(ANSWERING | {AUDITOR}, query="?export=csv"),
    "desk:referral": Row(ANSWERING | {AUDITOR}, "referral", HAS_REFERRAL | {AUDITOR}),
    "desk:referral_document": Row(ANSWERING | {AUDITOR}, "referral", HAS_REFERRAL | {AUDITOR}),
    "desk:referral_contact": post(ANSWERING, "referral", HAS_REFERRAL),
    "desk:referral_take": post(ANSWERING, "referral", HAS_REFERRAL),
    "desk:referral_pass": post(ANSWERING, "referral", HAS_REFERRAL),
    "desk:referral_conclude": post(ANSWERING, "referral", HAS_REFERRAL),
    "desk:served": Row({SPECIALIST}),
    "desk:served_export": Row({SPECIALIST}, query="?export=csv"),
    "desk:served_enterprise": Row(
        HEADS | {SPECIALIST, AUDITOR}, "enterprise", {SPECIALIST, "district_head", "municipal_head", AUDITOR}
    ),
    "desk:served_contact": post({SPECIALIST}, "enterprise"),
    "desk:specialists": Row(HEADS | {AUDITOR}),
    "desk:specialists_export": Row(HEADS | {AUDITOR}, query="?export=csv"),
    "desk:specialist_assign": post(HEADS),
    "desk:specialist_end": post(HEADS),
    "desk:actions": Row(REVIEWERS | {LIAISON, ADMINISTRATOR, AUDITOR}),
    "desk:actions_export": Row(REVIEWERS | {LIAISON, ADMINISTRATOR, AUDITOR}, query="?export=csv"),
    "desk:action_new": Row(ANSWERING),
    "desk:action_correct": Row(ANSWERING, "action", COMMISSION | {LIAISON}),
    "desk:action_void": post(ANSWERING, "action", COMMISSION | {LIAISON}),
    "desk:silent_items": Row(COMMISSION | {ADMINISTRATOR, AUDITOR}),
    "desk:silent_items_export": Row(COMMISSION | {ADMINISTRATOR, AUDITOR}, query="?export=csv"),
    "desk:report": Row(REVIEWERS | {ADMINISTRATOR, AUDITOR}),
    "desk:report_of": Row(REVIEWERS | {ADMINISTRATOR, AUDITOR}, "quarter"),
    "desk:report_xlsx": Row(REVIEWERS | {ADMINISTRATOR, AUDITOR}, "quarter"),
    "desk:report_compile": post(COMMISSION | {ADMINISTRATOR}, "quarter"),
    # the desk: rules asked of every enterprise
    "desk:screenings": Row(REVIEWERS | {ADMINISTRATOR, AUDITOR}),
    "desk:screen": post(SCREENERS, "line"),
    "desk:screening": Row(REVIEWERS | {ADMINISTRATOR, AUDITOR}, "screening"),
    "desk:screening_export": Row(REVIEWERS | {ADMINISTRATOR, AUDITOR}, "screening", query="?export=csv"),
    "desk:screening_row": Row(
        REVIEWERS | {ADMINISTRATOR, AUDITOR}, "screening_row", DISTRICT | SCREENERS | {AUDITOR}
    ),
    "desk:simulation": Row(SCREENERS | {AUDITOR}, "line"),
    "desk:simulation_save": post(SCREENERS, "line"),
    "desk:simulation_draft": post({ADMINISTRATOR}, "line"),
    "desk:saved_simulation": Row(SCREENERS | {AUDITOR}, "simulation"),
    "desk:job": Row(OFFICERS, "job", SCREENERS | {AUDITOR}),
    "desk:report_issue": post(REVIEWERS | {ADMINISTRATOR}, "quarter"),
    "desk:report_issued": Row(
        REVIEWERS | {ADMINISTRATOR, AUDITOR}, "issued_report", COMMISSION | {ADMINISTRATOR, AUDITOR}
    ),
    "desk:recusal": Row(READS_CASES, "case", SEES_CASE),
    "desk:keep_out": post(REVIEWERS | FINANCE, "case", DISTRICT | COMMISSION),
    "desk:order_recusal": post(ARRANGERS, "case", {"district_head", "municipal_head"}),
    "desk:answer_recusal": post(ARRANGERS, "recusal_request", {"municipal_head"}),
    "desk:recusal_lift": Row(ARRANGERS, "recusal", {"district_head"}),
    "desk:consult": Row({"municipal_officer"}, "reviewed"),
    "desk:consultations": Row(ASKED_OR_ASKING),
    "desk:consultation": Row(ASKED_OR_ASKING, "consultation"),
    "desk:consultation_document": Row(ASKED_OR_ASKING, "consultation_document"),
    "desk:consultation_answer": post({CONSULTED}, "consultation"),
    "desk:consultation_recall": post({"municipal_officer"}, "consultation"),
    "desk:ask_experts": Row(COMMISSION, "reviewed"),
    "desk:experts": Row(KEEPS_POOL),
    "desk:experts_export": Row(KEEPS_POOL, query="?export=csv"),
    "desk:expert_new": Row(COMMISSION),
    "desk:expert": Row(KEEPS_POOL, "expert"),
    "desk:expert_end": post(COMMISSION, "expert"),
    "desk:expert_reviews": Row(KEEPS_POOL | {EXPERT}),
    # The expert who was asked; another expert's review is not there.
    "desk:expert_review": Row(KEEPS_POOL | {EXPERT}, "expert_review"),
    "desk:expert_review_document": Row({EXPERT}, "expert_document"),
    "desk:review_declare": post({EXPERT}, "expert_review"),
    "desk:review_submit": post({EXPERT}, "expert_review"),
    "desk:review_decline": post({EXPERT}, "expert_review"),
    "desk:review_withdraw": post(COMMISSION, "expert_review"),
    "desk:people": Row(ARRANGERS | KEEPERS),
    "desk:person_new": Row({OPERATOR}),
    "desk:person": Row(OFFICERS, "person", DISTRICT | KEEPERS),
    "desk:person_post": post({OPERATOR}, "person"),
    "desk:person_lock": post({OPERATOR}, "person"),
    "desk:person_unlock": post({OPERATOR}, "person"),
    "desk:person_hand_over": post(ARRANGERS | {OPERATOR}, "person", {"district_head", OPERATOR}),
    "desk:post_end": post({OPERATOR}, "post"),
    "desk:post_deputy": post(REVIEWERS | FINANCE | {OPERATOR}, "post", DISTRICT | {OPERATOR}),
    "desk:deputyship_end": post(REVIEWERS | FINANCE | {OPERATOR}, "deputyship", DISTRICT | {OPERATOR}),
    "desk:messages": Row(OFFICERS),
    "desk:messages_read": post(OFFICERS),
    "desk:message_open": post(OFFICERS, "office_message", {"district_officer", "district_head"}),
    "desk:notification_settings": Row(OFFICERS),
    "desk:phone_code": post(OFFICERS),
    "desk:phone_confirm": post(OFFICERS),
    "desk:phone_remove": post(OFFICERS),
    # the demonstration's clock
    "demo:clock": post(EVERYBODY),
}
# What a role does by POST to no object but its own things: not tried on others' behalf.
OWN_THINGS = {"enterprise_choose", "messages_read", "desk:messages_read", "claim", "demo:clock", "apply"}


def addresses(patterns=None, prefix: str = "", space: str = ""):
    """(name, view) of every address that our own rooms answer."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        path = prefix + str(one.pattern)
        if path.startswith(OTHERS):
            continue
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from addresses(one.url_patterns, path, inner)
        elif isinstance(one, URLPattern):
            yield f"{space}{one.name}", one.callback


def test_every_address_carries_a_rule_and_has_its_row():
    found = dict(addresses())
    assert [name for name, view in found.items() if not rule_of(view)] == []
    assert sorted(set(found) - set(TABLE)) == [], "no row says who may open these"
    assert sorted(set(TABLE) - set(found)) == [], "these rows have no address any more"


def test_a_view_without_a_rule_answers_nobody(client, settings):
    settings.ROOT_URLCONF = "tests.unruled_urls"
    client.force_login(people.user(is_staff=True))
    assert client.get("/forgotten/").status_code == 403
    assert client.post("/forgotten/").status_code == 403


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


def test_who_comes_in_and_what_they_reach_is_as_the_table_says(house):
    roles, objects = house
    assert set(roles) == EVERYBODY
    wrong = []
    for role, client in clients(roles):
        for name, row in TABLE.items():
            answer = client.get(url_of(name, row, objects))
            if answer.status_code != row.expected(role):
                wrong.append(f"{name} for {role}: {answer.status_code}, the table says {row.expected(role)}")
            if role == "anonymous" and answer.status_code == 302:
                assert answer.url.startswith(reverse(settings.LOGIN_URL)), name
    assert not wrong, "\n".join(wrong)


def test_who_does_not_reach_it_changes_nothing_by_post(house):
    roles, objects = house
    before = Event.objects.count()
    wrong = []
    for role, client in clients(roles):
        for name, row in TABLE.items():
            if name in OWN_THINGS or (role in row.inside and (row.reach is None or role in row.reach)):
                continue
            answer = client.post(url_of(name, row, objects), {"version": 0})
            allowed = {302} if role == "anonymous" else {403} if role not in row.inside else {row.away}
            if answer.status_code not in allowed | {405}:
                wrong.append(f"{name} by {role}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert Event.objects.count() == before


def test_the_auditor_reads_every_page_of_the_desk_and_does_nothing(house):
    roles, objects = house
    client = Client()
    client.force_login(roles[AUDITOR])
    before = Event.objects.count()
    for name, row in TABLE.items():
        if not name.startswith("desk:") or any(own in name for own in ("message", "notification", "phone")):
            continue
        url = url_of(name, row, objects)
        if AUDITOR in row.inside and row.answer == 200:
            assert client.get(url).status_code == 200, name
        else:
            # Pages that only prepare an act are not the auditor's.
            assert client.get(url).status_code in {302, 403}, name
        assert client.post(url).status_code in {403, 405}, name
    assert Event.objects.count() == before


def test_the_table_is_of_xuhui_and_the_other_district_has_its_own(house):
    roles, _objects = house
    case = cases.submitted(enterprise=verified_enterprise(district=people.PUDONG))
    url = reverse("desk:case", kwargs={"pk": case.pk})
    for role, client in clients(roles):
        if role in OTHER_DISTRICT | COMMISSION | {AUDITOR}:
            assert client.get(url).status_code == 200, role
        elif role in DISTRICT | FINANCE:
            assert client.get(url).status_code == 404, role


def test_a_draft_of_whom_nobody_verified_is_the_writers_alone(house):
    roles, _objects = house
    draft = Application.objects.get(created_by=roles[CLAIMANT])
    for role, client in clients(roles):
        answers = {
            client.get(reverse(name, kwargs={"pk": draft.pk})).status_code
            for name in ("case", "draft", "submit")
        }
        if role == CLAIMANT:
            assert answers <= {200, 302}
        elif role in ENTERPRISES:
            assert answers == {404}, role
        else:
            assert answers <= ({302} if role == "anonymous" else {403, 404}), role
        assert client.get(reverse("desk:case", kwargs={"pk": draft.pk})).status_code in {302, 403, 404}


def test_finance_opens_a_case_once_it_is_approved(house):
    roles, _objects = house
    approved = Application.objects.get(state="approved")
    noticed = Application.objects.get(state="public_notice")
    for role, client in clients(roles):
        if role in FINANCE:
            assert client.get(reverse("desk:case", kwargs={"pk": approved.pk})).status_code == 200
            assert client.get(reverse("desk:case", kwargs={"pk": noticed.pk})).status_code == 404


def test_a_document_opens_only_with_the_case_that_it_belongs_to(house):
    roles, objects = house
    client = Client()
    client.force_login(roles[STRANGER])
    own = cases.submitted(enterprise=roles[STRANGER].memberships.get().enterprise)
    document = objects["document"]["document"]
    mixed = reverse("case_document", kwargs={"pk": own.pk, "document": document})
    assert client.get(mixed).status_code == 404
    client.force_login(roles["other_district_officer"])
    there = cases.submitted(enterprise=verified_enterprise(district=people.PUDONG))
    mixed = reverse("desk:document", kwargs={"pk": there.pk, "document": document})
    assert client.get(mixed).status_code == 404


def test_whose_post_ended_is_let_in_no_more(house):
    roles, objects = house
    person = roles["district_officer"]
    person.posts.update(until=clock.today() - timedelta(days=1))
    client = Client()
    client.force_login(person)
    assert client.get(reverse("desk:case", kwargs=objects["case"])).status_code == 403
    assert client.post(reverse("desk:accept", kwargs=objects["case"])).status_code == 403


def test_the_files_of_cases_stand_under_no_public_address(house, client):
    _roles, objects = house
    paper = Application.objects.get(pk=objects["case"]["pk"]).papers.order_by("pk").first()
    for path in (f"/media/{paper.document.stored_as}", f"/static/{paper.document.stored_as}"):
        assert client.get(path).status_code == 404


def test_public_pages_carry_no_personal_data(house, client):
    _roles, objects = house
    case = Application.objects.select_related("enterprise", "submitted_by").get(pk=objects["case"]["pk"])
    personal = [case.enterprise.bank_account, case.submitted_by.username, case.submitted_by.email]
    for name in ("home", "catalogue", "notices", "notice"):
        page = client.get(url_of(name, TABLE[name], objects)).content.decode()
        assert not any(word and word in page for word in personal), name
        assert not re.search(r"\b\d{15,}\b", page), name


def test_a_claim_leads_nobody_to_the_register(house):
    """What the register says of a code is not on the pages of whoever merely claims it."""
    roles, _objects = house
    enterprise = verified_enterprise(district=people.PUDONG, name="登记册上的真名有限公司")
    claim = Claim.objects.get(user=roles[CLAIMANT])
    other = pending_claim(roles[CLAIMANT], enterprise)
    Claim.objects.filter(pk=other.pk).update(declared_name="自报的名称公司")
    client = Client()
    client.force_login(roles[CLAIMANT])
    for name in ("home", "claims", "enterprise", "my_cases", "messages"):
        page = client.get(reverse(name), follow=True).content.decode()
        assert "登记册上的真名" not in page, name
        assert enterprise.address not in page, name
    draft = workflow.start(cases.open_call_item(), claim.enterprise, roles[CLAIMANT])
    page = client.get(reverse("draft", kwargs={"pk": draft.pk})).content.decode()
    assert claim.enterprise.address not in page
