"""Pages by key instead of by offset: page 1,000 costs what page 1 costs, and rows don't slip between pages.

The key is (sort value, primary key); empty values come last in either direction.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Expression, F, Q, QuerySet

# The annotation under which a row carries its sort value.
VALUE = "keyset_value"


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, in order, and the cursors of their neighbours (None where there are none)."""

    rows: Sequence
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """A stable order of a queryset: an expression, then the primary key in the same direction."""

    expression: Expression | F
    descending: bool = False

    def apply(self, queryset: QuerySet, reverse: bool = False) -> QuerySet:
        """The queryset in this order; reverse: from the end."""
        down = self.descending is not reverse
        annotated = queryset.annotate(**{VALUE: self.expression})
        # Said only where it matters: an index serves the plain order alone.
        nulls = {"nulls_first" if reverse else "nulls_last": True} if self._may_be_empty(annotated) else {}
        value = F(VALUE).desc(**nulls) if down else F(VALUE).asc(**nulls)
        return annotated.order_by(value, "-pk" if down else "pk")

    def page(self, queryset: QuerySet, size: int, after: str = "", before: str = "") -> Page:
        """One page of rows after or before a cursor; a cursor that isn't ours means the first page."""
        annotated = queryset.annotate(**{VALUE: self.expression})
        backwards = bool(before) and not after
        key = self._key(annotated, before if backwards else after)
        if key is None:
            rows = list(self.apply(queryset)[: size + 1])
            return Page(rows[:size], _cursor(rows[size - 1]) if len(rows) > size else None, None)
        beyond = self.apply(queryset, reverse=backwards).filter(self._beyond(annotated, key, backwards))
        rows = list(beyond[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if not rows:
            # Everything there was removed meanwhile: begin anew rather than show an empty page.
            return self.page(queryset, size)
        if backwards:
            rows.reverse()
            return Page(rows, _cursor(rows[-1]), _cursor(rows[0]) if more else None)
        return Page(rows, _cursor(rows[-1]) if more else None, _cursor(rows[0]))

    def _beyond(self, annotated: QuerySet, key: tuple, backwards: bool) -> Q:
        value, pk = key
        step = "lt" if self.descending is not backwards else "gt"
        same_value_later = Q(**{f"pk__{step}": pk})
        if value is None:
            within = Q(**{f"{VALUE}__isnull": True}) & same_value_later
            return within | Q(**{f"{VALUE}__isnull": False}) if backwards else within
        # The bound on the value alone is what an index can use.
        bound = Q(**{f"{VALUE}__{step}e": value})
        further = bound & (Q(**{f"{VALUE}__{step}": value}) | same_value_later)
        if backwards or not self._may_be_empty(annotated):
            return further
        return further | Q(**{f"{VALUE}__isnull": True})

    def _may_be_empty(self, annotated: QuerySet) -> bool:
        name = getattr(self.expression, "name", "")
        try:
            return annotated.model._meta.get_field(name).null if name != "pk" else False
        except FieldDoesNotExist:
            return True

    def _key(self, annotated: QuerySet, cursor: str) -> tuple | None:
        if not cursor:
            return None
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            value, pk = json.loads(base64.urlsafe_b64decode(padded.encode()))
            field = annotated.query.annotations[VALUE].output_field
            value = None if value is None else field.to_python(value)
            return value, annotated.model._meta.pk.to_python(pk)
        except (ValueError, TypeError, binascii.Error, ValidationError, UnicodeError):
            return None


def _cursor(row) -> str:
    value = getattr(row, VALUE)
    if value is not None:
        value = value.isoformat() if hasattr(value, "isoformat") else str(value)
    key = json.dumps([value, str(row.pk)], ensure_ascii=False)
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")
