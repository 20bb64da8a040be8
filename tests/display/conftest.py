"""The sample pages on their own address book; an undefined variable in any template is an error."""

import mimetypes
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from foundation.clock import clock
from foundation.display import surfaces
from tests.display import samples

ORIGIN = "http://localhost"
SAMPLES = Path(__file__).parent / "templates"


class Undefined(str):
    """Django formats string_if_invalid with the variable's name when it holds %s."""

    def __contains__(self, part):
        return part == "%s"

    def __mod__(self, variable):
        raise AssertionError(f"undefined in a template: {variable}")


@pytest.fixture
def sample_pages(settings):
    options = {**settings.TEMPLATES[0]["OPTIONS"], "string_if_invalid": Undefined("undefined %s")}
    settings.TEMPLATES = [
        {**settings.TEMPLATES[0], "DIRS": [SAMPLES, *settings.TEMPLATES[0]["DIRS"]], "OPTIONS": options}
    ]
    settings.ROOT_URLCONF = "tests.display.urls"
    kept = dict(surfaces._surfaces)
    surfaces.register("portal", nav=lambda request: samples.NAV, account=lambda request: "示例检测 · 经办人")
    surfaces.register(
        "desk",
        nav=lambda request: [
            {"label": "我的队列", "url": "/desk/samples/queue/"},
            {"label": "公示", "url": "/desk/samples/notice/"},
            {"label": "统计", "url": "/desk/samples/report/"},
        ],
    )
    yield
    surfaces._surfaces.clear()
    surfaces._surfaces.update(kept)


def _answer(route, request) -> None:
    """One request of the browser, answered by Django without a server in between."""
    path = urlsplit(request.url).path
    if path.startswith("/static/"):
        found = finders.find(path.removeprefix("/static/"))
        if found is None:
            route.fulfill(status=404)
            return
        route.fulfill(path=found, content_type=mimetypes.guess_type(found)[0] or "application/octet-stream")
        return
    query = urlsplit(request.url).query
    with clock.at(date(2026, 3, 25)):  # here: the browser's callbacks run in a context of their own
        response = Client().generic(
            request.method,
            f"{path}?{query}" if query else path,
            request.post_data_buffer or b"",
            content_type=request.headers.get("content-type", "application/octet-stream"),
        )
    headers = {name: value for name, value in response.items() if name.lower() != "content-length"}
    route.fulfill(status=response.status_code, headers=headers, body=response.content)


@pytest.fixture
def look(sample_pages, browser):
    """look(path, width) opens a sample page in a real browser and gives the page; what its console or its
    security policy complains about is in page.complaints."""
    contexts = []

    def opened(path, width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN", **options)
        contexts.append(context)
        context.route("**/*", _answer)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{ORIGIN}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
