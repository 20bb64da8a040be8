import os, pytest
from tests.display import samples

@pytest.mark.parametrize("width", [1280, 360])
def test_shots(look, width, settings):
    settings.DEMO = bool(os.environ.get("SHOT_DEMO"))
    for name in (os.environ.get("SHOT_PAGES") or " ".join(samples.PAGES)).split():
        base = "/desk/samples/" if name in ("queue", "review") else "/samples/"
        if name == "home": path = "/"
        elif name.isdigit(): path = f"/refused/{name}/"
        elif name.startswith("account_"):
            from django.urls import reverse
            path = reverse(name)
        else: path = base + name + "/"
        page = look(path, width)
        print(name, width, page.evaluate("document.documentElement.scrollWidth"), page.complaints)
        page.screenshot(path=f"/tmp/shots/{name}-{width}.png", full_page=True)
