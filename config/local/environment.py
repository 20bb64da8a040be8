"""The variables a local process needs, and the services behind them: found running, or started.

    from config.local import environment
    os.environ.update(environment.ensure())

Started services are left running for the next command; `make stop` stops them.
"""

import contextlib
import fcntl
import json
import os
import sys
from collections.abc import Callable, Iterator

from config.local import broker, database, keys, places, postgres_home
from config.local.places import LOCAL

SERVICES = LOCAL / "services.json"
RUN = LOCAL / "run.json"
NEEDED = (
    "SECRET_KEY",
    "FIELD_KEYS",
    "HMAC_KEY",
    "SEAL_KEY",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "SITE_URL",
)


def say(line: str) -> None:
    """To the error stream: the output of a command stays its own."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def ensure(say: Callable[[str], None] = say) -> dict[str, str]:
    """The variables of this working copy, with services that answer behind them.

    What is already set in the environment wins: with DATABASE_URL or REDIS_URL set, that service is
    not started. Safe to call from any number of processes at once. Raises places.LocalError.
    """
    if all(os.environ.get(name) for name in NEEDED):
        return {name: os.environ[name] for name in NEEDED}
    places.make_local()
    found = _running()
    if found is None:
        with _lock(say):
            found = _running() or _start(say)
    secrets, noted = found
    return _variables(secrets, noted)


def stop(say: Callable[[str], None] = say, unless_in_use: bool = False) -> bool:
    """Stop the services; False where they were left running because others work on them."""
    if not LOCAL.is_dir():
        return True
    with _lock(say):
        noted = services()
        if unless_in_use and (others := database.in_use(noted.get("postgres", {}), keys.read() or {})):
            say(f"数据库还有 {others} 个别的连接在用，数据库与消息队列保持运行（make stop 可停止）")
            return False
        broker.stop(noted.get("valkey", {}))
        database.stop(noted.get("postgres", {}))
    return True


def alive() -> bool:
    """Whether the services that we started still run: cheap, asks only the process table."""
    from config.local import processes

    noted = services()
    running = [noted.get(service, {}) for service in _wanted()]
    return all(processes.is_same(note.get("pid"), note.get("born")) for note in running)


def _wanted() -> list[str]:
    names = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
    return [service for service, variable in names.items() if not os.environ.get(variable)]


def services() -> dict:
    """What was noted about the services that we started: process, birth and port of each."""
    try:
        noted = json.loads(SERVICES.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _running() -> tuple[dict, dict] | None:
    """Secrets and notes if every wanted service answers, else None."""
    secrets = keys.read() if keys.FILE.exists() else None
    if secrets is None or any(name not in secrets for name in keys.NAMES):
        return None
    noted, wanted = services(), _wanted()
    if "valkey" in wanted and not broker.answers(noted.get("valkey", {}), secrets["broker_password"]):
        return None
    if "postgres" in wanted and not database.answers(noted.get("postgres", {}), secrets):
        return None
    return secrets, noted


def _start(say: Callable[[str], None]) -> tuple[dict, dict]:
    secrets = keys.read_or_make(database_exists=postgres_home.database_exists())
    noted, wanted = services(), _wanted()
    if "valkey" in wanted and not broker.answers(noted.get("valkey", {}), secrets["broker_password"]):
        noted["valkey"] = broker.start(noted.get("valkey", {}), secrets["broker_password"])
        keys.write_json(SERVICES, noted)
    if "postgres" in wanted and not database.answers(noted.get("postgres", {}), secrets):
        noted["postgres"] = database.start(noted.get("postgres", {}), secrets, say)
        keys.write_json(SERVICES, noted)
    return secrets, noted


def _variables(secrets: dict, noted: dict) -> dict[str, str]:
    values = {name: secrets[name] for name in ("SECRET_KEY", "FIELD_KEYS", "HMAC_KEY", "SEAL_KEY")}
    if os.environ.get("DATABASE_URL"):
        values["DATABASE_OWNER_URL"] = os.environ["DATABASE_URL"]
    else:
        port = noted["postgres"]["port"]
        values["DATABASE_URL"] = database.url(port, database.RUNTIME, secrets["runtime_password"])
        values["DATABASE_OWNER_URL"] = database.url(port, database.OWNER, secrets["owner_password"])
        # A client of another version on PATH may refuse this server.
        values["PG_BIN"] = str(postgres_home.installed() / "bin")
    if not os.environ.get("REDIS_URL"):
        values["REDIS_URL"] = broker.url(noted["valkey"]["port"], secrets["broker_password"])
    values["SITE_URL"] = _last_address()
    return values | {name: os.environ[name] for name in (*values, *NEEDED) if os.environ.get(name)}


def _last_address() -> str:
    """Where `make run` serves or last served."""
    try:
        return str(json.loads(RUN.read_text(encoding="utf-8"))["site_url"])
    except (OSError, ValueError, KeyError, TypeError):
        return "http://localhost:8000"


@contextlib.contextmanager
def _lock(say: Callable[[str], None]) -> Iterator[None]:
    """One process at a time starts or stops services; a killed one leaves no lock behind."""
    with (LOCAL / "services.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个进程正在启动或停止本地服务，等待中…")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
