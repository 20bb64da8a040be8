"""Checking the rule for cases at a step, and freezing what was seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from applications.models import Application, RuleCheck
from measures import eligibility
from measures.eligibility import Answer
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
    """What differs between two answers: (condition's label, then, now) in words."""
    words = {True: "符合", False: "不符合", None: "待核"}
    old = {condition.label: condition for condition in before.conditions}
    found = []
    for condition in now.conditions:
        was = old.get(condition.label)
        if was is None:
            found.append((condition.label, "无此条件", words[condition.met]))
        elif (was.met, was.actual_text) != (condition.met, condition.actual_text):
            found.append(
                (
                    condition.label,
                    f"{words[was.met]}（{was.actual_text}）",
                    f"{words[condition.met]}（{condition.actual_text}）",
                )
            )
    return found
