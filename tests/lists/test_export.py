import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from python_calamine import CalamineWorkbook

from foundation.clock import clock
from foundation.lists import export
from foundation.lists.columns import Column
from foundation.lists.lists import List
from tests.lists.test_pages import People, people

pytestmark = pytest.mark.django_db

User = get_user_model()


class Figures(List):
    title = "金额/明细"
    columns = [
        Column("username", "账号", "username", sort="username"),
        Column("amount", "金额（元）", lambda user: Decimal("1234567.10"), align="end"),
        Column("count", "件数", lambda user: 3),
        Column("on", "日期", lambda user: date(2026, 3, 2)),
        Column("at", "时间", lambda user: datetime(2026, 3, 2, 16, 30, tzinfo=UTC)),
        Column("long", "长数字", lambda user: 12345678901234567890),
        Column("yes", "有效", "is_active"),
        Column("none", "空", "last_login"),
        Column("danger", "名称", "full_name"),
        Column("secret", "不导出", "password", export=False),
    ]
    default_sort = "username"


def content(definition, query: str) -> tuple[bytes, object]:
    response = definition(User.objects.all(), RequestFactory().get(f"/{query}")).download()
    return b"".join(response.streaming_content), response


def rows_of_csv(definition, query) -> list[list[str]]:
    raw, _response = content(definition, query)
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


def test_without_being_asked_there_is_no_file():
    for query in ("", "?export=", "?export=exe"):
        assert People(User.objects.all(), RequestFactory().get(f"/{query}")).download() is None


def test_a_workbook_holds_typed_cells():
    User.objects.create(username="u1", full_name="=1+1")
    raw, response = content(Figures, "?export=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(raw))
    head, row = book.active.iter_rows()
    assert [cell.value for cell in head][:3] == ["账号", "金额（元）", "件数"]
    assert len(head) == 9
    values = [cell.value for cell in row]
    assert values == [
        "u1",
        1234567.10,
        3,
        datetime(2026, 3, 2),  # noqa: DTZ001
        datetime(2026, 3, 3, 0, 30),  # noqa: DTZ001
        "12345678901234567890",
        "是",
        None,
        "=1+1",
    ]
    assert row[1].number_format == "#,##0.00"
    assert row[8].data_type == "s"
    assert book.active.title == "金额明细"
    assert book.active.freeze_panes == "A2"
    assert response["Content-Type"] == export.XLSX_TYPE
    assert "no-store" in response["Cache-Control"]


def test_the_file_is_named_after_the_list_and_the_day():
    with clock.at(date(2026, 3, 2)):
        _raw, response = content(People, "?export=csv")
    assert response["Content-Disposition"].startswith("attachment;")
    assert "2026-03-02.csv" in response["Content-Disposition"]


@pytest.mark.parametrize("name", ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "\rx", "＝1+1"])
def test_text_never_becomes_a_formula_in_a_csv(name):
    User.objects.create(username="u1", full_name=name)
    assert rows_of_csv(Figures, "?export=csv")[1][-1] == f"'{name}"


def test_a_csv_keeps_numbers_exact_and_moments_in_shanghai():
    User.objects.create(username="u1", full_name="平常")
    row = rows_of_csv(Figures, "?export=csv")[1]
    assert row == [
        "u1",
        "1234567.10",
        "3",
        "2026-03-02",
        "2026-03-03 00:30:00",
        "12345678901234567890",
        "是",
        "",
        "平常",
    ]


@pytest.mark.parametrize("query", ["", "name=名字1", "name=名字2&sort=-username", "sort=login", "after=xyz"])
def test_a_file_holds_exactly_the_filtered_rows_in_order(query):
    people(30)
    listing = People(User.objects.all(), RequestFactory().get(f"/?{query}"))
    expected = [user.username for user in listing.order.apply(listing.filtered)]
    assert [row[0] for row in rows_of_csv(People, f"?{query}&export=csv")[1:]] == expected
    raw, _response = content(People, f"?{query}&export=xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in sheet[1:]] == expected


def test_an_empty_list_is_a_file_with_headings():
    assert rows_of_csv(People, "?export=csv&name=nobody") == [["账号", "姓名", "最近登录", "长度", "有效"]]


def test_a_file_costs_one_query_for_any_number_of_rows(django_assert_num_queries):
    people(500)
    with django_assert_num_queries(1):
        content(People, "?export=xlsx")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_too_many_rows_get_a_clear_answer(monkeypatch, form):
    monkeypatch.setattr(export, "LIMIT", 10)
    people(11)
    with pytest.raises(export.TooManyRows, match="超过 10 行"):
        content(People, f"?export={form}")
    User.objects.first().delete()
    assert content(People, f"?export={form}")[0]
