"""The two faces register themselves here, so that the frame can draw their navigation without knowing them.

In the face's AppConfig.ready:

    from foundation.display import surfaces
    from portal import nav
    surfaces.register("portal", nav=nav.entries, account=nav.account_label)

`nav.entries(request)` gives a list of dicts `{"label", "url"}` with the optional keys `"count"` (shown when
not zero; may be a callable) and `"active"` (otherwise the entry with the longest matching path is current).
`account(request)` gives the short text of the account menu, e.g. 示例检测 · 企业经办人. `switch(request)`, where a
person may act for several, gives the others as `{"id", "name", "role"}`; the menu posts to enterprise_choose. `barred(request)`
says why nothing can be done for the one in view, on every page.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True)
class Surface:
    name: str
    nav: Callable[[HttpRequest], list[dict]]
    account: Callable[[HttpRequest], str] | None = None
    switch: Callable[[HttpRequest], list[dict]] | None = None
    barred: Callable[[HttpRequest], str] | None = None


_surfaces: dict[str, Surface] = {}


def register(name: str, *, nav, account=None, switch=None, barred=None) -> None:
    """Registers a face ("portal" or "desk"); a second call replaces the first."""
    _surfaces[name] = Surface(name, nav, account, switch, barred)


def of(request: HttpRequest) -> str:
    """Which face a request belongs to, by its path."""
    return "desk" if request.path_info.startswith("/desk/") else "portal"


def navigation(request: HttpRequest) -> list[dict]:
    """The entries of the request's face, each with label, url, count and active; [] when none registered."""
    surface = _surfaces.get(of(request))
    if surface is None:
        return []
    entries = [{"count": 0, "active": None, **entry} for entry in surface.nav(request)]
    matching = [entry for entry in entries if request.path_info.startswith(str(entry["url"]))]
    # the home page's path is a prefix of all others: it is current only on itself
    matching = [entry for entry in matching if entry["url"] != "/" or request.path_info == "/"]
    current = max(matching, key=lambda entry: len(str(entry["url"])), default=None)
    decided = any(entry["active"] for entry in entries)
    for entry in entries:
        entry["active"] = bool(entry["active"]) if decided else entry is current
    return entries


def switches(request: HttpRequest) -> list[dict]:
    """For whom else the person may act on the request's face."""
    surface = _surfaces.get(of(request))
    return surface.switch(request) if surface is not None and surface.switch is not None else []


def barred(request: HttpRequest) -> str:
    """Why nothing can be done now on the request's face; "" where it can."""
    surface = _surfaces.get(of(request))
    return surface.barred(request) if surface is not None and surface.barred is not None else ""


def account_label(request: HttpRequest) -> str:
    """What the account menu says: the face's own text, else the person's office and role."""
    surface = _surfaces.get(of(request))
    if surface is not None and surface.account is not None:
        return surface.account(request)
    return getattr(request.user, "actor_label", "") or request.user.get_username()
