"""The case: the application and what hangs on it; and who wants to be told what they can apply for."""

from applications.models.case import Application
from applications.models.counter import CounterFiling
from applications.models.papers import (
    ApplicationDocument,
    Correction,
    RuleCheck,
    Step,
    Submission,
)
from applications.models.recusals import Recusal, RecusalRequest
from applications.models.subscriptions import ClosingReminder, EligibilityNotice, Subscription

__all__ = [
    "Application",
    "ApplicationDocument",
    "ClosingReminder",
    "Correction",
    "CounterFiling",
    "EligibilityNotice",
    "Recusal",
    "RecusalRequest",
    "RuleCheck",
    "Step",
    "Submission",
    "Subscription",
]
