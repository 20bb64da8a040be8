"""The tasks of the room; what they do stands in delivery.py, digests.py, seals.py and exports.py."""

from datetime import time

from celery import shared_task

from foundation.clock import clock
from foundation.events import delivery, digests, exports, seals

# What began before midnight is committed by then.
SEALED_FROM = time(0, 30)


@shared_task
def deliver(notification_ids: list[int]) -> None:
    """Deliver the notifications of a change that was just committed."""
    delivery.deliver(notification_ids)


@shared_task
def send(delivery_ids: list[int]) -> None:
    """Send deliveries that were made or taken up again just now."""
    delivery.send(delivery_ids)


@shared_task
def sweep() -> None:
    """Deliver what a dead broker, worker or mail server left behind; on the beat."""
    delivery.sweep()


@shared_task
def send_digests() -> None:
    """Make the day's digests and send them; on the beat, harmless twice, and early it does nothing."""
    delivery.send(digests.gather())


@shared_task
def seal_day() -> None:
    """Seal the day before today and bring every seal off the host; on the beat, harmless twice."""
    if clock.shanghai(clock.now()).time() >= SEALED_FROM:
        seals.seal_day()
    exports.catch_up()
