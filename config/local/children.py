"""The processes of `make run`: started, watched, restarted, stopped, each with its process group."""

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable

from config.local import processes
from config.local.places import LOCAL, LOGS, ROOT

# Every process below the supervisor carries this variable, so that a later run finds what was left.
MARK = "KEFU_RUN"
RESTARTS = 5
WITHIN_SECONDS = 60
KEEP_LOG_BYTES = 5 * 2**20
TROUBLE = re.compile(r"\b(ERROR|CRITICAL)\b|^Traceback ")
NEW_ENTRY = re.compile(r"^[\[\d]|^$")
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Linux: have the kernel signal this process when its parent is gone, however that went."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(number))


class Child:
    """One long-running process with its log; `watch` says what happened to it since."""

    def __init__(
        self, name: str, label: str, command: list[str], pass_fds: Iterable[int] = (), told: bool = False
    ):
        self.name = name
        self.label = label
        self.command = command
        self.pass_fds = tuple(pass_fds)
        self._pipe_wanted = told
        self._part = b""
        self.log = LOGS / f"{name}.log"
        self.process: subprocess.Popen | None = None
        self.deaths: list[float] = []
        self._began_at = 0
        self._read_to = 0
        self._in_trouble = 0

    def start(self, env: dict[str, str]) -> None:
        _keep_short(self.log)
        self._began_at = self._read_to = self.log.stat().st_size if self.log.exists() else 0
        supervisor = os.getpid()

        def before_exec() -> None:
            die_with_parent()
            if os.getppid() != supervisor:
                os._exit(1)

        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self._pipe_wanted else log,
                stderr=log,
                pass_fds=self.pass_fds,
                start_new_session=True,
                preexec_fn=before_exec,
            )
        if self._pipe_wanted:
            os.set_blocking(self.process.stdout.fileno(), False)

    def told(self) -> list[str]:
        """The whole lines that came through the pipe since the last call."""
        fresh = self._part
        with contextlib.suppress(BlockingIOError):
            while part := os.read(self.process.stdout.fileno(), 4096):
                fresh += part
        *lines, self._part = fresh.split(b"\n")
        return [line.decode(errors="replace") for line in lines]

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.process.poll() if self.process else None

    def may_restart(self) -> bool:
        """Whether it died rarely enough to be started once more; counts this death."""
        now = time.monotonic()
        self.deaths = [at for at in self.deaths if now - at < WITHIN_SECONDS] + [now]
        return len(self.deaths) <= RESTARTS

    def signal(self, number: int) -> None:
        """To the whole group: workers of a killed master must not live on."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def trouble(self) -> list[str]:
        """What the log says of errors since the last call."""
        lines = []
        for line in self._new_lines():
            if TROUBLE.search(line):
                self._in_trouble = 40
            elif NEW_ENTRY.search(line):
                self._in_trouble = 0
            if self._in_trouble:
                self._in_trouble -= 1
                lines.append(line)
        return lines

    def said(self, text: str) -> bool:
        """Whether the log of this start holds that text."""
        with self.log.open(errors="replace") as log:
            log.seek(self._began_at)
            return text in log.read()

    def _new_lines(self) -> list[str]:
        try:
            with self.log.open("rb") as log:
                log.seek(self._read_to)
                fresh = log.read()
        except OSError:
            return []
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read_to += len(whole)
        return whole.decode(errors="replace").splitlines()


def stop_all(
    children: Iterable[Child], patience: float = 8, hurry: Callable[[], bool] = lambda: False
) -> None:
    """Ask all at once, wait, then kill what is left, with everything it started."""
    running = [child for child in children if child.process]
    for child in running:
        # Only the master is asked: it ends its own workers in order.
        if child.exit_code() is None:
            processes.send(child.process.pid, signal.SIGTERM)
    processes.wait_until(lambda: hurry() or all(child.exit_code() is not None for child in running), patience)
    for child in running:
        child.signal(signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(5)


def clear_leftovers() -> int:
    """End what a killed supervisor of this folder left behind; returns how many processes that were."""
    import psutil

    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    left = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid not in mine and process.environ().get(MARK) == str(LOCAL):
                left.append((process.pid, processes.birth(process.pid)))
    for pid, born in left:
        if processes.is_same(pid, born):
            processes.send(pid, signal.SIGTERM)
    processes.wait_until(lambda: not any(processes.is_same(pid, born) for pid, born in left), 5)
    processes.kill_all(pid for pid, born in left if processes.is_same(pid, born))
    return len(left)


def _keep_short(log) -> None:
    """One older log is kept; the folder does not grow without end."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > KEEP_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
