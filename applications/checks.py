"""Checking the rule for cases at a step, and freezing what was seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from applications.models import Application, RuleCheck
from measures import eligibility
from measures.eligibility import Answer, ConditionAnswer
from measures.fact_types import yuan
from measures.forms import Form


@dataclass(frozen=True)
class Checked:
    """The answer for one case now, and what changed since its last frozen check."""

    answer: Answer
    row: RuleCheck
    inputs: dict


def inputs_of(case: Application, appraised: Decimal | None = None) -> dict:
    """The case's own values for the rule: what was answered, and the appraised investment (yuan)."""
    values = Form(case.form.definition).inputs(case.answers)
    appraised = appraised if appraised is not None else case.appraised_investment
    if appraised is not None:
        values["appraised_investment"] = appraised
    return values


def check(
    cases: list[Application], verb: str, at, appraised: Mapping[int, Decimal] | None = None
) -> dict[int, Checked]:
    """The rule's answer for each case, with an unsaved RuleCheck; one query per call item."""
    by_line: dict[int, list[Application]] = {}
    for case in cases:
        by_line.setdefault(case.call_item_id, []).append(case)
    found = {}
    for group in by_line.values():
        inputs = {case.pk: inputs_of(case, (appraised or {}).get(case.pk)) for case in group}
        answers = eligibility.explain_many(
            group[0].call_item,
            [eligibility.Ask(case.pk, case.enterprise_id, inputs[case.pk]) for case in group],
            at=at,
        )
        for case in group:
            answer = answers[case.pk]
            found[case.pk] = Checked(
                answer,
                RuleCheck(
                    application=case,
                    verb=verb,
                    at=at,
                    rule_id=answer.rule_id,
                    eligible=answer.eligible,
                    amount=answer.amount,
                    answer=answer.frozen(),
                    inputs={name: str(value) for name, value in inputs[case.pk].items()},
                ),
                inputs[case.pk],
            )
    return found


def changes(before: Answer, now: Answer) -> list[tuple[str, str, str]]:
    """What differs between two answers and why, in words: (what, then, now).

    A condition differs by its verdict, by what was found, or by what is asked; a rule by its version; the amount too.
    """
    found = []
    if before.rule_number != now.rule_number:
        found.append((_("规则"), _version(before), _version(now)))
    old = {(one.label, one.fact): one for one in before.conditions}
    for condition in now.conditions:
        was = old.pop((condition.label, condition.fact), None)
        if was is None:
            found.append((condition.label, _("无此条件"), _verdict(condition)))
        elif _asked(was) != _asked(condition):
            found.append((condition.label, _in_full(was), _in_full(condition)))
        elif (was.met, was.actual_text) != (condition.met, condition.actual_text):
            found.append((condition.label, _with_actual(was), _with_actual(condition)))
    found += [(was.label, _verdict(was), _("不再要求")) for was in old.values()]
    if before.amount != now.amount:
        found.append((_("测算上限"), _amount(before), _amount(now)))
    return found


def _version(answer: Answer) -> str:
    return _("没有规则") if answer.rule_number is None else _("第 %d 版") % answer.rule_number


def _verdict(one: ConditionAnswer) -> str:
    return {True: _("符合"), False: _("不符合"), None: _("待核")}[one.met]


def _asked(one: ConditionAnswer) -> tuple:
    return one.operator, one.threshold


def _with_actual(one: ConditionAnswer) -> str:
    return f"{_verdict(one)}（{one.actual_text}）"


def _in_full(one: ConditionAnswer) -> str:
    return _("%(verdict)s（%(actual)s，要求 %(operator)s %(threshold)s）") % {
        "verdict": _verdict(one),
        "actual": one.actual_text,
        "operator": one.operator_text,
        "threshold": one.threshold_text,
    }


def _amount(answer: Answer) -> str:
    return _("未知") if answer.amount is None else yuan(answer.amount)
