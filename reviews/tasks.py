"""What the officials' room does by the clock."""

from celery import shared_task

from reviews import workflow


@shared_task
def tell_free() -> int:
    """Tell offices of waitlisted cases that money reaches now, each once; returns how many. Safe to run by several."""
    return workflow.tell_free()
