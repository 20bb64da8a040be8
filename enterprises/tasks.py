"""What the clock causes among an enterprise's people; the verbs do it, with the system as their actor."""

from celery import shared_task

from enterprises import joining_workflow


@shared_task
def escalate_requests() -> int:
    """Bring requests to join that no owner answered in time to the district; returns how many. Safe to run by several."""
    late = joining_workflow.unanswered()
    return len(joining_workflow.escalate(late)) if late else 0
