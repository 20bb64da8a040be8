"""Where things stand: the repository, and the one folder in it that holds everything local."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOCAL = ROOT / ".local"
LOGS = LOCAL / "logs"
DATA = LOCAL / "data"


class LocalError(Exception):
    """Something on this machine stands in the way; the message tells the reader what to do."""


def make_local() -> None:
    """Create .local/ and its folders, closed to others; refuses a folder that belongs to somebody else."""
    if not LOCAL.exists():
        LOCAL.mkdir(mode=0o700, exist_ok=True)
    refuse_others(LOCAL)
    for folder in (LOGS, DATA):
        folder.mkdir(mode=0o700, exist_ok=True)


def refuse_others(folder: Path) -> None:
    """A clear word where the folder was made by somebody else, by `sudo make run` for example."""
    owner = folder.stat().st_uid
    if os.geteuid() not in (0, owner):
        raise LocalError(
            f"{folder} 属于另一个用户（uid {owner}），请由该用户或 root 执行 make reset 后再试。"
        )
