"""The tasks of the room; what they do stands in alarms.py."""

from celery import shared_task

from foundation.operations import alarms


@shared_task
def watch() -> None:
    """Show that the beat is alive, and look after the system; on the beat, each minute."""
    alarms.beat()
    alarms.watch()
