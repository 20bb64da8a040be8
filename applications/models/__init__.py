"""The case: the application and what hangs on it."""

from applications.models.case import Application
from applications.models.papers import (
    ApplicationDocument,
    Correction,
    RuleCheck,
    Step,
    Submission,
)

__all__ = ["Application", "ApplicationDocument", "Correction", "RuleCheck", "Step", "Submission"]
