"""变更: the enterprise asks to change content, budget or term of what is supported; the officer decides.

Nothing here touches the award: a change never raises it.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import deadlines
from applications.states import State
from applications.verbs import Beside, Outcomes, Refused, require_member
from enterprises import access
from enterprises.member_roles import Does
from foundation.accounts.roles import Permission
from foundation.events import events
from foundation.events.events import Audience
from foundation.workdays import workdays
from reviews.models import ChangeRequest
from reviews.workflow.opinions import required

# Working days for the answer. No clause names a term; assumed, that of the municipal review.
DECIDE_DAYS = 20
CHANGEABLE = frozenset({State.APPROVED, State.PAID})


@dataclass(frozen=True)
class Wish:
    """What is to change, from what to what, and why."""

    kind: str
    before: str
    after: str
    reason: str


class _Changing(Beside):
    states = CHANGEABLE

    def prepare(self, cases):
        self.rows = {
            row.application_id: row
            for row in ChangeRequest.objects.select_for_update(no_key=True)
            .filter(application__in=cases, state=ChangeRequest.State.ASKED)
            .order_by("pk")
        }

    def record_rows(self, cases):
        """One event for each request, beside that of its case."""
        rows = [self.rows[case.pk] for case in cases]
        events.record_many(
            self.verb, [events.Entry(row, {"state": str(row.get_state_display())}) for row in rows], self.by
        )

    def facts(self, case):
        row = self.rows[case.pk]
        return {
            "kind": str(row.get_kind_display()),
            "before": row.before,
            "after": row.after,
            "why": row.reason,
            "answer": row.answer,
            "answer_by": row.due_on,
        }


class RequestChange(_Changing):
    wish: Wish

    verb = "request_change"
    called = gettext_lazy("申请变更")

    def prepare(self, cases):
        super().prepare(cases)
        self.roles = access.roles([self.by.pk], [case.enterprise_id for case in cases])

    def apply(self, case):
        require_member(self.roles, case, self.by, Does.CHANGE)
        if case.pk in self.rows:
            raise Refused("state", _("已有一项变更申请待审核"))

    def finish(self, cases):
        wish = self.wish
        rows = ChangeRequest.objects.bulk_create(
            ChangeRequest(
                application=case,
                kind=wish.kind,
                before=wish.before.strip(),
                after=wish.after.strip(),
                reason=wish.reason.strip(),
                asked_at=self.at,
                asked_by=self.by,
                due_on=workdays.due(deadlines.day_of(self.at), DECIDE_DAYS),
            )
            for case in cases
        )
        self.rows = {row.application_id: row for row in rows}
        self.record_rows(cases)

    def tell(self, case):
        return [Audience("office", case.municipal_office_id)]


class _Deciding(_Changing):
    text = ""

    def check(self, case):
        self.require(case, Permission.DECIDE_CHANGE, case.municipal_office_id)

    def apply(self, case):
        row = self.rows.get(case.pk)
        if row is None:
            raise Refused("state", _("没有待审核的变更申请"))
        self.decide(row)

    def decide(self, row: ChangeRequest) -> None:
        raise NotImplementedError

    def finish(self, cases):
        rows = [self.rows[case.pk] for case in cases]
        ChangeRequest.objects.bulk_update(rows, ["state", "decided_at", "decided_by", "answer"])
        self.record_rows(cases)

    def tell(self, case):
        return [Audience("enterprise", case.enterprise_id)]


class ApproveChange(_Deciding):
    verb = "approve_change"
    called = gettext_lazy("同意变更")

    def decide(self, row):
        row.approve(by=self.by, at=self.at, answer=self.text)


class RefuseChange(_Deciding):
    verb = "refuse_change"
    called = gettext_lazy("不同意变更")

    def decide(self, row):
        row.refuse(by=self.by, at=self.at, answer=self.text)


def request_change(cases, by, wish: Wish) -> Outcomes:
    """申请变更 of content, budget or term, one at a time, while it is approved or paid."""
    if wish.kind not in ChangeRequest.Kind.values:
        message = _("请选择变更事项")
        raise Refused("invalid", message, {"kind": [message]})
    required(wish.before, "before", _("请写明原来的内容"))
    required(wish.after, "after", _("请写明变更后的内容"))
    required(wish.reason, "reason", _("请写明变更理由"))
    act = RequestChange(by)
    act.wish = wish
    return act.run(cases)


def approve_change(cases, by, text: str) -> Outcomes:
    """同意变更; the award stays as it was."""
    act = ApproveChange(by)
    act.text = required(text, "text", _("请写明审核意见"))
    return act.run(cases)


def refuse_change(cases, by, text: str) -> Outcomes:
    """不同意变更, with the reason."""
    act = RefuseChange(by)
    act.text = required(text, "text", _("请写明不同意变更的理由"))
    return act.run(cases)
