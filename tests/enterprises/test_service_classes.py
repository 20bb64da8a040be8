"""The table of science-service classes comes from a file, whole or not at all."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from enterprises.models import Enterprise, ServiceClassLine, ServiceClassTable, StatisticalInclusion
from foundation.events.models import Event
from measures import compiler
from measures.eligibility import question_of
from measures.models import Condition, RuleVersion
from tests.enterprises.factories import included, registered_enterprise
from tests.measures.factories import loaded_catalogue
from tests.measures.rule_factories import call_item

pytestmark = pytest.mark.django_db
# Invented for the test: not the official table.
TABLE = "示例对照表,\n行业代码,类别\n73,1\n7452,专业化技术服务\n745*,2\n"


def run(tmp_path, text: str = TABLE, *options: str, encoding: str = "utf-8", day: str = "2018-12-17") -> str:
    path = tmp_path / "classes.csv"
    path.write_text(text, encoding=encoding)
    out = StringIO()
    call_command("import_service_classes", str(path), f"--from={day}", "--source=示例", *options, stdout=out)
    return out.getvalue()


def test_a_dry_run_writes_nothing_and_a_second_commit_changes_nothing(tmp_path):
    assert "试运行" in run(tmp_path)
    assert not ServiceClassTable.objects.exists()
    assert "已写入" in run(tmp_path, TABLE, "--commit")
    assert "没有变化" in run(tmp_path, TABLE, "--commit", encoding="gb18030")
    lines = ServiceClassLine.objects.values_list("code", "service_class", "partial")
    assert list(lines) == [("73", "1", False), ("745", "2", True), ("7452", "2", False)]
    assert Event.objects.filter(verb="import_service_classes").count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        ServiceClassLine.objects.update(service_class="3")


def test_one_bad_row_keeps_the_whole_table_out_and_is_told_where(tmp_path):
    with pytest.raises(CommandError, match="3 行不合格") as caught:
        run(tmp_path, TABLE + "73,1\nA7,1\n7520,八\n", "--commit")
    assert caught.value.returncode == 1
    assert not ServiceClassTable.objects.exists()
    out = StringIO()
    with pytest.raises(CommandError):
        call_command(
            "import_service_classes",
            str(tmp_path / "classes.csv"),
            "--from=2018-12-17",
            "--source=示例",
            stdout=out,
        )
    assert "第 8 行 类别 “八”：应为 1 至 7 或类别的全称" in out.getvalue()


@pytest.mark.parametrize(
    ("text", "day"), [("", "2018-12-17"), ("行业代码\n73\n", "2018-12-17"), (TABLE, "去年")]
)
def test_an_unusable_file_or_date_ends_with_two(tmp_path, text, day):
    with pytest.raises(CommandError) as caught:
        run(tmp_path, text, "--commit", day=day)
    assert caught.value.returncode == 2


def classes() -> dict[str, str | None]:
    """The fact of every enterprise, and that it takes two queries for any number of them."""
    rule = RuleVersion.objects.create(call_item=call_item(), number=1)
    Condition.objects.create(
        rule=rule, position=1, fact="science_service_class", operator="eq", value="2", label="类别"
    )
    rule = RuleVersion.objects.with_rows().get(pk=rule.pk)
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        connection.cursor() as cursor,
    ):
        asking = compiler.statement(rule, question_of(rule, rule.created_at, None, {}), None, ())
        cursor.execute(
            f"SELECT enterprise_id, fact_science_service_class FROM ({asking.sql}) AS answer", asking.params
        )
        found = dict(cursor.fetchall())
    # the table, its lines, the answers
    assert len(queries) == 3
    return {row.name: found[row.pk] for row in Enterprise.objects.all()}


def test_the_class_follows_the_longest_code_and_what_was_confirmed(tmp_path):
    loaded_catalogue()
    run(tmp_path, TABLE, "--commit")
    registered_enterprise(name="登记", industry="M7452")
    registered_enterprise(name="部分", industry="M7453")
    registered_enterprise(name="前缀", industry="7320")
    registered_enterprise(name="没有", industry="C3911")
    included(registered_enterprise(name="统计", industry="M7452"), "M7310")
    confirmed = registered_enterprise(name="确认", industry="M7453")
    row = included(confirmed, "M7453")
    StatisticalInclusion.objects.create(
        enterprise=confirmed, first_period=row.first_period, industry="M7453", science_class="6"
    )
    assert classes() == {"登记": "2", "部分": None, "前缀": "1", "没有": None, "统计": "1", "确认": "6"}
