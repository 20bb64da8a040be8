"""A folder of its own with nothing but `config/`: services start there from nothing, beside the tests' own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.local import processes
from config.local.places import ROOT


class Folder:
    """A fresh folder that holds config/ and manage.py; its path has spaces and Chinese characters."""

    def __init__(self, path: Path):
        self.path = path
        self.local = path / ".local"
        path.mkdir()
        shutil.copytree(ROOT / "config", path / "config", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy2(ROOT / "manage.py", path)

    def begin(self, code: str, **variables: str) -> subprocess.Popen:
        """Start Python on that code there, without the settings of these tests."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=self.path,
            env=kept | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def python(self, code: str, **variables: str) -> subprocess.CompletedProcess:
        process = self.begin(code, **variables)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def ensure(self, **variables: str) -> dict[str, str]:
        done = self.python(ENSURE, **variables)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def stop(self) -> None:
        done = self.python("from config.local import environment; environment.stop()")
        assert done.returncode == 0, done.stderr

    def service(self, name: str) -> dict:
        return json.loads((self.local / "services.json").read_text(encoding="utf-8")).get(name, {})

    def runs(self, name: str) -> bool:
        note = self.service(name)
        return processes.is_same(note.get("pid"), note.get("born"))


ENSURE = "import json; from config.local import environment; print(json.dumps(environment.ensure()))"


@pytest.fixture
def folder(tmp_path: Path):
    fresh = Folder(tmp_path / "全新 folder")
    yield fresh
    if fresh.local.exists():
        (fresh.local / "environment.json").touch()
        fresh.python(
            "from config.local import environment, postgres_home; environment.stop(); postgres_home.remove()"
        )
