"""What an enterprise can get: the items of published calls, each with the rule's answer and what was begun."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from applications import access
from applications.models import Application
from applications.states import MAY_APPLY_AGAIN, State
from foundation.accounts.models import User
from foundation.display.dates import day
from foundation.display.money import in_units
from measures import calls, eligibility
from measures.eligibility import Answer, AwardLine, ConditionAnswer
from measures.facts import FACTS, Kind
from measures.models import AwardRow, Call, CallItem, Condition, Item, RuleVersion
from portal import supplying
from portal.acting import Unit


@dataclass
class Offer:
    """One item of a published call, for one enterprise or for anybody.

    `answer` is None where the register may not be shown; `conditions` are then the rule's words alone.
    """

    line: CallItem
    rule: RuleVersion | None
    answer: Answer | None = None
    # Topics about which a paper waits to be entered (portal.supplying.handed_in).
    handed_in: Mapping[str, date] = field(default_factory=dict)
    drafts: list[Application] = field(default_factory=list)
    submitted: list[Application] = field(default_factory=list)
    # The last of them, where no other may be submitted.
    case: Application | None = None

    @cached_property
    def phase(self) -> str:
        return self.line.call.phase()

    @property
    def is_open(self) -> bool:
        return self.phase == Call.Phase.OPEN

    @property
    def is_coming(self) -> bool:
        return self.phase == Call.Phase.COMING

    @property
    def is_suspended(self) -> bool:
        return self.phase == Call.Phase.SUSPENDED

    @property
    def is_cancelled(self) -> bool:
        return self.phase == Call.Phase.CANCELLED

    @property
    def is_closed(self) -> bool:
        return self.phase == Call.Phase.CLOSED

    @property
    def is_proactive(self) -> bool:
        """免申即享: nobody applies for it."""
        return self.line.is_proactive

    @property
    def get_phase_display(self) -> str:
        return Call.Phase(self.phase).label

    @property
    def phase_tone(self) -> str:
        return calls.tone(self.line.call)

    @property
    def countdown(self) -> str:
        """Where its call stands and how long still."""
        return calls.countdown(self.line.call)

    @property
    def closes_at(self):
        return self.line.call.closes_at

    @property
    def days_left(self) -> int:
        """Working days to the day on which the call closes."""
        return calls.days_until(self.closes_at)

    @property
    def unmet(self) -> bool:
        return self.answer is not None and self.answer.eligible is False

    @property
    def ready(self) -> bool:
        """Nothing that is known of the enterprise stands in the way, and nothing of it is missing."""
        return self.answer is not None and self.answer.ready is True

    @property
    def missing(self) -> bool:
        """Whether it is ready can't be told: something of the enterprise isn't known."""
        return self.answer is not None and self.answer.ready is None

    @property
    def begun(self) -> Application | None:
        """The draft that was begun last."""
        return self.drafts[0] if self.drafts else None

    @property
    def bound(self) -> tuple[str, str]:
        """The upper bound as a figure and the words behind it; ("", "") where no money is given."""
        return bound(self.line, self.rule)

    @property
    def without_amount(self) -> str:
        """What it gives where no amount is told."""
        item = self.line.item
        if item.kind == Item.Kind.MONEY:
            return _("%s，金额按相关办法另行确定") % item.get_kind_display()
        return _("%s，不发放资金") % item.get_kind_display()

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
        """What stands in the way, and how far it is from what is asked."""
        return [self.full(one) for one in self.answer.unmet] if self.answer else []

    @property
    def missing_reasons(self) -> list[dict]:
        """What isn't known of the enterprise, and where it is supplied."""
        return [self.full(one) for one in self.answer.missing] if self.answer else []

    @property
    def places(self) -> list[supplying.Place]:
        """Where what is missing is supplied, each page once; not what was handed in already."""
        year = self.line.call.year
        found = [supplying.place(one.fact, year) for one in self.answer.missing] if self.answer else []
        return list(dict.fromkeys(one for one in found if one and one.topic not in self.handed_in))

    def full(self, one: ConditionAnswer) -> dict:
        return full_reason(one, self.line.call.year, self.handed_in)


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


def full_reason(
    one: ConditionAnswer, call_year: int | None = None, handed_in: Mapping[str, date] | None = None
) -> dict:
    """With the actual value, the clause, how far it is from the threshold, and where to supply or check it: of an
    answer that is past (no call_year) nothing can be supplied any more."""
    told = {"met": one.met, "label": one.label, "clause": _clause(one), **_threshold(one)}
    if one.met is None:
        told |= _supply(one, call_year, handed_in or {})
    elif not (one.met and isinstance(one.actual, bool)):
        # Of a met yes or no the label says it all.
        told["actual"] = one.actual_text
    if one.met is False:
        told["todo"] = one.gap or one.advice
        if call_year is not None:
            told["check"] = supplying.seen_at(one.fact)
    return told


def _supply(one: ConditionAnswer, call_year: int | None, handed_in: Mapping[str, date]) -> dict:
    """What to do about an unknown: supply it, or wait for the district that has it."""
    place = None if call_year is None else supplying.place(one.fact, call_year)
    if place is None:
        return {"todo": one.supply}
    if due_on := handed_in.get(place.topic):
        return {"todo": _("证明已提交，应于 %s前登记") % day(due_on)}
    return {"todo": one.supply, "url": place.url}


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


SHOWN = ("call__office", "item__measure", "item__lead_unit", "decided_by", "fund__paid_by", "form")


def open_lines() -> QuerySet[CallItem]:
    """The items that can be applied for now: those that close first, then those that pay, first."""
    return (
        CallItem.objects.open()
        .select_related(*SHOWN)
        .order_by("call__closes_at", F("fund").asc(nulls_last=True), "item__code")
    )


def other_lines() -> QuerySet[CallItem]:
    """For each item that isn't open the call that opens next, else the one that closed last."""
    return CallItem.objects.not_open().select_related(*SHOWN)


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
    """These items (all that are open) for this unit (None: for anybody), with the rule's answer where it may be
    shown: a query for each rule, whatever the size of the register."""
    lines = list(open_lines() if lines is None else lines)
    rules = rules_of(lines)
    found = [Offer(line, rules.get(line.pk)) for line in lines]
    if unit is None:
        return found
    begun: dict[int, list[Application]] = {}
    own = access.own(user).filter(enterprise=unit.enterprise, call_item__in=lines)
    for case in own.exclude(state__in=[State.DISCARDED]).order_by("-pk"):
        begun.setdefault(case.call_item_id, []).append(case)
    handed_in = supplying.handed_in(unit.enterprise) if unit.verified else {}
    for offer in found:
        offer.handed_in = handed_in
        cases = begun.get(offer.line.pk, [])
        offer.drafts = [case for case in cases if case.state == State.DRAFT]
        offer.submitted = [case for case in cases if case.state not in MAY_APPLY_AGAIN]
        # Until the limit is reached another one may be begun.
        if len(offer.submitted) >= offer.line.per_unit:
            offer.case = offer.submitted[0]
        if unit.verified and offer.rule:
            offer.answer = eligibility.explain(offer.line, unit.enterprise, rule=offer.rule)
    return found
