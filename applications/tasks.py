"""What the clock causes: reminders, lapses, discards. Each is a verb with the system as its actor."""

from datetime import timedelta

from celery import shared_task

from applications import workflow
from applications.models import Application
from applications.states import State
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.workdays import workdays

# Working days before the end of a correction at which the enterprise is reminded.
REMIND_BEFORE = 2
# Days after the call closed at which an unsent draft is discarded.
KEEP_DRAFTS = 90
AT_ONCE = 200


def _waiting():
    return (
        Application.objects.filter(state=State.AWAITING_CORRECTION)
        .select_related("call_item")
        .order_by("due_on", "pk")
    )


@shared_task
def act_on_deadlines() -> dict[str, int]:
    """Remind, lapse, discard what is due; returns how many of each. Safe to run at any time, by several."""
    today = clock.today()
    soon = workdays.add(today, REMIND_BEFORE)
    reminded = workflow.remind(list(_waiting().filter(due_on__lte=soon, reminded_at=None)[:AT_ONCE]))
    late = list(_waiting().filter(due_on__lt=today, reminded_at__isnull=False)[:AT_ONCE])
    # A correction that nobody reminded of in time (a silent beat) lapses a working day after the reminder.
    late = [case for case in late if clock.local(case.reminded_at).date() < today]
    lapsed = workflow.lapse(late).done if late else []
    old = clock.now() - timedelta(days=KEEP_DRAFTS)
    drafts = list(
        Application.objects.filter(state=State.DRAFT, call_item__call__closes_at__lt=old)
        .select_related("call_item")
        .order_by("pk")[:AT_ONCE]
    )
    discarded = workflow.discard(drafts, SYSTEM).done if drafts else []
    return {"reminded": len(reminded), "lapsed": len(lapsed), "discarded": len(discarded)}
