"""Whose figures of a report a person may read: a district its own, the commission and the auditor all."""

from foundation.accounts.models import Office
from foundation.accounts.roles import Permission


def district_of(user) -> str | None:
    """The code of the only district whose figures this person may read; None for all of them."""
    offices = list(Office.objects.filter(pk__in=user.offices_where(Permission.VIEW_REPORTS)).order_by("pk"))
    if offices and all(office.kind == Office.Kind.DISTRICT for office in offices):
        return offices[0].district_id
    return None
