"""What the commission tracks: quarterly reports, what the units did, requests handed to them, who serves whom."""

from tracking.models.actions import MeasureAction
from tracking.models.referrals import Referral
from tracking.models.reports import QuarterReport
from tracking.models.specialists import ServiceContact, SpecialistAssignment

__all__ = ["MeasureAction", "QuarterReport", "Referral", "ServiceContact", "SpecialistAssignment"]
