"""Who comes in at every address, and what they reach: one table for the whole house."""

from dataclasses import dataclass, field

from django.urls import URLPattern, URLResolver, get_resolver

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
    "desk:dispute_letter": Row(HEADS | {AUDITOR}, "dispute_letter", {"district_head", AUDITOR}),
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
