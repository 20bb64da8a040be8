"""Where `make run` serves: PORT if given, else 8000 or the next free one."""

import socket

from config.local.places import LocalError

FIRST = 8000
LAST = 8099


def listen(wanted: str) -> socket.socket:
    """A listening socket on the loopback address. It is handed to the web server, so that nobody can take
    the port in between and connections wait while the server restarts.

    `wanted` is the value of PORT ("" if not given). LocalError where it is no port or is taken.
    """
    if not wanted:
        for port in range(FIRST, LAST + 1):
            if found := _try(port):
                return found
        raise LocalError(f"端口 {FIRST}–{LAST} 都被占用，请用 PORT=端口号 指定一个。")
    if not wanted.isascii() or not wanted.isdigit() or not 1 <= int(wanted) <= 65535:
        raise LocalError(f"PORT 应为 1 到 65535 的整数，现在是 {wanted!r}。")
    if found := _try(int(wanted)):
        return found
    raise LocalError(f"端口 {wanted} 不可用（被其他程序占用或无权使用），请换一个 PORT。")


def _try(port: int) -> socket.socket | None:
    if _answered(port):
        return None
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1", port))
        server.listen(128)
    except OSError:
        server.close()
        return None
    return server


def _answered(port: int) -> bool:
    """Somebody may listen on the IPv6 loopback only, or on every address: browsers would reach them."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.settimeout(0.5)
                probe.connect((host, port))
                return True
        except OSError:
            continue
    return False
