"""What a person may do to a case now, and which cases wait for them: one table for lists, pages and links.

The verbs check for themselves; nothing here lets anybody do more. It says beforehand what they would say.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from applications import access, deadlines
from applications.models import Application
from applications.states import State
from applications.workflow.offering import silent
from enterprises.models import Member
from foundation.accounts.roles import Permission
from foundation.clock import clock
from reviews.models import (
    ChangeRequest,
    Consultation,
    Lead,
    ListingRequest,
    Objection,
    ProactiveList,
    PublicNotice,
    RevocationNotice,
)


@dataclass(frozen=True, slots=True)
class Duty:
    """In this state, whoever holds the permission at the office that has the case may do the verb.

    not_by: the signature whose author may not give this one too. after: the date or moment that must have
    passed (a date: entirely; or the enterprise's defence is there). awaited: the case waits for this verb, it is not only possible. via_municipal:
    the commission may do it for the office that has the case.
    """

    state: State
    verb: str
    permission: str
    not_by: str = ""
    after: str = ""
    awaited: bool = True
    via_municipal: bool = False


# Who was submitted first is first when money is free.
WAITLIST_ORDER = ("submitted_at", "pk")

S, P = State, Permission
DUTIES = (
    Duty(S.SUBMITTED, "accept", P.ACCEPT),
    Duty(S.SUBMITTED, "refuse_acceptance", P.ACCEPT, awaited=False),
    Duty(S.SUBMITTED, "request_correction", P.REQUEST_CORRECTION, awaited=False),
    Duty(S.SUBMITTED, "transfer_case", P.TRANSFER_CASE, awaited=False, via_municipal=True),
    Duty(S.DISTRICT_REVIEW, "recommend", P.RECOMMEND),
    Duty(S.DISTRICT_REVIEW, "request_correction", P.REQUEST_CORRECTION, awaited=False),
    Duty(S.DISTRICT_REVIEW, "transfer_case", P.TRANSFER_CASE, awaited=False, via_municipal=True),
    Duty(S.DISTRICT_ENDORSEMENT, "endorse", P.ENDORSE, not_by="recommended_by"),
    Duty(S.DISTRICT_ENDORSEMENT, "send_back", P.ENDORSE, awaited=False),
    Duty(S.MUNICIPAL_REVIEW, "propose", P.PROPOSE),
    Duty(S.MUNICIPAL_REVIEW, "request_correction", P.REQUEST_CORRECTION, awaited=False),
    Duty(S.MUNICIPAL_REVIEW, "waitlist", P.PROPOSE, awaited=False),
    Duty(S.WAITLISTED, "propose", P.PROPOSE, awaited=False),
    Duty(S.WAITLISTED, "lapse_waitlisted", P.LAPSE, awaited=False),
    Duty(S.PROPOSED, "sign_off", P.SIGN_OFF, not_by="proposed_by"),
    Duty(S.PROPOSED, "send_back", P.SIGN_OFF, awaited=False),
    Duty(S.DECLINE_NOTIFIED, "reconsider", P.DECLINE, awaited=False),
    Duty(S.DECLINE_NOTIFIED, "decline", P.DECLINE, after="defence_due_on"),
    Duty(S.SIGNED_OFF, "publish", P.PUBLISH),
    Duty(S.PUBLIC_NOTICE, "approve", P.APPROVE, not_by="proposed_by", after="notice_closes_at"),
    Duty(S.PUBLIC_NOTICE, "reopen", P.APPROVE, awaited=False),
    *(
        duty
        for state in (S.APPROVED, S.PAID, S.COMPLETED)
        for duty in (
            Duty(state, "revoke", P.REVOKE, via_municipal=True),
            Duty(state, "drop_revocation", P.REVOKE, awaited=False, via_municipal=True),
            Duty(state, "notify_revocation", P.NOTIFY_REVOCATION, awaited=False, via_municipal=True),
        )
    ),
    Duty(S.APPROVED, "decide_change", P.DECIDE_CHANGE, via_municipal=True),
    Duty(S.PAID, "decide_change", P.DECIDE_CHANGE, via_municipal=True),
    Duty(S.PAID, "check_completion", P.CHECK_COMPLETION, awaited=False, via_municipal=True),
    Duty(S.REFERRED, "conclude", P.CONCLUDE, via_municipal=True),
    Duty(S.REFERRED, "return_referral", P.CONCLUDE, awaited=False, via_municipal=True),
)


# Decided: what may still be done depends on what stands beside the case.
AFTER = frozenset({S.APPROVED, S.PAID, S.COMPLETED})


def awaiting(user) -> QuerySet[Application]:
    """The cases that wait for this very person: state, permission and office fit, the hour has come, neither an
    earlier signature of theirs (or of whose deputy they are) nor having filled it in stands in the way, and they don't
    keep out of it."""
    reach = Q(pk__in=())
    for duty in DUTIES:
        if not duty.awaited:
            continue
        for holder, offices in user.capacities(duty.permission).items():
            reach |= _falls_to(duty, offices, {user.pk, holder})
    return Application.objects.filter(reach).but_of(access.recusals_of(user))


def _ready_to_revoke(people: set[int]) -> Q:
    """A notice of revocation by somebody else, whose day has passed or which was answered."""
    told = RevocationNotice.objects.filter(application=OuterRef("pk"), state=RevocationNotice.State.OPEN)
    ripe = Q(due_on__lt=clock.today()) | Q(defended_at__isnull=False)
    theirs = Q(notified_by__in=people) | Q(notified_for__in=people, notified_for__isnull=False)
    return Q(Exists(told.filter(ripe).exclude(theirs)))


# What must stand beside a case, or must not, for the verb to be waited for.
_BESIDE = {
    "approve": lambda people: Q(~Exists(Objection.objects.standing().filter(application=OuterRef("pk")))),
    "revoke": _ready_to_revoke,
    "decide_change": lambda people: Q(
        Exists(ChangeRequest.objects.filter(application=OuterRef("pk"), state=ChangeRequest.State.ASKED))
    ),
}


def _falls_to(duty: Duty, offices: set[int], people: set[int]) -> Q:
    """people: the person, and in whose place they would act at these offices."""
    where = Q(office__in=offices)
    if duty.via_municipal:
        where |= Q(municipal_office__in=offices)
    condition = Q(state=duty.state) & where
    if duty.after == "defence_due_on":
        condition &= Q(defence_due_on__lt=clock.today()) | Q(defended_at__isnull=False)
    elif duty.after:
        condition &= Q(**{f"{duty.after}__lte": clock.now()})
    if duty.verb in _BESIDE:
        condition &= _BESIDE[duty.verb](people)
    for column in ("filed_by", *((duty.not_by, _for(duty.not_by)) if duty.not_by else ())):
        condition &= Q(**{f"{column}__isnull": True}) | ~Q(**{f"{column}__in": people})
    return condition


def _for(signature: str) -> str:
    """The column that says in whose place a signature was given: recommended_by → recommended_for."""
    return f"{signature.removesuffix('_by')}_for"


def verbs(user, case: Application) -> list[str]:
    """The verbs that this person may do to this case now, the awaited one first."""
    found = sorted(
        (duty for duty in DUTIES if duty.state == case.state and _may(duty, user, case)),
        key=lambda duty: not duty.awaited,
    )
    names = [duty.verb for duty in found]
    if "approve" in names and open_objections(case):
        names.remove("approve")
    if "transfer_case" in names and (
        not case.district_office_id or case.office_id != case.district_office_id
    ):
        names.remove("transfer_case")
    if names and case.state in AFTER:
        names = [name for name in names if _stands(name, user, case)]
    if "request_correction" in names and any(asked.stage == case.state for asked in case.corrections.all()):
        names.remove("request_correction")
    return names


def _stands(verb: str, user, case: Application) -> bool:
    """Whether what stands beside a decided case lets the verb be done now."""
    if verb == "decide_change":
        return asked_change(case) is not None
    told = open_revocation(case)
    if verb == "notify_revocation":
        return told is None
    if verb not in {"revoke", "drop_revocation"}:
        return True
    place = user.in_place_of(Permission.REVOKE, case.municipal_office_id)
    people = {user.pk, place and place.pk} - {None}
    if told is None or people & {told.notified_by_id, told.notified_for_id}:
        return False
    return verb == "drop_revocation" or told.is_ripe()


def open_revocation(case: Application) -> RevocationNotice | None:
    """The notice of revocation on which the head has not decided yet."""
    return case.revocations.filter(state=RevocationNotice.State.OPEN).order_by("-pk").first()


def asked_change(case: Application) -> ChangeRequest | None:
    """The change that waits for the officer's decision."""
    return case.changes.filter(state=ChangeRequest.State.ASKED).order_by("-pk").first()


def barred(user, case: Application) -> list[str]:
    """Verbs that this person could do but for their own earlier signature on the case."""
    return [
        duty.verb
        for duty in DUTIES
        if duty.state == case.state and duty.not_by and _holds(duty, user, case) and _signed(duty, user, case)
    ]


def filled_in(user, case: Application) -> bool:
    """Whether a verb on this case would be theirs, had they (or whose deputy they are) not filled it in."""
    return any(
        duty.state == case.state and _holds(duty, user, case) and _filed(duty, user, case) for duty in DUTIES
    )


def _may(duty: Duty, user, case: Application) -> bool:
    if not _holds(duty, user, case) or not _ripe(duty, case):
        return False
    return not _signed(duty, user, case) and not _filed(duty, user, case)


def _holds(duty: Duty, user, case: Application) -> bool:
    offices: Iterable[int | None] = (
        (case.office_id, case.municipal_office_id) if duty.via_municipal else (case.office_id,)
    )
    return any(user.may(duty.permission, office) for office in offices if office)


def _filed(duty: Duty, user, case: Application) -> bool:
    return case.filed_by_id is not None and case.filed_by_id in _acting(duty, user, case)


def _signed(duty: Duty, user, case: Application) -> bool:
    if not duty.not_by:
        return False
    signed = {getattr(case, f"{duty.not_by}_id"), getattr(case, f"{_for(duty.not_by)}_id")}
    return bool(_acting(duty, user, case) & signed)


def _acting(duty: Duty, user, case: Application) -> set[int]:
    """The person, and in whose place they would act."""
    place = user.in_place_of(duty.permission, case.office_id)
    return {user.pk, place and place.pk} - {None}


def _ripe(duty: Duty, case: Application) -> bool:
    if not duty.after:
        return True
    if duty.after == "defence_due_on":
        return case.defended_at is not None or deadlines.day_of(clock.now()) > case.defence_due_on
    return clock.now() >= getattr(case, duty.after)


def notices(user) -> QuerySet[PublicNotice]:
    """The public notices of this person's offices; the auditor's: all."""
    if not user.is_authenticated:
        return PublicNotice.objects.none()
    rows = PublicNotice.objects.select_related("call_item__item", "call_item__call", "office")
    if user.may(Permission.VIEW_ALL_CASES):
        return rows
    return rows.filter(office__in=user.offices_where(Permission.VIEW_CASES))


def consultations(user) -> QuerySet[Consultation]:
    """Questions asked of this person's office (for who answers for it), and those its officers asked; all for the
    auditor. Never of a case that the person keeps out of."""
    if not user.is_authenticated:
        return Consultation.objects.none()
    rows = Consultation.objects.select_related(
        "application__call_item__item", "submission__form", "office", "asked_from", "answered_by", "document"
    )
    if user.may(Permission.VIEW_ALL_CASES):
        return rows
    asked = Q(office__in=user.offices_where(Permission.ANSWER_CONSULTATION))
    asking = Q(asked_from__in=user.offices_where(Permission.VIEW_CASES))
    return but_kept_out(rows.filter(asked | asking), user)


def consultation(user, pk) -> Consultation:
    """A question that this person may read, or 404."""
    return get_object_or_404(consultations(user), pk=pk)


def desk_notice(user, pk) -> PublicNotice:
    """A notice that this person's posts reach, or 404."""
    return get_object_or_404(notices(user), pk=pk)


def open_objections(case: Application) -> int:
    """How many objections still stand in the way of the approval."""
    return Objection.objects.standing().filter(application=case).count()


def objections(user) -> QuerySet[Objection]:
    """Objections to the notices of this person's office: the officer and the head alone, nobody else."""
    if not user.is_authenticated:
        return Objection.objects.none()
    rows = Objection.objects.select_related("notice", "application__call_item__item", "answered_by")
    rows = rows.filter(notice__office__in=user.offices_where(Permission.VIEW_OBJECTIONS))
    return but_kept_out(rows, user)


def desk_objection(user, pk) -> Objection:
    """An objection that this person may read, or 404."""
    return get_object_or_404(objections(user), pk=pk)


def leads(user) -> QuerySet[Lead]:
    """Leads to the notices of this person's office."""
    if not user.is_authenticated:
        return Lead.objects.none()
    rows = Lead.objects.select_related("notice", "application__call_item__item")
    rows = rows.filter(notice__office__in=user.offices_where(Permission.VIEW_OBJECTIONS))
    return but_kept_out(rows, user)


def but_kept_out(rows: QuerySet, user) -> QuerySet:
    """Without what belongs to cases that this person keeps out of."""
    return rows.exclude(access.recusals_of(user).concern("application", "application__enterprise"))


def desk_lead(user, pk) -> Lead:
    """A lead that this person may read, or 404."""
    return get_object_or_404(leads(user), pk=pk)


def waitlisted(user) -> QuerySet[Application]:
    """Waitlisted cases that this person's posts reach, fund by fund in the order in which money is for them."""
    cases = access.on_desk(user).filter(state=State.WAITLISTED)
    return cases.order_by("call_item__fund", *WAITLIST_ORDER)


def place(case: Application) -> int:
    """A waitlisted case's place in its fund's order, from 1."""
    ahead = Q(submitted_at__lt=case.submitted_at) | Q(submitted_at=case.submitted_at, pk__lt=case.pk)
    same = Application.objects.filter(state=State.WAITLISTED, call_item__fund=case.call_item.fund_id)
    return same.filter(ahead).count() + 1


def lists(user) -> QuerySet[ProactiveList]:
    """Lists of 免申即享 of this person's offices; the auditor's: all."""
    if not user.is_authenticated:
        return ProactiveList.objects.none()
    rows = ProactiveList.objects.select_related(
        "call_item__item", "call_item__call", "screening", "office", "drawn_by", "checked_by", "dropped_by"
    )
    if user.may(Permission.VIEW_ALL_CASES):
        return rows
    offices = user.offices_where(Permission.DRAW_LIST) | user.offices_where(Permission.CHECK_LIST)
    return rows.filter(office__in=offices)


def desk_list(user, pk) -> ProactiveList:
    """A list that this person's posts reach, or 404."""
    return get_object_or_404(lists(user), pk=pk)


def lists_to_check(user) -> QuerySet[ProactiveList]:
    """Lists that wait for this very person's check."""
    waiting = ProactiveList.objects.filter(
        state=ProactiveList.State.DRAWN, office__in=user.offices_where(Permission.CHECK_LIST)
    )
    return waiting.exclude(drawn_by=user.pk)


def offers(user) -> QuerySet[Application]:
    """Cases that wait for their enterprise's confirmation, within this person's reach."""
    return access.on_desk(user).filter(state=State.OFFERED)


def offers_to_chase(user) -> QuerySet[Application]:
    """Those of them that somebody should reach: silent after two reminders' time, or nobody acts for them yet."""
    nobody = ~Exists(Member.objects.live().filter(enterprise=OuterRef("enterprise")))
    return offers(user).filter(silent() | Q(nobody))


def may_chase(user, case: Application) -> bool:
    """Whether this person may record that they reached the enterprise: its district, or the commission."""
    offices = (case.district_office_id, case.municipal_office_id)
    return any(user.may(Permission.CHASE_OFFER, office) for office in offices if office)


def listing_requests(user) -> QuerySet[ListingRequest]:
    """Requests to be included in lists of this person's offices; the auditor's: all."""
    if not user.is_authenticated:
        return ListingRequest.objects.none()
    rows = ListingRequest.objects.select_related(
        "call_item__item", "call_item__call", "enterprise__district", "office"
    )
    if user.may(Permission.VIEW_ALL_CASES):
        return rows
    offices = user.offices_where(Permission.DRAW_LIST) | user.offices_where(Permission.CHECK_LIST)
    return rows.filter(office__in=offices)


def asked_listings(user) -> int:
    """How many of them wait for an answer."""
    return listing_requests(user).filter(state=ListingRequest.State.ASKED).count()


def desk_listing_request(user, pk) -> ListingRequest:
    """A request that this person's posts reach, or 404."""
    return get_object_or_404(listing_requests(user), pk=pk)


def own_listing_requests(user) -> QuerySet[ListingRequest]:
    """Requests of the enterprises that this person acts for."""
    if not user.is_authenticated:
        return ListingRequest.objects.none()
    mine = Member.objects.live().filter(user=user, enterprise=OuterRef("enterprise"))
    return ListingRequest.objects.filter(Exists(mine)).select_related("call_item__item", "office")


def publishable(user) -> QuerySet[Application]:
    """Signed-off cases that this person may put on a public notice."""
    return access.on_desk(user).filter(
        state=State.SIGNED_OFF, office__in=user.offices_where(Permission.PUBLISH)
    )
