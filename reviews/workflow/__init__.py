"""The verbs of the officials. Each takes one application or many and returns Outcomes."""

from reviews.workflow.district import accept, endorse, recommend, request_correction
from reviews.workflow.municipal import Proposal, propose, sign_off
from reviews.workflow.notice import approve, publish, reopen
from reviews.workflow.referral import conclude, return_referral
from reviews.workflow.turning import decline, reconsider, send_back

__all__ = [
    "Proposal",
    "accept",
    "approve",
    "conclude",
    "decline",
    "endorse",
    "propose",
    "publish",
    "recommend",
    "reconsider",
    "reopen",
    "request_correction",
    "return_referral",
    "send_back",
    "sign_off",
]
