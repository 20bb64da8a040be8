"""Settling who is an enterprise's owner, and giving back the days for which its people could do nothing."""

from datetime import date

from django.db import transaction

from applications import deadlines
from applications.models import Application, Correction, Step
from applications.states import State
from enterprises import dispute_workflow
from enterprises.models import OwnershipDispute
from foundation.clock import clock
from foundation.workdays import workdays
from reviews.models import RevocationNotice


@transaction.atomic
def settle_dispute(row: OwnershipDispute, by, outcome: str, grounds: str) -> OwnershipDispute:
    """处理争议 (enterprises.dispute_workflow.settle); what the enterprise has to answer is due later by the dispute's days.

    That are corrections and statements of defence that were running when it began; they are reminded of anew.
    """
    row = dispute_workflow.settle(row, by, outcome, grounds)
    stood = (deadlines.day_of(row.opened_at), clock.today())
    cases = list(
        Application.objects.select_for_update(of=("self",), no_key=True)
        .filter(
            enterprise=row.enterprise_id,
            state__in=[State.AWAITING_CORRECTION, State.DECLINE_NOTIFIED],
            due_on__gte=stood[0],
        )
        .order_by("pk")
    )
    asked = {
        one.application_id: one
        for one in Correction.objects.filter(application__in=cases, answered_at=None).order_by("pk")
    }
    for case in cases:
        if case.state == State.AWAITING_CORRECTION:
            one = asked[case.pk]
            one.due_on = case.due_on = later(case.due_on, stood, deadlines.day_of(one.asked_at))
            case.reminded_at = None
        else:
            told = deadlines.day_of(case.decline_notified_at)
            case.due_on = case.defence_due_on = later(case.due_on, stood, told)
    Application.objects.bulk_update(cases, ["due_on", "defence_due_on", "reminded_at"])
    Correction.objects.bulk_update(asked.values(), ["due_on"])
    days = {case.pk: case.due_on for case in cases}
    steps = list(Step.objects.filter(application__in=days, left_at=None).order_by("pk"))
    for step in steps:
        step.due_on = days[step.application_id]
    Step.objects.bulk_update(steps, ["due_on"])
    notices = list(
        RevocationNotice.objects.select_for_update(of=("self",), no_key=True)
        .filter(
            application__enterprise=row.enterprise_id,
            state=RevocationNotice.State.OPEN,
            due_on__gte=stood[0],
        )
        .order_by("pk")
    )
    for notice in notices:
        notice.due_on = later(notice.due_on, stood, deadlines.day_of(notice.notified_at))
    RevocationNotice.objects.bulk_update(notices, ["due_on"])
    return row


def later(due_on: date, stood: tuple[date, date], since: date) -> date:
    """The due date moved by the working days of (first, last] that lay within its time, which began at `since`."""
    lost = workdays.between(max(stood[0], since), stood[1])
    return workdays.add(due_on, lost) if lost > 0 else due_on
