"""Reminders before a call closes: of drafts that were not submitted, and of what subscribers could still apply for.

A call says how many working days before (Call.remind_days). Each person is told once for each of them; when the beat
was silent over one, the later one is told alone. An extended call is reminded of anew, a suspended one not at all.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from applications import limits
from applications.models import Application, ClosingReminder, Subscription
from applications.states import MAY_APPLY_AGAIN, State
from applications.verbs import base_facts
from applications.workflow.closing import told_of_draft
from enterprises.models import Enterprise, Member
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience, Entry
from foundation.workdays import workdays
from measures import screening
from measures.models import CallItem, RuleVersion


def remind_before_closing() -> int:
    """Remind of every open call item that closes within one of its call's reminders; returns how many were told."""
    told = 0
    lines = CallItem.objects.open().exclude(route=CallItem.Route.PROACTIVE)
    lines = lines.select_related("call", "item").order_by("pk")
    for line in lines:
        if days := threshold(line):
            told += _remind_drafts(line, days) + _remind_subscribers(line, days)
    return told


def threshold(line: CallItem) -> int | None:
    """The nearest reminder that is due: the least of the call's days that isn't below the working days left."""
    left = workdays.between(clock.today(), clock.local(line.call.closes_at).date())
    return min((days for days in line.call.remind_days if left <= days), default=None)


@transaction.atomic
def _remind_drafts(line: CallItem, days: int) -> int:
    said = _said(line, days).filter(enterprise=OuterRef("enterprise"), user=OuterRef("created_by"))
    # Locked against being submitted meanwhile, and against another who reminds.
    drafts = list(
        Application.objects.select_for_update(of=("self",), no_key=True)
        .filter(call_item=line, state=State.DRAFT)
        .exclude(Exists(said))
        .select_related("call_item__call", "call_item__item", "enterprise", "office")
        .order_by("pk")
    )
    standing = limits.standing([line], {case.enterprise_id for case in drafts})
    # One of several drafts of a person, the newest, speaks for all; who may submit no more isn't hurried.
    newest = {
        (case.created_by_id, case.enterprise_id): case
        for case in drafts
        if not standing.refusal(line, case.enterprise_id)
    }
    cases = list(newest.values())
    ClosingReminder.objects.bulk_create(
        _row(line, days, case.created_by_id, case.enterprise_id, case) for case in cases
    )
    told = told_of_draft(cases)
    events.record_many("remind_draft", [_of_draft(case, days, told(case)) for case in cases], SYSTEM)
    return len(cases)


def _of_draft(case: Application, days: int, told: Audience) -> Entry:
    facts = base_facts(case, case.state) | {
        "enterprise": case.enterprise.name,
        "closes_at": case.call_item.call.closes_at,
        "days": days,
    }
    return Entry(case, facts, [told])


def _remind_subscribers(line: CallItem, days: int) -> int:
    rule = (
        RuleVersion.objects.with_rows()
        .approved()
        .filter(call_item=line)
        .order_by("-approved_at", "-number")
        .first()
    )
    return _remind_of_rule(rule, days) if rule else 0


@transaction.atomic
def _remind_of_rule(rule: RuleVersion, days: int) -> int:
    line = rule.call_item
    units = list(_waiting(line, days).order_by("enterprise").values_list("enterprise", flat=True).distinct())
    if not units:
        return 0
    # Whoever else reminds of the same waits here, and then finds the rows.
    list(Enterprise.objects.select_for_update(no_key=True).filter(pk__in=units).order_by("pk"))
    ready = dict(screening.ready(rule, enterprises=Enterprise.objects.order_by().filter(pk__in=units)))
    people = list(
        _waiting(line, days)
        .filter(enterprise__in=list(ready))
        .order_by("enterprise_id", "user_id")
        .values_list("enterprise_id", "enterprise__name", "user_id")
        .distinct()
    )
    rows = ClosingReminder.objects.bulk_create(
        _row(line, days, user, enterprise) for enterprise, _name, user in people
    )
    events.record_many("remind_closing", list(_of_subscribers(line, people, rows, days)), SYSTEM)
    return len(rows)


def _of_subscribers(line: CallItem, people, rows, days: int) -> Iterable[Entry]:
    for (_enterprise, name, user), row in zip(people, rows, strict=True):
        facts = {
            "enterprise": name,
            "item": line.item.name,
            "item_code": line.item.code,
            "closes_at": line.call.closes_at,
            "days": days,
        }
        yield Entry(row, facts, [Audience("user", user)])


def _waiting(line: CallItem, days: int):
    """Subscriptions of members whose enterprise has nothing of this call item begun or submitted, not yet told."""
    same = {"enterprise": OuterRef("enterprise"), "call_item": line}
    begun = Application.objects.filter(**same).exclude(state__in=MAY_APPLY_AGAIN - {State.DRAFT})
    return (
        Subscription.objects.filter(
            Q(item=None) | Q(item=line.item_id), ended_at=None, enterprise__state=Enterprise.State.VERIFIED
        )
        .filter(
            Exists(Member.objects.live().filter(user=OuterRef("user"), enterprise=OuterRef("enterprise")))
        )
        .exclude(Exists(_said(line, days).filter(user=OuterRef("user"), enterprise=OuterRef("enterprise"))))
        .exclude(Exists(begun))
    )


def _said(line: CallItem, days: int):
    return ClosingReminder.objects.filter(call_item=line, days=days, closes_at=line.call.closes_at)


def _row(line: CallItem, days: int, user: int, enterprise: int, case=None) -> ClosingReminder:
    return ClosingReminder(
        user_id=user,
        enterprise_id=enterprise,
        call_item=line,
        case=case,
        days=days,
        closes_at=line.call.closes_at,
        at=clock.now(),
    )
