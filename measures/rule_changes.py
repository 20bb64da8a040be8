"""Rules in words, and what one version changes against another: what an approver reads."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from measures import facts
from measures.fact_types import percent, yuan
from measures.models import AwardRow, Condition, RuleVersion


@dataclass(frozen=True)
class Change:
    """One row of a rule that differs: how it reads in the earlier and in the later version ("" = not there)."""

    kind: str
    label: str
    then: str
    now: str


def condition_text(row: Condition) -> str:
    """What a condition demands, e.g. "新增投资 不低于 10,000,000.00 元（依据：第（八）条）"."""
    try:
        fact = facts.fact(row.fact)
        threshold = fact.threshold_text(row.operator, fact.threshold(row.operator, row.value))
    except ValidationError as wrong:
        return f"{row.fact} {row.operator} {row.value}（{wrong.messages[0]}）"
    if row.operator in ("is_true", "is_false"):
        demand = f"{fact.label}：{threshold}"
    else:
        operator = fact.type.words.get(row.operator, row.get_operator_display())
        demand = f"{fact.label} {operator} {threshold}"
    if row.any_of is not None:
        demand = _("择一组 %(group)d：%(demand)s") % {"group": row.any_of, "demand": demand}
    return demand + _notes(row.clause, row.assumed)


def award_text(row: AwardRow) -> str:
    """What an award row gives, e.g. "新增投资 × 10%"."""
    if row.kind == AwardRow.Kind.RATE:
        fact = facts.FACTS.get(row.base)
        text = f"{fact.label if fact else row.base} × {percent(row.rate)}"
    elif row.kind == AwardRow.Kind.TIER:
        text = _tier_text(row)
    else:
        text = f"{row.get_kind_display()} {yuan(row.amount)}"
    return text + _notes(row.clause)


def _tier_text(row: AwardRow) -> str:
    try:
        fact = facts.fact(row.base)
        start = fact.text(fact.threshold("gte", row.at_least))
    except ValidationError as wrong:
        return f"{row.base} {row.at_least}（{wrong.messages[0]}）"
    return _("%(fact)s 不低于 %(start)s：%(amount)s") % {
        "fact": fact.label,
        "start": start,
        "amount": yuan(row.amount),
    }


def changes(before: RuleVersion | None, after: RuleVersion) -> list[Change]:
    """The rows that differ, conditions first, each in the order of the later version; removed rows last.

    Rows belong together when they ask for the same in the same way; only their place may differ then.
    """
    found = []
    for kind, rows, key, text in (
        (_("条件"), "conditions", lambda row: (row.fact, row.operator), condition_text),
        (_("金额算法"), "award_rows", lambda row: (row.kind, row.base), award_text),
    ):
        earlier = _grouped(getattr(before, rows).all() if before else (), key)
        for row in getattr(after, rows).all():
            same = earlier[key(row)]
            old = same.pop(0) if same else None
            then = f"{text(old)}｜{old.label}" if old else ""
            now = f"{text(row)}｜{row.label}"
            if then != now:
                found.append(Change(kind, row.label, text(old) if old else "", text(row)))
        found += [Change(kind, row.label, text(row), "") for rest in earlier.values() for row in rest]
    return found


def replaced_by(rule: RuleVersion) -> RuleVersion | None:
    """The version that this one replaced, or, while it is a draft, would replace."""
    approved = RuleVersion.objects.filter(call_item=rule.call_item_id, approved_at__isnull=False)
    if not rule.is_draft:
        approved = approved.filter(number__lt=rule.number)
    return approved.order_by("-approved_at", "-number").first()


def _grouped(rows: Iterable, key) -> defaultdict[Hashable, list]:
    grouped = defaultdict(list)
    for row in rows:
        grouped[key(row)].append(row)
    return grouped


def _notes(clause: str, assumed: bool = False) -> str:
    notes = [_("依据：%s") % clause] if clause else []
    if assumed:
        notes.append(_("推定"))
    return f"（{'；'.join(notes)}）" if notes else ""
