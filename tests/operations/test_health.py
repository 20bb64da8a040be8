"""manage.py doctor, the page and /health/: every room's checks find what is wrong and say what to do."""

from datetime import date, timedelta
from io import StringIO

import pytest
import redis
from django.core.management import call_command
from django.db import transaction
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from config.celery import app
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.clock.models import DemoClock
from foundation.events import delivery, events, exports, seals
from foundation.events.models import Delivery
from foundation.health import health
from foundation.health.health import Problem
from foundation.jobs import kinds
from foundation.jobs.models import Job
from foundation.operations import alarms
from foundation.workdays.models import Workday
from tests.accounts import factories as people
from tests.events.factories import person, subject
from tests.measures.factories import loaded_catalogue

pytestmark = pytest.mark.django_db

DAY = clock.moment_of(date(2026, 3, 3))


def problems(name: str, at=DAY) -> dict[str, Problem]:
    """What one check finds at a moment, by code."""
    with clock.at(at):
        (result,) = [result for result in health.examine() if result.check.name == name]
    return {problem.code: problem for problem in result.problems}


def told(at=DAY, **facts):
    with clock.at(at):
        tell = [events.Audience("user", person().pk)]
        return events.record("submit", subject(), by=SYSTEM, tell=tell, number="1", **facts)


def test_every_problem_says_what_is_wrong_and_what_to_do_in_chinese():
    told()
    with clock.at(DAY + timedelta(days=3)):
        found = [problem for result in health.examine() for problem in result.problems]
    assert {"events.unresolved", "events.seal_late", "operations.beat"} <= {problem.code for problem in found}
    for problem in found:
        assert problem.text and problem.todo.endswith("。")
        assert not problem.text.endswith("。")


def test_messages_that_nobody_took_up_are_found():
    told()
    assert problems("deliveries") == {}
    assert "1 条消息" in problems("deliveries", DAY + timedelta(minutes=11))["events.unresolved"].text


def test_deliveries_that_are_overdue_and_that_were_given_up_are_found():
    event = told()
    with clock.at(DAY):
        delivery.resolve([event.notifications.get().pk])
    assert "拖延 20 分钟" in problems("deliveries", DAY + timedelta(minutes=20))["events.late"].text
    Delivery.objects.update(next_try_at=None, given_up_at=DAY)
    assert set(problems("deliveries", DAY + timedelta(hours=1))) == {"events.dead_letters"}
    assert problems("deliveries", DAY + timedelta(days=15)) == {}


def test_a_broker_that_answers_is_well_and_a_dead_one_is_found(monkeypatch):
    assert problems("broker") == {}
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    assert set(problems("broker")) == {"events.broker"}
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(app.conf.broker_url).ping()


def test_a_late_seal_and_one_that_did_not_leave_the_host_are_found(settings, tmp_path):
    settings.SEAL_ROOT, settings.SEAL_EXPORT = tmp_path / "seals", [str(tmp_path / "nowhere")]
    told(DAY - timedelta(days=1))
    night = DAY - timedelta(hours=7, minutes=1)
    assert problems("seal", night) == {}
    assert "2026-03-02" in problems("seal", night + timedelta(minutes=1))["events.seal_late"].text
    with clock.at(DAY):
        seals.seal_day()
        exports.catch_up()
    assert problems("seal", DAY + timedelta(minutes=30)) == {}
    assert set(problems("seal", DAY + timedelta(hours=2))) == {"events.seal_not_exported"}
    (tmp_path / "nowhere").mkdir()
    exports.catch_up()
    assert problems("seal", DAY + timedelta(hours=2)) == {}


def test_production_without_a_mail_server_or_an_export_is_found(settings):
    settings.PRODUCTION = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert set(problems("mail")) == {"events.no_mail_server"}
    assert set(problems("seal")) == {"events.seal_stays"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert problems("mail") == {}


def test_the_calendar_of_this_year_is_asked_for_and_from_november_the_next(settings):
    Workday.objects.filter(day__year__gte=2026).delete()
    assert set(problems("workdays", clock.moment_of(date(2025, 10, 31)))) == set()
    assert set(problems("workdays", clock.moment_of(date(2025, 11, 3)))) == {"workdays.2026"}
    assert set(problems("workdays", clock.moment_of(date(2026, 3, 2)))) == {"workdays.2026"}


def test_a_store_that_cannot_be_written_or_is_full_is_found(settings, tmp_path, monkeypatch):
    settings.DOCUMENT_ROOT = tmp_path / "documents" / "deeper"
    assert problems("files") == {}
    monkeypatch.setattr("foundation.files.checks.LEAST_FREE", 2**60)
    assert set(problems("files")) == {"files.disk_full"}
    # A folder below /proc can be made by nobody, not even by root.
    settings.DOCUMENT_ROOT = "/proc/1/fdinfo"
    assert set(problems("files")) == {"files.not_writable"}


def test_jobs_that_wait_or_are_silent_too_long_are_found(monkeypatch):
    kind = kinds.Kind("tests.long", "数数", lambda job, progress: kinds.Result(), lambda user: True, "")
    monkeypatch.setitem(kinds._kinds, kind.name, kind)

    def job():
        with transaction.atomic():
            made = Job.objects.create(kind=kind.name, created_by=person(), created_at=DAY)
            events.record("request_job", made, SYSTEM)
        return made

    waiting = job()
    assert problems("jobs", DAY + timedelta(minutes=15)) == {}
    assert set(problems("jobs", DAY + timedelta(minutes=16))) == {"jobs.waiting"}
    with transaction.atomic():
        waiting.start(at=DAY)
        waiting.save()
        events.record("start_job", waiting, SYSTEM)
    assert set(problems("jobs", DAY + timedelta(minutes=31))) == {f"jobs.silent.{waiting.pk}"}


def test_a_beat_without_its_rows_and_a_silent_one_are_found():
    assert set(problems("schedule")) == {"jobs.schedule"}
    assert "从未" in problems("beat")["operations.beat"].text
    with clock.at(DAY):
        alarms.beat()
    assert problems("beat", DAY + timedelta(minutes=5)) == {}
    assert "2026-03-03 09:00" in problems("beat", DAY + timedelta(minutes=6))["operations.beat"].text


def test_a_demo_clock_in_production_is_found(settings):
    DemoClock.objects.create(offset_seconds=60, moved_at=DAY, moved_by="演示")
    assert problems("clock") == {}
    settings.PRODUCTION = True
    assert set(problems("clock")) == {"clock.demo"}


def test_migrations_that_wait_are_found():
    assert problems("database") == {}
    MigrationRecorder.Migration.objects.filter(app="operations").delete()
    assert "operations.0001" in problems("database")["database.migrations"].text


def test_a_check_that_fails_is_a_problem_and_stops_no_other(monkeypatch):
    monkeypatch.setattr(health, "_checks", {})

    def bad():
        Workday.objects.get(day="nonsense")
        return []

    health.register("bad", "坏的", bad)
    health.register("good", "好的", list)
    bad_one, good_one = health.examine()
    assert [problem.code for problem in bad_one.problems] == ["bad.failed"]
    assert good_one.problems == ()
    with pytest.raises(ValueError):
        health.register("good", "又一个", tuple)


def test_doctor_says_each_problem_in_a_line_and_fails(monkeypatch):
    monkeypatch.setattr(health, "_checks", {})
    health.register("good", "好的", list)
    out = StringIO()
    call_command("doctor", stdout=out)
    assert out.getvalue() == "✓ 好的\n"
    health.register("bad", "坏的", lambda: [Problem("x", "磁盘满了", "换大的。")])
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=out)
    assert ended.value.code == 1
    assert out.getvalue() == "✗ 磁盘满了。换大的。\n"


def test_a_load_balancer_hears_of_this_host_alone_and_no_details(client, settings):
    """Dead letters and a silent beat are every host's trouble: none is taken out for them."""
    told(DAY - timedelta(days=30))
    answer = client.get(reverse("health"))
    assert (answer.status_code, answer.content) == (200, b"")
    settings.DOCUMENT_ROOT = "/proc/1/fdinfo"
    answer = client.get(reverse("health"))
    assert (answer.status_code, answer.content) == (503, b"")


def test_the_page_shows_every_check_to_who_operates_or_audits_and_to_nobody_else(client):
    loaded_catalogue()
    url = reverse("admin:operations_alarm_changelist")
    for role, status in (
        (people.system_administrator, 200),
        (people.auditor, 200),
        (people.policy_administrator, 404),
    ):
        user = role()
        user.is_staff = True
        user.save()
        client.force_login(user)
        page = client.get(url)
        assert page.status_code == status, role
        if status == 200:
            assert "定时任务从未运行过" in page.content.decode()
