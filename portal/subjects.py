"""Where a message leads: officers to their desk, people of enterprises to their own page."""

from django.urls import reverse

from applications import access
from applications.models import Application, ClosingReminder, ConsortiumPartner, EligibilityNotice
from enterprises.models import Claim, Enterprise, Invitation, Member, OwnershipDispute, Supplement
from foundation.accounts.roles import Permission
from foundation.events import events
from measures.models import Call
from payments.models import Disbursement, RecoveryOrder
from reviews.models import Lead, ListingRequest, Objection, ProactiveList
from tracking.models import Referral, SpecialistAssignment


def register() -> None:
    events.register_subject(Application, _either("desk:case", "case"))
    events.register_subject(ConsortiumPartner, _part)
    events.register_subject(Claim, _claim)
    events.register_subject(Invitation, lambda pk, user: reverse("members"))
    events.register_subject(Member, lambda pk, user: reverse("members"))
    events.register_subject(OwnershipDispute, _dispute)
    events.register_subject(Disbursement, _payment)
    events.register_subject(Enterprise, _enterprise)
    events.register_subject(Supplement, _supplement)
    events.register_subject(EligibilityNotice, _offer)
    events.register_subject(ClosingReminder, _closing)
    events.register_subject(Call, _either("desk:call", "call"))
    events.register_subject(RecoveryOrder, _recovery)
    events.register_subject(Referral, _either("desk:referral", "referral"))
    events.register_subject(
        SpecialistAssignment, lambda pk, user: reverse("desk:home" if user.is_officer else "home")
    )
    events.register_subject(ProactiveList, _list)
    events.register_subject(ListingRequest, _listing_request)
    events.register_subject(Objection, lambda pk, user: reverse("desk:objection", args=[pk]))
    events.register_subject(Lead, lambda pk, user: reverse("desk:lead", args=[pk]))


def _either(desk: str, portal: str):
    return lambda pk, user: reverse(desk if user.is_officer else portal, args=[pk])


def _part(pk, user) -> str:
    """The partner's people to their part, the lead's to the partners of the draft."""
    if access.own_parts(user).filter(pk=pk).exists():
        return reverse("part", args=[pk])
    case = ConsortiumPartner.objects.filter(pk=pk).values_list("application_id", flat=True).first()
    if access.own(user).filter(pk=case).exists():
        return reverse("partners", args=[case])
    return reverse("parts")


def _claim(pk, user) -> str:
    """Who claimed finds it among their claims; the owners whom somebody asks, among their members."""
    if user.is_officer:
        return reverse("desk:claim", args=[pk])
    theirs = Claim.objects.filter(pk=pk, user=user).exists()
    return reverse("claims" if theirs else "members")


def _dispute(pk, user) -> str:
    return reverse("desk:dispute", args=[pk]) if user.is_officer else reverse("members")


def _payment(pk, user) -> str:
    """People of the enterprise read of a payment on the case's page."""
    if user.is_officer:
        return reverse("desk:payment", args=[pk])
    case = Disbursement.objects.filter(pk=pk).values_list("application_id", flat=True).first()
    return reverse("case", args=[case]) if case else reverse("my_cases")


def _offer(pk, user) -> str:
    codes = EligibilityNotice.objects.filter(pk=pk).values_list("call_item__item__code", flat=True)
    code = codes.first()
    return reverse("item", args=[code]) if code else reverse("home")


def _closing(pk, user) -> str:
    codes = ClosingReminder.objects.filter(pk=pk).values_list("call_item__item__code", flat=True)
    code = codes.first()
    return reverse("item", args=[code]) if code else reverse("home")


def _recovery(pk, user) -> str:
    if user.is_officer:
        return reverse("desk:recovery", args=[pk])
    case = RecoveryOrder.objects.filter(pk=pk).values_list("application_id", flat=True).first()
    return reverse("case", args=[case]) if case else reverse("my_cases")


def _supplement(pk, user) -> str:
    return reverse("desk:supplement", args=[pk]) if user.is_officer else reverse("enterprise") + "#known"


def _enterprise(pk, user) -> str:
    return reverse("desk:home") if user.is_officer else reverse("enterprise")


def _list(pk, user) -> str:
    """The commission opens the list, a district the enterprises that it is asked to reach."""
    if user.may(Permission.DRAW_LIST) or user.may(Permission.CHECK_LIST):
        return reverse("desk:list", args=[pk])
    return reverse("desk:offers")


def _listing_request(pk, user) -> str:
    if user.is_officer:
        return reverse("desk:listing_request", args=[pk])
    codes = ListingRequest.objects.filter(pk=pk).values_list("call_item__item__code", flat=True)
    code = codes.first()
    return reverse("item", args=[code]) if code else reverse("home")
