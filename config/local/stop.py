"""`make stop`: ends `make run` of this folder and the services; with `reset` removes .local/ as well."""

import fcntl
import json
import os
import shutil
import signal
import sys

from config.local import environment, places, postgres_home, processes
from config.local.places import LOCAL, LocalError


def stop_supervisor() -> None:
    """Ask the running `make run` to end and wait for it."""
    try:
        state = json.loads(environment.RUN.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    lock_file = LOCAL / "run.lock"
    if not lock_file.exists():
        return
    with lock_file.open("a") as lock:
        if _free(lock):
            return
        print("正在结束 make run …", flush=True)
        if processes.is_same(state.get("pid"), state.get("born")):
            processes.stop(state["pid"], state["born"], signal.SIGTERM, patience=30)
        if not processes.wait_until(lambda: _free(lock), 10, step=0.1):
            raise LocalError("make run 没有结束。")


def _free(lock) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def main() -> int:
    if not LOCAL.is_dir():
        print("没有在运行的服务。")
        return 0
    reset = sys.argv[1:] == ["reset"]
    try:
        places.make_local()
        if reset and os.environ.get("YES") != "1" and not _agreed():
            print("没有改动。")
            return 1
        stop_supervisor()
        environment.stop()
        if reset:
            postgres_home.remove()
            shutil.rmtree(LOCAL)
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    print("已删除本地数据，下次 make run 从头开始。" if reset else "已停止。")
    return 0


def _agreed() -> bool:
    print(f"将删除 {LOCAL}：数据库、上传的材料、密钥、日志。代码与 .venv 不受影响。")
    if not sys.stdin.isatty():
        print("请用 make reset YES=1 确认。")
        return False
    return input("输入 yes 继续：").strip().lower() in {"yes", "y"}


if __name__ == "__main__":
    sys.exit(main())
