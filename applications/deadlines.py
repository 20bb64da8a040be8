"""By which day the one who has a case must act: a function of start, pauses and the workday table.

The answer is kept in `due_on` for sorting and computed again when the calendar changes.
"""

from datetime import date, datetime, time, timedelta

from django.db import transaction

from applications.models import Application, Correction, Step
from applications.states import State
from foundation.clock import clock
from foundation.workdays import workdays

# The limit in working days of each state: a column of the call item.
LIMITS = {
    # By when it would be good to confirm; nothing is forfeited afterwards.
    State.OFFERED: "confirm_days",
    State.SUBMITTED: "accept_days",
    State.DISTRICT_REVIEW: "district_days",
    State.DISTRICT_ENDORSEMENT: "endorsement_days",
    State.MUNICIPAL_REVIEW: "municipal_days",
    State.PROPOSED: "sign_off_days",
    State.SIGNED_OFF: "publish_days",
    State.APPROVED: "payment_days",
    State.REFERRED: "referral_days",
}


def day_of(moment: datetime) -> date:
    """The Shanghai date of a moment."""
    return clock.local(moment).date()


def hour_text(moment: datetime) -> str:
    """A moment to the minute, as people read it: 2026-03-25 16:00."""
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"


def due_on(case: Application, pause: tuple[date, date | None] | None = None) -> date | None:
    """The day by which whoever has the case must act, or None where nobody is waited for."""
    line = case.call_item
    if case.state == State.PUBLIC_NOTICE:
        return workdays.due(day_of(case.notice_closes_at - timedelta(seconds=1)), line.approval_days)
    if case.state == State.DECLINE_NOTIFIED:
        return case.defence_due_on
    limit = LIMITS.get(State(case.state))
    if limit is None:
        return None
    start = day_of(case.stage_started_at)
    return workdays.due(start, getattr(line, limit), [pause] if pause else [])


def enter_state(case: Application, verb: str, at: datetime) -> None:
    """Set stage_started_at and due_on after a verb moved the case; facts on the row, no queries.

    A correction pauses the stage: the verb itself set the correction's own due date, and an answer lets
    the stage's clock run on from where it stood.
    """
    if verb in {"request_correction", "resubmit"}:
        return
    case.stage_started_at = at
    case.due_on = due_on(case)


def correction_due(case: Application, at: datetime) -> date:
    """By when a correction asked at that moment must be answered."""
    return workdays.due(day_of(at), case.call_item.correction_days)


def defence_due(case: Application, at: datetime) -> date:
    """By when the enterprise may state its defence (陈述申辩)."""
    return workdays.due(day_of(at), case.call_item.defence_days)


def notice_closes(case_item, at: datetime) -> datetime:
    """The moment at which a public notice opened at `at` closes: the end of its last working day."""
    last = workdays.due(day_of(at), case_item.notice_days)
    return datetime.combine(last + timedelta(days=1), time.min, clock.SHANGHAI)


@transaction.atomic
def recompute(first: date) -> int:
    """Compute due_on again for live cases from that day on, with their open steps; returns how many changed.

    What was promised to an enterprise (a correction's day, a defence's) stays as it was told.
    """
    cases = list(
        Application.objects.select_for_update(of=("self",), no_key=True)
        .filter(due_on__gte=first)
        .exclude(state__in=[State.AWAITING_CORRECTION, State.DECLINE_NOTIFIED, State.OFFERED])
        .select_related("call_item")
        .order_by("pk")
    )
    pauses = {
        (c.application_id, c.stage): c
        for c in Correction.objects.filter(application__in=cases).order_by("pk")
    }
    moved = []
    for case in cases:
        asked = pauses.get((case.pk, case.state))
        pause = None
        if asked and asked.answered_at and asked.asked_at >= case.stage_started_at:
            pause = (day_of(asked.asked_at), day_of(asked.answered_at))
        new = due_on(case, pause)
        if new != case.due_on:
            case.due_on = new
            moved.append(case)
    Application.objects.bulk_update(moved, ["due_on"], batch_size=500)
    days = {case.pk: case.due_on for case in moved}
    steps = list(Step.objects.filter(application__in=days, left_at=None).order_by("pk"))
    for step in steps:
        step.due_on = days[step.application_id]
    Step.objects.bulk_update(steps, ["due_on"], batch_size=500)
    return len(moved)
