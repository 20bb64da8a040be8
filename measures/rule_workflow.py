"""The verbs of rules: a new version is started, tried out, and approved by a second person. Each locks, checks, changes,
records. Rows of a draft are edited in the admin; an approved version stands (the database refuses more)."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from measures import trials
from measures.fact_types import percent
from measures.models import AwardRow, CallItem, Condition, RuleTrial, RuleVersion
from measures.workflow import Refused


def _may(by, permission: str) -> None:
    """The system acts for the shipped catalogue; people need the permission."""
    if not (by.is_system or by.may(permission)):
        raise NotAllowed


@transaction.atomic
def start_rule(call_item: CallItem, by, note: str = "") -> RuleVersion:
    """A new draft with the rows of the version in force (none where there is none yet).

    Refused while another draft stands.
    """
    _may(by, Permission.CONFIGURE)
    call_item = CallItem.objects.select_for_update().get(pk=call_item.pk)
    versions = list(call_item.rules.order_by("-number"))
    if draft := next((one for one in versions if one.is_draft), None):
        raise Refused(_("第 %d 版还在编写中，请先核准或放弃它。") % draft.number)
    rule = RuleVersion.objects.create(
        call_item=call_item,
        number=versions[0].number + 1 if versions else 1,
        written_by_id=by.pk,
        created_at=clock.now(),
        note=note.strip(),
    )
    copied_from = call_item.rule_on()
    if copied_from:
        _copy_rows(copied_from, rule)
    events.record(
        "start_rule",
        rule,
        by,
        call_item=call_item.code,
        number=rule.number,
        copied_from=copied_from.number if copied_from else None,
        note=rule.note,
    )
    return rule


@transaction.atomic
def try_rule(rule: RuleVersion, by, inputs: Mapping[str, Any] | None = None) -> RuleTrial:
    """Ask a version, in writing or approved, of the whole register, beside the one in force; the figures are kept.

    inputs: the case's own values (facts.INPUTS), the same for all. Refused with what is wrong in its rows.
    """
    if not by.may(Permission.CONFIGURE):
        _may(by, Permission.APPROVE_RULE)
    # Held, so that the rows that are counted are those of the digest.
    RuleVersion.objects.select_for_update().get(pk=rule.pk)
    rule = trials.loaded(rule)
    if problems := problems_of(rule):
        raise Refused(problems)
    other = trials.beside(rule)
    trial = RuleTrial.objects.create(
        call_item=rule.call_item,
        number=rule.number,
        digest=trials.digest_of(rule),
        compared_with=other.number if other else None,
        inputs={name: str(value) for name, value in (inputs or {}).items()},
        counts=trials.counts(rule, other, inputs or {}),
        tried_by=by,
    )
    events.record(
        "try_rule",
        rule,
        by,
        call_item=rule.call_item.code,
        number=rule.number,
        compared_with=trial.compared_with,
        digest=trial.digest,
        counts=trial.counts,
    )
    return trial


@transaction.atomic
def approve_rule(rule: RuleVersion, by) -> RuleVersion:
    """Put a draft in force from now on. Refused to its writer, with everything that is wrong in its rows, and to
    people while exactly these rows haven't been tried out."""
    _may(by, Permission.APPROVE_RULE)
    rule = RuleVersion.objects.select_for_update().get(pk=rule.pk)
    if not rule.is_draft:
        raise Refused(_("第 %d 版已经核准过。") % rule.number)
    # Who has written it may not approve it; the system approves only what it has written itself.
    writer = rule.written_by_id
    if (writer is not None) if by.is_system else (writer == by.pk):
        raise Refused(_("规则的编写人不能核准自己编写的版本，请由另一位有核准权限的人核准。"))
    if problems := problems_of(rule):
        raise Refused(problems)
    # The rows can't change while the version is locked.
    if not by.is_system and trials.trial_of(rule) is None:
        raise Refused(_("现在的条件和金额算法还没有试算：请先点“试算”，看过结果再核准。改动之后要重新试算。"))
    before = rule.call_item.rule_on()
    rule.approved_by_id = by.pk
    rule.approved_at = clock.now()
    rule.save()
    events.record(
        "approve_rule",
        rule,
        by,
        call_item=rule.call_item.code,
        number=rule.number,
        replaces=before.number if before else None,
        note=rule.note,
    )
    return rule


@transaction.atomic
def discard_rule(rule: RuleVersion, by) -> None:
    """Give up a draft, whoever wrote it; its rows go, the event stays. Refused for an approved version."""
    _may(by, Permission.CONFIGURE)
    rule = RuleVersion.objects.select_for_update().get(pk=rule.pk)
    if not rule.is_draft:
        raise Refused(_("第 %d 版已经核准，不能放弃。") % rule.number)
    events.record("discard_rule", rule, by, call_item=rule.call_item.code, number=rule.number)
    rule.delete()


def problems_of(rule: RuleVersion) -> list[str]:
    """What keeps a version from being approved, each line naming its row."""
    conditions, awards = list(rule.conditions.all()), list(rule.award_rows.all())
    problems = [] if conditions else [_("至少要有一个条件。")]
    for row in [*conditions, *awards]:
        row.rule = rule
        problems += _problems_of_row(row)
    problems += _problems_of_order(awards)
    problems += _problems_of_names([*conditions, *awards])
    ceiling = rule.call_item.item.ceiling_rate
    total = rule.award_rows.aggregate(total=Sum("rate"))["total"]
    if ceiling is not None and total is not None and total > ceiling:
        problems.append(_("各比例之和不得超过政策规定的比例上限 %s。") % percent(ceiling))
    return problems


def _problems_of_order(awards: list[AwardRow]) -> list[str]:
    """Bounds need something to bound, and stand last; a rule has one floor and one unit at most."""
    adding = [row.position for row in awards if row.kind in AwardRow.ADDING]
    bounds = [row.position for row in awards if row.kind in AwardRow.BOUNDING]
    problems = []
    if bounds and not adding:
        problems.append(_("金额算法只有上限等限制，没有基数 × 比例、定额或分档定额。"))
    if bounds and adding and min(bounds) < max(adding):
        problems.append(_("下限、取整和上限要排在金额算法的最后。"))
    for kind in (AwardRow.Kind.FLOOR, AwardRow.Kind.ROUND):
        if sum(row.kind == kind for row in awards) > 1:
            problems.append(_("“%s”只能有一行。") % kind.label)
    starts = [(row.base, str(row.at_least)) for row in awards if row.kind == AwardRow.Kind.TIER]
    if len(starts) != len(set(starts)):
        problems.append(_("同一基数的分档起点不能重复。"))
    return problems


def _problems_of_names(rows: list[Condition | AwardRow]) -> list[str]:
    names = [row.parameter for row in rows if row.parameter]
    return [_("参数名 %s 用了不止一次。") % name for name in sorted(set(names)) if names.count(name) > 1]


def _problems_of_row(row: Condition | AwardRow) -> list[str]:
    try:
        row.full_clean(validate_unique=False)
    except ValidationError as wrong:
        return [f"{row._meta.verbose_name} {row.position}：{message}" for message in wrong.messages]
    return []


def _copy_rows(source: RuleVersion, target: RuleVersion) -> None:
    for model in (Condition, AwardRow):
        rows = list(model.objects.filter(rule=source))
        for row in rows:
            row.pk, row.rule = None, target
            row._state.adding = True
        model.objects.bulk_create(rows)
