"""What every template may use, computed only when it is used."""

from functools import cache

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock
from foundation.display import surfaces
from foundation.events import events

PRODUCT = _("科服直达")


def surroundings(request):
    """product · demo · now · today · unread · nav · account_label · account_switch · barred · surface.

    All but the first two are functions, called by the template at most once a request, so a page that
    shows no unread count runs no query for it. Anonymous people have no unread messages and no label.
    """
    user = getattr(request, "user", None)
    known = user is not None and user.is_authenticated

    @cache
    def now():
        return clock.now()

    @cache
    def today():
        return clock.today()

    @cache
    def unread():
        return events.unread_count(user) if known else 0

    @cache
    def nav():
        return surfaces.navigation(request)

    @cache
    def account_label():
        return surfaces.account_label(request) if known else ""

    @cache
    def account_switch():
        return surfaces.switches(request) if known else []

    @cache
    def barred():
        return surfaces.barred(request) if known else ""

    return {
        "product": PRODUCT,
        "demo": settings.DEMO,
        "now": now,
        "today": today,
        "unread": unread,
        "nav": nav,
        "account_label": account_label,
        "account_switch": account_switch,
        "barred": barred,
        "surface": surfaces.of(request),
    }
