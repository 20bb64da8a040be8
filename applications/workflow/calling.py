"""What people decide about a published call: extend, suspend, resume, close early (cancel and conclude: reviews).

Each is published as a CallNotice with its reason, and told to everybody who has an unsubmitted draft or a submitted,
undecided case. Drafts stay as they are; while a call is suspended nothing is submitted. A policy administrator does
it. What they refuse is a CallRefused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from applications.deadlines import hour_text
from applications.models import Application
from applications.states import UNDECIDED, State
from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.workdays import workdays
from measures.models import Call, CallNotice

LONGEST_REASON = 2000
# What each act is called in the history of the call.
VERBS = {
    CallNotice.Act.EXTEND: "extend_call",
    CallNotice.Act.SUSPEND: "suspend_call",
    CallNotice.Act.RESUME: "resume_call",
    CallNotice.Act.CLOSE_EARLY: "close_call_early",
    CallNotice.Act.CANCEL: "cancel_call",
    CallNotice.Act.CONCLUDE: "conclude_call",
}


class CallRefused(ValidationError):
    """The decision can't be taken now; `field` names the input that is wrong, "" for none of them."""

    def __init__(self, message: str, field: str = ""):
        self.field = field
        super().__init__(message)


@dataclass(frozen=True)
class Reach:
    """Whom a decision about a call concerns now: unsubmitted drafts and undecided cases, with their people."""

    drafts: int
    cases: int
    draft_units: int
    case_units: int
    audiences: frozenset[Audience]


def reach(call: Call) -> Reach:
    """Who has an unsubmitted draft (its writer is told) or an undecided case (its enterprise is told); one query."""
    rows = list(
        Application.objects.filter(call_item__call=call, state__in=[State.DRAFT, *UNDECIDED])
        .order_by("pk")
        .values_list("state", "enterprise_id", "created_by_id")
    )
    drafts = [(unit, writer) for state, unit, writer in rows if state == State.DRAFT]
    cases = [unit for state, unit, _writer in rows if state != State.DRAFT]
    told = {Audience("user", writer) for _unit, writer in drafts}
    told |= {Audience("enterprise", unit) for unit in cases}
    return Reach(
        len(drafts), len(cases), len({unit for unit, _w in drafts}), len(set(cases)), frozenset(told)
    )


def resumed_until(call: Call) -> datetime:
    """When a suspended call would close if it were resumed now: later by the working days that were lost."""
    closes = clock.local(call.closes_at)
    lost = workdays.between(clock.local(call.suspended_at).date(), clock.today())
    if lost <= 0:
        return call.closes_at
    return datetime.combine(workdays.add(closes.date(), lost), closes.time(), clock.SHANGHAI)


def extend_call(call: Call, by, reason: str, closes_at: datetime) -> CallNotice:
    """延长申报: a later hour of closing. Refused once it has closed, or beyond the term of a measure."""

    def change(call: Call) -> None:
        _refuse_unless(call, Call.State.PUBLISHED, Call.State.SUSPENDED)
        if call.state == Call.State.PUBLISHED and call.closes_at <= clock.now():
            raise CallRefused(
                _("申报已于 %s 截止，不能再延长；可以另发申报通知。") % hour_text(call.closes_at)
            )
        if closes_at <= call.closes_at:
            raise CallRefused(_("应晚于现在的截止时间 %s") % hour_text(call.closes_at), "closes_at")
        refuse_beyond_term(call, closes_at)
        call.closes_at = closes_at

    return decide(call, by, CallNotice.Act.EXTEND, reason, change)


def suspend_call(call: Call, by, reason: str) -> CallNotice:
    """暂停申报: nothing is submitted until it is resumed; drafts stay and may be written on."""

    def change(call: Call) -> None:
        _refuse_unless(call, Call.State.PUBLISHED)
        if call.closes_at <= clock.now():
            raise CallRefused(_("申报已于 %s 截止，不能再暂停。") % hour_text(call.closes_at))
        call.suspend(at=clock.now())

    return decide(call, by, CallNotice.Act.SUSPEND, reason, change)


def resume_call(call: Call, by, reason: str, closes_at: datetime | None = None) -> CallNotice:
    """恢复申报; without another hour it closes as many working days later as were lost (resumed_until)."""

    def change(call: Call) -> None:
        _refuse_unless(call, Call.State.SUSPENDED)
        until = closes_at or resumed_until(call)
        if until < call.closes_at:
            raise CallRefused(_("不能早于原来的截止时间 %s") % hour_text(call.closes_at), "closes_at")
        if until <= clock.now():
            raise CallRefused(_("原来的截止时间已过，请写明恢复后的截止时间"), "closes_at")
        refuse_beyond_term(call, until)
        call.resume(closes_at=until)

    return decide(call, by, CallNotice.Act.RESUME, reason, change)


def close_call_early(call: Call, by, reason: str, closes_at: datetime | None = None) -> CallNotice:
    """提前截止: an earlier hour of closing, now where none is given, never one that has passed."""

    def change(call: Call) -> None:
        _refuse_unless(call, Call.State.PUBLISHED)
        now = clock.now()
        if call.closes_at <= now:
            raise CallRefused(_("申报已于 %s 截止。") % hour_text(call.closes_at))
        if call.opens_at >= now and (closes_at or now) <= call.opens_at:
            raise CallRefused(_("申报还没有开始，不能提前截止；可以取消申报。"))
        until = closes_at or now
        if until < now:
            raise CallRefused(_("截止时间不能早于现在"), "closes_at")
        if until >= call.closes_at:
            raise CallRefused(_("应早于现在的截止时间 %s") % hour_text(call.closes_at), "closes_at")
        call.closes_at = until

    return decide(call, by, CallNotice.Act.CLOSE_EARLY, reason, change)


@transaction.atomic
def decide(
    call: Call,
    by,
    act: CallNotice.Act,
    reason: str,
    change: Callable[[Call], None],
    *,
    permission: str = Permission.CONFIGURE,
    concerned: Reach | None = None,
) -> CallNotice:
    """The one shape of these verbs: may → lock → change (which refuses) → notice → event with who is told.

    concerned: who is told, where the verb itself has ended cases (their
    own events tell their enterprises); None: whoever has a draft or an undecided case now.
    """
    # Who configures does so for every office, as publish_call has it; who ends a call, for their own.
    if not by.may(permission, None if permission == Permission.CONFIGURE else call.office_id):
        raise NotAllowed
    reason = (reason or "").strip()
    if not reason:
        raise CallRefused(_("请写明理由，公开显示"), "reason")
    if len(reason) > LONGEST_REASON:
        raise CallRefused(_("不能超过 %d 个字") % LONGEST_REASON, "reason")
    # Submissions lock the call too: what comes after is refused, what came before is counted.
    call = Call.objects.select_for_update(no_key=True, of=("self",)).select_related("office").get(pk=call.pk)
    before = call.closes_at
    change(call)
    call.save()
    found = concerned or reach(call)
    seq = call.notices.count() + 1
    notice = CallNotice.objects.create(
        call=call,
        seq=seq,
        number=CallNotice.number_of(call, seq),
        act=act,
        reason=reason,
        closes_before=before,
        closes_after=call.closes_at,
        drafts=found.drafts,
        cases=found.cases,
        office=call.office,
        by=by if by.pk else None,
        at=clock.now(),
    )
    place = by.in_place_of(permission, call.office_id) if by.pk else None
    events.record(
        VERBS[act],
        call,
        by,
        tell=found.audiences,
        notice=notice.number,
        title=call.title,
        office=str(call.office),
        reason=reason,
        closes_before=before,
        closes_at=call.closes_at,
        moved=notice.changes_hours,
        drafts=found.drafts,
        cases=found.cases,
        **({"in_place_of": place.pk} if place else {}),
    )
    return notice


def refuse_beyond_term(call: Call, closes_at: datetime) -> None:
    """Refuse an hour of closing at which a measure of the call is no longer in force."""
    day = clock.local(closes_at - timedelta(microseconds=1)).date()
    for line in call.items.select_related("item__measure").order_by("pk"):
        if not line.item.measure.in_force(day):
            raise CallRefused(_("%s在那一天已失效，截止时间应在有效期内") % line.item.measure, "closes_at")


def _refuse_unless(call: Call, *states: Call.State) -> None:
    if call.state not in states:
        raise CallRefused(_("这份申报通知现在是“%s”，不能这样办理。") % call.get_state_display())
