"""`make test`: a browser, the services, then pytest with the given arguments, by default on all cores.

Services that were already running stay; those started for the tests are stopped after them.
"""

import contextlib
import signal
import subprocess
import sys

from config.local import browser, environment
from config.local.places import ROOT, LocalError

ALL_CORES = ["--numprocesses=logical", "--maxprocesses=4"]


def main() -> int:
    if code := browser.main():
        return code
    were_running = environment.services() and environment.alive()
    try:
        environment.ensure()
        # Ctrl-C reaches pytest too, which ends in order; here it is only waited for.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return _pytest(sys.argv[1:] or ALL_CORES)
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        if not were_running:
            with contextlib.suppress(LocalError):
                environment.stop(unless_in_use=True)


def _pytest(arguments: list[str]) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    tests = subprocess.Popen(
        command, cwd=ROOT, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler)
    )
    return tests.wait()


if __name__ == "__main__":
    sys.exit(main())
