"""Every page with every role, as tests/access/table.py lists them, in a real browser: accessible by axe, nothing
wider than a telephone, no complaint of the console or of the security policy.

A page that shows two roles the same content is looked at once; each role's own frame is on its first page.
"""

import hashlib
import mimetypes
import re
from contextvars import copy_context
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.access.house import built, clients, house, url_of
from tests.access.table import TABLE
from tests.applications.conftest import monday
from tests.journeys.people import TOO_WIDE
from tests.plugins.axe import violations

pytestmark = pytest.mark.django_db
__all__ = ["built", "house", "monday"]

ORIGIN = "http://localhost"
NARROW, WIDE = {"width": 360, "height": 800}, {"width": 1280, "height": 900}


def answered_by(client: Client):
    """What the browser asks for, answered by Django as this person without a server in between: in the test's own
    context, where its transaction and its clock are; the browser's callbacks have one of their own."""
    here = copy_context()

    def answer(route, request) -> None:
        path, query = urlsplit(request.url).path, urlsplit(request.url).query
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            route.fulfill(path=found, content_type=kind) if found else route.fulfill(status=404)
            return
        response = here.copy().run(client.get, f"{path}?{query}" if query else path)
        headers = {name: value for name, value in response.items() if name.lower() != "content-length"}
        content = b"".join(response) if response.streaming else response.content
        route.fulfill(status=response.status_code, headers=headers, body=content)

    return answer


def note(line, complaints: list[str]) -> None:
    """Errors of our pages; the browser's own viewer of PDF asks for files that it brings along."""
    if line.type == "error" and "chrome" not in f"{line.text} {line.location.get('url', '')}":
        complaints.append(line.text)


def skeleton_of(response) -> str:
    """A digest of the page between header and footer without what axe doesn't judge: words, values, addresses. Pages
    of two people that differ in these alone are one page to it."""
    main = re.search(r"<main.*?</main>", response.content.decode(), re.DOTALL)
    bare = re.sub(
        r'(value|href|action|id|for|name|content|data-[a-z-]+|aria-(?:labelledby|describedby|controls))="[^"]*"',
        "",
        main[0] if main else "",
    )
    return hashlib.sha256(re.sub(r">\s*[^<\s][^<]*<", ">x<", bare).encode()).hexdigest()


def pages_of(role: str, client: Client, objects: dict):
    """(address's name, path, digest) of the pages that this role opens."""
    for name, row in TABLE.items():
        if row.expected(role) != 200:
            continue
        path = url_of(name, row, objects)
        response = client.get(path)
        # Pieces that a script puts into a page are looked at where they stand.
        if response.get("Content-Type", "").startswith("text/html") and b"<html" in response.content:
            yield name, path, skeleton_of(response)


def too_wide(page) -> list[str]:
    return [f"stands out: {one}" for one in page.evaluate(TOO_WIDE)]


def test_every_page_is_accessible_to_every_role(house, browser):
    roles, objects = house
    seen, narrow, wrong = set(), set(), []
    for role, client in clients(roles):
        context = browser.new_context(viewport=WIDE, locale="zh-CN")
        context.route("**/*", answered_by(client))
        page, complaints = context.new_page(), []
        page.on("console", lambda line, to=complaints: note(line, to))
        page.on("pageerror", lambda error, to=complaints: to.append(str(error)))
        first = True
        for name, path, digest in pages_of(role, client, objects):
            if (name, digest) in seen and not first:
                continue
            seen.add((name, digest))
            page.goto(f"{ORIGIN}{path}")
            found = too_wide(page) + violations(page) + complaints
            page.set_viewport_size(NARROW)
            found += [f"at 360: {one}" for one in too_wide(page)]
            # What axe says of the narrow layout depends on the page, not on who reads it.
            if name not in narrow or first:
                narrow.add(name)
                found += [f"at 360: {one}" for one in violations(page)]
            page.set_viewport_size(WIDE)
            wrong += [f"{name} for {role}: {one}" for one in found]
            first = False
            complaints.clear()
        context.close()
    assert len(seen) >= len([row for row in TABLE.values() if row.answer == 200]) / 2
    assert not wrong, "\n".join(wrong)
