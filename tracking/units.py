"""Which offices are responsible for an item, and who answers for one that has nobody in this system."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from enterprises.models import Enterprise
from foundation.accounts.models import Office, Post
from foundation.accounts.roles import PERMISSIONS, Permission
from foundation.clock import clock
from foundation.events.events import Audience
from measures.models import Item


def responsible(item: Item) -> QuerySet[Office]:
    """The units that the policy names for the item's measure: its lead, the others, every district where named."""
    named = Q(led_items=item) | Q(co_items=item)
    if item.lead_unit_id is None or item.co_districts:
        named |= Q(kind=Office.Kind.DISTRICT)
    return Office.objects.filter(pk__in=Office.objects.filter(named).values("pk")).order_by("kind", "code")


def first_unit(item: Item, enterprise: Enterprise) -> Office | None:
    """Who a request about the item goes to first: the lead unit, or the enterprise's district where districts lead."""
    if item.lead_unit_id is not None:
        return item.lead_unit
    return Office.objects.filter(kind=Office.Kind.DISTRICT, district=enterprise.district_id).first()


def candidates(item: Item, enterprise: Enterprise) -> QuerySet[Office]:
    """Whom a request may be passed on to: the responsible units; of the districts any, once districts are named."""
    own = Office.objects.filter(kind=Office.Kind.DISTRICT, district=enterprise.district_id)
    return Office.objects.filter(
        Q(pk__in=responsible(item).values("pk")) | Q(pk__in=own.values("pk"))
    ).order_by("kind", "code")


def staffed(offices: Iterable[int]) -> set[int]:
    """Those of the offices (ids) where somebody answers requests today."""
    return _where(Permission.ANSWER_REFERRAL, set(offices))


def audiences(office: Office) -> list[Audience]:
    """Who is told of what is handed to an office: it, or where nobody is there yet those who answer for every unit."""
    if staffed([office.pk]):
        return [Audience("office", office.pk)]
    return [Audience("office", pk) for pk in sorted(_where(Permission.COORDINATE))]


def coordinators() -> list[Office]:
    """The offices whose people answer for every unit."""
    return list(Office.objects.filter(pk__in=_where(Permission.COORDINATE)).order_by("pk"))


def _where(permission: str, offices: set[int] | None = None) -> set[int]:
    roles = [role for role, held in PERMISSIONS.items() if permission in held]
    posts = Post.objects.held_on(clock.today()).filter(role__in=roles, user__is_active=True)
    if offices is not None:
        posts = posts.filter(office__in=offices)
    return set(posts.order_by().values_list("office_id", flat=True))
