"""What `make run` decides: the port, who is already there, when to give up, which lines matter."""

import socket

import pytest

from config.local import address, processes
from config.local.children import RESTARTS, Child
from config.local.places import LocalError


@pytest.fixture
def taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_given_port_is_used():
    port = processes.free_port()
    with address.listen(str(port)) as server:
        assert server.getsockname() == ("127.0.0.1", port)


def test_a_given_port_that_is_taken_is_refused_with_the_reason(taken):
    with pytest.raises(LocalError, match=f"端口 {taken} 不可用"):
        address.listen(str(taken))


@pytest.mark.parametrize("value", ["0", "65536", "-1", "80a", "８０００", "8 000"])
def test_a_port_that_is_none_is_refused_with_the_reason(value):
    with pytest.raises(LocalError, match="1 到 65535"):
        address.listen(value)


def test_without_a_port_two_runs_get_two():
    with address.listen("") as first, address.listen("") as second:
        assert address.FIRST <= first.getsockname()[1] < second.getsockname()[1] <= address.LAST


def test_a_child_that_keeps_dying_is_given_up():
    child = Child("x", "x", [])
    assert [child.may_restart() for _ in range(RESTARTS + 1)] == [True] * RESTARTS + [False]


def test_errors_in_a_log_are_shown_whole_and_the_rest_is_not(tmp_path):
    child = Child("x", "x", [])
    child.log = tmp_path / "x.log"
    child.log.write_text(
        "2026-01-05 10:00:00 INFO started\n"
        "2026-01-05 10:00:01 ERROR broken\n"
        "Traceback (most recent call last):\n"
        "ValueError: no\n"
        "2026-01-05 10:00:02 INFO going on\n"
        "[2026-01-05 10:00:03] CRITICAL half a li",
        encoding="utf-8",
    )
    assert [line.partition("2026-01-05 ")[2] or line for line in child.trouble()] == [
        "10:00:01 ERROR broken",
        "Traceback (most recent call last):",
        "ValueError: no",
    ]
    assert child.trouble() == []
    with child.log.open("a") as log:
        log.write("ne\n")
    assert len(child.trouble()) == 1
