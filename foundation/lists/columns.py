"""A column, defined once: what it shows, what it sorts by, what it exports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Expression, F, Model
from django.utils.translation import gettext as _

from foundation.clock import clock

NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    value: an attribute path ("enterprise.name", methods are called) or a function of the row; gives the
    plain value that is exported. show: a function of the row for the page, where that differs (it may
    return safe HTML). sort: a lookup path or expression; None: the list can't be sorted by it. export:
    whether the column goes into files.
    """

    key: str
    label: str
    value: str | Callable[[Model], Any]
    sort: str | Expression | None = None
    align: Literal["start", "end", "center"] = "start"
    show: Callable[[Model], Any] | None = None
    export: bool = True
    width: int = 16

    def of(self, row: Model) -> Any:
        """The plain value for a row; None where something on the path is missing."""
        if callable(self.value):
            return self.value(row)
        found: Any = row
        for name in self.value.split("."):
            found = getattr(found, name)
            if callable(found):
                found = found()
            if found is None:
                return None
        return found

    def text(self, row: Model) -> Any:
        """What the page shows for a row."""
        return self.show(row) if self.show else readable(self.of(row))

    @property
    def sort_expression(self) -> Expression | F | None:
        return F(self.sort) if isinstance(self.sort, str) else self.sort


def readable(value: Any) -> Any:
    """A plain value as a person reads it: money with separators, moments in Shanghai, — for nothing."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, datetime):
        return clock.shanghai(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return value
