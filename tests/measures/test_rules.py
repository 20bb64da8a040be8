"""Rule versions: started, written, approved by a second person; what was approved stands."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from measures import fact_types, rule_workflow
from measures.facts import fact
from measures.models import AwardRow, Condition, Item, RuleVersion
from measures.workflow import Refused
from tests.measures.factories import loaded_catalogue, person_without_post, policy_administrator
from tests.measures.rule_factories import (
    AT_MOST_FIVE_MILLION,
    TEN_PERCENT_OF_INVESTMENT,
    call_item,
    draft_rule,
    moment,
    rule_in_force,
)

pytestmark = pytest.mark.django_db
NOW = moment(2026, 3, 16)
YES = [("legal_person", "is_true", None)]
AWARD = [TEN_PERCENT_OF_INVESTMENT, AT_MOST_FIVE_MILLION]


@pytest.fixture(autouse=True)
def catalogue():
    with clock.at(NOW):
        loaded_catalogue()
        yield


@pytest.fixture
def one(catalogue):
    return call_item()


@pytest.fixture
def writer(catalogue):
    return policy_administrator("writer")


@pytest.fixture
def second(catalogue):
    return policy_administrator("second")


def refused_by_the_database(change):
    with pytest.raises(IntegrityError), transaction.atomic():
        change()


# --- verbs ----------------------------------------------------------------------------------------------


def test_a_new_version_begins_with_the_rows_of_the_one_in_force(one, writer):
    first = rule_in_force(one, [*YES, ("investment", "gte", "10000000.00")], AWARD)
    draft = rule_workflow.start_rule(one, writer, " 提高门槛 ")
    assert (draft.number, draft.written_by, draft.note, draft.is_draft) == (2, writer, "提高门槛", True)
    for rows in ("conditions", "award_rows"):
        fields = [field.attname for field in getattr(draft, rows).model._meta.fields[2:]]
        assert list(getattr(draft, rows).values(*fields)) == list(getattr(first, rows).values(*fields))
    assert one.rule_on().pk == first.pk
    event = events.timeline(draft).get()
    assert (event.verb, event.facts["copied_from"]) == ("start_rule", 1)


def test_the_first_version_begins_empty(one, writer):
    draft = rule_workflow.start_rule(one, writer)
    assert (draft.number, draft.conditions.count()) == (1, 0)


def test_there_is_one_draft_at_a_time(one, writer, second):
    rule_workflow.start_rule(one, writer)
    with pytest.raises(Refused, match="第 1 版还在编写中"):
        rule_workflow.start_rule(one, second)


def test_a_second_person_approves_and_the_version_is_in_force_from_then_on(one, writer, second):
    first = rule_in_force(one)
    with clock.at(NOW + timedelta(days=1)):
        draft = rule_workflow.start_rule(one, writer)
        with pytest.raises(Refused, match="不能核准自己编写的版本"):
            rule_workflow.approve_rule(draft, writer)
        with pytest.raises(Refused, match="请先点“试算”"):
            rule_workflow.approve_rule(draft, second)
        trial = rule_workflow.try_rule(draft, writer)
        assert (trial.number, trial.compared_with) == (2, 1)
        draft.conditions.update(clause="第（九）条")
        with pytest.raises(Refused, match="改动之后要重新试算"):
            rule_workflow.approve_rule(draft, second)
        rule_workflow.try_rule(draft, second)
        approved = rule_workflow.approve_rule(draft, second)
        assert (approved.approved_by, approved.approved_at) == (second, clock.now())
        assert one.rule_on().pk == draft.pk
        assert one.rule_on(NOW).pk == first.pk
        with pytest.raises(Refused, match="已经核准过"):
            rule_workflow.approve_rule(draft, second)
    event = events.timeline(draft).last()
    assert (event.verb, event.actor, event.facts["replaces"]) == ("approve_rule", second, 1)


def test_the_system_approves_only_what_it_has_written(one, writer):
    draft = draft_rule(one, YES, written_by=writer)
    with pytest.raises(Refused):
        rule_workflow.approve_rule(draft, SYSTEM)


def test_only_those_with_the_permission_write_and_approve(one):
    nobody = person_without_post()
    draft = draft_rule(one, YES)
    for verb in (rule_workflow.start_rule, rule_workflow.approve_rule, rule_workflow.discard_rule):
        with pytest.raises(NotAllowed):
            verb(one if verb is rule_workflow.start_rule else draft, nobody)
    draft.refresh_from_db()
    assert draft.is_draft


def test_a_draft_can_be_given_up_and_an_approved_version_cannot(one, writer, second):
    rule_in_force(one)
    draft = rule_workflow.start_rule(one, writer)
    number, kept = draft.pk, draft
    rule_workflow.discard_rule(draft, second)
    assert not RuleVersion.objects.filter(pk=number).exists()
    kept.pk = number
    assert [event.verb for event in events.timeline(kept)] == ["start_rule", "discard_rule"]
    with pytest.raises(Refused, match="不能放弃"):
        rule_workflow.discard_rule(one.rule_on(), second)


@pytest.mark.parametrize(
    "conditions, award, problem",
    [
        ([], [], "至少要有一个条件"),
        ([("staff", "gte", 3)], [], "条件 1：没有名为 staff 的事实"),
        ([*YES, ("investment", "in", ["1"])], [], "条件 2：“新增投资”可用的比较方式"),
        ([("clean_credit_years", "gte", "三")], [], "条件 1：请填写整数"),
        (YES, [AT_MOST_FIVE_MILLION], "金额算法只有上限"),
        (YES, [AT_MOST_FIVE_MILLION, TEN_PERCENT_OF_INVESTMENT], "上限要排在金额算法的最后"),
        (
            YES,
            [TEN_PERCENT_OF_INVESTMENT | {"base": "clean_credit_years"}],
            "金额算法 1：请选择一个以元计的事实",
        ),
        (
            YES,
            [TEN_PERCENT_OF_INVESTMENT, TEN_PERCENT_OF_INVESTMENT],
            "各比例之和不得超过政策规定的比例上限 10%",
        ),
    ],
)
def test_a_version_with_a_mistake_is_not_approved(one, conditions, award, problem):
    draft = draft_rule(one, conditions, award)
    with pytest.raises(Refused) as refused:
        rule_workflow.approve_rule(draft, SYSTEM)
    assert any(problem in message for message in refused.value.messages)


# --- rows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fact, operator, entered, kept",
    [
        ("investment", "gte", "10,000,000", "10000000.00"),
        ("investment", "gt", 0, "0.00"),
        ("clean_credit_years", "gte", "3", 3),
        ("statistical_division", "in", "73，74、 75", ["73", "74", "75"]),
        ("project_start", "gte", "2026-01-01", "2026-01-01"),
        ("legal_person", "is_true", "", None),
    ],
)
def test_a_value_is_kept_in_the_form_of_its_type(one, fact, operator, entered, kept):
    row = Condition(
        rule=draft_rule(one), position=1, fact=fact, operator=operator, value=entered, label="条件"
    )
    row.full_clean()
    assert row.value == kept
    row.full_clean()
    assert row.value == kept


@pytest.mark.parametrize(
    "fact, operator, value, field, message",
    [
        ("revenue", "gte", "1", "fact", "没有名为 revenue 的事实"),
        ("legal_person", "gte", 1, "operator", "“独立法人”可用的比较方式：为是、为否"),
        ("legal_person", "is_true", "1", "value", "不需要阈值"),
        ("statistical_division", "in", ["73", "00"], "value", "没有代码 00"),
        ("statistical_division", "in", [], "value", "请至少填写一项"),
        ("investment", "gte", 0.1, "value", "请填写金额"),
        ("investment", "gte", "1.001", "value", "最多两位小数"),
        ("investment", "gte", None, "value", "请填写阈值"),
        ("clean_credit_years", "gte", "99999999999", "value", "请填写整数"),
        ("clean_credit_years", "gte", 2**31, "value", "超出范围"),
        ("project_start", "gte", "2026/13/1", "value", "请填写日期"),
    ],
)
def test_a_condition_that_does_not_fit_is_refused_beside_its_field(
    one, fact, operator, value, field, message
):
    row = Condition(rule=draft_rule(one), position=1, fact=fact, operator=operator, value=value, label="条件")
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert message in refused.value.message_dict[field][0]


@pytest.mark.parametrize(
    "row, field, message",
    [
        (TEN_PERCENT_OF_INVESTMENT | {"rate": Decimal("0.1001")}, "rate", "不得超过政策规定的比例上限 10%"),
        (
            {"kind": "cap", "amount": Decimal("5000000.01")},
            "amount",
            "不得超过政策规定的金额上限 5,000,000.00 元",
        ),
        ({"kind": "fixed", "amount": Decimal("5000000.01")}, "amount", "不得超过政策规定的金额上限"),
        (TEN_PERCENT_OF_INVESTMENT | {"rate": None}, "rate", "请填写大于 0、不超过 1 的比例"),
        (TEN_PERCENT_OF_INVESTMENT | {"base": ""}, "base", "请选择一个以元计的事实"),
        (TEN_PERCENT_OF_INVESTMENT | {"rate": Decimal("0.1"), "amount": Decimal(1)}, "amount", "不填金额"),
        ({"kind": "fixed", "amount": None}, "amount", "请填写大于 0 的金额"),
        ({"kind": "fixed", "amount": Decimal(1), "base": "investment"}, "base", "不填基数"),
    ],
)
def test_an_award_row_that_does_not_fit_is_refused_beside_its_field(one, row, field, message):
    award = AwardRow(rule=draft_rule(one), position=1, **{"rate": None, "amount": None} | row)
    with pytest.raises(ValidationError) as refused:
        award.full_clean()
    assert message in refused.value.message_dict[field][0]


# --- what the database refuses ---------------------------------------------------------------------------


def test_the_operators_of_the_database_are_those_of_the_rows(one):
    assert set(fact_types.OPERATORS) == set(Condition.Operator.values)
    refused_by_the_database(lambda: draft_rule(one, [("investment", "about", "1")]))


def test_nothing_of_an_approved_version_changes(one):
    rule = rule_in_force(one, YES, AWARD)
    condition, award = rule.conditions.get(), rule.award_rows.first()
    queryset = RuleVersion.objects.filter(pk=rule.pk)
    refused_by_the_database(lambda: queryset.update(note="改"))
    refused_by_the_database(lambda: queryset.update(approved_at=None, approved_by=None))
    refused_by_the_database(queryset.delete)
    for row in (condition, award):
        rows = type(row).objects.filter(pk=row.pk)
        refused_by_the_database(lambda rows=rows: rows.update(clause="改"))
        refused_by_the_database(rows.delete)
    refused_by_the_database(
        lambda: Condition.objects.create(rule=rule, position=9, fact="legal_person", operator="is_true")
    )
    refused_by_the_database(lambda: AwardRow.objects.create(rule=rule, position=9, kind="cap", amount=1))


def test_rows_do_not_move_into_or_out_of_an_approved_version(one):
    approved = rule_in_force(one, YES)
    draft = draft_rule(one, [("district_code", "eq", "310104")])
    draft.conditions.update(position=7)
    refused_by_the_database(lambda: draft.conditions.update(rule=approved))
    refused_by_the_database(lambda: approved.conditions.update(rule=draft))


def test_a_version_is_not_born_approved_nor_approved_empty(one):
    refused_by_the_database(
        lambda: RuleVersion.objects.create(call_item=one, number=1, approved_at=clock.now())
    )
    draft = draft_rule(one)
    refused_by_the_database(lambda: RuleVersion.objects.filter(pk=draft.pk).update(approved_at=clock.now()))


def test_the_writer_is_not_the_approver_in_the_database_either(one, writer):
    draft = draft_rule(one, YES, written_by=writer)
    refused_by_the_database(
        lambda: RuleVersion.objects.filter(pk=draft.pk).update(approved_by=writer, approved_at=clock.now())
    )


@pytest.mark.parametrize(
    "code, row",
    [
        ("08-01", TEN_PERCENT_OF_INVESTMENT | {"rate": "0.1001"}),
        ("08-01", {"kind": "cap", "amount": "5000000.01"}),
        ("09-03", {"kind": "fixed", "amount": "200000.01"}),
        ("09-04", {"kind": "fixed", "amount": "100000.01"}),
    ],
)
def test_an_award_row_above_the_ceiling_of_the_policy_does_not_enter(code, row):
    draft = draft_rule(call_item(code), YES)
    refused_by_the_database(lambda: AwardRow.objects.create(rule=draft, position=1, **row))


def test_rates_that_together_exceed_the_ceiling_are_not_approved(one):
    draft = draft_rule(one, YES, [TEN_PERCENT_OF_INVESTMENT, TEN_PERCENT_OF_INVESTMENT | {"rate": "0.0001"}])
    refused_by_the_database(lambda: RuleVersion.objects.filter(pk=draft.pk).update(approved_at=clock.now()))


def test_a_ceiling_lowered_after_the_rows_were_written_holds_at_the_approval(one):
    draft = draft_rule(one, YES, AWARD)
    Item.objects.filter(code="08-01").update(ceiling_amount="4000000.00")
    refused_by_the_database(lambda: RuleVersion.objects.filter(pk=draft.pk).update(approved_at=clock.now()))
    with pytest.raises(Refused, match="不得超过政策规定的金额上限"):
        rule_workflow.approve_rule(draft, SYSTEM)


def test_the_role_of_the_web_writes_and_approves_rules(one, writer, second, runtime_role):
    call_command("grant_runtime", verbosity=0)
    first = rule_in_force(one, YES, AWARD)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {runtime_role}")
        draft = rule_workflow.start_rule(one, writer)
        draft.conditions.update(clause="第（八）条")
        rule_workflow.try_rule(draft, second)
        rule_workflow.approve_rule(draft, second)
        refused_by_the_database(lambda: first.conditions.update(clause="改"))
    assert one.rule_on().pk == draft.pk


def test_a_code_of_ours_is_told_by_its_name_and_an_official_one_with_it():
    assert fact("size_class").text("medium") == "中型"
    assert fact("size_class").threshold_text("in", ["small", "micro"]) == "小型、微型"
    assert fact("statistical_division").text("74") == "74 专业技术服务业"
