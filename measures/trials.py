"""Trying a rule out before it is approved: some enterprises in full, and the whole register in figures."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from foundation.clock import clock
from measures import eligibility, rule_changes, screening, simulation
from measures.eligibility import Answer, Ask, ConditionAnswer
from measures.facts import FACTS, INPUTS, Fact
from measures.models import AwardRow, Condition, RuleTrial, RuleVersion
from measures.simulation import Sides

# Enterprises that are shown in full at once.
SHOWN = 20
RANDOM = 10


@dataclass(frozen=True)
class Beside:
    """One enterprise's answer by the tried version, and by the one in force (None: there is none)."""

    enterprise: Enterprise
    after: Answer
    before: Answer | None

    @property
    def changes(self) -> bool:
        """Whether the answer or the amount is another one."""
        before = self.before
        return before is None or (before.eligible, before.amount) != (self.after.eligible, self.after.amount)

    @property
    def why(self) -> list[ConditionAnswer]:
        """The tried conditions that no condition of the version in force answers alike: what makes the change."""
        then = {(one.fact, one.operator, str(one.threshold)): one.met for one in self._before_conditions}
        return [
            one
            for one in self.after.conditions
            if then.get((one.fact, one.operator, str(one.threshold)), "none") != one.met
        ]

    @property
    def dropped(self) -> list[ConditionAnswer]:
        """The conditions in force that the tried version no longer asks in this way."""
        now = {(one.fact, one.operator, str(one.threshold)) for one in self.after.conditions}
        return [
            one for one in self._before_conditions if (one.fact, one.operator, str(one.threshold)) not in now
        ]

    @property
    def _before_conditions(self) -> tuple[ConditionAnswer, ...]:
        return self.before.conditions if self.before else ()


def digest_of(rule: RuleVersion) -> str:
    """The SHA-256 of the rule's rows as they stand in the database."""
    rows = {}
    for model in (Condition, AwardRow):
        names = [field.attname for field in model._meta.concrete_fields if field.name not in ("id", "rule")]
        found = model.objects.filter(rule=rule).order_by("position", "pk")
        rows[model.__name__] = list(found.values_list(*names))
    text = json.dumps(rows, ensure_ascii=False, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def trial_of(rule: RuleVersion) -> RuleTrial | None:
    """The last trial of exactly the present rows."""
    return RuleTrial.objects.filter(call_item=rule.call_item_id, digest=digest_of(rule)).first()


def loaded(rule: RuleVersion) -> RuleVersion:
    """The version, read anew with its rows."""
    return RuleVersion.objects.with_rows().get(pk=rule.pk)


def beside(rule: RuleVersion) -> RuleVersion | None:
    """The version to compare with: the one in force, or, where that is the tried one, the one before it."""
    in_force = RuleVersion.objects.with_rows().approved(clock.now()).filter(call_item=rule.call_item_id)
    found = in_force.first()
    if found is not None and found.pk == rule.pk:
        replaced = rule_changes.replaced_by(rule)
        return loaded(replaced) if replaced else None
    return found


def needed(*rules: RuleVersion | None) -> list[Fact]:
    """The case's own values that these rules read, in the order in which they are known."""
    asked = set()
    for rule in filter(None, rules):
        names = [row.fact for row in rule.conditions.all()] + [row.base for row in rule.award_rows.all()]
        for name in filter(None, names):
            asked |= set(FACTS[name].inputs)
    return [fact for name, fact in INPUTS.items() if name in asked]


def picked() -> list[Enterprise]:
    """Some enterprises of the register by chance."""
    return list(Enterprise.objects.order_by("?")[:RANDOM])


def answers(
    rule: RuleVersion, other: RuleVersion | None, enterprises: Sequence[Enterprise], inputs: Mapping[str, Any]
) -> list[Beside]:
    """Both answers for each enterprise: two queries for any number. ValueError as in explain."""
    asks = [Ask(one.pk, one.pk, inputs) for one in enterprises]
    after = eligibility.explain_many(rule.call_item, asks, rule=rule)
    before = eligibility.explain_many(rule.call_item, asks, rule=other) if other else {}
    return [Beside(one, after[one.pk], before.get(one.pk)) for one in enterprises]


def counts(rule: RuleVersion, other: RuleVersion | None, inputs: Mapping[str, Any]) -> dict:
    """The figures over the whole register, as RuleTrial keeps them: one query."""
    if other is None:
        after = screening.counts(rule, inputs=inputs)
        return {"before": None, "after": _figures(after), "gained": after.yes, "lost": 0}
    sides: Sides = simulation.compare(other, rule, inputs=inputs).whole
    return {
        "before": _figures(sides.before),
        "after": _figures(sides.after),
        "gained": sides.gained,
        "lost": sides.lost,
    }


def shown(trial: RuleTrial) -> list[tuple[str, str, str]]:
    """The figures to read: (what, before, after); "—" where there was no version."""
    before, after = trial.counts["before"] or {}, trial.counts["after"]
    named = [("yes", _("符合")), ("no", _("不符合")), ("unknown", _("无法判断"))]
    rows = [(label, _number(before.get(name)), _number(after[name])) for name, label in named]
    return [*rows, (_("符合者的金额合计（元）"), _money(before.get("total")), _money(after["total"]))]


def named(codes: Iterable[str]) -> tuple[list[Enterprise], list[str]]:
    """The enterprises of these codes in their order, and the codes that the register doesn't have."""
    codes = list(dict.fromkeys(codes))
    found = {one.uscc: one for one in Enterprise.objects.filter(uscc__in=codes)}
    return [found[code] for code in codes if code in found], [code for code in codes if code not in found]


def _figures(found: screening.Counts) -> dict:
    return {"yes": found.yes, "no": found.no, "unknown": found.unknown, "total": f"{found.total:.2f}"}


def _number(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"


def _money(value: str | None) -> str:
    return "—" if value is None else f"{Decimal(value):,.2f}"
