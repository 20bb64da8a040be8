"""What stands around cases, read together: five queries for any number of them.

One join of it all takes PostgreSQL longer to plan than everything else a verb does, and gives every case rows of its
own; here cases of the same call, form or office share them.
"""

from collections.abc import Collection

from applications.models import Application
from enterprises.models import Department, Enterprise
from foundation.accounts.models import Office
from measures.models import CallItem, FormVersion

_OFFICES = ("office", "district_office", "municipal_office")


def attach(cases: Collection[Application]) -> None:
    """Give the cases their enterprise and its district, department, call item (call and its office, item, fund, who
    decides), form and offices."""
    if not cases:
        return
    items = CallItem.objects.select_related("call__office", "item", "fund", "decided_by")
    wanted = {
        "enterprise": Enterprise.objects.select_related("district"),
        "department": Department.objects.all(),
        "call_item": items,
        "form": FormVersion.objects.all(),
    }
    for name, rows in wanted.items():
        _set(cases, (name,), rows)
    _set(cases, _OFFICES, Office.objects.select_related("district"))


def _set(cases: Collection[Application], names: tuple[str, ...], rows) -> None:
    ids = {getattr(case, f"{name}_id") for case in cases for name in names} - {None}
    found = rows.in_bulk(ids) if ids else {}
    for case in cases:
        for name in names:
            setattr(case, name, found.get(getattr(case, f"{name}_id")))
