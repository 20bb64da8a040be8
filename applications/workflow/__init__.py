"""The verbs of the enterprise and of the clock; reviews and payments have their own.

Every verb takes one application or many and returns Outcomes; `.one()` gives the case or raises Refused.
"""

from applications.verbs import Outcome, Outcomes, Refused
from applications.workflow.calling import (
    CallRefused,
    close_call_early,
    extend_call,
    reach,
    resume_call,
    resumed_until,
    suspend_call,
)
from applications.workflow.closing import discard, lapse, remind, warn_drafts, withdraw
from applications.workflow.counter import begin_at_counter
from applications.workflow.filling import attach, carry, detach, save_draft, start
from applications.workflow.offering import confirm_offer, decline_offer, remind_offers
from applications.workflow.reminding import remind_before_closing
from applications.workflow.submitting import resubmit, submit
from applications.workflow.subscribing import subscribe, tell_newly_eligible, unsubscribe

__all__ = [
    "CallRefused",
    "Outcome",
    "Outcomes",
    "Refused",
    "attach",
    "begin_at_counter",
    "carry",
    "close_call_early",
    "confirm_offer",
    "decline_offer",
    "detach",
    "discard",
    "extend_call",
    "lapse",
    "reach",
    "remind",
    "remind_before_closing",
    "remind_offers",
    "resubmit",
    "resume_call",
    "resumed_until",
    "save_draft",
    "start",
    "submit",
    "subscribe",
    "suspend_call",
    "tell_newly_eligible",
    "unsubscribe",
    "warn_drafts",
    "withdraw",
]
