"""One definition of a list serves its page, its filters, its order and its files.

    class CaseList(List):
        title = _("申请")
        filterset_class = CaseFilter
        columns = [Column("number", _("编号"), "number", sort="number"), ...]
        default_sort = "-submitted_at"

    listing = CaseList(Application.objects.visible_to(user), request)
    return listing.download() or render(request, "…", {"list": listing})

The queryset handed in is what this person may see; nothing here widens it. Parameters of the address:
those of the filters, and sort, after, before, export.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

from django.db.models import F, Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django_filters import FilterSet

from foundation.lists import export
from foundation.lists.columns import Column
from foundation.lists.keyset import Order, Page


class List:
    """A list for one request; subclasses define it, instances answer."""

    title: str = ""
    columns: Sequence[Column] = ()
    filterset_class: type[FilterSet] | None = None
    # A column's key, with "-" in front for descending; it needs a sort.
    default_sort: str = ""
    page_size: int = 25
    # Counting further than this tells nobody more.
    count_limit: int = 1000
    # Whether its CSV is sent while it is read, without a limit; for lists that may have a million rows.
    streams: bool = False

    def __init__(self, queryset: QuerySet, request: HttpRequest):
        self.queryset = queryset
        self.request = request
        self.params: QueryDict = request.GET

    @cached_property
    def filterset(self) -> FilterSet | None:
        """The bound filters, with errors beside their fields; None where the list has none."""
        if self.filterset_class is None:
            return None
        return self.filterset_class(self.params, queryset=self.queryset, request=self.request)

    @cached_property
    def filtered(self) -> QuerySet:
        """All rows that pass the filters; none where a filter can't be read."""
        if self.filterset is None:
            return self.queryset
        return self.filterset.qs if self.filterset.is_valid() else self.queryset.none()

    @cached_property
    def sort(self) -> str:
        """The sort in force: the address's, if the list knows it, else the default."""
        asked = self.params.get("sort", "")
        return asked if asked.removeprefix("-") in self._sortable else self.default_sort

    @cached_property
    def order(self) -> Order:
        column = self._sortable.get(self.sort.removeprefix("-"))
        return Order(column.sort_expression if column else F("pk"), self.sort.startswith("-"))

    @cached_property
    def page(self) -> Page:
        """The rows to show now, one query."""
        return self.order.page(
            self.filtered, self.page_size, self.params.get("after", ""), self.params.get("before", "")
        )

    @cached_property
    def total(self) -> int:
        """How many rows pass the filters, at most count_limit + 1 (then there are more)."""
        return self.filtered.order_by()[: self.count_limit + 1].count()

    @property
    def total_text(self) -> str:
        return f"{self.count_limit:,}+" if self.total > self.count_limit else f"{self.total:,}"

    def table(self) -> Iterator[tuple[Model, list[tuple[Column, object]]]]:
        """Each row of the page with its cells: (row, [(column, what to show), …])."""
        for row in self.page.rows:
            yield row, [(column, column.text(row)) for column in self.columns]

    def address(self, **changes: str | None) -> str:
        """The query string of this list with some parameters changed (None: left out)."""
        params = self.params.copy()
        for gone in ("after", "before", "export"):
            params.pop(gone, None)
        for name, value in changes.items():
            params.pop(name, None)
            if value is not None:
                params[name] = value
        return f"?{params.urlencode()}"

    @property
    def next_address(self) -> str | None:
        return self.address(after=self.page.next) if self.page.next else None

    @property
    def previous_address(self) -> str | None:
        return self.address(before=self.page.previous) if self.page.previous else None

    def headings(self) -> Iterator[tuple[Column, str | None, str]]:
        """Each column with the address that sorts by it (None: it can't) and its aria-sort value."""
        for column in self.columns:
            if column.sort is None:
                yield column, None, ""
                continue
            direction = {column.key: "ascending", f"-{column.key}": "descending"}.get(self.sort, "none")
            turned = f"-{column.key}" if direction == "ascending" else column.key
            yield column, self.address(sort=turned), direction

    def download(self) -> HttpResponseBase | None:
        """The filtered rows as a file, where the address asks for one (export=xlsx or csv).

        Raises export.TooManyRows.
        """
        form = self.params.get("export", "")
        if form not in export.FORMS:
            return None
        rows = self.order.apply(self.filtered)
        write = export.streamed if self.streams and form == "csv" else export.FORMS[form]
        return write(str(self.title), [c for c in self.columns if c.export], rows)

    @cached_property
    def _sortable(self) -> dict[str, Column]:
        return {column.key: column for column in self.columns if column.sort is not None}
