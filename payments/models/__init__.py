"""Paying what was approved, and getting back what was paid on a support that was revoked."""

from payments.models.disbursements import Disbursement
from payments.models.recovery import RecoveryOrder, RecoveryReceipt

__all__ = ["Disbursement", "RecoveryOrder", "RecoveryReceipt"]
