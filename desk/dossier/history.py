"""What happened to a case: each event with who, when, how long it took, what was said, and who was told."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import deadlines
from applications.models import Application, Correction, Step
from applications.states import ENDED, VERBS, State
from foundation.accounts.models import Office
from foundation.display import dates, money
from foundation.events import events
from foundation.events.models import Event, Notification
from measures.models import CallItem
from reviews.models import Opinion

# The only verb beside the states that ends a stay: the case goes on in the same state elsewhere.
TRANSFER = "transfer_case"
# Verbs beside the states.
_OTHER = {
    "start": gettext_lazy("开始填写"),
    "remind": gettext_lazy("提醒补正"),
    TRANSFER: gettext_lazy("移交其他区"),
    "remind_offer": gettext_lazy("提醒确认"),
    "record_contact": gettext_lazy("联系企业"),
    "state_defence": gettext_lazy("陈述申辩"),
    "acknowledge": gettext_lazy("企业签收"),
    "record_delivery": gettext_lazy("登记送达"),
    "notify_revocation": gettext_lazy("告知拟撤销"),
    "drop_revocation": gettext_lazy("不予撤销"),
    "fail_completion": gettext_lazy("验收未通过"),
    "consult": gettext_lazy("征求意见"),
    "answer_consultation": gettext_lazy("征求意见的答复"),
    "ask_experts": gettext_lazy("邀请专家评审"),
    "submit_review": gettext_lazy("专家评审意见"),
    "decline_review": gettext_lazy("专家谢绝评审"),
    "recuse": gettext_lazy("工作人员回避"),
    "lift_recusal": gettext_lazy("解除回避"),
    "ask_recusal": gettext_lazy("企业申请回避"),
    "answer_recusal": gettext_lazy("答复回避申请"),
    "request_change": gettext_lazy("申请变更"),
    "approve_change": gettext_lazy("同意变更"),
    "refuse_change": gettext_lazy("不同意变更"),
}
# A better title than the verb's name where the opinion says which way.
_BY_VERDICT = {
    "for": gettext_lazy("区级推荐"),
    "against": gettext_lazy("区级不推荐"),
    "support": gettext_lazy("拟定支持"),
    "decline": gettext_lazy("拟定不予支持"),
    "endorse": gettext_lazy("区级复核"),
}
# Each leaves exactly one signed opinion, in the same order.
_OPINED = frozenset(
    {
        "accept",
        "refuse_acceptance",
        "recommend",
        "endorse",
        "send_back",
        "propose",
        "waitlist",
        "sign_off",
        "decline",
        "reconsider",
        "approve",
        "reopen",
        "conclude",
        "return_referral",
        "complete",
        "revoke",
        "drop_revocation",
        "lapse",
        "end_offer",
    }
)
# Which fact of a verb beside the states is what somebody said.
_QUOTED = {
    "state_defence": "statement",
    "record_contact": "note",
    "notify_revocation": "reason",
    TRANSFER: "reason",
    "fail_completion": "opinion",
    "request_change": "why",
    "consult": "question",
    "answer_consultation": "stance",
    "answer_recusal": "answer",
    "approve_change": "answer",
    "refuse_change": "answer",
}
# Ends that are no success.
_STOPPED = ENDED - {State.COMPLETED, State.CONCLUDED}
# What lies ahead on each route: the state, and what happens there.
_REVIEWED = (
    (State.MUNICIPAL_REVIEW, gettext_lazy("市级审核")),
    (State.PROPOSED, gettext_lazy("签发")),
    (State.SIGNED_OFF, ""),
    (State.PUBLIC_NOTICE, gettext_lazy("公示")),
    (State.APPROVED, gettext_lazy("批复")),
    (State.PAID, gettext_lazy("拨付")),
)
_AHEAD = {
    CallItem.Route.FULL: (
        (State.SUBMITTED, gettext_lazy("受理")),
        (State.DISTRICT_REVIEW, gettext_lazy("区级审核")),
        (State.DISTRICT_ENDORSEMENT, gettext_lazy("区级复核")),
        *_REVIEWED,
    ),
    CallItem.Route.MUNICIPAL: ((State.SUBMITTED, gettext_lazy("受理")), *_REVIEWED),
    CallItem.Route.PROACTIVE: ((State.OFFERED, gettext_lazy("企业确认")), *_REVIEWED),
    CallItem.Route.REFER: (
        (State.SUBMITTED, gettext_lazy("受理")),
        (State.REFERRED, gettext_lazy("转办")),
        (State.CONCLUDED, gettext_lazy("办结")),
    ),
}


@dataclass(frozen=True)
class Told:
    """Who was told of each event, by its id: 企业、徐汇区科委."""

    names: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, happened: Iterable[Event]) -> "Told":
        rows = list(
            Notification.objects.filter(event__in=[event.pk for event in happened])
            .order_by("audience_kind", "pk")
            .values_list("event_id", "audience_kind", "audience_id")
        )
        offices = Office.objects.in_bulk({pk for _event, kind, pk in rows if kind == "office"})
        found: dict[int, list[str]] = {}
        for event, kind, pk in rows:
            name = str(offices[pk]) if kind == "office" and pk in offices else _AUDIENCES[kind]
            found.setdefault(event, []).append(str(name))
        return cls({event: "、".join(names) for event, names in found.items()})


_AUDIENCES = {
    "enterprise": gettext_lazy("企业"),
    "office": gettext_lazy("办理单位"),
    "user": gettext_lazy("本人"),
}


def steps(case: Application, opinions: list[Opinion], stays: list[Step], rounds: int) -> list[dict]:
    """The timeline's steps: what happened, where it is, what comes next."""
    happened = [event for event in events.timeline(case) if event.verb != "start"]
    told = Told.of(happened)
    said = iter(opinions)
    left = iter(stay for stay in stays if stay.left_at is not None)
    number, found = 0, []
    for event in happened:
        opinion = next(said, None) if event.verb in _OPINED else None
        # What begins a case ends no stay; a case handed on ends one without leaving its state.
        moves = event.verb == TRANSFER or (event.verb in VERBS and not VERBS[event.verb].begins)
        stay = next(left, None) if moves else None
        if event.verb in {"submit", "resubmit"}:
            number = event.facts.get("round", number + 1)
        found.append(_step(case, event, opinion, stay, number, told.names.get(event.pk, ""), rounds))
    if case.state in ENDED:
        if found and case.state in _STOPPED:
            found[-1]["status"] = "stopped"
        return found
    return [*found, _current(case), *_todo(case)]


def _step(case, event: Event, opinion: Opinion | None, stay: Step | None, number, told, rounds) -> dict:
    return {
        "title": _title(event, opinion),
        "status": "done",
        "when": dates.moment(event.at),
        "who": event.actor_label,
        "detail": "，".join(filter(None, _details(event, opinion, stay, told))),
        "quote": _quote(event, opinion),
        **(
            {"url": f"{reverse('desk:case', args=[case.pk])}?round={number}", "url_label": _("当时所交内容")}
            if event.verb in {"submit", "resubmit"} and number < rounds
            else {}
        ),
    }


def _title(event: Event, opinion: Opinion | None) -> str:
    if opinion is not None and opinion.verdict in _BY_VERDICT:
        return str(_BY_VERDICT[opinion.verdict])
    if event.verb in VERBS:
        return str(VERBS[event.verb].name)
    return str(_OTHER.get(event.verb, event.verb))


def _details(event: Event, opinion: Opinion | None, stay: Step | None, told: str):
    if event.verb == "resubmit" or (event.verb == "submit" and event.facts.get("round", 1) > 1):
        yield _("第 %s 次提交") % event.facts.get("round", "")
    if stay is not None and event.verb != "submit" and stay.workdays is not None:
        yield _("用时 %d 个工作日") % stay.workdays
        if stay.due_on and deadlines.day_of(stay.left_at) > stay.due_on:
            yield _("超过期限 %s") % dates.day(stay.due_on)
    if opinion is not None and opinion.amount is not None:
        yield _("金额 %s 元") % money.plain(opinion.amount)
    if event.verb == "publish":
        yield _("公示编号 %(number)s，至 %(day)s") % {
            "number": event.facts.get("notice", ""),
            "day": dates.end(event.facts["closes_at"]),
        }
    if event.verb == "pay":
        yield _("支付凭证 %s") % event.facts.get("reference", "")
    if event.verb == "ask_experts":
        yield _("%(count)d 位专家，期限 %(day)s") % {
            "count": event.facts["experts"],
            "day": dates.day(event.facts["review_by"]),
        }
    if event.verb == "submit_review":
        yield _("已提交 %(done)d 份，共邀请 %(all)d 份") % {
            "done": event.facts["submitted"],
            "all": event.facts["experts"],
        }
    if event.verb in {"acknowledge", "record_delivery"}:
        yield f"{event.facts['letter_kind']} {event.facts['letter']}"
        yield event.facts.get("method", "")
    if told:
        yield _("已通知%s") % told


def _quote(event: Event, opinion: Opinion | None) -> str:
    if opinion is not None and opinion.text:
        return opinion.text
    if event.verb == "conclude":
        return event.facts.get("result", "")
    if event.verb in {"withdraw", "lapse"}:
        return event.facts.get("reason", "")
    if event.verb in _QUOTED:
        return event.facts.get(_QUOTED[event.verb], "")
    return event.facts.get("note", "") if event.verb == "request_correction" else ""


def _current(case: Application) -> dict:
    where = str(case.office) if case.office_id else ""
    if case.state == State.AWAITING_CORRECTION:
        where = _("企业")
    detail = ""
    if case.state == State.PUBLIC_NOTICE:
        detail = _("公示至 %s") % dates.end(case.notice_closes_at)
    elif case.state == State.DECLINE_NOTIFIED:
        until = _("企业可在 %s前陈述申辩") % dates.day(case.defence_due_on)
        detail = _("企业已陈述申辩") if case.defended_at else until
    elif case.state == State.PAID:
        detail = _("支持资金已拨付")
    elif case.due_on:
        detail = _("应于 %s前办理") % dates.day(case.due_on)
    return {"title": case.get_state_display(), "status": "current", "who": where, "detail": detail}


def _todo(case: Application) -> list[dict]:
    way = _AHEAD[case.call_item.route]
    waits = case.state == State.AWAITING_CORRECTION
    here = case.resume_state if waits else case.state
    states = [state for state, _label in way]
    if here not in states:
        return []
    ahead = way[states.index(here) + (0 if waits else 1) :]
    return [{"title": str(label), "status": "todo"} for _state, label in ahead if label]


def corrections(case: Application, asked: list[Correction], labels: dict[str, str]) -> list[dict]:
    """Each round of correction: what was asked beside which field, when, and whether it was answered."""
    return [
        {
            "stage": one.get_stage_display(),
            "asked_at": one.asked_at,
            "due_on": one.due_on,
            "answered_at": one.answered_at,
            "note": one.note,
            "remarks": [
                {"label": labels.get(key, key), "value": remark} for key, remark in one.remarks.items()
            ],
        }
        for one in asked
    ]
