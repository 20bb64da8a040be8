"""A copy of this folder to run and kill things in; its path has spaces and Chinese characters."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import psutil

from config.local import children, processes
from config.local.places import ROOT

READY = "Ctrl-C"


def make_copy(parent: Path) -> "WorkingCopy":
    """All files that git knows or would add, and a link to the virtual environment."""
    folder = parent / "科服 直达 copy"
    folder.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return WorkingCopy(folder)


class WorkingCopy:
    def __init__(self, folder: Path):
        self.folder = folder
        self.local = folder / ".local"
        self.runs: list[Run] = []

    def run(self, **variables: str) -> "Run":
        run = Run(self, variables)
        self.runs.append(run)
        return run

    def make(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["make", *arguments],
            cwd=self.folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def python(self, code: str) -> None:
        command = [self.folder / ".venv" / "bin" / "python", "-c", code]
        subprocess.run(command, cwd=self.folder, env=environment(), check=True, timeout=120)

    def note(self, name: str) -> dict:
        return json.loads((self.local / f"{name}.json").read_text(encoding="utf-8"))

    def service(self, name: str) -> int:
        return self.note("services")[name]["pid"]

    def supervisor(self) -> int:
        return self.note("run")["pid"]

    def children(self, program: str) -> list[psutil.Process]:
        """The processes under the supervisor that run that program, masters first."""
        found = [
            process
            for process in self.marked()
            if any(part == program for part in process.cmdline()[2:8]) and process.is_running()
        ]
        return sorted(found, key=lambda process: (process.ppid() != self.supervisor(), process.pid))

    def marked(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(children.MARK) == str(self.local) and processes.birth(process.pid):
                    found.append(process)
        return found

    def everything(self) -> list[int]:
        """All that belongs to this copy: supervisor and children, make, PostgreSQL, broker."""
        found = {process.pid for process in self.marked()}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if self.folder in (Path(process.cwd()), *Path(process.cwd()).parents):
                    found.add(process.pid)
        return [pid for pid in found if pid != os.getpid() and processes.birth(pid)]

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.note("run")["site_url"], timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def clear(self) -> None:
        self.make("reset", "YES=1")
        processes.kill_all(self.everything())


class Run:
    """One `make run`, in a session of its own as in a terminal of its own."""

    def __init__(self, copy: WorkingCopy, variables: dict[str, str]):
        self.copy = copy
        self.output = copy.folder / f"run-{len(copy.runs)}.out"
        self.start = time.monotonic()
        with self.output.open("w") as output:
            self.make = subprocess.Popen(
                ["make", "run"],
                cwd=copy.folder,
                env=environment() | variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_ready(self, seconds: float = 180) -> float:
        """Seconds from the start until everything is up."""
        processes.wait_until(lambda: READY in self.said() or self.make.poll() is not None, seconds, step=0.1)
        assert READY in self.said(), self.said()
        return time.monotonic() - self.start

    def wait_said(self, text: str, seconds: float = 30) -> None:
        assert processes.wait_until(lambda: text in self.said(), seconds, step=0.1), self.said()

    def interrupt(self) -> int:
        """Ctrl-C: the terminal signals the whole foreground group; returns the exit code of make."""
        os.killpg(self.make.pid, signal.SIGINT)
        return self.make.wait(40)


def environment() -> dict[str, str]:
    """The tests' own settings must not reach the copy."""
    inherited = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TERM")
    return {name: os.environ[name] for name in inherited if name in os.environ}
