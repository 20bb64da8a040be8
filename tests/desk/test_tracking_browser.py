"""Referrals and actions at the desk in a real browser: wide and narrow, accessible, within the security policy."""

import pytest
from django.urls import reverse

from tests.accounts import factories as people
from tests.plugins.axe import violations
from tests.tracking import factories as tracked

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_pages_are_accessible_and_fit_wide_and_narrow(browse):
    by = people.municipal_officer()
    waiting = tracked.waiting()
    ended = tracked.concluded(by, code="08-03")
    action = tracked.action(figure=3, unit="场", url="https://example.test/notice")
    for address in (
        reverse("desk:referrals"),
        reverse("desk:referrals") + "?tab=ended",
        reverse("desk:referral", args=[waiting.pk]),
        reverse("desk:referral", args=[ended.pk]),
        reverse("desk:actions"),
        reverse("desk:action_new"),
        reverse("desk:action_correct", args=[action.pk]),
        reverse("desk:silent_items"),
    ):
        page = browse(by, address, 360)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
        page.set_viewport_size({"width": 1280, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, address
        assert violations(page) == [], address
        assert page.locator(".btn-primary:visible").count() <= 1, address
        assert page.complaints == [], address
        page.close()
