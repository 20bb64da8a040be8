"""The end of a call by a decision: cancelled with its undecided cases, or concluded once nobody waits any more.

Both are the municipal head's: whoever drafts and publishes calls (the policy administrator) can't end what others have
handed in. Cases are locked before the call, as everywhere: a case that comes between is seen, and all begins anew.
"""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Application
from applications.states import UNDECIDED, State
from applications.verbs import Refused
from applications.workflow import calling
from applications.workflow.calling import CallRefused, Reach
from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events.events import Audience
from measures.models import Call, CallNotice
from reviews.models import Opinion
from reviews.workflow.opinions import required
from reviews.workflow.turning import Releasing

# How often cancelling begins anew because cases moved meanwhile.
TRIES = 5
# Undecided but for money: these end with the call's conclusion.
WAITING = (State.WAITLISTED,)


class LapseWithCall(Releasing):
    """The cases of a call that ends; money set aside is released."""

    verb = "lapse"
    verdict = Opinion.Verdict.CANCELLED
    call: Call
    note = gettext_lazy("申报取消，释放预占")

    def may_start(self, case):
        return case.state in UNDECIDED

    def check(self, case):
        super().check(case)
        self.befores = getattr(self, "befores", {})
        self.befores[case.pk] = case.state
        self.require(case, Permission.END_CALL, self.call.office_id)

    def prepare(self, cases):
        # Between cases and fund, in the order of all verbs.
        Call.objects.select_for_update(no_key=True).get(pk=self.call.pk)
        super().prepare(cases)

    def apply(self, case):
        case.lapse(at=self.at, reason=self.text)

    def facts(self, case):
        cancelled = self.verdict == Opinion.Verdict.CANCELLED
        return super().facts(case) | {
            "reason": case.reason,
            "call": self.call.title,
            "cancelled": cancelled,
        }

    def tell(self, case):
        told = [Audience("enterprise", case.enterprise_id)]
        # A waitlisted case is nobody's to act on; the others leave somebody's queue.
        if self.befores[case.pk] != State.WAITLISTED and case.office_id:
            told.append(Audience("office", case.office_id))
        return told


def cancel_call(call: Call, by, reason: str) -> CallNotice:
    """取消申报: its undecided cases lapse with it, money set aside is released, drafts stay readable.

    Decided ones (批复 and later) stand: they are revoked case by case, or not at all.
    """

    def change(call: Call) -> None:
        if call.state not in (Call.State.PUBLISHED, Call.State.SUSPENDED):
            raise CallRefused(_("这份申报通知现在是“%s”，不能取消。") % call.get_state_display())
        call.cancel(at=clock.now())

    return _end(call, by, CallNotice.Act.CANCEL, reason, change, UNDECIDED, Opinion.Verdict.CANCELLED)


def conclude_call(call: Call, by, reason: str) -> CallNotice:
    """办结申报: after it closed and every case is decided, or once the fund's year is over; who still waits for money
    (候补) lapses with it. After the year, cases under review go on their way."""

    def change(call: Call) -> None:
        if call.state != Call.State.PUBLISHED:
            raise CallRefused(_("这份申报通知现在是“%s”，不能办结。") % call.get_state_display())
        if call.closes_at > clock.now():
            raise CallRefused(_("申报尚未截止，不能办结。"))
        if left := undecided(call):
            raise CallRefused(
                _("还有 %(count)d 件申请没有办完，%(year)d 年度结束前不能办结。")
                % {"count": left, "year": call.year}
            )
        call.conclude(at=clock.now())

    return _end(call, by, CallNotice.Act.CONCLUDE, reason, change, WAITING, Opinion.Verdict.LAPSED)


def undecided(call: Call) -> int:
    """How many cases keep the call from being concluded: none once the fund's year is over."""
    if clock.today().year > call.year:
        return 0
    states = [state for state in UNDECIDED if state not in WAITING]
    return Application.objects.filter(call_item__call=call, state__in=states).count()


def _end(call: Call, by, act, reason, change, states, verdict) -> CallNotice:
    if not by.may(Permission.END_CALL, call.office_id):
        raise NotAllowed
    try:
        text = required(reason, "reason", _("请写明理由，公开显示"))
    except Refused as refused:
        raise CallRefused(refused.message, "reason") from refused
    ending = LapseWithCall(by)
    ending.call, ending.verdict = call, verdict
    ending.text = _("%(act)s：%(reason)s") % {"act": CallNotice.Act(act).label, "reason": text}
    for _try in range(TRIES):
        try:
            return _end_once(ending, call, by, act, text, change, states)
        except _Moved:
            continue
    raise CallRefused(_("这份申报的申请正在被办理，请稍后再试。"))


class _Moved(Exception):
    """A case was submitted or acted on between being read and being locked."""


@transaction.atomic
def _end_once(ending: LapseWithCall, call: Call, by, act, text, change, states) -> CallNotice:
    ongoing = Application.objects.filter(call_item__call=call, state__in=states).order_by("pk")
    drafts = calling.reach(call)
    ended = ending.run(list(ongoing))
    if any(one.refused.code == "forbidden" for one in ended.refused):
        raise CallRefused(_("其中有您回避的申请，须由另一人办理。"))
    if ended.refused:
        raise _Moved

    def change_alone(locked: Call) -> None:
        change(locked)
        if ongoing.all().exists():
            raise _Moved

    # The cases' own events tell their enterprises; here, who only has a draft.
    told = frozenset(one for one in drafts.audiences if one.kind == "user")
    concerned = Reach(drafts.drafts, len(ended.done), drafts.draft_units, len(ended.done), told)
    return calling.decide(
        call, by, act, text, change_alone, permission=Permission.END_CALL, concerned=concerned
    )
