"""The verbs of simulations: one is kept, and its values become the draft of a new version of the rule."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from measures import rule_workflow, simulation
from measures.models import RuleVersion, SavedSimulation
from measures.workflow import Refused


@transaction.atomic
def save_simulation(rule: RuleVersion, values: Mapping[str, str], by, note: str) -> SavedSimulation:
    """Simulate now and keep the result. Refused where another version is in force meanwhile, without a note or
    a value; ValidationError as in simulation.changed."""
    if not by.may(Permission.SCREEN):
        raise NotAllowed
    _must_be_in_force(rule)
    if not note.strip():
        raise Refused(_("请写一句说明，以便日后知道这次测算为什么保存。"))
    if not values:
        raise Refused(_("没有调整任何数值，没有可以保存的测算。"))
    moment = clock.now()
    found = simulation.simulate(rule, values, at=moment)
    kept = SavedSimulation.objects.create(
        call_item_id=rule.call_item_id,
        rule=rule,
        values=dict(values),
        results=simulation.frozen(found),
        by=by,
        at=moment,
        note=note.strip(),
    )
    events.record(
        "save_simulation",
        kept,
        by,
        call_item=rule.call_item.code,
        rule_number=rule.number,
        values=_told(rule, values),
        gained=found.whole.gained,
        lost=found.whole.lost,
        total_before=found.whole.before.total,
        total_after=found.whole.after.total,
    )
    return kept


@transaction.atomic
def draft_simulated_rule(rule: RuleVersion, values: Mapping[str, str], by, note: str) -> RuleVersion:
    """A draft of the next version with these values instead of those in force. Refused while another draft
    stands, and where another version is in force meanwhile; ValidationError where a value doesn't fit."""
    if not values:
        raise Refused(_("没有调整任何数值，不需要新的版本。"))
    # Locks the call item, and says no where this person may not or a draft stands.
    draft = rule_workflow.start_rule(rule.call_item, by, note)
    _must_be_in_force(rule)
    told = _told(rule, values)
    rows = simulation.settable(RuleVersion.objects.with_rows().get(pk=draft.pk))
    for name, value in values.items():
        row, field = rows[name]
        simulation.set_value(row, field, value, draft)
        row.full_clean(validate_unique=False)
        row.save()
    events.record("draft_simulated_rule", draft, by, call_item=rule.call_item.code, values=told)
    return draft


def _must_be_in_force(rule: RuleVersion) -> None:
    now = rule.call_item.rule_on()
    if now is None or now.pk != rule.pk:
        raise Refused(_("规则已经更新，请按现行的规则重新测算。"))


def _told(rule: RuleVersion, values: Mapping[str, str]) -> list[dict]:
    rows = simulation.settable(rule)
    simulation.changed(rule, values)
    return [
        {"parameter": name, "then": simulation.text_of(*rows[name]), "now": value}
        for name, value in values.items()
    ]
