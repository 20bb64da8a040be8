"""A person at a browser of their own: signs in, goes to pages, and looks whether they are accessible."""

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.accounts.factories import PASSWORD
from tests.enterprises.factories import pdf
from tests.plugins.axe import violations

expect.set_options(timeout=15_000)


# What stands out to the right, where the page as a whole scrolls sideways.
TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > room + 0.5)
    .map(one => one.outerHTML.slice(0, 160));
}"""


def upload(name: str) -> dict:
    """A small PDF for a file field of the browser."""
    return {"name": name, "mimeType": "application/pdf", "buffer": pdf(name).read()}


class Visitor:
    """One person in one browser session. `pages` names what they looked at, for the pictures."""

    def __init__(self, browser: Browser, base: str, name: str = "", pictures: Path | None = None):
        self.context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.base, self.name, self.pictures = base, name, pictures
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, line) -> None:
        # A refused form answers with a 4xx; the browser calls that an error.
        if line.type == "error" and "status of 4" not in line.text:
            self.complaints.append(line.text)

    def go(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def sign_in(self, username: str) -> "Visitor":
        page = self.go("/accounts/login/")
        page.fill("[name=login]", username)
        page.fill("[name=password]", PASSWORD)
        page.locator("main button[type=submit]").click()
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        return self

    def press(self, name: str) -> None:
        """Press the button of that name and see its page."""
        button = self.page.get_by_role("button", name=name).first
        there = [one.inner_text() for one in self.page.get_by_role("button").all() if one.is_visible()]
        assert button.is_visible(), f"{self.page.url}: no button {name!r} among {there}"
        with self.page.expect_navigation():
            button.click()

    def follow(self, name: str) -> None:
        """Follow the first link of that name and see its page."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).first.click()

    def look(self, picture: str = "") -> None:
        """The page is accessible at 1280 and 360 px, scrolls nowhere sideways, and nothing complained."""
        for width in (1280, 360):
            self.page.set_viewport_size({"width": width, "height": 900})
            wide = self.page.evaluate(TOO_WIDE)
            assert wide == [], f"{self.page.url} scrolls sideways at {width}: {wide}"
            # What is being computed again is dimmed while it waits.
            expect(self.page.locator("[aria-busy=true]")).to_have_count(0)
            told = violations(self.page)
            assert told == [], f"{self.page.url} at {width}: {told}"
            if picture and self.pictures:
                self.page.screenshot(path=self.pictures / f"{picture}-{width}.png", full_page=width == 1280)
        self.page.set_viewport_size({"width": 1280, "height": 900})
        assert self.complaints == []

    def leave(self) -> None:
        self.context.close()
