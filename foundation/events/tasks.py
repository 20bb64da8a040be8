"""The tasks of the room; what they do stands in delivery.py and seals.py."""

from celery import shared_task

from foundation.events import delivery, seals


@shared_task
def deliver(notification_ids: list[int]) -> None:
    """Deliver the notifications of a change that was just committed."""
    delivery.deliver(notification_ids)


@shared_task
def sweep() -> None:
    """Deliver what a dead broker, worker or mail server left behind; on the beat."""
    delivery.sweep()


@shared_task
def seal_day() -> None:
    """Seal the day before today; on the beat shortly after midnight, harmless twice."""
    seals.seal_day()
