"""After a kill -9 of anything, what runs comes back by itself or the next `make run` works."""

import os
import random
import signal
import socket
import time

import pytest

from config.local import processes

ANALYZE = """
from config.local import database, environment, keys
environment.ensure()
noted, secrets = environment.services()["postgres"], keys.read()
with database.connect(noted["port"], "postgres", secrets["superuser_password"], database.NAME) as connection:
    connection.execute("ANALYZE")
"""


def test_first_and_second_start_are_quick_and_ctrl_c_leaves_nothing(copy):
    copy.make("reset", "YES=1")
    first = copy.run()
    took = first.wait_ready()
    assert took < 180, first.said()
    assert copy.answers()
    assert first.interrupt() != 1
    assert copy.everything() == []

    second = copy.run()
    # About five seconds on two idle cores; the bound leaves room for a busy machine.
    assert second.wait_ready() < 20, second.said()
    assert copy.answers()
    second.interrupt()
    assert copy.everything() == []


def test_terminate_of_make_stops_everything(running, copy):
    running.make.terminate()
    running.make.wait(30)
    assert processes.wait_until(lambda: copy.everything() == [], 15, step=0.1)


@pytest.mark.parametrize(
    ("program", "text"),
    [
        ("gunicorn", "网站 web 意外退出"),
        ("worker", "后台任务 worker 意外退出"),
        ("beat", "定时任务 beat 意外退出"),
    ],
)
def test_a_killed_master_is_started_again(running, copy, program, text):
    before = copy.children(program)
    os.kill(before[0].pid, signal.SIGKILL)
    running.wait_said(text)
    assert processes.wait_until(copy.answers, 20, step=0.2)
    assert processes.wait_until(lambda: len(copy.children(program)) == len(before), 20, step=0.2)
    assert not {process.pid for process in copy.children(program)} & {process.pid for process in before}


@pytest.mark.parametrize("program", ["gunicorn", "worker"])
def test_a_killed_worker_is_replaced_by_its_master(running, copy, program):
    before = copy.children(program)
    os.kill(before[-1].pid, signal.SIGKILL)
    assert processes.wait_until(lambda: before[-1].pid not in [p.pid for p in copy.children(program)], 5)
    assert processes.wait_until(lambda: len(copy.children(program)) == len(before), 20, step=0.2)
    assert copy.answers()


@pytest.mark.parametrize("service", ["postgres", "valkey"])
def test_a_killed_service_is_started_again_under_a_running_site(running, copy, service):
    os.kill(copy.service(service), signal.SIGKILL)
    running.wait_said("意外结束，正在重新启动")
    assert processes.wait_until(copy.answers, 20, step=0.2), running.said()


def test_a_killed_database_session_is_recovered_by_the_server(running, copy):
    import psutil

    backend = psutil.Process(copy.service("postgres")).children()[-1]
    backend.kill()
    assert processes.wait_until(copy.answers, 20, step=0.2), running.said()


def test_a_killed_supervisor_takes_its_children_and_the_next_run_works(running, copy):
    os.kill(copy.supervisor(), signal.SIGKILL)
    again = copy.run()
    assert again.wait_ready() < 40, again.said()
    assert copy.answers()
    assert len(copy.children("beat")) == 1


def test_a_killed_make_ends_its_run_and_the_next_run_works(running, copy):
    running.make.kill()
    again = copy.run()
    assert again.wait_ready() < 40, again.said()
    assert len(copy.children("beat")) == 1
    assert copy.answers()


def test_when_everything_is_killed_at_once_the_next_run_works(running, copy):
    for pid in copy.everything():
        processes.send(pid, signal.SIGKILL)
    again = copy.run()
    assert again.wait_ready() < 40, again.said()
    assert copy.answers()


def test_services_left_by_a_killed_run_are_stopped_by_make_stop(running, copy):
    os.kill(copy.supervisor(), signal.SIGKILL)
    stopped = copy.make("stop")
    assert stopped.returncode == 0, stopped.stderr
    assert processes.wait_until(lambda: copy.everything() == [], 10, step=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_a_first_start_killed_halfway_is_no_obstacle(copy, seed):
    copy.make("reset", "YES=1")
    run = copy.run(DEMO="0")
    time.sleep(random.Random(seed).uniform(0.3, 6))
    for pid in copy.everything():
        processes.send(pid, signal.SIGKILL)
    run.make.wait(10)
    again = copy.run(DEMO="0")
    again.wait_ready()
    assert copy.answers()


def test_a_demo_load_killed_halfway_does_not_slow_the_next_one(copy):
    """What the killed transaction wrote is void, but the planner may have counted the tables meanwhile."""
    copy.make("reset", "YES=1")
    run = copy.run()
    run.wait_said("演示数据", 120)
    time.sleep(10)
    for pid in copy.everything():
        processes.send(pid, signal.SIGKILL)
    run.make.wait(10)
    copy.python(ANALYZE)
    assert copy.run().wait_ready() < 150
    assert copy.answers()


def test_a_second_run_in_the_same_folder_says_where_the_first_is(running, copy):
    second = copy.run()
    assert second.make.wait(20) != 0
    assert f"已经在运行：{copy.note('run')['site_url']}" in second.said()
    assert copy.answers()


def test_a_given_port_that_is_taken_is_said_and_nothing_starts(copy):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = copy.run(PORT=str(taken.getsockname()[1]))
        assert run.make.wait(60) != 0
    assert "不可用" in run.said()
    assert copy.children("gunicorn") == []


def test_a_given_port_is_used(copy):
    port = processes.free_port()
    run = copy.run(PORT=str(port))
    run.wait_ready()
    assert copy.note("run")["site_url"].endswith(f":{port}")
    assert copy.answers()
