"""How a case's facts are named on the desk: days left, the rule's chip, tones of states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from applications.models import Application
from applications.states import ENDED, State
from foundation.clock import clock
from foundation.display import dates
from foundation.events.models import Event
from foundation.workdays import workdays
from measures.eligibility import Answer

# What a state means for the eye: on its way, waiting for somebody, good, ended without support.
_TONES = {
    State.OFFERED: "warn",
    State.AWAITING_CORRECTION: "warn",
    State.WAITLISTED: "warn",
    State.DECLINE_NOTIFIED: "warn",
    State.SIGNED_OFF: "ok",
    State.PUBLIC_NOTICE: "ok",
    State.APPROVED: "ok",
    State.PAID: "ok",
    State.COMPLETED: "ok",
    State.CONCLUDED: "ok",
    State.NOT_ACCEPTED: "stop",
    State.DECLINED: "stop",
    State.REVOKED: "stop",
    State.LAPSED: "neutral",
    State.WITHDRAWN: "neutral",
}


def tone(state: str) -> str:
    """The state chip's tone."""
    return _TONES.get(State(state), "brand")


@dataclass(frozen=True, slots=True)
class Due:
    """What a due chip shows: working days left (negative: overdue, None: none), and whether time stands."""

    remaining: int | None
    due_on: date | None
    paused: bool

    @property
    def shown(self) -> bool:
        return self.paused or self.remaining is not None


def due(case: Application) -> Due:
    """The days left for whoever has the case; a correction pauses the office's time."""
    if case.state == State.AWAITING_CORRECTION:
        return Due(None, case.due_on, True)
    if case.due_on is None or case.state in ENDED or case.state == State.PAID:
        return Due(None, None, False)
    return Due(days_left(case.due_on), case.due_on, False)


def days_left(due_on: date) -> int:
    """Working days up to a due day; -1 at least once it has passed, days off right after it included."""
    today = clock.today()
    left = workdays.remaining(due_on, today)
    return min(left, -1) if due_on < today else left


def reasons(answer: Answer) -> list[dict]:
    """A stored answer's conditions for components/reasons.html, each with the value that was seen and its source."""
    return [
        {
            "met": one.met,
            "label": one.label,
            # Of a met yes or no the label says it all.
            "actual": ""
            if one.met is None or (one.met and isinstance(one.actual, bool))
            else one.actual_text,
            "threshold": f"{one.operator_text} {one.threshold_text}"
            if one.operator not in ("is_true", "is_false")
            else "",
            "clause": "，".join(text for text in (one.clause, one.source) if text),
            "todo": one.supply if one.met is None else "",
        }
        for one in answer.conditions
    ]


def told(happened: Iterable[Event], names: Mapping[str, object]) -> list[dict]:
    """Events, oldest first, for components/timeline.html: what was done, when, by whom, and what was said."""
    return [
        {
            "title": str(names.get(event.verb, event.verb)),
            "status": "done",
            "when": dates.moment(event.at),
            "who": event.actor_label,
            "detail": event.facts.get("enterprise", "") if event.verb in ("strike_row", "add_row") else "",
            "quote": event.facts.get("reason") or event.facts.get("note") or "",
        }
        for event in happened
    ]


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    tone: str


def rule_chip(eligible: bool | None, unknown: int | None) -> Chip:
    """全部符合, N 项待核 or 不符合, from the last check of the rule."""
    if eligible is True:
        return Chip(_("全部符合"), "ok")
    if eligible is False:
        return Chip(_("不符合"), "stop")
    if unknown:
        return Chip(_("%d 项待核") % unknown, "warn")
    return Chip(_("待核"), "warn")


def hint(case: Application, rounds: int = 1) -> Chip | None:
    """What the list should say beside a case, one thing, the weightiest first."""
    if case.enterprise.state in {"suspended", "closed"}:
        return Chip(_("企业账户%s") % case.enterprise.get_state_display(), "stop")
    if case.state == State.PROPOSED and case.proposal == Application.Proposal.DECLINE:
        return Chip(_("拟不予支持"), "stop")
    if case.state == State.DISTRICT_ENDORSEMENT and case.recommendation == Application.Recommendation.AGAINST:
        return Chip(_("区级不推荐"), "stop")
    if case.approved_amount is not None:
        return Chip(_("批复 %s 元") % f"{case.approved_amount:,.0f}", "neutral")
    if case.proposed_amount is not None:
        return Chip(_("拟支持 %s 元") % f"{case.proposed_amount:,.0f}", "neutral")
    if rounds > 1:
        return Chip(_("已补正，第 %d 次提交") % rounds, "warn")
    return None
