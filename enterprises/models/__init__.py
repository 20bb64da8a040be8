"""Who applies, the people who act for them, and what is known about them.

An enterprise row may stand in the register (imported, or entered for a claim) long before anybody has
proved that they act for it. Nothing of it is shown to somebody whose claim is not verified.
"""

from enterprises.models.people import Claim, Invitation, Member, OwnershipDispute
from enterprises.models.records import (
    INDUSTRY,
    CreditCheck,
    EnterpriseChange,
    ImportRun,
    Qualification,
    ServiceClass,
    StatisticalInclusion,
    SupportRecord,
    YearlyFigure,
)
from enterprises.models.register import SELF_REPORTED, Enterprise, LegalForm
from enterprises.models.service_classes import ServiceClassLine, ServiceClassTable
from enterprises.models.supplements import Supplement

__all__ = [
    "INDUSTRY",
    "SELF_REPORTED",
    "Claim",
    "CreditCheck",
    "Enterprise",
    "EnterpriseChange",
    "ImportRun",
    "Invitation",
    "LegalForm",
    "Member",
    "OwnershipDispute",
    "Qualification",
    "ServiceClass",
    "ServiceClassLine",
    "ServiceClassTable",
    "StatisticalInclusion",
    "Supplement",
    "SupportRecord",
    "YearlyFigure",
]
