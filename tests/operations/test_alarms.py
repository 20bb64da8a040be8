"""What is wrong for a while is told to the administrators once, and once more when it is gone."""

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event, Notification
from foundation.health import health
from foundation.health.health import Problem
from foundation.operations import alarms, tasks
from foundation.operations.models import Alarm, Heartbeat
from tests.accounts import factories as people
from tests.measures.factories import loaded_catalogue

DAY = clock.moment_of(date(2026, 3, 2))
FULL = Problem("files.disk_full", "材料存放处只剩 1.0 GB", "扩大磁盘。")


@pytest.fixture
def offices(db):
    loaded_catalogue()


def look(minutes: int, *problems):
    with clock.at(DAY + timedelta(minutes=minutes)):
        return alarms.update(problems)


def verbs():
    return list(
        Event.objects.filter(chain__kind="operations.alarm").order_by("pk").values_list("verb", flat=True)
    )


def test_a_problem_that_lasts_is_told_once_until_it_is_gone(offices):
    operator, auditor = people.system_administrator(), people.auditor()
    for minute in (0, 5, 8, 9, 60, 600):
        look(minute, FULL)
    assert verbs() == ["raise_alarm"]
    look(601)
    assert verbs() == ["raise_alarm", "clear_alarm"]
    raised, cleared = reversed([events.render(one) for one in events.inbox(operator)])
    assert raised.subject == "系统需要处理：材料存放处只剩 1.0 GB"
    assert "怎么办：扩大磁盘。" in raised.body
    assert cleared.subject == "已恢复：材料存放处只剩 1.0 GB"
    assert not events.inbox(auditor).exists()
    told = events.inbox(operator).first()
    assert events.url_of(told.event, operator) == reverse("admin:operations_alarm_changelist")


def test_a_hiccup_is_no_alarm(offices):
    look(0, FULL)
    look(5)
    look(6, FULL)
    look(12, FULL)
    assert verbs() == []
    assert Alarm.objects.filter(cleared_at=None, raised_at=None).count() == 1


def test_a_problem_that_comes_back_is_told_again(offices):
    for minute, problems in ((0, [FULL]), (8, [FULL]), (9, []), (20, [FULL]), (28, [FULL])):
        look(minute, *problems)
    assert verbs() == ["raise_alarm", "clear_alarm", "raise_alarm"]


def test_each_problem_has_its_own_alarm(offices):
    other = Problem("events.broker", "消息队列没有应答", "检查 REDIS_URL。")
    look(0, FULL, other)
    raised, cleared = look(8, FULL, other)
    assert (len(raised), cleared) == (2, [])
    raised, cleared = look(9, other)
    assert (raised, [alarm.code for alarm in cleared]) == ([], [FULL.code])


def test_a_problem_has_one_open_alarm_at_most(db):
    Alarm.objects.create(code="x", text="x", todo="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Alarm.objects.create(code="x", text="x", todo="x")


def test_the_beats_task_shows_that_it_lives_and_watches(offices, monkeypatch):
    monkeypatch.setattr(health, "_checks", {})
    health.register("trial", "试验", lambda: [FULL])
    for minute in (0, 8):
        with clock.at(DAY + timedelta(minutes=minute)):
            tasks.watch()
    assert Heartbeat.objects.get().at == DAY + timedelta(minutes=8)
    assert verbs() == ["raise_alarm"]


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_raise_one_alarm(transactional_db):
    look(0, FULL)
    start = threading.Barrier(2)

    def beat():
        try:
            start.wait(10)
            look(8, FULL)
        finally:
            connection.close()

    threads = [threading.Thread(target=beat) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert verbs() == ["raise_alarm"]
    assert Notification.objects.filter(audience_kind="operators").count() == 1
