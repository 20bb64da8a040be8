"""Who could do what a case waits for: so that a case that nobody may handle is noticed at once, not by its applicant.

A case waits for a role at an office. Somebody covers it who holds the role there today (or deputises for who does), has
neither given the signature that must be another's nor filled the case in, and does not keep out of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from applications.models import Application, Recusal
from applications.states import ENDED, State
from foundation.accounts.models import Deputyship, Office, Post
from foundation.accounts.roles import NEVER_DEPUTISED, PERMISSIONS, Permission
from foundation.clock import clock
from reviews.access import DUTIES, Duty

# What an approved case waits for is finance's.
_PAYING = Duty(State.APPROVED, "order", Permission.ORDER_PAYMENT)
# Nothing is waited for after the payment; a draft is the enterprise's.
_NOBODY = ENDED | {State.DRAFT, State.PAID}


def duty_of(state: str, resume_state: str = "") -> Duty | None:
    """What a case in this state waits for; while it waits for a correction: what it will wait for then."""
    if state == State.AWAITING_CORRECTION:
        state = resume_state
    if state == State.APPROVED:
        return _PAYING
    if state == State.WAITLISTED:
        return next(duty for duty in DUTIES if duty.state == state)
    return next((duty for duty in DUTIES if duty.state == state and duty.awaited), None)


@dataclass(frozen=True, slots=True)
class Capacity:
    """Somebody who may act in a role at an office; holder: in whose place, or themselves."""

    person: int
    holder: int


class Staff:
    """Everybody who holds a post today and every deputy, read once: two queries."""

    def __init__(self):
        today = clock.today()
        posts = list(
            Post.objects.held_on(today)
            .filter(user__is_active=True)
            .order_by("pk")
            .values_list("pk", "office", "role", "user")
        )
        here = {(office, user) for _pk, office, _role, user in posts}
        deputies = defaultdict(list)
        for post, deputy in (
            Deputyship.objects.in_force(today)
            .filter(deputy__is_active=True)
            .order_by("pk")
            .values_list("post", "deputy")
        ):
            deputies[post].append(deputy)
        self._by_permission: dict[tuple[str, int], set[Capacity]] = defaultdict(set)
        for pk, office, role, user in posts:
            acting = [user, *(deputy for deputy in deputies[pk] if (office, deputy) in here)]
            for permission in PERMISSIONS[role]:
                may = acting[:1] if permission in NEVER_DEPUTISED else acting
                self._by_permission[permission, office] |= {Capacity(person, user) for person in may}

    def holding(self, permission: str, *offices: int | None) -> set[Capacity]:
        """Who may do that at one of these offices."""
        return {
            one for office in offices if office for one in self._by_permission.get((permission, office), ())
        }


def offices_of(duty: Duty, case: Application) -> tuple[int | None, ...]:
    return (case.office_id, case.municipal_office_id) if duty.via_municipal else (case.office_id,)


def able(cases: Iterable[Application], staff: Staff | None = None) -> dict[int, set[int]]:
    """{case id: ids of the people who cover it now}; cases that wait for nobody are left out. At most three queries."""
    cases = [case for case in cases if case.state not in _NOBODY]
    staff = staff or Staff()
    out = defaultdict(set)
    by_unit = defaultdict(list)
    for case in cases:
        by_unit[case.enterprise_id].append(case.pk)
    for row in Recusal.objects.about(cases).order_by("pk") if cases else ():
        for pk in [row.application_id] if row.application_id else by_unit[row.enterprise_id]:
            out[pk].add(row.person_id)
    found = {}
    for case in cases:
        duty = duty_of(case.state, case.resume_state)
        if duty is None:
            continue
        signed = {case.filed_by_id} - {None}
        if duty.not_by:
            stem = duty.not_by.removesuffix("_by")
            signed |= {getattr(case, f"{stem}_by_id"), getattr(case, f"{stem}_for_id")} - {None}
        found[case.pk] = {
            one.person
            for one in staff.holding(duty.permission, *offices_of(duty, case))
            if not {one.person, one.holder} & signed and one.person not in out[case.pk]
        }
    return found


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Cases of a state at an office that nobody may handle today."""

    office: Office
    duty: Duty
    count: int


def uncovered() -> Iterator[Uncovered]:
    """Live cases that nobody covers, by office and duty. One query for each group that may have some."""
    staff = Staff()
    live = Application.objects.exclude(state__in=_NOBODY)
    groups = (
        live.order_by().values("state", "resume_state", "office", "municipal_office").annotate(n=Count("pk"))
    )
    keeping_out = set(Recusal.objects.standing().order_by().values_list("person", flat=True))
    found: dict[tuple[int, Duty], int] = defaultdict(int)
    for group in groups.order_by("state", "resume_state", "office", "municipal_office"):
        duty = duty_of(group["state"], group["resume_state"])
        if duty is None or group["office"] is None:
            continue
        offices = (group["office"], group["municipal_office"]) if duty.via_municipal else (group["office"],)
        holding = staff.holding(duty.permission, *offices)
        if not holding:
            found[group["office"], duty] += group["n"]
            continue
        free = {one.person for one in holding} - keeping_out
        # A signature bars at most two people: who gave it, and in whose place; so does having filled it in.
        if len(free) > (4 if duty.not_by else 2):
            continue
        barred = live.filter(
            state=group["state"],
            resume_state=group["resume_state"],
            office=group["office"],
            municipal_office=group["municipal_office"],
        )
        for one in sorted(holding, key=lambda one: (one.person, one.holder)):
            barred = barred.filter(_barred(duty, one))
        found[group["office"], duty] += barred.count()
    offices = Office.objects.in_bulk({office for office, _duty in found})
    for (office, duty), count in found.items():
        if count:
            yield Uncovered(offices[office], duty, count)


def _barred(duty: Duty, one: Capacity) -> Q:
    """Cases that this person may not handle although they hold the role."""
    mine = Recusal.objects.standing().filter(person=one.person)
    barred = Q(Exists(mine.filter(application=OuterRef("pk")))) | Q(
        Exists(mine.filter(enterprise=OuterRef("enterprise")))
    )
    signatures = (duty.not_by, f"{duty.not_by.removesuffix('_by')}_for") if duty.not_by else ()
    for column in ("filed_by", *signatures):
        barred |= Q(**{f"{column}__in": {one.person, one.holder}})
    return barred
