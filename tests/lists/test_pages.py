"""Walking a list forward and backward shows each row once, in order, whatever it is sorted by."""

from datetime import timedelta
from itertools import chain

import django_filters
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Coalesce, Length
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.clock import clock
from foundation.lists.columns import Column
from foundation.lists.keyset import Order
from foundation.lists.lists import List

pytestmark = pytest.mark.django_db

User = get_user_model()


class PeopleFilter(django_filters.FilterSet):
    name = django_filters.CharFilter(field_name="full_name", lookup_expr="icontains")
    joined = django_filters.DateFilter(field_name="date_joined", lookup_expr="date__gte")

    class Meta:
        model = User
        fields = ["name", "joined"]


class People(List):
    title = "人员"
    filterset_class = PeopleFilter
    columns = [
        Column("username", "账号", "username", sort="username"),
        Column("name", "姓名", "full_name", sort="full_name"),
        Column("login", "最近登录", "last_login", sort="last_login"),
        Column("length", "长度", lambda user: len(user.full_name), sort=Length("full_name"), align="end"),
        Column("active", "有效", "is_active"),
    ]
    default_sort = "username"
    page_size = 4


def people(n: int):
    """n people; every third name is the same, every second never signed in."""
    now = clock.now()
    User.objects.bulk_create(
        User(
            username=f"u{i:03}",
            full_name=f"名字{i % 3}",
            last_login=None if i % 2 else now - timedelta(microseconds=i // 4),
        )
        for i in range(n)
    )


def listing(query: str = "", queryset=None) -> People:
    return People(User.objects.all() if queryset is None else queryset, RequestFactory().get(f"/{query}"))


def walk(query: str, step: str) -> list[list]:
    """The pages from the first to the last (step next_address) or back (previous_address)."""
    pages, current = [], listing(query)
    while True:
        pages.append(list(current.page.rows))
        address = getattr(current, step)
        if address is None or len(pages) > 50:
            return pages
        current = listing(address)


def last_page(query: str) -> str:
    current = listing(query)
    while current.next_address:
        query, current = current.next_address, listing(current.next_address)
    return query


SORTS = ["username", "-username", "name", "-name", "login", "-login", "length", "-length"]


@pytest.mark.parametrize("sort", SORTS)
def test_forward_and_backward_show_each_row_once_in_order(sort):
    people(18)
    query = f"?sort={sort}"
    expected = list(listing(query).order.apply(User.objects.all()))
    forward = walk(query, "next_address")
    assert list(chain(*forward)) == expected
    assert [len(page) for page in forward] == [4, 4, 4, 4, 2]
    backward = walk(last_page(query), "previous_address")
    assert list(chain(*backward[::-1])) == expected


@pytest.mark.parametrize("sort", ["login", "-login"])
def test_empty_values_come_last_in_either_direction(sort):
    people(10)
    rows = [user.last_login for page in walk(f"?sort={sort}", "next_address") for user in page]
    assert rows[5:] == [None] * 5
    assert None not in rows[:5]
    assert rows[:5] == sorted(rows[:5], reverse=sort.startswith("-"))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["", "a", "b", "中"]), st.none() | st.integers(0, 2)), max_size=12),
    st.sampled_from(SORTS),
    st.integers(1, 5),
)
def test_any_rows_are_walked_completely(rows, sort, size):
    User.objects.all().delete()
    now = clock.now()
    for number, (name, hours) in enumerate(rows):
        login = None if hours is None else now - timedelta(hours=hours)
        User.objects.create(username=f"p{number}", full_name=name, last_login=login)
    order = listing(f"?sort={sort}").order
    page = order.page(User.objects.all(), size)
    seen = list(page.rows)
    while page.next:
        page = order.page(User.objects.all(), size, after=page.next)
        seen += page.rows
    assert seen == list(order.apply(User.objects.all()))
    back = list(page.rows)
    while page.previous:
        page = order.page(User.objects.all(), size, before=page.previous)
        back = [*page.rows, *back]
    assert back == seen


def test_rows_that_come_and_go_do_not_shift_the_next_page():
    people(12)
    first = listing()
    User.objects.create(username="a-newcomer")
    User.objects.filter(username="u001").delete()
    assert [user.username for user in listing(first.next_address).page.rows] == [
        "u004",
        "u005",
        "u006",
        "u007",
    ]


def test_a_page_whose_rows_are_all_gone_begins_anew():
    people(6)
    onward = listing().next_address
    User.objects.filter(username__gt="u003").delete()
    page = listing(onward).page
    assert len(page.rows) == 4
    assert page.previous is None


@pytest.mark.parametrize(
    "cursor", ["x", "!!!", "bm9uc2Vuc2U", "WzFd", "W251bGwsICJ4Il0", "%E4%B8%AD", "W1tdLHt9XQ"]
)
def test_a_cursor_that_is_not_ours_shows_the_first_page(cursor):
    people(6)
    for query in (f"?after={cursor}", f"?before={cursor}", f"?sort=login&after={cursor}"):
        assert len(listing(query).page.rows) == 4


def test_an_unknown_sort_is_the_default_one():
    people(3)
    for query in ("?sort=password", "?sort=active", "?sort=-", "?sort="):
        assert listing(query).sort == "username"


def test_a_page_is_one_query_and_no_offset(django_assert_num_queries):
    people(12)
    onward = listing().next_address
    with django_assert_num_queries(1) as captured:
        current = listing(onward)
        for _row, cells in current.table():
            assert len(cells) == 5
        assert current.next_address
        assert current.previous_address
    assert "OFFSET" not in captured[0]["sql"]


def test_a_deep_page_is_found_by_the_index():
    people(3000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user")
    order = Order(F("username"))
    first = order.page(User.objects.all(), 2000)
    with CaptureQueriesContext(connection) as captured:
        order.page(User.objects.all(), 10, after=first.next)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {captured[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Cond" in plan
    assert "Seq Scan" not in plan


def test_filters_narrow_the_rows_and_the_total():
    people(18)
    current = listing("?name=名字1&sort=-username")
    assert current.total == 6
    assert {user.full_name for user in current.filtered} == {"名字1"}
    assert "name=%E5%90%8D" in current.next_address
    assert "sort=-username" in current.next_address


def test_a_filter_that_cannot_be_read_shows_its_error_and_no_rows():
    people(3)
    current = listing("?joined=gestern")
    assert current.filterset.form.errors["joined"]
    assert list(current.page.rows) == []


def test_the_total_stops_counting_where_nobody_cares(monkeypatch):
    people(12)
    assert listing().total_text == "12"
    monkeypatch.setattr(People, "count_limit", 10)
    assert (listing().total, listing().total_text) == (11, "10+")


def test_headings_lead_to_the_other_order_and_drop_the_cursor():
    people(12)
    current = listing(listing("?name=名").next_address)
    headings = {column.key: (address, state) for column, address, state in current.headings()}
    assert headings["username"] == ("?name=%E5%90%8D&sort=-username", "ascending")
    assert headings["login"] == ("?name=%E5%90%8D&sort=login", "none")
    assert headings["active"] == (None, "")


def test_the_list_never_shows_more_than_it_was_handed():
    people(6)
    mine = User.objects.filter(username__in=["u001", "u002"])
    assert {user.username for user in listing("?sort=-name", mine).page.rows} == {"u001", "u002"}


def test_cells_are_readable():
    people(2)
    cells = {column.key: shown for column, shown in next(listing().table())[1]}
    assert cells["active"] == "是"
    assert cells["name"] == "名字0"
    assert {column.key: shown for column, shown in list(listing().table())[1][1]}["login"] == "—"


def test_a_sort_may_be_an_expression():
    people(6)
    order = Order(Coalesce("last_login", Value(clock.now())), descending=True)
    page = order.page(User.objects.all(), 4)
    rest = order.page(User.objects.all(), 4, after=page.next)
    assert len({*page.rows, *rest.rows}) == 6
