"""What the rule says about a case now, and what changed since it was last checked and frozen."""

from dataclasses import dataclass
from decimal import Decimal

from applications import checks
from applications.models import Application, RuleCheck, Submission
from applications.states import ENDED, State
from desk.shown import Chip, rule_chip
from measures import eligibility
from measures.eligibility import Answer
from measures.models import RuleVersion

# From the approval on, what was decided stands: the frozen answer is shown, not a new one.
_DECIDED = ENDED | {State.APPROVED, State.PAID}


@dataclass(frozen=True)
class Explanation:
    """answer: now (or as frozen, once decided); before: the last frozen check; changes: label, then, now."""

    answer: Answer
    before: RuleCheck | None
    changes: list[tuple[str, str, str]]
    rule: RuleVersion | None
    is_frozen: bool

    @property
    def chip(self) -> Chip:
        return rule_chip(self.answer.eligible, len(self.answer.unknown))

    @property
    def conditions(self) -> list[dict]:
        """For the list of reasons: what is unknown says how to find out."""
        return [
            {
                "met": one.met,
                "label": one.label,
                "actual": one.actual_text if one.met is not None else "",
                "threshold": one.threshold_text if one.met is False else "",
                "clause": one.clause,
                "source": one.source,
                "assumed": one.assumed,
                "todo": one.supply if one.met is None else "",
            }
            for one in self.answer.conditions
        ]


def inputs(case: Application, submission: Submission | None, appraised: Decimal | None = None) -> dict:
    """The case's own values as they were submitted (of an offer: none), with the appraised investment (yuan) where
    there is one."""
    values = submission.form.form.inputs(submission.answers) if submission else {}
    appraised = case.appraised_investment if appraised is None else appraised
    if appraised is not None:
        values["appraised_investment"] = appraised
    return values


def explain(case: Application, submission: Submission | None, appraised: Decimal | None = None) -> Answer:
    """The rule's answer now; nothing is kept."""
    return eligibility.explain(case.call_item, case.enterprise, inputs(case, submission, appraised))


def read(case: Application, submission: Submission, appraised: Decimal | None = None) -> Explanation:
    last = case.checks.order_by("-pk").first()
    frozen = Answer.thaw(last.answer) if last else None
    if case.state in _DECIDED and frozen is not None:
        answer, found = frozen, []
    else:
        answer = explain(case, submission, appraised)
        found = checks.changes(frozen, answer) if frozen else []
    rule = RuleVersion.objects.filter(pk=answer.rule_id).first() if answer.rule_id else None
    return Explanation(answer, last, found, rule, answer is frozen)
