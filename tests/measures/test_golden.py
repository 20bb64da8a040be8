"""The golden cases: golden.xlsx is edited by whoever knows the policy, and replayed here row by row."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from enterprises.models import (
    CreditCheck,
    EnterpriseChange,
    LegalForm,
    Qualification,
    StatisticalInclusion,
    SupportRecord,
    YearlyFigure,
)
from foundation.accounts.models import Office, User
from foundation.clock import clock
from measures import eligibility
from measures.models import AwardRow, CallItem, Condition, RuleVersion
from tests.enterprises.factories import registered_enterprise
from tests.measures.factories import loaded_catalogue_with_calls
from tests.measures.rule_factories import call_item, moment

pytestmark = pytest.mark.django_db
WORKBOOK = Path(__file__).parent / "golden.xlsx"
VERDICT = {True: "符合", False: "不符合", None: "无法判断"}
ANSWER = ("结论", "金额", "未满足", "未知", "句子")
FORMS = {str(form.label): form.value for form in LegalForm}


def sheet(name: str) -> list[dict[str, str]]:
    heads, *rows = CalamineWorkbook.from_path(WORKBOOK).get_sheet_by_name(name).to_python()
    return [
        dict(zip(heads, (str(cell).strip() for cell in row), strict=True))
        for row in rows
        if any(cell != "" for cell in row)
    ]


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def entered(row: dict[str, str], number: int):
    """The enterprise of a row."""
    enterprise = registered_enterprise(
        uscc=f"91{row['登记地']}0104MA{number:08d}",
        legal_form=FORMS[row["组织形式"]],
    )
    if row["状态"] == "注销":
        enterprise.close(reason="注销")
        enterprise.save()
    if row["统计行业"]:
        StatisticalInclusion.objects.create(
            enterprise=enterprise,
            first_period=day(row["首次报告期"]),
            industry=row["统计行业"],
            confirmed_by=Office.objects.get(code="kw") if row["统计确认"] == "是" else None,
            science_class=row["确认类别"],
        )
    if row["信用良好自"]:
        CreditCheck.objects.create(
            enterprise=enterprise,
            as_of=date(2026, 1, 5),
            clean_since=day(row["信用良好自"]),
            listed=row["失信"] == "是",
        )
    for year in (2025, 2024):
        texts = {"revenue": row[f"{year}年营收"], "profit": row[f"{year}年利润"]}
        figures = {name: Decimal(text) for name, text in texts.items() if text}
        if year == 2025 and row["2025年从业人数"]:
            figures["employees"] = int(row["2025年从业人数"])
        if figures:
            YearlyFigure.objects.create(enterprise=enterprise, valid_for=year, **figures)
    if row["迁出日"]:
        EnterpriseChange.objects.create(
            enterprise=enterprise,
            kind="moved_out",
            effective_on=day(row["迁出日"]),
            source="登记",
            recorded_by=User.objects.get_or_create(username="mover")[0],
        )
    if row["高企有效期至"]:
        Qualification.objects.create(
            enterprise=enterprise,
            kind="high_tech",
            valid_from=date(2017, 1, 1),
            valid_to=day(row["高企有效期至"]),
        )
    if row["已获支持事项"]:
        SupportRecord.objects.create(
            enterprise=enterprise,
            item_code=row["已获支持事项"],
            year=int(row["支持年度"]),
            fund="专项资金",
            amount=1,
            origin="imported",
        )
    return enterprise


def inputs_of(row: dict[str, str]) -> dict:
    texts = {
        "declared_investment": row["申报投资"],
        "appraised_investment": row["核定投资"],
        "project_start": row["项目开始"],
    }
    inputs = {name: text for name, text in texts.items() if text}
    if row["同项目支持"]:
        inputs["same_project_supported"] = row["同项目支持"] == "是"
    return inputs


def example(rows: list[dict[str, str]], item: str) -> RuleVersion:
    """A rule of the sheet 规则, as a draft."""
    operators = {str(one.label): one.value for one in Condition.Operator}
    kinds = {str(one.label): one.value for one in AwardRow.Kind}
    rule = RuleVersion.objects.create(call_item=call_item(item), number=1)
    for position, row in enumerate(rows, start=1):
        if row["行"] == "条件":
            made = Condition(
                rule=rule,
                position=position,
                fact=row["事实"],
                operator=operators[row["比较"]],
                value=row["阈值"] or None,
                label=row["事实"],
                any_of=int(row["择一组"]) if row["择一组"] else None,
            )
        else:
            made = AwardRow(
                rule=rule,
                position=position,
                kind=kinds[row["种类"]],
                base=row["事实"],
                rate=Decimal(row["比例"]) if row["比例"] else None,
                amount=Decimal(row["金额"]) if row["金额"] else None,
                at_least=row["起点"] or None,
                label=row["说明"],
            )
        made.full_clean()
        made.save()
    return RuleVersion.objects.with_rows().get(pk=rule.pk)


def told(answer) -> dict[str, str]:
    return {
        "结论": VERDICT[answer.eligible],
        "金额": "" if answer.amount is None else f"{answer.amount:.2f}",
        "未满足": "；".join(one.fact_label for one in answer.unmet),
        "未知": "；".join(one.fact_label for one in answer.unknown),
        "句子": "；".join(line.text for line in answer.lines),
    }


def test_every_golden_case_is_answered_as_written():
    cases = sheet("案例")
    assert len(cases) >= 160
    assert len({row["编号"] for row in cases}) == len(cases)
    with clock.at(moment(2026, 3, 16)):
        loaded_catalogue_with_calls()
        shipped = {line.item.code: line for line in CallItem.objects.select_related("item", "call")}
        rules = {}
        wrong = []
        for number, row in enumerate(cases):
            key = (row["规则"], row["事项"])
            if key not in rules:
                rows = [one for one in sheet("规则") if one["规则"] == row["规则"]]
                found = shipped[row["事项"]].rule_on()
                rules[key] = (
                    example(rows, row["事项"])
                    if row["规则"]
                    else RuleVersion.objects.with_rows().get(pk=found.pk)
                )
            rule = rules[key]
            answer = eligibility.explain(
                rule.call_item, entered(row, number), inputs_of(row), rule=rule, on=day(row["核对日"])
            )
            expected, actual = {name: row[name] for name in ANSWER}, told(answer)
            if expected["金额"]:
                expected["金额"] = f"{Decimal(expected['金额']):.2f}"
            wrong += [
                f"{row['编号']} {row['说明']} {name}：应为“{expected[name]}”，实为“{actual[name]}”"
                for name in ANSWER
                if expected[name] != actual[name]
            ]
    assert not wrong, "\n" + "\n".join(wrong)
