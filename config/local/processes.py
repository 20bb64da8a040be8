"""Processes and ports: start one that outlives us, recognise it later, stop it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path


def birth(pid: int) -> str | None:
    """When the process started, as a mark that a reused pid does not carry; None if it is gone or a zombie."""
    if sys.platform == "linux":
        try:
            # The name in parentheses may hold spaces; state is the 3rd field, start time the 22nd.
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else fields[19]
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else str(process.create_time())
    except psutil.Error:
        return None


def is_same(pid: object, born: object) -> bool:
    """Whether the process that was noted as (pid, born) still runs."""
    return isinstance(pid, int) and born is not None and birth(pid) == born


def identity(user: tuple[int, int] | None) -> dict:
    """What subprocess needs to run as (uid, gid); nothing where that is None. Only root can."""
    return {} if user is None else {"user": user[0], "group": user[1], "extra_groups": []}


def spawn(
    command: list[str], *, log: Path, cwd: Path, env: Mapping[str, str], user: tuple[int, int] | None = None
) -> int:
    """Start a service that outlives this process, in a session of its own; returns its pid.

    The shell in between makes it a child of init at once: no zombie of it ever stays with us.
    `user` is (uid, gid) to run as, for root only.
    """
    with log.open("ab") as output:
        descriptor = output.fileno()
        script = f'"$@" </dev/null >&{descriptor} 2>&{descriptor} & echo $!'
        done = subprocess.run(
            ["/bin/sh", "-c", script, "sh", *command],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            pass_fds=[descriptor],
            start_new_session=True,
            check=True,
            **identity(user),
        )
    return int(done.stdout)


def wait_until(condition: Callable[[], bool], seconds: float, step: float = 0.03) -> bool:
    """Whether the condition came true within that time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def send(pid: int, number: int) -> None:
    """Send a signal; a process that is gone is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def stop(pid: int, born: str | None, first: int = signal.SIGTERM, patience: float = 10) -> None:
    """Ask the process to stop, wait, then kill it. Does nothing where the pid is no longer that process."""
    if not is_same(pid, born):
        return
    send(pid, first)
    if not wait_until(lambda: not is_same(pid, born), patience):
        send(pid, signal.SIGKILL)
        wait_until(lambda: not is_same(pid, born), 5)


def working_in(folder: Path) -> list[int]:
    """The processes whose working directory is that folder (each PostgreSQL process works in its data folder)."""
    import psutil

    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(folder):
                found.append(process.pid)
    return found


def kill_all(pids: Iterable[int]) -> None:
    """Kill processes at once and wait until they are gone."""
    marks = [(pid, birth(pid)) for pid in pids if pid != os.getpid()]
    for pid, _born in marks:
        send(pid, signal.SIGKILL)
    wait_until(lambda: not any(is_same(pid, born) for pid, born in marks), 5)


def free_port(preferred: object = None) -> int:
    """A TCP port of the loopback address that nobody listens on: the preferred one where it is free."""
    for port in (preferred, 0):
        if not isinstance(port, int):
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise OSError("no free port on 127.0.0.1")


def tail(path: Path, lines: int = 20) -> str:
    """The last lines of a log."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 16_384))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
