"""Jobs: asked for by a person, done by one worker at a time, taken up again after a killed one."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.jobs import kinds, running, workflow
from foundation.jobs.models import Job
from tests.accounts.factories import district_officer, policy_administrator
from tests.measures.factories import loaded_catalogue

pytestmark = pytest.mark.django_db(transaction=True)

KIND = "tests.count"


@pytest.fixture(autouse=True)
def catalogue(transactional_db):
    loaded_catalogue()


@pytest.fixture
def work(monkeypatch):
    """A kind whose work a test can give: work.do = function(job, progress)."""

    class Work:
        def do(self, job, progress):
            return kinds.Result({"counted": 3})

    given = Work()
    kind = kinds.Kind(
        name=KIND,
        label=_("数数"),
        run=lambda job, progress: given.do(job, progress),
        may=lambda user: user.may(Permission.CONFIGURE),
        template="admin/jobs/none.html",
    )
    monkeypatch.setitem(kinds._kinds, KIND, kind)
    monkeypatch.setattr(running, "PAUSE", 0)
    return given


def asked() -> Job:
    return workflow.request(KIND, policy_administrator())


def verbs(job) -> list[str]:
    return [event.verb for event in events.timeline(job)]


def test_a_job_is_done_and_who_asked_is_told(work):
    job = asked()
    assert job.state == Job.State.WAITING
    running.run(job.pk)
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.outcome, job.percent) == (Job.State.DONE, {"counted": 3}, 100)
    assert verbs(job) == ["request_job", "start_job", "finish_job"]
    message = events.inbox(job.created_by).first()
    assert "数数" in events.render(message).subject
    assert events.url_of(message.event, job.created_by) == f"/admin/jobs/job/{job.pk}/change/"


def test_progress_is_seen_while_the_work_is_still_uncommitted(work):
    seen = []

    def do(job, progress):
        progress(30, 120)
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT state, done, total FROM jobs_job WHERE id = %s", [job.pk])
            seen.append(cursor.fetchone())
        other.close()
        return kinds.Result()

    work.do = do
    running.run(asked().pk)
    assert seen == [("running", 30, 120)]


def test_progress_is_written_at_most_once_in_its_pause(work, monkeypatch):
    monkeypatch.setattr(running, "PAUSE", 3600)
    seen = []

    def do(job, progress):
        for done in range(1, 100):
            progress(done, 100)
        return kinds.Result()

    work.do = do
    job = asked()
    running.run(job.pk)
    assert Job.objects.get(pk=job.pk).done == 1
    assert seen == []


def test_a_refusal_is_told_and_nothing_of_the_work_is_kept(work):
    def do(job, progress):
        asked()
        raise kinds.JobFailed("文件是空的")

    work.do = do
    job = asked()
    running.run(job.pk)
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.message) == (Job.State.FAILED, "文件是空的")
    assert Job.objects.count() == 1
    assert "文件是空的" in events.render(events.inbox(job.created_by).first()).body


def test_an_error_is_not_shown_but_its_job_fails_clearly(work):
    def do(job, progress):
        raise RuntimeError("a secret detail")

    work.do = do
    job = asked()
    running.run(job.pk)
    job = Job.objects.get(pk=job.pk)
    assert job.state == Job.State.FAILED
    assert "secret" not in job.message and "系统出错" in job.message


def test_a_job_is_done_once_however_often_it_is_delivered(work):
    times = []
    work.do = lambda job, progress: times.append(1) or kinds.Result()
    job = asked()
    for _time in range(3):
        running.run(job.pk)
    assert times == [1]


def test_two_workers_never_share_a_job(work):
    times = []
    job = asked()

    def do(job, progress):
        times.append(1)
        running.run(job.pk)
        return kinds.Result()

    work.do = do
    running.run(job.pk)
    assert times == [1]


def left_by_a_killed_worker() -> Job:
    job = asked()
    workflow.start(job.pk)
    return job


def test_what_a_killed_worker_left_is_found_and_done_anew(work, monkeypatch):
    job = left_by_a_killed_worker()
    enqueued = []
    monkeypatch.setattr(workflow, "enqueue", enqueued.append)
    assert running.sweep() == enqueued == [job.pk]
    running.run(job.pk)
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.attempts) == (Job.State.DONE, 2)


def test_a_job_that_a_living_worker_holds_is_left_alone(work, monkeypatch):
    job = left_by_a_killed_worker()
    monkeypatch.setattr(workflow, "enqueue", lambda job_id: None)
    session = running.Session(job.pk)
    try:
        assert session.hold()
        assert running.sweep() == []
        running.run(job.pk)
        assert Job.objects.get(pk=job.pk).attempts == 1
    finally:
        session.close()


def test_a_job_that_kills_its_workers_is_given_up(work):
    job = asked()
    for _time in range(running.MOST_ATTEMPTS):
        workflow.start(job.pk)
    running.run(job.pk)
    job = Job.objects.get(pk=job.pk)
    assert job.state == Job.State.FAILED
    assert "反复中断" in job.message


def test_a_job_that_the_broker_lost_is_enqueued_again(work, monkeypatch):
    job = asked()
    monkeypatch.setattr(workflow, "enqueue", lambda job_id: None)
    assert running.sweep() == []
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert running.sweep() == [job.pk]


def test_only_who_may_asks_for_a_job(work):
    with pytest.raises(NotAllowed):
        workflow.request(KIND, district_officer())
    assert Job.objects.count() == 0


def test_a_state_changes_only_with_its_event_and_by_the_transitions(work):
    job = asked()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state="running")
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state="done", finished_at=clock.now())
