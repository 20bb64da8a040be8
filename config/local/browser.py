"""A Chromium for the browser tests: the system's, or one that is fetched.

`python -m config.local.browser` makes sure that there is one, or says why not and fails.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from config.local.places import LOCAL

DOWNLOADED = LOCAL / "browsers"
PROFILE = LOCAL / "browser-home"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
FONTS = "fonts-noto-cjk"


def find() -> Path | None:
    """The browser to use: CHROMIUM where set, the system's, or the downloaded one."""
    if chosen := os.environ.get("CHROMIUM"):
        return Path(chosen) if Path(chosen).is_file() else None
    for name in NAMES:
        if (path := shutil.which(name)) and _starts(path):
            return Path(path)
    if MAC.is_file():
        return MAC
    for pattern in ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*/Contents/MacOS/*"):
        for path in sorted(DOWNLOADED.glob(pattern), reverse=True):
            return path
    return None


def arguments() -> list[str]:
    """Quiet, offline, and without the sandbox only where root must."""
    quiet = [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    return [*quiet, "--no-sandbox"] if os.geteuid() == 0 else quiet


def variables() -> dict[str, str]:
    """The environment to start it in: what it writes beside its profile stays in .local/ too."""
    return {
        **os.environ,
        "XDG_CONFIG_HOME": str(PROFILE / "config"),
        "XDG_CACHE_HOME": str(PROFILE / "cache"),
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
    }


def fetch() -> None:
    """Install one: the distribution's package as root on Debian or Ubuntu, else playwright's own build."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("正在安装 Chromium 与中文字体 (apt-get install chromium) …", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", FONTS],
        ):
            if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False).returncode:
                break
        if find():
            return
    print("正在下载 Chromium (playwright install chromium) …", flush=True)
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"],
        env={**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(DOWNLOADED)},
        check=False,
    )


def main() -> int:
    if find() is None and not os.environ.get("CHROMIUM"):
        fetch()
    if (path := find()) is None:
        print(
            "没有可用的浏览器，浏览器测试无法进行，因此测试失败。\n"
            "请安装 chromium（Debian/Ubuntu：apt-get install chromium fonts-noto-cjk），"
            "或用 CHROMIUM=/path/to/chromium 指定。",
            file=sys.stderr,
        )
        return 1
    print(f"浏览器: {path}", flush=True)
    if platform.system() == "Linux" and not _has_chinese_font():
        print("提示：系统没有中文字体，截图中的中文会显示为方块（fonts-noto-cjk）。", flush=True)
    return 0


def _starts(path: str) -> bool:
    """Some distributions put a script there that only says to install a snap."""
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, timeout=30, check=False, env=variables()
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and b"snap install" not in done.stdout + done.stderr


def _has_chinese_font() -> bool:
    if not shutil.which("fc-list"):
        return True
    done = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, check=False)
    return bool(done.stdout.strip())


if __name__ == "__main__":
    sys.exit(main())
