"""The verbs of finance, and the revocation of what was approved or paid. Each takes one or many."""

from payments.workflow.paying import Confirmation, confirm_payment, order, release, return_order
from payments.workflow.recovering import BackPayment, receive_recovery, write_off_recovery
from payments.workflow.revoking import drop_revocation, notify_revocation, revoke

__all__ = [
    "BackPayment",
    "Confirmation",
    "confirm_payment",
    "drop_revocation",
    "notify_revocation",
    "order",
    "receive_recovery",
    "release",
    "return_order",
    "revoke",
    "write_off_recovery",
]
