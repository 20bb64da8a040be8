"""`make run`: everything from services to beat, in the foreground, until Ctrl-C.

One supervisor per folder holds .local/run.lock for as long as it lives (the kernel frees it however it
dies) and tells in .local/run.json who and where it is. Its children follow it into the grave.
"""

import contextlib
import fcntl
import http.client
import json
import os
import signal
import sys
import time

from config.local import address, children, database, environment, keys, places, prepare, processes
from config.local.children import Child
from config.local.places import LOCAL, LOGS, LocalError

LOCK = LOCAL / "run.lock"
STEPS = 7
STEP_NAMES = {
    "tables": (3, "数据表 tables"),
    "catalogue": (4, "政策目录 catalogue"),
    "demo": (5, "演示数据 demo"),
}
OWNER_COLUMNS = ("账号", "角色", "单位")


class Stopped(Exception):
    """Ctrl-C, SIGTERM, or make itself is gone."""


def say(line: str = "", end: str = "\n") -> None:
    """To the terminal, which may be gone by now."""
    with contextlib.suppress(OSError, ValueError):
        print(line, end=end, flush=True)


class Step:
    """One line of progress: begun, seconds counted on a terminal, then the result."""

    def __init__(self, number: int, name: str):
        self.head = f"[{number}/{STEPS}] {name} …"
        self.start = time.monotonic()
        self.shown = 0
        say(self.head, end="")

    def tick(self) -> None:
        seconds = int(time.monotonic() - self.start)
        if seconds >= self.shown + 5 and not sys.stdout.isatty():
            say(".", end="")
            self.shown = seconds
        elif seconds > self.shown and sys.stdout.isatty():
            say(f"\r{self.head} {seconds} s", end="")
            self.shown = seconds

    def done(self, result: str = "完成") -> None:
        back = f"\r{self.head}" if sys.stdout.isatty() else ""
        say(f"{back} {result} ({time.monotonic() - self.start:.1f} s)")


class Supervisor:
    def __init__(self) -> None:
        self.signals = 0
        self.make_pid = int(os.environ.get("MAKE_PID") or 0)
        self.parent = os.getppid()
        self.env: dict[str, str] = {}
        self.children: list[Child] = []
        self.state: dict = {}
        self.services_started = False

    # --- who else is here -----------------------------------------------------------------------------
    def take_lock(self) -> None:
        """Hold the lock of this folder. LocalError says where another supervisor serves; one whose make was
        killed is asked to go first."""
        places.make_local()
        self.lock = LOCK.open("a")
        if self._locked():
            return
        other = _read_state()
        pid, born = other.get("pid"), other.get("born")
        orphan = other.get("make_pid") and not processes.is_same(other["make_pid"], other.get("make_born"))
        if not orphan and not other.get("stopping"):
            raise LocalError(
                f"这个目录的服务已经在运行：{other.get('site_url', '')}（进程 {pid}）。\n"
                "Already running. 要停止它：make stop"
            )
        say("上一次运行正在结束，等待中…")
        if processes.is_same(pid, born):
            processes.send(pid, signal.SIGTERM)
        if processes.wait_until(self._locked, 25, step=0.1):
            return
        if processes.is_same(pid, born):
            processes.kill_all([pid])
        if not processes.wait_until(self._locked, 5, step=0.1):
            raise LocalError("上一次运行没有结束，请先执行 make stop。")

    def _locked(self) -> bool:
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def note(self, **facts) -> None:
        self.state.update(facts)
        keys.write_json(environment.RUN, self.state)

    # --- stopping -------------------------------------------------------------------------------------
    def listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Under nohup a closed terminal is no reason to stop.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._signalled)
        if self.make_pid:
            children.die_with_parent()

    def _signalled(self, _number, _frame) -> None:
        self.signals += 1

    def check(self) -> None:
        """Raise Stopped where it is time to go."""
        orphaned = self.make_pid and os.getppid() != self.parent
        if self.signals or orphaned:
            raise Stopped

    def pause(self, seconds: float) -> None:
        self.check()
        time.sleep(seconds)
        self.check()

    def stop(self) -> None:
        """End the children, then the services, unless others work on them."""
        if self.state:
            self.note(stopping=True)
        say("\n正在停止 …")
        before = self.signals
        children.stop_all(self.children, hurry=lambda: self.signals > before)
        if self.services_started:
            # The sessions of the processes just ended may need a moment to be gone.
            secrets, noted = keys.read() or {}, environment.services().get("postgres", {})
            processes.wait_until(lambda: not database.in_use(noted, secrets), 5, step=0.1)
            environment.stop(say, unless_in_use=True)
        say("已停止。")

    # --- starting -------------------------------------------------------------------------------------
    def start(self) -> None:
        children.clear_leftovers()
        server = address.listen(os.environ.get("PORT", "").strip())
        port = server.getsockname()[1]
        site = os.environ.get("SITE_URL") or f"http://localhost:{port}"
        self.note(
            pid=os.getpid(),
            born=processes.birth(os.getpid()),
            make_pid=self.make_pid,
            make_born=processes.birth(self.make_pid) if self.make_pid else None,
            site_url=site,
            stopping=False,
        )
        step = Step(2, "数据库与消息队列 services")
        self.services_started = True
        self._find_environment(site)
        step.done("就绪")
        for role in ("owner", "runtime"):
            self._prepare(role)
        self._serve(server, port)

    def _find_environment(self, site: str) -> None:
        # Not into our own environment: there ensure() would take the values for the user's own.
        self.env = {**os.environ, **environment.ensure(say), "SITE_URL": site, children.MARK: str(LOCAL)}
        self.env.setdefault("APP_ENV", "development")
        self.env["PYTHONUNBUFFERED"] = "1"

    def _prepare(self, role: str) -> None:
        env = dict(self.env)
        if role == "owner":
            env["DATABASE_URL"] = env["DATABASE_OWNER_URL"]
        command = [sys.executable, "-m", "config.local.prepare", role]
        child = Child("prepare", "准备", command, told=True)
        self.children = [child]
        child.start(env)
        step = None
        while True:
            for line in child.told():
                verb, _, name = line.partition(" ")
                if verb == "begin":
                    step = Step(*STEP_NAMES[name])
                elif verb == "end" and step:
                    step.done()
                    step = None
            if (code := child.exit_code()) is not None:
                break
            if step:
                step.tick()
            self.pause(0.1)
        if code:
            raise LocalError(
                f"\n准备数据时出错（退出码 {code}，日志 {child.log}）：\n{processes.tail(child.log, 30)}"
            )
        self.children = []

    def _serve(self, server, port: int) -> None:
        python = [sys.executable, "-m"]
        web = Child(
            "web",
            "网站",
            [*python, "gunicorn", "config.wsgi:application", "--bind", f"fd://{server.fileno()}"]
            + ["--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--no-control-socket"]
            + ["--access-logfile", "-", "--access-logformat", "%(t)s %(m)s %(U)s %(s)s %(M)sms"],
            pass_fds=[server.fileno()],
        )
        celery = [*python, "celery", "-A", "config"]
        worker = Child(
            "worker",
            "后台任务",
            [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"]
            + ["--without-gossip", "--without-mingle", "--hostname", "kefu@%h"],
        )
        beat = Child("beat", "定时任务", [*celery, "beat", "--loglevel", "INFO", "--pidfile="])
        step = Step(6, "网站 web")
        for child in (web, worker, beat):
            self.children.append(child)
            child.start(self.env)
        status = self._wait(step, lambda: _status(port), 60)
        step.done("就绪" if status and status < 500 else f"首页返回 {status}，请看 {web.log}")
        step = Step(7, "后台任务 worker + beat")
        ready = self._wait(step, lambda: worker.said(" ready.") and beat.said("beat: Starting"), 60)
        step.done("就绪" if ready else f"尚未就绪，请看 {LOGS}")

    def _wait(self, step: Step, found, seconds: float):
        """The first true answer, None after that time; watches the children meanwhile."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if answer := found():
                return answer
            step.tick()
            self.watch()
            self.pause(0.1)
        return None

    # --- running --------------------------------------------------------------------------------------
    def watch(self) -> None:
        """Bring back what has died and show what went wrong."""
        if not environment.alive():
            say("数据库或消息队列意外结束，正在重新启动 …")
            before = self.env
            self._find_environment(before["SITE_URL"])
            if self.env != before:
                for child in self.children:
                    child.signal(signal.SIGTERM)
        for child in self.children:
            for line in child.trouble():
                say(f"  {child.name} | {line}")
            if (code := child.exit_code()) is None:
                continue
            child.signal(signal.SIGKILL)
            if not child.may_restart():
                raise LocalError(
                    f"{child.label} {child.name} 反复退出（退出码 {code}），日志 {child.log}：\n"
                    f"{processes.tail(child.log, 30)}"
                )
            say(f"{child.label} {child.name} 意外退出（退出码 {code}），重新启动。")
            child.start(self.env)

    def serve(self) -> None:
        while True:
            self.watch()
            self.pause(0.5)


def _status(port: int) -> int | None:
    """The HTTP status of the front page, None while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _read_state() -> dict:
    try:
        state = json.loads(environment.RUN.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def announce(site: str) -> None:
    """The address, and who may sign in there."""
    say(f"\n科服直达 已启动：{site}\n")
    with contextlib.suppress(OSError, ValueError, KeyError):
        demo = json.loads(prepare.ACCOUNTS.read_text(encoding="utf-8"))
        table = [OWNER_COLUMNS, *demo["accounts"]]
        widths = [max(_width(row[column]) for row in table) for column in range(len(OWNER_COLUMNS))]
        say(f"演示账号（口令都是 {demo['password']}）：")
        for row in table:
            cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=False))
            say("  " + "  ".join(cells).rstrip())
        if demo["missing"]:
            say(
                f"演示数据由较早的版本生成，缺 {demo['missing']} 个账号和新的场景；make reset 后再启动，即重新生成。"
            )
        say("\n首次启动后，另有 800 份演示申请在后台陆续生成（约十分钟），不影响使用。\n")
    say(f"日志：{LOGS}    停止：Ctrl-C")


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def main() -> int:
    supervisor = Supervisor()
    supervisor.listen_to_signals()
    try:
        supervisor.take_lock()
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        supervisor.start()
        announce(supervisor.state["site_url"])
        supervisor.serve()
    except Stopped:
        supervisor.stop()
        return 0
    except LocalError as error:
        say(f"\n{error}")
        supervisor.stop()
        return 1
    except BaseException:
        supervisor.stop()
        raise


if __name__ == "__main__":
    sys.exit(main())
