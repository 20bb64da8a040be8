"""What an enterprise can get now: the open call items, each with the rule's answer and what was begun."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from applications import access
from applications.models import Application
from applications.states import State
from foundation.accounts.models import User
from foundation.clock import clock
from foundation.display.money import in_units
from foundation.workdays import workdays
from measures import eligibility
from measures.eligibility import Answer, AwardLine, ConditionAnswer
from measures.facts import FACTS, Kind
from measures.models import AwardRow, CallItem, Condition, RuleVersion
from portal.acting import Unit

# A case in one of these doesn't stand in the way of another one of the same call.
_MAY_APPLY_AGAIN = {
    State.DRAFT,
    State.DISCARDED,
    State.NOT_ACCEPTED,
    State.LAPSED,
    State.DECLINED,
    State.WITHDRAWN,
}


@dataclass
class Offer:
    """One open call item, for one enterprise or for anybody.

    `answer` is None where the register may not be shown; `conditions` are then the rule's words alone.
    """

    line: CallItem
    rule: RuleVersion | None
    answer: Answer | None = None
    drafts: list[Application] = field(default_factory=list)
    case: Application | None = None

    @property
    def closes_at(self):
        return self.line.call.closes_at

    @property
    def days_left(self) -> int:
        """Working days to the day on which the call closes."""
        return workdays.remaining(clock.local(self.closes_at).date(), clock.today())

    @property
    def unmet(self) -> bool:
        return self.answer is not None and self.answer.eligible is False

    @property
    def begun(self) -> Application | None:
        """The draft that was begun last."""
        return self.drafts[0] if self.drafts else None

    @property
    def bound(self) -> tuple[str, str]:
        """The upper bound as a figure and the words behind it; ("", "") where no money is given."""
        return bound(self.line, self.rule)

    @property
    def pays_by_investment(self) -> bool:
        rows = self.rule.award_rows.all() if self.rule else ()
        return any(row.kind == AwardRow.Kind.RATE and row.base == "investment" for row in rows)

    @property
    def to_fill(self) -> int:
        """How many things the form and its documents require at first."""
        return len(self.line.form.form.missing({}, ()))

    @property
    def reasons(self) -> list[dict]:
        """For a card: what is known of the enterprise one by one, what the form will say in one line."""
        if self.answer is None:
            return reasons(self.rule.conditions.all() if self.rule else ())
        known = [one for one in self.answer.conditions if one.met is not None or not asked_by_form(one)]
        asked = len(self.answer.conditions) - len(known)
        told = [short_reason(one) for one in known]
        if asked:
            told.append({"met": None, "label": _("另有 %d 项看申请中填写的内容") % asked})
        return told

    @property
    def unmet_reasons(self) -> list[dict]:
        return [full_reason(one) for one in self.answer.unmet] if self.answer else []


def asked_by_form(condition: ConditionAnswer | Condition) -> bool:
    """Whether the case's own answers decide on this condition."""
    return FACTS[condition.fact].kind == Kind.CASE


# Comparisons whose threshold is said beside the label: the label is free text and may not repeat it.
_SAID = {"gte", "gt", "lte", "lt", "eq", "ne"}


def _threshold(one: ConditionAnswer) -> dict:
    return {"threshold": f"{one.operator_text} {one.threshold_text}"} if one.operator in _SAID else {}


def short_reason(one: ConditionAnswer) -> dict:
    """For a card: the label, and what stands in the way."""
    told = {"met": one.met, "label": one.label}
    if one.met is False:
        told |= {"actual": one.actual_text, **_threshold(one)}
    if one.met is None:
        told["todo"] = one.supply
    return told


def full_reason(one: ConditionAnswer) -> dict:
    """With the actual value, the clause, and what to do about an unknown."""
    told = {"met": one.met, "label": one.label, "clause": _clause(one), **_threshold(one)}
    if one.met is None:
        told["todo"] = one.supply
    elif not (one.met and isinstance(one.actual, bool)):
        # Of a met yes or no the label says it all.
        told["actual"] = one.actual_text
    return told


def reasons(conditions: Iterable[Condition]) -> list[dict]:
    """A rule's conditions without any answer."""
    return [{"met": None, "label": one.label, "clause": _clause(one)} for one in conditions]


def arithmetic(lines: Sequence[AwardLine], label: str, total: Decimal | None) -> list[dict]:
    """Award lines for components/amount.html; one line says its amount already, several get a sum."""
    if len(lines) < 2:
        return [{"text": line.text} for line in lines]
    rows = [{"text": line.text, "amount": line.amount} for line in lines]
    return [*rows, {"text": label, "amount": total, "total": True}]


def _clause(one) -> str:
    return _("%s（推定）") % one.clause if one.assumed and one.clause else one.clause


def bound(line: CallItem, rule: RuleVersion | None) -> tuple[str, str]:
    """≤ 10% and 新增投资，上限 500 万元: from the rule's award, within the item's ceiling."""
    if line.fund_id is None or rule is None:
        return "", ""
    rows = list(rule.award_rows.all())
    ceiling = line.item.ceiling_amount
    caps = [row.amount for row in rows if row.kind == AwardRow.Kind.CAP] + [ceiling] * (ceiling is not None)
    adding = [row for row in rows if row.kind != AwardRow.Kind.CAP]
    if len(adding) == 1 and adding[0].kind == AwardRow.Kind.RATE:
        share = f"≤ {(adding[0].rate * 100).normalize():f}%"
        base = str(FACTS[adding[0].base].label)
        if not caps:
            return share, base
        return share, _("%(base)s，上限 %(most)s") % {"base": base, "most": " ".join(in_units(min(caps)))}
    fixed = [row.amount for row in adding if row.kind == AwardRow.Kind.FIXED]
    most = min([*caps, sum(fixed)]) if len(fixed) == len(adding) else min(caps, default=None)
    if not most:
        return "", ""
    amount, unit = in_units(most)
    return f"≤ {amount}", _("%s，以核定为准") % unit


def open_lines() -> QuerySet[CallItem]:
    """The items that can be applied for now: those that close first, then those that pay, first."""
    return (
        CallItem.objects.open()
        .select_related(
            "call__office", "item__measure", "item__lead_unit", "decided_by", "fund__paid_by", "form"
        )
        .order_by("call__closes_at", F("fund").asc(nulls_last=True), "item__code")
    )


def rules_of(lines: Iterable[CallItem]) -> dict[int, RuleVersion]:
    """The rule in force of each of these, with its rows; a handful of queries for any number."""
    found = (
        RuleVersion.objects.with_rows()
        .approved()
        .filter(call_item__in=[line.pk for line in lines])
        .order_by("call_item_id", "-approved_at", "-number")
        .distinct("call_item_id")
    )
    return {rule.call_item_id: rule for rule in found}


def offers(user: User, unit: Unit | None, lines: Iterable[CallItem] | None = None) -> list[Offer]:
    """The open items for this unit (None: for anybody), with the rule's answer where it may be shown."""
    lines = list(open_lines() if lines is None else lines)
    rules = rules_of(lines)
    found = [Offer(line, rules.get(line.pk)) for line in lines]
    if unit is None:
        return found
    begun: dict[int, list[Application]] = {}
    own = access.own(user).filter(enterprise=unit.enterprise, call_item__in=lines)
    for case in own.exclude(state__in=[State.DISCARDED]).order_by("-pk"):
        begun.setdefault(case.call_item_id, []).append(case)
    for offer in found:
        cases = begun.get(offer.line.pk, [])
        offer.drafts = [case for case in cases if case.state == State.DRAFT]
        offer.case = next((case for case in cases if case.state not in _MAY_APPLY_AGAIN), None)
        if unit.verified and offer.rule:
            offer.answer = eligibility.explain(offer.line, unit.enterprise, rule=offer.rule)
    return found
