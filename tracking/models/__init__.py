"""What the commission tracks: quarterly reports, what the responsible units did, and the requests handed to them."""

from tracking.models.actions import MeasureAction
from tracking.models.referrals import Referral
from tracking.models.reports import QuarterReport

__all__ = ["MeasureAction", "QuarterReport", "Referral"]
