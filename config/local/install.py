"""Creates .venv and installs the pinned requirements where that is not done yet.

Run by the system's Python before anything is installed, so it needs the standard library only:
`python3.11 -m config.local.install`. A stamp in .venv says what was installed; an installation that
was killed is begun anew; two at once wait for each other. The download cache of pip is not used:
nothing outside the repository folder changes.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time

from config.local import places
from config.local.places import LOCAL, ROOT, LocalError

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements-dev.txt"
STAMP = VENV / "installed.stamp"
UNFINISHED = VENV / "installing.mark"


def wanted_stamp() -> str:
    """What a finished installation leaves: the requirements and the Python they were installed for."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    return f"{digest} {sys.version_info.major}.{sys.version_info.minor}\n"


def is_done() -> bool:
    try:
        return STAMP.read_text(encoding="utf-8") == wanted_stamp() and PYTHON.exists()
    except OSError:
        return False


def make_venv() -> None:
    """A fresh virtual environment where there is none that works."""
    if PYTHON.exists() and not UNFINISHED.exists() and _version() == sys.version_info[:2]:
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    pip = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    if subprocess.run([sys.executable, "-m", "venv", *pip, str(VENV)], check=False).returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise LocalError("虚拟环境创建失败（见上）。")


def install() -> None:
    """Install what is pinned, checking each hash; says how far it is."""
    UNFINISHED.touch()
    names = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    total = sum("==" in line and not line.startswith((" ", "#")) for line in names)
    environment = {**os.environ, "PIP_USER": "0", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*_pip(), "install", "--no-cache-dir", "--disable-pip-version-check", "--no-input", "--no-deps"]
        + ["--progress-bar", "off", "--require-hashes", "--only-binary", ":all:", "-r", str(REQUIREMENTS)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
        cwd=ROOT,
    )
    said: list[str] = []
    count = 0
    for line in process.stdout:
        said.append(line)
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            count += 1
            _progress(f"{min(count, total)}/{total}", every=count % 20 == 0)
        elif line.startswith("Installing collected"):
            _progress("安装中", every=True)
    if process.wait():
        problems = [line for line in said if line.startswith("ERROR")] or said[-15:]
        raise LocalError("依赖安装失败：\n" + "".join(problems))
    UNFINISHED.unlink()
    STAMP.write_text(wanted_stamp(), encoding="utf-8")


def _pip() -> list[str]:
    """The pip of the virtual environment; where the system's Python came without ensurepip, the system's."""
    probe = subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True, check=False)
    if probe.returncode == 0:
        return [str(PYTHON), "-m", "pip"]
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    raise LocalError("这个 Python 既没有 ensurepip 也没有 pip。Debian/Ubuntu：apt-get install python3-venv")


def _version() -> tuple[int, int] | None:
    command = [str(PYTHON), "-c", "import sys; print(*sys.version_info[:2])"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return tuple(map(int, done.stdout.split())) if done.returncode == 0 else None


def _progress(text: str, every: bool) -> None:
    if sys.stdout.isatty():
        print(f"\r      {text}      ", end="", flush=True)
    elif every:
        print(f"      {text}", flush=True)


def main() -> int:
    label = " ".join(sys.argv[1:])
    try:
        places.make_local()
        with (LOCAL / "install.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("另一个进程正在安装依赖，等待中…", flush=True)
                fcntl.flock(lock, fcntl.LOCK_EX)
            if is_done():
                print(f"{label}依赖 requirements … 已是最新", flush=True)
                return 0
            start = time.monotonic()
            print(f"{label}依赖 requirements … 安装到 .venv", flush=True)
            make_venv()
            install()
            end = "\r" if sys.stdout.isatty() else ""
            print(f"{end}      完成 ({time.monotonic() - start:.0f} s)        ", flush=True)
    except LocalError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
