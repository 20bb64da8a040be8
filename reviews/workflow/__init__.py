"""The verbs of the officials. Each takes one application or many and returns Outcomes."""

from reviews.workflow.calls import cancel_call, conclude_call
from reviews.workflow.changes import Wish, approve_change, refuse_change, request_change
from reviews.workflow.completion import Check, check_completion
from reviews.workflow.consultations import Question, answer_consultation, consult, recall_consultation
from reviews.workflow.defence import state_defence
from reviews.workflow.disputes import settle_dispute
from reviews.workflow.district import accept, endorse, recommend, request_correction
from reviews.workflow.expert_reviews import declare_no_conflict, decline_review, submit_review
from reviews.workflow.experts import ask_experts, end_expert, enter_expert, withdraw_request
from reviews.workflow.letters import OnPaper, acknowledge, record_delivery
from reviews.workflow.listing import ask_listing, grant_listing, refuse_listing
from reviews.workflow.lists import check_list, draw_list, drop_list, strike_row
from reviews.workflow.municipal import Proposal, propose, sign_off
from reviews.workflow.notice import approve, publish, reopen
from reviews.workflow.objections import (
    Answer,
    Statement,
    answer_objection,
    note_lead,
    raise_objection,
    see_objector,
    send_lead,
)
from reviews.workflow.offers import Contact, end_offer, record_contact
from reviews.workflow.receiving import Ground, refuse_acceptance
from reviews.workflow.recusals import (
    Request,
    answer_recusal,
    ask_recusal,
    keep_out,
    lift_recusal,
    order_recusal,
)
from reviews.workflow.referral import conclude, return_referral
from reviews.workflow.transferring import transfer_case
from reviews.workflow.turning import decline, reconsider, send_back
from reviews.workflow.waiting import lapse_waitlisted, tell_free, waitlist

__all__ = [
    "Answer",
    "Check",
    "Contact",
    "Ground",
    "OnPaper",
    "Proposal",
    "Question",
    "Request",
    "Statement",
    "Wish",
    "accept",
    "acknowledge",
    "answer_consultation",
    "answer_objection",
    "answer_recusal",
    "approve",
    "approve_change",
    "ask_experts",
    "ask_listing",
    "ask_recusal",
    "cancel_call",
    "check_completion",
    "check_list",
    "conclude",
    "conclude_call",
    "consult",
    "declare_no_conflict",
    "decline",
    "decline_review",
    "draw_list",
    "drop_list",
    "end_expert",
    "end_offer",
    "endorse",
    "enter_expert",
    "grant_listing",
    "keep_out",
    "lapse_waitlisted",
    "lift_recusal",
    "note_lead",
    "order_recusal",
    "propose",
    "publish",
    "raise_objection",
    "recall_consultation",
    "recommend",
    "reconsider",
    "record_contact",
    "record_delivery",
    "refuse_acceptance",
    "refuse_change",
    "refuse_listing",
    "reopen",
    "request_change",
    "request_correction",
    "return_referral",
    "see_objector",
    "send_back",
    "send_lead",
    "settle_dispute",
    "sign_off",
    "state_defence",
    "strike_row",
    "submit_review",
    "tell_free",
    "transfer_case",
    "waitlist",
    "withdraw_request",
]
