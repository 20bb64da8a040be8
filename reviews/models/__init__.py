"""Officials' work on a case: opinions, public notices, letters and their delivery, statements of defence, objections."""

from reviews.models.after import ChangeRequest, CompletionCheck, RevocationNotice
from reviews.models.consultations import Consultation
from reviews.models.experts import Expert, ExpertReview, ReviewScore
from reviews.models.letters import Defence, Delivery, Letter
from reviews.models.objections import Lead, Objection
from reviews.models.proactive import ListingRequest, OfferContact, ProactiveList, ProactiveRow
from reviews.models.work import NoticeLine, Opinion, PublicNotice

__all__ = [
    "ChangeRequest",
    "CompletionCheck",
    "Consultation",
    "Defence",
    "Delivery",
    "Expert",
    "ExpertReview",
    "Lead",
    "Letter",
    "ListingRequest",
    "NoticeLine",
    "Objection",
    "OfferContact",
    "Opinion",
    "ProactiveList",
    "ProactiveRow",
    "PublicNotice",
    "ReviewScore",
    "RevocationNotice",
]
