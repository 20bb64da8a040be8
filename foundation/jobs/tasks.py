"""The tasks of the room; what they do stands in running.py."""

from celery import shared_task

from foundation.jobs import running


@shared_task
def run(job_id: int) -> None:
    """Do a job."""
    running.run(job_id)


@shared_task
def sweep() -> None:
    """Take up what a dead broker or a killed worker left behind; on the beat."""
    running.sweep()
