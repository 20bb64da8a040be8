"""A dead broker never fails a change; what it lost is delivered later."""

import logging
import socket
import subprocess
import threading
import time
from datetime import timedelta

import pytest
import redis
from celery.contrib.testing.worker import start_worker
from celery.signals import task_success
from django.core import mail
from django.db import transaction
from kombu import pools

from config.celery import app
from config.local import broker
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import delivery, events, tasks
from tests.events.factories import person, subject

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.events.urls")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def use(url):
    """Point the application at a broker, without the connections it has pooled."""
    app.conf.broker_url = url
    pools.reset()
    app._pool = app.amqp._producer_pool = None


@pytest.fixture
def own_broker(tmp_path):
    """A broker of this test alone, to be killed and started again: (port, start)."""
    before = app.conf.broker_url
    port, running = free_port(), []

    def start():
        command = [broker.program(), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        running.append(subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL))
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return running[-1]
        raise AssertionError("the broker did not start")

    use(f"redis://127.0.0.1:{port}/0")
    yield port, start
    for process in running:
        process.kill()
        process.wait(10)
    use(before)


def record(reader):
    with transaction.atomic():
        return events.record(
            "trial.told", subject(), by=SYSTEM, tell=[events.Audience("user", reader.pk)], number="1"
        )


def waiting(port) -> int:
    return redis.Redis(port=port).llen("celery")


def test_after_the_commit_the_messages_are_handed_to_a_worker(own_broker):
    port, start = own_broker
    start()
    record(person())
    assert waiting(port) == 1
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(person())
        raise ZeroDivisionError
    assert waiting(port) == 1


def test_a_worker_delivers_what_it_was_handed(own_broker):
    _port, start = own_broker
    start()
    reader = person()
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
        done = threading.Event()
        task_success.connect(
            lambda **about: done.set(), sender=tasks.deliver, weak=False, dispatch_uid="test"
        )
        record(reader)
        assert done.wait(20)
        task_success.disconnect(sender=tasks.deliver, dispatch_uid="test")
    assert [sent.to for sent in mail.outbox] == [[reader.email]]


def test_a_dead_broker_is_logged_and_neither_fails_nor_delays_the_change(own_broker, caplog):
    reader = person()
    begun = time.monotonic()
    with caplog.at_level(logging.WARNING):
        record(reader)
    assert time.monotonic() - begun < 2
    assert "1 messages left to the sweep" in caplog.text
    assert reader.email not in caplog.text
    assert events.unread_count(reader) == 1


def test_a_broker_killed_in_between_loses_nothing_and_repeats_nothing(own_broker):
    port, start = own_broker
    process = start()
    reader = person()
    record(reader)
    process.kill()
    process.wait(10)
    begun = time.monotonic()
    record(reader)
    assert time.monotonic() - begun < 2
    assert events.unread_count(reader) == 2

    start()
    record(reader)
    assert waiting(port) == 1
    with clock.at(clock.now() + timedelta(minutes=2)):
        delivery.sweep()
        delivery.sweep()
    assert events.unread_count(reader) == 3
    assert len(mail.outbox) == 3
