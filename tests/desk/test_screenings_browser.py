"""Screenings and simulations in a real browser: wide and narrow, and a wait that says what is happening."""

import pytest
from django.urls import reverse

from measures import screening_workflow, simulation_workflow
from tests.accounts import factories as people
from tests.desk.test_screenings import known, line
from tests.plugins.axe import violations

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_pages_are_accessible_and_fit_wide_and_narrow(browse):
    by = people.municipal_officer()
    known(), known("1.05"), known(None)
    stored = screening_workflow.screen(line(), by)
    kept = simulation_workflow.save_simulation(stored.rule, {"min_growth": "0.05"}, by, "征求意见稿")
    job, _new = screening_workflow.request_screening(line("08-01"), by)
    row = stored.rows.filter(eligible=True).get()
    simulation = reverse("desk:simulation", args=[stored.call_item_id])
    for address in (
        reverse("desk:screenings"),
        reverse("desk:screening", args=[stored.pk]),
        reverse("desk:screening_row", args=[stored.pk, row.pk]),
        f"{simulation}?min_growth=5%25",
        f"{simulation}?min_growth=x",
        reverse("desk:saved_simulation", args=[kept.pk]),
        reverse("desk:job", args=[job.pk]),
    ):
        page = browse(by, address, 360)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
        page.set_viewport_size({"width": 1280, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, address
        assert violations(page) == [], address
        assert page.complaints == [], address
        page.close()


def test_a_simulation_says_that_it_is_at_work(browse):
    known("1.05")
    page = browse(people.municipal_officer(), reverse("desk:simulation", args=[line().pk]))
    # An answer without content leaves the page as it is while one waits.
    page.route("**/simulations/**min_growth**", lambda route: route.fulfill(status=204))
    page.fill("input[name=min_growth]", "5%")
    page.locator("form[data-waiting] button[type=submit]").click()
    page.locator("[data-wait]").get_by_text("正在测算").wait_for()
    assert page.locator("form[data-waiting]").get_attribute("aria-busy") == "true"
    page.unroute_all()
    page.locator("form[data-waiting] button[type=submit]").click()
    page.get_by_role("heading", name="符合的企业由 0 家变为 1 家").wait_for()
    assert "min_growth=5%25" in page.url
