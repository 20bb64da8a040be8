"""The register from files: what is taken, what comes back with a reason, and that twice changes nothing."""

from datetime import date, time
from decimal import Decimal
from io import StringIO

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from stdnum.cn import uscc as uscc_number

from enterprises.imports import uscc, workflow
from enterprises.models import SELF_REPORTED, Enterprise, ImportRun, YearlyFigure
from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import SYSTEM
from foundation.events import events
from foundation.events.models import Event
from tests.accounts.factories import XUHUI, district_officer, policy_administrator
from tests.enterprises import factories, registers
from tests.measures.factories import loaded_catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue(db):
    """The districts and their offices."""
    loaded_catalogue()


def run(*files, commit=True, bad=None, by=SYSTEM):
    return workflow.import_enterprises(*files, by=by, commit=commit, bad=bad)


def problems(outcome) -> list[tuple]:
    return [(problem.line, problem.column, problem.value, problem.reason) for problem in outcome.problems]


def fields(code: str, *names) -> tuple:
    return Enterprise.objects.filter(uscc=code).values_list(*names).get()


# --- the code -------------------------------------------------------------------------------------------
@given(st.text(alphabet=uscc.ALPHABET + "IOSVZ*", min_size=16, max_size=19))
def test_any_text_is_a_code_exactly_where_the_reference_says_so(text):
    assert uscc.is_valid(text) == uscc_number.is_valid(text)


@given(
    st.text(alphabet="0123456789", min_size=8, max_size=8),
    st.text(alphabet=uscc.ALPHABET, min_size=9, max_size=9),
    st.sampled_from(uscc.ALPHABET),
)
def test_a_check_digit_is_right_exactly_where_the_reference_says_so(digits, rest, check):
    assert uscc.is_valid(digits + rest + check) == uscc_number.is_valid(digits + rest + check)
    assert uscc.is_valid(digits + rest + uscc_number.calc_check_digit(digits + rest))


# --- what is taken --------------------------------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_a_csv_is_read_in_each_encoding_that_offices_use(tmp_path, encoding):
    row = registers.enterprise(name="上海鑫垚检测技术有限公司")
    outcome = run(registers.text(tmp_path / "r.csv", [row], encoding=encoding))
    assert (outcome.enterprises.new, outcome.bad_rows) == (1, 0)
    assert fields(row[0], "name", "district", "industry", "established_on", "legal_form", "state") == (
        "上海鑫垚检测技术有限公司", XUHUI, "M7452", date(2015, 6, 18), "company", "registered",
    )  # fmt: skip


def test_a_workbook_brings_enterprises_and_their_figures(tmp_path):
    row = registers.enterprise(established_on=date(2015, 6, 18).isoformat())
    figures = [
        registers.figure(row[0], year=2023, revenue=1234567.89, rd_expense=0.1 + 0.2 - 0.05, employees=12.0),
        registers.figure(row[0], profit=-0.01),
    ]
    outcome = run(registers.workbook(tmp_path / "r.xlsx", [row], figures))
    assert outcome.counts() == {
        "enterprises": {"new": 1, "changed": 0, "unchanged": 0, "bad": 0},
        "figures": {"new": 2, "changed": 0, "unchanged": 0, "bad": 0},
    }
    stored = YearlyFigure.objects.filter(enterprise__uscc=row[0]).order_by("valid_for")
    values = list(stored.values_list("valid_for", "revenue", "rd_expense", "employees", "profit", "source"))
    assert values == [
        (2023, Decimal("1234567.89"), Decimal("0.25"), 12, Decimal("-120000.00"), "税务局"),
        (2024, Decimal("12345678.90"), Decimal("1000000.00"), 35, Decimal("-0.01"), "税务局"),
    ]


def test_figures_may_come_in_a_second_file(tmp_path):
    row = registers.enterprise()
    first = registers.text(tmp_path / "r.csv", [row])
    second = registers.text(tmp_path / "f.csv", [registers.figure(row[0])], registers.FIGURES_HEADING, "gbk")
    assert run(first, second).figures.new == 1


def test_full_width_characters_names_and_labels_are_understood(tmp_path):
    code = registers.code()
    wide = code.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789ABCDEFGHJKLMNPQRTUWXY"})
    rows = [
        [
            wide,
            "  示例　（上海）Ａ１ 有限公司 ",
            "３１０１０４",
            "ｍ７４５２",
            "２０１５年６月１８日",
            "公司（法人）",
        ],
        registers.enterprise(district="浦东", industry="", established_on="", legal_form="BRANCH"),
        registers.enterprise(established_on="2015/6/8"),
        registers.enterprise(established_on="20150608"),
    ]
    outcome = run(registers.text(tmp_path / "r.csv", rows, ["统一社会信用代码", *registers.HEADING[1:]]))
    assert problems(outcome) == []
    assert fields(code, "name", "district", "industry", "established_on", "legal_form") == (
        "示例 （上海）A1 有限公司", XUHUI, "M7452", date(2015, 6, 18), "company",
    )  # fmt: skip
    assert fields(rows[1][0], "district", "industry", "established_on") == ("310115", "", None)


def test_a_title_above_the_heading_and_columns_in_another_order_are_fine(tmp_path):
    row = registers.enterprise()
    heading = [*reversed(registers.HEADING), "备注"]
    path = registers.workbook(tmp_path / "r.xlsx", [heading, [*reversed(row), "x"]], heading=["企业名录"])
    assert run(path).enterprises.new == 1
    assert fields(row[0], "name") == (row[1],)


# --- what comes back ------------------------------------------------------------------------------------
BAD_ENTERPRISES = [
    ("uscc", registers.code(1)[:-1] + ("0" if registers.code(1)[-1] != "0" else "1"), "校验位不对"),
    ("uscc", "91310104MA1FYT", "应为 18 位，现在是 14 位"),
    ("uscc", "91310104MA1FYTO12I", "不允许的字符"),
    ("uscc", "", "没有填写"),
    ("name", "=HYPERLINK(\"http://x\")", "以“=”开头"),
    ("name", "＝1+1", "以“=”开头"),
    ("name", "'=1+1", "以“=”开头"),
    ("name", "检测\u202e有限公司", "不可见字符"),
    ("name", "某" * 121, "2 至 120 个字"),
    ("name", " ", "没有填写"),
    ("district", "徐家汇区", "没有这个区"),
    ("district", "", "没有填写"),
    ("industry", "7452", "门类字母"),
    ("established_on", "2025/13/1", "没有这一天"),
    ("established_on", "2025-02-30", "没有这一天"),
    ("established_on", "去年", "不是日期"),
    ("established_on", "2199-01-01", "日期应在"),
    ("legal_form", "国企", "没有这种组织形式"),
]  # fmt: skip
BAD_FIGURES = [
    ("revenue", "-1", "不能是负数"),
    ("revenue", "1200万", "不是数字"),
    ("revenue", "12,34", "不是数字"),
    ("revenue", "1.234", "最多两位小数"),
    ("revenue", "100000000000000", "金额太大"),
    ("rd_expense", "=A1", "以“=”开头"),
    ("taxes", "NaN", "不是数字"),
    ("taxes", "１２３．４５６", "最多两位小数"),
    ("employees", "3.5", "人数应为整数"),
    ("employees", "-3", "不能是负数"),
    ("employees", "3000000000", "人数太大"),
    ("year", "24", "不是年度"),
    ("year", "2199", "年度应在"),
    ("source", "", "没有填写"),
]  # fmt: skip


def test_each_bad_enterprise_row_comes_back_with_line_column_value_and_reason(tmp_path):
    good = registers.enterprise()
    bad = [registers.enterprise(**{column: value}) for column, value, _reason in BAD_ENTERPRISES]
    outcome = run(registers.text(tmp_path / "r.csv", [good, *bad]))
    assert [found[:3] for found in problems(outcome)] == [
        (line, column, value.replace("\u202e", "\ufffd"))
        for line, (column, value, _reason) in enumerate(BAD_ENTERPRISES, start=3)
    ]
    for (*_where, said), (_column, _value, reason) in zip(problems(outcome), BAD_ENTERPRISES, strict=True):
        assert reason in said
    assert (outcome.enterprises.new, outcome.enterprises.bad) == (1, len(bad))
    assert list(Enterprise.objects.order_by("pk").values_list("uscc", flat=True)) == [good[0]]


def test_each_bad_figure_comes_back_and_its_enterprise_goes_in(tmp_path):
    row = registers.enterprise()
    bad = [registers.figure(row[0], **{column: value}) for column, value, _reason in BAD_FIGURES]
    outcome = run(
        registers.text(tmp_path / "r.csv", [row]),
        registers.text(
            tmp_path / "f.csv", [registers.figure(row[0], year="2022"), *bad], registers.FIGURES_HEADING
        ),
    )
    assert [found[:3] for found in problems(outcome)] == [
        (line, column, value) for line, (column, value, _reason) in enumerate(BAD_FIGURES, start=3)
    ]
    for (*_where, said), (_column, _value, reason) in zip(problems(outcome), BAD_FIGURES, strict=True):
        assert reason in said
    assert (outcome.figures.new, outcome.figures.bad) == (1, len(bad))


def test_figures_need_an_enterprise_a_value_and_a_year_and_source_of_their_own(tmp_path):
    known, row = factories.registered_enterprise(), registers.enterprise()
    wrong = registers.enterprise(name="")
    figures = [
        registers.figure(known.uscc),
        registers.figure(row[0]),
        registers.figure(row[0], revenue="1"),
        registers.figure(row[0], source="统计局"),
        registers.figure(wrong[0]),
        [row[0], "2021", "", "", "", "", "", "税务局"],
    ]
    outcome = run(registers.workbook(tmp_path / "r.xlsx", [row, wrong], figures))
    assert [(line, column) for line, column, _value, _reason in problems(outcome)] == [
        (3, "name"), (4, "year"), (6, "uscc"), (7, ""),
    ]  # fmt: skip
    assert outcome.figures.new == 3


def test_a_code_repeated_in_the_file_goes_in_once(tmp_path):
    row = registers.enterprise()
    again = [row[0].lower(), "另一个名称有限公司", *row[2:]]
    outcome = run(registers.text(tmp_path / "r.csv", [row, again]))
    ((line, column, _value, reason),) = problems(outcome)
    assert (line, column) == (3, "uscc")
    assert "与第 2 行的代码重复" in reason
    assert fields(row[0], "name") == (row[1],)


def test_a_formula_in_a_workbook_is_not_taken_for_its_stale_result(tmp_path):
    rows = [registers.enterprise(), registers.enterprise()]
    path = registers.workbook(tmp_path / "r.xlsx", rows, formulas=[(2, 1), (2, 3)])
    outcome = run(path)
    assert [(line, column) for line, column, *_rest in problems(outcome)] == [(3, "name"), (3, "industry")]


def test_a_code_that_a_spreadsheet_kept_as_a_number_is_explained(tmp_path):
    outcome = run(registers.workbook(tmp_path / "r.xlsx", [registers.enterprise(uscc=913101040000000000)]))
    assert "设为“文本”" in problems(outcome)[0][3]


def test_bad_rows_come_back_as_a_workbook_that_can_be_corrected_and_imported(tmp_path):
    rows = [registers.enterprise(), registers.enterprise(name="=1+1", district="某区")]
    figures = [registers.figure(rows[0][0], revenue=-5), registers.figure(rows[0][0], year=2023)]
    bad = tmp_path / "bad.xlsx"
    outcome = run(registers.workbook(tmp_path / "r.xlsx", rows, figures), bad=bad)
    assert outcome.bad_rows == 2
    book = CalamineWorkbook.from_path(bad)
    assert book.sheet_names == ["企业", "年度数据"]
    heading, row = book.get_sheet_by_index(0).to_python()
    assert heading == [*registers.HEADING, "原行号", "原因"]
    assert row[:7] == [*rows[1], 3]
    assert "name：" in row[7] and "district：" in row[7]
    again = run(bad, commit=False)
    assert (again.enterprises.bad, again.figures.bad) == (1, 1), "uncorrected rows are still bad"


def test_cells_of_any_type_and_content_come_back_whole(tmp_path):
    path, bad = tmp_path / "r.xlsx", tmp_path / "bad.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, registers.HEADING)
        sheet.write_datetime(1, 0, date(2019, 3, 1))
        sheet.write_datetime(1, 1, time(12, 30), book.add_format({"num_format": "hh:mm"}))
        sheet.write_boolean(1, 2, True)
        sheet.write_number(1, 3, 1e300)
        sheet.write_string(1, 4, "a\x01b" + "长" * 1000)
        sheet.write_number(1, 5, -0.5)
    outcome = run(path, bad=bad)
    assert [column for _line, column, *_rest in problems(outcome)] == [
        name for name in registers.HEADING if name != "name"
    ]
    assert "\x01" not in problems(outcome)[3][2] and len(problems(outcome)[3][2]) == 200
    row = CalamineWorkbook.from_path(bad).get_sheet_by_index(0).to_python()[1]
    assert row[0] == date(2019, 3, 1) and row[5] == -0.5


@pytest.mark.parametrize("where", ["nowhere/bad.xlsx", "r.csv", "."])
def test_a_place_where_bad_rows_cannot_go_is_refused_before_the_work(tmp_path, capsys, where):
    path = registers.text(tmp_path / "r.csv", [registers.enterprise()])
    status, said = call(capsys, path, "--commit", "--bad", tmp_path / where)
    assert status == 2 and "不合格的行" in said
    assert Enterprise.objects.count() == 0 and path.stat().st_size


def test_without_bad_rows_no_workbook_is_left(tmp_path):
    run(registers.text(tmp_path / "r.csv", [registers.enterprise()]), bad=tmp_path / "bad.xlsx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.csv"]


# --- again, and what was there before -------------------------------------------------------------------
def test_a_second_run_changes_nothing(tmp_path):
    rows = [registers.enterprise() for _number in range(3)]
    figures = [registers.figure(row[0], year=year) for row in rows for year in (2022, 2023, 2024)]
    path = registers.workbook(tmp_path / "r.xlsx", rows, figures)
    assert run(path).writes == 12
    before = (Event.objects.count(), ImportRun.objects.count(), YearlyFigure.objects.count())
    outcome = run(path)
    assert outcome.writes == 0 and outcome.run is None
    assert (outcome.enterprises.unchanged, outcome.figures.unchanged) == (3, 9)
    assert before == (Event.objects.count(), ImportRun.objects.count(), YearlyFigure.objects.count())


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path):
    known = factories.registered_enterprise()
    rows = [registers.enterprise(), registers.enterprise(uscc=known.uscc, name="新名称有限公司")]
    figures = [registers.figure(rows[0][0]), registers.figure(known.uscc, revenue="x")]
    path = registers.workbook(tmp_path / "r.xlsx", rows, figures)
    before = Event.objects.count()
    dry = run(path, commit=False)
    assert (Enterprise.objects.count(), YearlyFigure.objects.count()) == (1, 0)
    assert (Event.objects.count(), ImportRun.objects.count()) == (before, 0)
    assert run(path).counts() == dry.counts()


def test_other_figures_of_a_year_are_appended_and_the_latest_counts(tmp_path):
    row = registers.enterprise()
    first = registers.text(tmp_path / "r.csv", [row])
    for revenue in ("100", "200", "100"):
        other = registers.figure(row[0], revenue=revenue)
        second = registers.text(tmp_path / "f.csv", [other], registers.FIGURES_HEADING)
        assert run(first, second).writes
    assert [f.revenue for f in YearlyFigure.objects.order_by("recorded_at", "pk")] == [100, 200, 100]
    assert YearlyFigure.objects.latest().get().revenue == 100


def test_the_registers_word_counts_for_a_verified_enterprise_and_its_people_are_told(tmp_path):
    known = factories.verified_enterprise()
    owner = factories.owner_of(known)
    row = registers.enterprise(
        uscc=known.uscc, name="改名后的检测有限公司", district="浦东新区", industry="", established_on=""
    )
    outcome = run(registers.text(tmp_path / "r.csv", [row]))
    assert outcome.enterprises.changed == 1
    assert fields(known.uscc, "name", "district", "industry", "state", "version") == (
        "改名后的检测有限公司", "310115", "M7452", "verified", known.version + 1,
    )  # fmt: skip
    event = events.timeline(known).last()
    assert event.verb == "update_from_register"
    assert event.facts["changed"]["district"] == [XUHUI, "310115"]
    message = events.inbox(owner).first()
    assert "改名后的检测有限公司" in events.render(message).subject
    assert "名称、注册区" in events.render(message).body


def test_what_only_a_claimant_told_becomes_the_registers(tmp_path):
    claim = factories.pending_claim(
        enterprise=factories.registered_enterprise(source=SELF_REPORTED), letter=False
    )
    known = claim.enterprise
    row = registers.enterprise(uscc=known.uscc, name=known.name)
    path = registers.text(tmp_path / "r.csv", [row])
    assert run(path).enterprises.changed == 1
    known.refresh_from_db()
    assert known.source != SELF_REPORTED
    assert run(path).writes == 0


def test_a_run_is_recorded_with_the_hash_of_its_file(tmp_path):
    outcome = run(registers.text(tmp_path / "名录.csv", [registers.enterprise()]), by=policy_administrator())
    event = events.timeline(outcome.run).get()
    assert (event.verb, event.facts["file"]) == ("import_enterprises", "名录.csv")
    assert event.facts["sha256"] == outcome.run.sha256
    assert event.facts["counts"]["enterprises"]["new"] == 1


def test_only_the_system_and_the_policy_administrator_import(tmp_path):
    path = registers.text(tmp_path / "r.csv", [registers.enterprise()])
    with pytest.raises(NotAllowed):
        run(path, by=district_officer())
    assert Enterprise.objects.count() == 0


def test_the_webs_role_imports(tmp_path, runtime_role):
    row = registers.enterprise()
    path = registers.workbook(tmp_path / "r.xlsx", [row], [registers.figure(row[0])])
    with connection.cursor() as cursor:
        call_command("grant_runtime", verbosity=0, stdout=StringIO())
        cursor.execute(f"SET LOCAL ROLE {runtime_role}")
        assert run(path).writes == 2
        changed = registers.text(tmp_path / "r.csv", [[row[0], "改名检测有限公司", *row[2:]]])
        assert run(changed).enterprises.changed == 1
        cursor.execute("RESET ROLE")


def test_many_rows_take_the_same_statements_for_each_step(tmp_path, django_assert_max_num_queries):
    rows = [registers.enterprise() for _number in range(5000)]
    figures = [registers.figure(row[0], year=2023) for row in rows]
    path = registers.workbook(tmp_path / "r.xlsx", rows, figures)
    with django_assert_max_num_queries(30):
        outcome = run(path)
    assert (outcome.enterprises.new, outcome.figures.new, outcome.bad_rows) == (5000, 5000, 0)


# --- the command ----------------------------------------------------------------------------------------
def call(capsys, *arguments) -> tuple[int, str]:
    try:
        call_command("import_enterprises", *map(str, arguments))
    except CommandError as error:
        return error.returncode, capsys.readouterr().out + str(error)
    return 0, capsys.readouterr().out


def test_the_command_only_tries_first(tmp_path, capsys):
    path = registers.text(tmp_path / "r.csv", [registers.enterprise()])
    status, said = call(capsys, path)
    assert status == 0
    assert "企业：新增 1，变更 0，不变 0，不合格 0" in said and "试运行" in said
    assert Enterprise.objects.count() == 0
    assert call(capsys, path, "--commit")[0] == 0
    assert "没有变化" in call(capsys, path, "--commit")[1]


def test_the_command_takes_good_rows_and_returns_1_for_bad_ones(tmp_path, capsys):
    rows = [registers.enterprise(), registers.enterprise(established_on="2025/13/1")]
    bad = tmp_path / "bad.xlsx"
    status, said = call(capsys, registers.text(tmp_path / "r.csv", rows), "--commit", "--bad", bad)
    assert status == 1
    assert "企业 第 3 行 established_on “2025/13/1”：没有这一天" in said
    assert "1 行不合格，已写入" in said and bad.exists()
    assert Enterprise.objects.count() == 1


def _utf16(path):
    path.write_bytes(("\ufeff" + ",".join(registers.HEADING)).encode("utf-16-le"))


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda path: None, "找不到文件"),
        (lambda path: path.mkdir(), "是文件夹"),
        (lambda path: path.write_bytes(b""), "是空的"),
        (lambda path: path.write_text("\n\n"), "是空的"),
        (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0"), "既不是 xlsx 也不是 CSV"),
        (lambda path: path.write_bytes(b"PK\x03\x04 cut off"), "不是完整的 xlsx"),
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "另存为 xlsx"),
        (lambda path: path.write_bytes(b"uscc,name\n\xff\xff\xff"), "编码"),
        (_utf16, "UTF-16"),
        (lambda path: path.write_text("uscc,name,district\n1,2,3\n"), "缺少列：industry、established_on、legal_form"),
        (lambda path: registers.text(path, []), "没有数据"),
        (lambda path: registers.text(path, [], ["a", "b"]), "缺少列"),
        (lambda path: path.write_text(",".join(registers.HEADING) + '\n"x,1\n2,3\n'), "引号没有成对"),
        (lambda path: registers.workbook(path, []), "没有数据"),
        (lambda path: registers.workbook(path, [], heading=[]), "是空的"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_returns_2_and_says_why(tmp_path, capsys, write, reason):
    path = tmp_path / "r.csv"
    write(path)
    status, said = call(capsys, path, "--commit")
    assert status == 2
    assert reason in said
    assert Enterprise.objects.count() == 0


def test_a_second_sheet_without_its_columns_makes_the_file_unusable(tmp_path, capsys):
    path = registers.workbook(tmp_path / "r.xlsx", [registers.enterprise()], [])
    assert call(capsys, path)[0] == 0
    status, said = call(capsys, path, "--figures", registers.text(tmp_path / "f.csv", [["1"]], ["uscc"]))
    assert status == 2
    assert "缺少列：year" in said


def test_a_day_cell_of_a_workbook_is_a_day(tmp_path):
    path = tmp_path / "r.xlsx"
    row = registers.enterprise()
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, registers.HEADING)
        sheet.write_row(1, 0, row)
        sheet.write_datetime(1, 4, date(2019, 3, 1))
    assert run(path).bad_rows == 0
    assert fields(row[0], "established_on") == (date(2019, 3, 1),)
