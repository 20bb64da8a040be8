"""What the clock causes: reminders, lapses, discards. Each is a verb with the system as its actor."""

from datetime import timedelta

from celery import shared_task

from applications import workflow
from applications.models import Application
from applications.states import State
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.workdays import workdays
from measures.models import Call

# Working days before the end of a correction at which the enterprise is reminded.
REMIND_BEFORE = 2
# Days after the call closed at which an unsent draft is discarded, and how long before its writer is told: until the
# item was called for in the next year, whose draft may begin with its answers.
KEEP_DRAFTS = 370
WARN_DAYS = 14
AT_ONCE = 200


def _waiting():
    # While the district settles who is the owner, nobody can answer: the days stand still.
    return (
        Application.objects.filter(state=State.AWAITING_CORRECTION, enterprise__disputed_since=None)
        .select_related("call_item")
        .order_by("due_on", "pk")
    )


def _unsent(closed_before):
    return (
        Application.objects.filter(state=State.DRAFT, call_item__call__closes_at__lt=closed_before)
        .exclude(call_item__call__state=Call.State.SUSPENDED)
        .select_related("call_item")
        .order_by("pk")
    )


@shared_task
def tell_newly_eligible() -> int:
    """Tell subscribers what their enterprise can apply for now, once; returns how many. Safe to run by several."""
    return workflow.tell_newly_eligible()


@shared_task
def remind_before_closing() -> int:
    """Remind of drafts and of what can still be applied for before calls close; returns how many. Safe to run by
    several."""
    return workflow.remind_before_closing()


@shared_task
def act_on_deadlines() -> dict[str, int]:
    """Remind, lapse, warn, discard what is due; returns how many of each. Safe to run at any time, by several."""
    today = clock.today()
    soon = workdays.add(today, REMIND_BEFORE)
    reminded = workflow.remind(list(_waiting().filter(due_on__lte=soon, reminded_at=None)[:AT_ONCE]))
    late = list(_waiting().filter(due_on__lt=today, reminded_at__isnull=False)[:AT_ONCE])
    # A correction that nobody reminded of in time (a silent beat) lapses a working day after the reminder.
    late = [case for case in late if clock.local(case.reminded_at).date() < today]
    lapsed = workflow.lapse(late).done if late else []
    offers = workflow.remind_offers(AT_ONCE)
    now = clock.now()
    old = _unsent(now - timedelta(days=KEEP_DRAFTS - WARN_DAYS))
    warned = workflow.warn_drafts(list(old.filter(reminded_at=None)[:AT_ONCE]))
    gone = _unsent(now - timedelta(days=KEEP_DRAFTS)).filter(reminded_at__lte=now - timedelta(days=WARN_DAYS))
    drafts = list(gone[:AT_ONCE])
    discarded = workflow.discard(drafts, SYSTEM).done if drafts else []
    return {
        "reminded": len(reminded),
        "lapsed": len(lapsed),
        "offers_reminded": len(offers),
        "warned": len(warned),
        "discarded": len(discarded),
    }
