"""Where a case stands and what comes next, told for the enterprise: the road, the timeline, the sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Application, Correction, Step
from applications.states import ENDED, State
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.display.dates import day, end, moment
from foundation.workdays import workdays
from measures.calls import countdown
from measures.models import CallItem
from reviews import expert_access
from reviews.access import place
from reviews.models import RevocationNotice

# The colour of a state, for the person who waits.
TONES = {
    State.DRAFT: "neutral",
    State.OFFERED: "warn",
    State.AWAITING_CORRECTION: "warn",
    State.DECLINE_NOTIFIED: "warn",
    State.WAITLISTED: "warn",
    State.APPROVED: "ok",
    State.PAID: "ok",
    State.COMPLETED: "ok",
    State.CONCLUDED: "ok",
    State.DISCARDED: "neutral",
    State.WITHDRAWN: "neutral",
    State.DECLINED: "stop",
    State.NOT_ACCEPTED: "stop",
    State.LAPSED: "stop",
    State.REVOKED: "stop",
}
# What the verb that ended a stay means to the enterprise.
_DONE = {
    "submit": gettext_lazy("已提交"),
    "refuse_acceptance": gettext_lazy("不予受理"),
    "accept": gettext_lazy("已受理"),
    "request_correction": gettext_lazy("要求补正"),
    "resubmit": gettext_lazy("已补正"),
    "recommend": gettext_lazy("区级审核完成"),
    "transfer_case": gettext_lazy("移交其他区"),
    "endorse": gettext_lazy("区级复核完成"),
    "send_back": gettext_lazy("退回重新审核"),
    "propose": gettext_lazy("市级审核完成"),
    "waitlist": gettext_lazy("市级审核完成，列入候补"),
    "sign_off": gettext_lazy("已签发"),
    "reconsider": gettext_lazy("重新审核"),
    "publish": gettext_lazy("已公示"),
    "approve": gettext_lazy("公示期满，已批复"),
    "reopen": gettext_lazy("退回重新审核"),
    "pay": gettext_lazy("已拨付"),
    "complete": gettext_lazy("验收通过"),
    "revoke": gettext_lazy("撤销支持"),
    "conclude": gettext_lazy("已办结"),
    "return_referral": gettext_lazy("转办退回"),
    "lapse": gettext_lazy("申请失效"),
    "decline": gettext_lazy("不予支持"),
    "withdraw": gettext_lazy("企业撤回"),
    "confirm_offer": gettext_lazy("已确认"),
    "decline_offer": gettext_lazy("企业放弃"),
    "end_offer": gettext_lazy("终止确认"),
}
_STOPPING = {
    "lapse",
    "decline",
    "withdraw",
    "revoke",
    "refuse_acceptance",
    "decline_offer",
    "end_offer",
}
# What is being done now, where the state's own name says what was done before.
_NOW = {
    State.OFFERED: gettext_lazy("等您确认"),
    State.SUBMITTED: gettext_lazy("等待受理"),
    State.PROPOSED: gettext_lazy("签发"),
    State.SIGNED_OFF: gettext_lazy("安排公示"),
    State.APPROVED: gettext_lazy("拨付"),
    State.REFERRED: gettext_lazy("承办单位办理"),
}
# Stays whose end says nothing that the next entry doesn't say.
_BY_THE_ENTERPRISE = {"submit", "resubmit", "withdraw", "discard", "confirm_offer", "decline_offer"}


@dataclass(frozen=True)
class Stage:
    """One stop of the road ahead: who acts there and within how many working days (None: no limit)."""

    state: State
    title: str
    who: str
    days: int | None


def road(line: CallItem, district_office: Office | None = None) -> list[Stage]:
    """All stops of this item's route, in order; without an office of the district, that of anybody's.

    `line` with call__office, decided_by and fund__paid_by.
    """
    district = str(district_office) if district_office else _("所在区主管部门")
    commission, receiver = str(line.decided_by), str(line.call.office)
    full = line.route == CallItem.Route.FULL
    if line.is_proactive:
        return [
            Stage(State.OFFERED, _("企业确认（建议）"), _("名单上的企业"), line.confirm_days),
            *_concluding(line),
        ]
    accept = Stage(State.SUBMITTED, _("受理"), district if full else receiver, line.accept_days)
    if line.route == CallItem.Route.REFER:
        return [accept, Stage(State.REFERRED, _("承办单位办理"), commission, line.referral_days)]
    stages = [accept]
    if full:
        stages += [
            Stage(State.DISTRICT_REVIEW, _("区级审核"), district, line.district_days),
            Stage(State.DISTRICT_ENDORSEMENT, _("区级复核"), district, line.endorsement_days),
        ]
    return [
        *stages,
        Stage(State.MUNICIPAL_REVIEW, _("市级审核"), commission, line.municipal_days),
        Stage(State.PROPOSED, _("签发"), commission, line.sign_off_days),
        *_concluding(line),
    ]


def _concluding(line: CallItem) -> list[Stage]:
    """The stops that every supported case has in common: notice, approval, payment."""
    commission = str(line.decided_by)
    payer = str(line.fund.paid_by) if line.fund_id else commission
    return [
        Stage(State.SIGNED_OFF, _("安排公示"), commission, line.publish_days),
        Stage(State.PUBLIC_NOTICE, _("公示"), commission, line.notice_days),
        Stage(State.APPROVED, _("批复后拨付"), payer, line.payment_days),
    ]


def timeline(case: Application, steps: Sequence[Step], rounds: Sequence[int]) -> list[dict]:
    """The steps behind, the one now, those ahead, as components/timeline.html takes them.

    `steps` in order with their offices; `rounds` are the numbers of the submissions.
    """
    told = []
    pending = list(rounds)
    for step in steps:
        if step.left_at is not None:
            told.append(_behind(case, step, pending))
    if case.state in ENDED or case.state == State.PAID:
        return told
    told.append(_now(case))
    told += [
        {"title": stage.title, "status": "todo", "who": stage.who, "detail": _limit(stage)}
        for stage in _ahead(case)
    ]
    return told


def _behind(case: Application, step: Step, pending: list[int]) -> dict:
    verb = step.left_by_verb
    entry = {
        "title": str(_DONE.get(verb, step.get_state_display())),
        "status": "stopped" if verb in _STOPPING else "done",
        "when": moment(step.left_at) if verb in _BY_THE_ENTERPRISE else day(step.left_at),
        "who": "" if verb in _BY_THE_ENTERPRISE or step.office is None else str(step.office),
        "detail": _took(step),
    }
    if verb in {"submit", "resubmit", "confirm_offer"} and pending:
        number = pending.pop(0)
        entry["detail"] = _("第 %d 次提交") % number
        entry["url"] = reverse("case_submission", args=[case.pk, number])
        entry["url_label"] = _("查看当时所交内容")
    return entry


def _took(step: Step) -> str:
    if step.state in {State.DRAFT, State.OFFERED} or step.workdays is None:
        return ""
    if step.state == State.AWAITING_CORRECTION:
        return _("补正用时 %d 个工作日，不计入办理时间") % step.workdays
    return _("用时 %d 个工作日") % step.workdays if step.workdays else _("当日办理")


def _now(case: Application) -> dict:
    title = _NOW.get(State(case.state)) or case.get_state_display()
    entry = {"title": str(title), "status": "current"}
    if case.state == State.OFFERED:
        return entry | {"detail": _("建议 %s前，逾期不视为放弃") % day(case.due_on)}
    if case.state == State.AWAITING_CORRECTION:
        return entry | {"title": _("等待企业补正"), "detail": _("最晚 %s") % day(case.due_on)}
    if case.state == State.PUBLIC_NOTICE:
        return entry | {"title": _("公示中"), "detail": _("到 %s") % end(case.notice_closes_at)}
    if case.state == State.DECLINE_NOTIFIED:
        if case.defended_at is not None:
            return entry | {"detail": _("已陈述申辩，等待决定"), "who": str(case.office)}
        return entry | {"detail": _("可在 %s前陈述申辩") % day(case.defence_due_on)}
    who = str(case.office) if case.office_id else ""
    if case.due_on is None:
        return entry | {"who": who}
    return entry | {"who": who, "detail": _("应于 %s前办理") % day(case.due_on)}


def _ahead(case: Application) -> list[Stage]:
    """The stops after the present one; after a correction the stage that asked goes on."""
    stages = road(case.call_item, case.district_office)
    here = case.resume_state or case.state
    if here == State.WAITLISTED:
        # Money comes, and the way goes on from the review.
        here = State.MUNICIPAL_REVIEW
    if here == State.DECLINE_NOTIFIED:
        return []
    if case.call_item.is_proactive and here in {State.MUNICIPAL_REVIEW, State.PROPOSED}:
        # What wasn't as the list said goes on from its review as every case does.
        return stages[1:]
    order = [stage.state for stage in stages]
    place = order.index(State(here)) if here in order else len(order)
    return stages[place if case.resume_state else place + 1 :]


def _limit(stage: Stage) -> str:
    if stage.days is None:
        return ""
    if stage.state == State.PUBLIC_NOTICE:
        return _("不少于 %d 个工作日") % stage.days
    return _("%d 个工作日内") % stage.days


# Experts are asked in the commission's review: before it there is nothing to tell.
_BEFORE_EXPERTS = {
    State.SUBMITTED,
    State.DISTRICT_REVIEW,
    State.DISTRICT_ENDORSEMENT,
    State.NOT_ACCEPTED,
    State.REFERRED,
    State.CONCLUDED,
}


def experts(case: Application) -> str:
    """How far the experts' reviews are, in numbers alone; "" where there are none."""
    if case.state in _BEFORE_EXPERTS:
        return ""
    waiting, done = expert_access.counts(case)
    if waiting:
        return _("专家评审中：邀请了 %(all)d 位专家，已提交 %(done)d 份评审意见。") % {
            "all": waiting + done,
            "done": done,
        }
    return _("专家评审已完成：共 %d 份评审意见。") % done if done else ""


@dataclass(frozen=True)
class Situation:
    """The page's first line: a sentence (safe HTML, names and days in bold).

    due, remaining: by which day whoever has it must act, and the working days left; None where nobody is
    waited for.
    """

    sentence: str
    due: date | None = None
    remaining: int | None = None


def situation(
    case: Application, correction: Correction | None = None, revocation: RevocationNotice | None = None
) -> Situation:
    """What the enterprise wants to know first: who has it, by which day, what to do.

    revocation: the notice on which nobody has decided yet, where the caller looked for one.
    """
    if revocation is not None:
        return _to_be_revoked(revocation)
    sentence = _SITUATIONS.get(State(case.state), _waits)(case, correction)
    noticed = case.state == State.PUBLIC_NOTICE and clock.now() < case.notice_closes_at
    if case.state == State.OFFERED:
        # A day that would be good, no term: nothing is ever overdue.
        return Situation(sentence)
    if case.due_on is None or case.state in ENDED or noticed:
        return Situation(sentence)
    return Situation(sentence, case.due_on, workdays.remaining(case.due_on, clock.today()))


def _to_be_revoked(notice: RevocationNotice) -> Situation:
    if notice.defended_at is not None:
        return Situation(_told(_("已告知拟撤销支持，您已陈述申辩，将一并考虑后再作决定。")))
    text = _("已告知拟撤销支持，暂停拨付。您可以在 {day}前（含当日）陈述、申辩，期满后再作决定。")
    left = workdays.remaining(notice.due_on, clock.today())
    return Situation(_told(text, day=day(notice.due_on)), notice.due_on, left)


def _told(text: str, **values) -> str:
    """The text with its values in bold, all escaped."""
    return format_html(
        text, **{name: format_html("<strong>{}</strong>", one) for name, one in values.items()}
    )


def _office(case: Application) -> str:
    return str(case.office) if case.office_id else _("主管部门")


def _waits(case, correction):
    if case.due_on is None:
        return _told(_("现在由{office}办理。您暂时不需要做什么。"), office=_office(case))
    text = _("现在由{office}办理，应于 {day}前完成。您暂时不需要做什么。")
    return _told(text, office=_office(case), day=day(case.due_on))


def _submitted(case, correction):
    text = _("现在等待{office}受理，应于 {day}前决定。您暂时不需要做什么。")
    return _told(text, office=_office(case), day=day(case.due_on))


def _draft(case, correction):
    return _told(_("草稿尚未提交，{countdown}。"), countdown=countdown(case.call_item.call))


def _offered(case, correction):
    if clock.today() > case.due_on:
        text = _(
            "贵企业在免申即享名单上，不需要申报。建议的确认日（{day}）已过，仍然可以确认；确认之后才能拨付。"
        )
    else:
        text = _(
            "贵企业在免申即享名单上，不需要申报。请在 {day}前确认；没有确认不视为放弃，确认之后才能拨付。"
        )
    return _told(text, day=day(case.due_on))


def _awaiting(case, correction):
    text = _("请在 {day}前补正 {count} 处，再由{office}继续办理；逾期未提交，申请将失效。")
    count = len(correction.remarks) if correction else 0
    return _told(text, day=day(case.due_on), count=count, office=_office(case))


def _waitlisted(case, correction):
    text = _(
        "审核认为可以支持，但专项资金暂时不足，已列入候补，现在排第 {place} 位；有资金时按提交先后办理。"
    )
    return _told(text, place=place(case))


def _decline_notified(case, correction):
    if case.defended_at is not None:
        return _told(
            _("您已陈述申辩，由{office}一并考虑后再作决定。您暂时不需要做什么。"), office=_office(case)
        )
    text = _("拟不予支持。您可以在 {day}前（含当日）向{office}陈述、申辩，期满后再作决定。")
    return _told(text, day=day(case.defence_due_on), office=_office(case))


def _public_notice(case, correction):
    if clock.now() < case.notice_closes_at:
        text = _("正在公示，到 {day}为止，期满后由{office}批复。您暂时不需要做什么。")
        return _told(text, day=end(case.notice_closes_at), office=_office(case))
    text = _("公示期已满，由{office}批复，应于 {day}前完成。您暂时不需要做什么。")
    return _told(text, day=day(case.due_on), office=_office(case))


def _approved(case, correction):
    if case.enterprise.bank_account:
        text = _("已批复，由{office}拨付，应于 {day}前完成。您暂时不需要做什么。")
    else:
        text = _("已批复，由{office}拨付，应于 {day}前完成。请先填写收款账户。")
    return _told(text, office=_office(case), day=day(case.due_on))


def _paid(case, correction):
    return _told(_("支持资金已于 {day}拨付。"), day=day(case.paid_at))


def _ended(text):
    return lambda case, correction: _told(str(text), day=day(case.ended_at))


_SITUATIONS = {
    State.DRAFT: _draft,
    State.OFFERED: _offered,
    State.SUBMITTED: _submitted,
    State.AWAITING_CORRECTION: _awaiting,
    State.WAITLISTED: _waitlisted,
    State.DECLINE_NOTIFIED: _decline_notified,
    State.PUBLIC_NOTICE: _public_notice,
    State.APPROVED: _approved,
    State.PAID: _paid,
    State.COMPLETED: _paid,
    State.DISCARDED: _ended(gettext_lazy("草稿已于 {day}废弃。")),
    State.NOT_ACCEPTED: _ended(gettext_lazy("申请于 {day}不予受理。")),
    State.LAPSED: _ended(gettext_lazy("申请已于 {day}失效。")),
    State.DECLINED: _ended(gettext_lazy("已于 {day}决定不予支持。")),
    State.WITHDRAWN: _ended(gettext_lazy("您已于 {day}撤回申请，不再办理。")),
    State.CONCLUDED: _ended(gettext_lazy("已于 {day}办结。")),
    State.REVOKED: _ended(gettext_lazy("支持已于 {day}撤销。")),
}


def tone(state: str) -> str:
    return TONES.get(State(state), "brand")


def open_correction(case: Application) -> Correction | None:
    """The question that waits for an answer, from the prefetched corrections."""
    return next((one for one in case.corrections.all() if one.answered_at is None), None)
