"""What an officer is told when the rule's answer changed since it was last checked: what, and why."""

from datetime import date
from decimal import Decimal

import pytest

from applications import checks
from enterprises.models import CreditCheck
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from measures import rule_workflow
from measures.eligibility import Answer
from measures.models import AwardRow, Condition
from tests.applications import factories as cases

pytestmark = pytest.mark.django_db


def answers(case) -> tuple[Answer, Answer]:
    """As it was frozen last, and as it is now."""
    frozen = Answer.thaw(case.checks.order_by("-pk").first().answer)
    return frozen, checks.check([case], "look", clock.now())[case.pk].answer


def new_version(case, change) -> None:
    draft = rule_workflow.start_rule(case.call_item, SYSTEM, "调整")
    change(draft)
    rule_workflow.approve_rule(draft, SYSTEM)


def test_nothing_is_told_while_nothing_changed():
    assert checks.changes(*answers(cases.submitted())) == []


def test_new_data_are_told_with_what_was_found_then_and_now():
    case = cases.submitted()
    CreditCheck.objects.create(
        enterprise=case.enterprise,
        as_of=clock.today(),
        clean_since=date(2015, 1, 1),
        listed=True,
        source="平台",
    )
    assert checks.changes(*answers(case)) == [
        ("近三年没有严重失信和重大行政处罚", "符合（5 年）", "不符合（0 年）"),
        ("测算上限", "3,200,000.00 元", "未知"),
    ]


def test_a_stricter_threshold_is_told_with_both_demands_and_the_version():
    case = cases.submitted()
    new_version(
        case, lambda draft: Condition.objects.filter(rule=draft, fact="clean_credit_years").update(value=9)
    )
    found = checks.changes(*answers(case))
    assert found[0] == ("规则", "第 1 版", "第 2 版")
    label, then, now = found[1]
    assert label == "近三年没有严重失信和重大行政处罚"
    assert then == "符合（5 年，要求 不低于 3 年）" and now == "不符合（5 年，要求 不低于 9 年）"


def test_a_demand_that_came_and_one_that_went_are_told():
    case = cases.submitted()

    def change(draft):
        Condition.objects.filter(rule=draft, fact="clean_credit_years").delete()
        Condition.objects.create(
            rule=draft, position=90, fact="age_years", operator="gte", value=1, label="成立满一年"
        )

    new_version(case, change)
    found = checks.changes(*answers(case))
    assert ("成立满一年", "无此条件", "符合") in found
    assert ("近三年没有严重失信和重大行政处罚", "符合", "不再要求") in found


def test_another_amount_is_told():
    case = cases.submitted()
    new_version(
        case, lambda draft: AwardRow.objects.filter(rule=draft, kind="rate").update(rate=Decimal("0.05"))
    )
    assert checks.changes(*answers(case)) == [
        ("规则", "第 1 版", "第 2 版"),
        ("测算上限", "3,200,000.00 元", "1,600,000.00 元"),
    ]
