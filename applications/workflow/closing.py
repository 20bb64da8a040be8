"""How a case ends before a decision: withdrawn or discarded by the enterprise, lapsed by the clock."""

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from applications import deadlines
from applications.models import Application
from applications.states import State
from applications.verbs import Act, Outcomes, Refused, base_facts, require_member
from enterprises import access
from enterprises.member_roles import MAY, Does
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from measures import funds


class Discard(Act):
    verb = "discard"
    reviews = False

    def prepare(self, cases):
        self.roles = access.roles([self.by.pk], [case.enterprise_id for case in cases])
        self.left = access.left((case.enterprise_id, case.created_by_id) for case in cases)

    def check(self, case):
        if self.by is SYSTEM and (self.at < case.call_item.call.closes_at or case.reminded_at is None):
            raise Refused("state", _("系统只清理申报截止后、已经提醒过的草稿"))

    def apply(self, case):
        if self.by is not SYSTEM:
            self._require_writer(case)
        case.discard(at=self.at)

    def _require_writer(self, case):
        """A draft is its writer's to throw away; the owner may do it with those of who has left."""
        left = (case.enterprise_id, case.created_by_id) in self.left
        if case.created_by_id == self.by.pk:
            allowed = not left
        else:
            role = self.roles.get((case.enterprise_id, self.by.pk))
            allowed = left and role is not None and Does.WITHDRAW in MAY[role]
        if not allowed:
            raise Refused("forbidden", _("只有填写人或企业经办人可以废弃草稿"))

    def tell(self, case):
        # The writer's own act needs no message; the clock's does.
        return [Audience("user", case.created_by_id)] if self.by is SYSTEM else []


class Withdraw(Act):
    reason = ""

    verb = "withdraw"

    def prepare(self, cases):
        self.roles = access.roles([self.by.pk], [case.enterprise_id for case in cases])
        self.held = funds.held([case.pk for case in cases])
        self.releases = {}

    def apply(self, case):
        require_member(self.roles, case, self.by, Does.WITHDRAW)
        if not self.reason.strip():
            raise Refused("invalid", _("请写明撤回理由"), {"reason": [_("请写明撤回理由")]})
        held = self.held.get(case.pk)
        if held and held.set_aside:
            self.releases.setdefault(case.call_item.fund, []).append(
                funds.Move(case.pk, case.number, held.set_aside, str(_("申请撤回")))
            )
        case.withdraw(at=self.at, reason=self.reason.strip())

    def finish(self, cases):
        for fund, moves in sorted(self.releases.items(), key=lambda pair: pair[0].pk):
            funds.release(fund, moves, self.by)

    def facts(self, case):
        return {"reason": case.reason}

    def tell(self, case):
        told = [Audience("enterprise", case.enterprise_id)]
        return told + ([Audience("office", case.office_id)] if case.office_id else [])


class Lapse(Act):
    verb = "lapse"

    def check(self, case):
        if self.by is not SYSTEM:
            raise Refused("forbidden", _("逾期失效只由系统办理"))
        if case.state != State.AWAITING_CORRECTION:
            raise Refused("state", _("候补的申请由市级审核员终止"))
        if case.enterprise.disputed_since:
            raise Refused("state", _("企业的经办人有争议，处理前补正期限暂停"))
        if case.due_on is None or deadlines.day_of(self.at) <= case.due_on:
            raise Refused("state", _("补正期限未过"))
        if case.reminded_at is None:
            raise Refused("state", _("尚未提醒企业"))

    def apply(self, case):
        case.lapse(at=self.at, reason=str(_("补正期限已过，未收到补正材料")))

    def facts(self, case):
        return {"reason": case.reason}

    def tell(self, case):
        told = [Audience("enterprise", case.enterprise_id)]
        return told + ([Audience("office", case.office_id)] if case.office_id else [])


def discard(cases, by) -> Outcomes:
    """Throw drafts away: their writer, or the system some time after the call closed."""
    return Discard(by).run(cases)


def withdraw(cases, by, reason: str) -> Outcomes:
    """Take submitted cases back, up to the approval; money set aside is released."""
    act = Withdraw(by)
    act.reason = reason
    return act.run(cases)


def lapse(cases) -> Outcomes:
    """End cases whose correction was reminded of and not answered in time; the system acts."""
    return Lapse(SYSTEM).run(cases)


def remind(cases) -> list[Application]:
    """Remind enterprises of an open correction before it lapses; each once. The state stays."""
    return _say_once(
        "remind", State.AWAITING_CORRECTION, cases, lambda case: Audience("enterprise", case.enterprise_id)
    )


def warn_drafts(cases) -> list[Application]:
    """Tell writers that the system will discard their unsent draft; each once. The state stays."""
    return _say_once("warn_draft", State.DRAFT, cases, told_of_draft(cases))


def told_of_draft(cases) -> Callable[[Application], Audience]:
    """Who is told of a draft: its writer; the enterprise's people where the writer has left it."""
    left = access.left((case.enterprise_id, case.created_by_id) for case in cases)

    def told(case: Application) -> Audience:
        if (case.enterprise_id, case.created_by_id) in left:
            return Audience("enterprise", case.enterprise_id)
        return Audience("user", case.created_by_id)

    return told


def _say_once(verb: str, state: State, cases, audience) -> list[Application]:
    with transaction.atomic():
        locked = list(
            Application.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=[case.pk for case in cases], state=state, reminded_at=None)
            .select_related("call_item__item", "enterprise", "office")
            .order_by("pk")
        )
        for case in locked:
            case.reminded_at = clock.now()
        Application.objects.bulk_update(locked, ["reminded_at"])
        events.record_many(
            verb,
            [events.Entry(case, base_facts(case, case.state), [audience(case)]) for case in locked],
            SYSTEM,
        )
        return locked
