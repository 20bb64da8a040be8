"""What the demo does by itself."""

from celery import shared_task

from demo import crowd

# Seconds of one turn; the next one begins with the next minute.
TURN = 50


@shared_task(ignore_result=True)
def fill() -> None:
    """Make some more of the crowd's cases, until all are there."""
    crowd.fill(TURN)
