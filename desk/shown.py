"""How a case's facts are named on the desk: days left, the rule's chip, tones of states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

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


# What an event of a claim, dispute, supplement, referral or payment is called in its short history.
ACTS = {
    "claim": _lazy("提出"),
    "ask_to_join": _lazy("申请加入"),
    "ask_to_take_over": _lazy("申请接管"),
    "answer_takeover": _lazy("现任经办人答复"),
    "attach_letter": _lazy("上传委托书"),
    "escalate_claim": _lazy("逾期未答复，转所在区"),
    "move_claim": _lazy("随企业转所在区"),
    "admit": _lazy("同意加入"),
    "refuse_to_admit": _lazy("不同意加入"),
    "take_over": _lazy("同意接管"),
    "verify_claim": _lazy("通过"),
    "reject_claim": _lazy("不通过"),
    "decide_by_dispute": _lazy("随争议处理"),
    "open_dispute": _lazy("列为争议"),
    "settle_dispute": _lazy("作出处理"),
    "supply": _lazy("提交"),
    "record_supplement": _lazy("已登记"),
    "refuse_supplement": _lazy("未采用"),
    "order_payment": _lazy("提出拨付"),
    "release_payment": _lazy("复核"),
    "return_payment": _lazy("退回"),
    "confirm_payment": _lazy("登记拨付结果"),
    "refer_item": _lazy("提出"),
    "take_referral": _lazy("接收"),
    "pass_referral": _lazy("转送"),
    "conclude_referral": _lazy("办结"),
    "withdraw_referral": _lazy("撤回"),
    "see_contact": _lazy("查看联系方式"),
}


def acts(history: Iterable[Event]) -> list[dict]:
    """Events for a short history, each with its word."""
    return [{"event": event, "word": ACTS.get(event.verb, _lazy("记录"))} for event in history]


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
