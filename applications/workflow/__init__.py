"""The verbs of the enterprise and of the clock; reviews and payments have their own.

Every verb takes one application or many and returns Outcomes; `.one()` gives the case or raises Refused.
"""

from applications.verbs import Outcome, Outcomes, Refused
from applications.workflow.closing import discard, lapse, remind, warn_drafts, withdraw
from applications.workflow.filling import attach, detach, save_draft, start
from applications.workflow.offering import confirm_offer, decline_offer, remind_offers
from applications.workflow.submitting import resubmit, submit
from applications.workflow.subscribing import subscribe, tell_newly_eligible, unsubscribe

__all__ = [
    "Outcome",
    "Outcomes",
    "Refused",
    "attach",
    "confirm_offer",
    "decline_offer",
    "detach",
    "discard",
    "lapse",
    "remind",
    "remind_offers",
    "resubmit",
    "save_draft",
    "start",
    "submit",
    "subscribe",
    "tell_newly_eligible",
    "unsubscribe",
    "warn_drafts",
    "withdraw",
]
