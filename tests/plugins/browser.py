"""A real browser for the journeys.

Loaded by tests/conftest.py: what overrides a fixture of pytest-playwright must be registered after it.
"""

from pathlib import Path

import pytest

from config.local import browser


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The browser that journeys run in; a missing one fails, it never skips."""
    path = browser.find()
    if path is None:
        pytest.fail("没有找到 Chromium：请执行 make test（会安装），或设置 CHROMIUM 指向浏览器程序。")
    return path


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict, chromium_path: Path) -> dict:
    return {
        **browser_type_launch_args,
        "executable_path": str(chromium_path),
        "env": browser.variables(),
        "args": [*browser_type_launch_args.get("args", []), *browser.arguments()],
    }
