"""The one shape of a verb: lock, check, transition, save, record, for one case or many.

A verb is a subclass of Act. It says who may (`check`), what it reads for all its cases at once (`prepare`),
what it sets on each (`apply`), what it writes beside them (`finish`) and who is told. The number of
statements does not grow with the number of cases; a refused case never blocks the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from applications import consortium, deadlines, surroundings
from applications.models import Application, Recusal, RuleCheck, Step
from applications.states import ENDED, VERBS, State
from enterprises.member_roles import MAY, Does, MemberRole
from enterprises.models import Department, Enterprise
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.workdays import workdays
from measures.models import Call


class Refused(Exception):
    """Why a verb did not happen, in Chinese.

    code: "stale" the page saw an older case; "state" the verb does not start here; "forbidden" this person
    may not; "invalid" something is missing or wrong (`fields`: {field or slot: [messages]}).
    """

    def __init__(self, code: str, message: str, fields: dict | None = None):
        self.code, self.message, self.fields = code, str(message), fields or {}
        super().__init__(self.message)


@dataclass
class Outcome:
    """What became of one case: done, or refused with the reason."""

    case: Application
    refused: Refused | None = None


class Outcomes(list):
    """One Outcome per case that was asked for, in the order asked."""

    def one(self) -> Application:
        """The only case; raises its refusal."""
        (outcome,) = self
        if outcome.refused:
            raise outcome.refused
        return outcome.case

    @property
    def done(self) -> list[Application]:
        return [outcome.case for outcome in self if not outcome.refused]

    @property
    def refused(self) -> list[Outcome]:
        return [outcome for outcome in self if outcome.refused]


class Act:
    """Base of the verbs. `by` is a user or the SYSTEM."""

    verb: str
    # The permission that the person needs at the office that has the case; None: `check` decides itself.
    permission: str | None = None
    # Whether it is an act of review, which whoever filled the case in at the counter leaves to others.
    reviews: bool = True

    def __init__(self, by):
        self.by = by
        # {case id: in whose place this person acts, where they do it as a deputy}
        self.places: dict[int, object] = {}

    @property
    def name(self) -> str:
        """What the verb is called, in Chinese."""
        return str(VERBS[self.verb].name)

    def may_start(self, case: Application) -> bool:
        """Whether the verb starts in the state that the case is in."""
        return can_proceed(getattr(case, self.verb))

    # --- what a verb says -------------------------------------------------------------------------------

    def check(self, case: Application) -> None:
        """Refuse what this person may not do to this case. No queries here."""

    def require(self, case: Application, permission: str, *offices: int | None) -> None:
        """Refuse who doesn't hold the permission at one of these offices; note in whose place they do."""
        office = next((one for one in offices if one and self.by.may(permission, one)), None)
        if office is None:
            raise Refused("forbidden", _("您没有办理此事的权限"))
        place = None if self.by.is_system else self.by.in_place_of(permission, office)
        if place is not None:
            self.places[case.pk] = place

    def in_place_of(self, case: Application):
        """Whose deputy the person is in this; None where they act for themselves."""
        return self.places.get(case.pk)

    def refuse_same(self, case: Application, message: str, *signed: int | None) -> None:
        """Refuse who signed before (ids: who, and in whose place), or acts in the place of one who did."""
        place = self.in_place_of(case)
        if {self.by.pk, place and place.pk} & set(signed) - {None}:
            raise Refused("forbidden", message)

    def is_stale(self, case: Application, asked: Application) -> bool:
        """Whether the case is no longer as the page saw it."""
        return case.version != asked.version

    def prepare(self, cases: list[Application]) -> None:
        """Read and lock what the verb needs, for all cases at once."""

    def apply(self, case: Application) -> None:
        """Call the transition; may refuse."""
        raise NotImplementedError

    def finish(self, cases: list[Application]) -> None:
        """Write what stands beside the cases, in bulk."""

    def facts(self, case: Application) -> dict:
        """What the event tells beyond the case's own names."""
        return {}

    def tell(self, case: Application) -> list[Audience]:
        """Who is told: by default the enterprise, and the office that has it next."""
        told = [Audience("enterprise", case.enterprise_id)]
        if case.office_id and case.state not in ENDED:
            told.append(Audience("office", case.office_id))
        return told

    # --- how every verb runs ------------------------------------------------------------------------------

    def run(self, cases: Application | Iterable[Application]) -> Outcomes:
        """Do it to one case or many; each instance's `version` is the one that the page saw.

        Raises Refused where a due date lies beyond the calendar: then nothing is done to any of them.
        """
        asked = [cases] if isinstance(cases, Application) else list(cases)
        seen = {case.pk: case for case in asked}
        try:
            with transaction.atomic():
                self.at = clock.now()
                outcomes = self._standing(seen)
                standing = outcomes.done
                if standing:
                    self.prepare(standing)
                    self._apply(outcomes)
                return outcomes
        except workdays.CalendarMissing as missing:
            raise Refused("state", missing) from missing

    def _standing(self, seen: dict[int, Application]) -> Outcomes:
        # Held against other verbs, not against rows that only refer to the case.
        locked = {
            case.pk: case
            for case in Application.objects.select_for_update(no_key=True).filter(pk__in=seen).order_by("pk")
        }
        out = kept_out(self.by, locked.values())
        outcomes = Outcomes()
        for pk, asked in seen.items():
            case = locked.get(pk)
            if case is None:
                outcomes.append(Outcome(asked, Refused("state", _("申请不存在"))))
                continue
            outcome = Outcome(case)
            try:
                refuse_kept_out(case, out)
                if self.is_stale(case, asked):
                    raise Refused("stale", _("该申请刚刚已被他人办理，请刷新后再看"))
                if not self.may_start(case):
                    raise Refused(
                        "state",
                        _("现在是“%(state)s”，不能%(verb)s")
                        % {"state": case.get_state_display(), "verb": self.name},
                    )
                if self.permission:
                    self.require(case, self.permission, case.office_id)
                if self.reviews:
                    self.refuse_same(case, _("您在窗口代填了这份申请，不能参与审核"), case.filed_by_id)
            except Refused as refusal:
                outcome.refused = refusal
            outcomes.append(outcome)
        surroundings.attach(outcomes.done)
        for outcome in outcomes:
            if not outcome.refused:
                try:
                    self.check(outcome.case)
                except Refused as refusal:
                    outcome.refused = refusal
        return outcomes

    def _apply(self, outcomes: Outcomes) -> None:
        done, changed, before = [], set(), {}
        for outcome in outcomes:
            if outcome.refused:
                continue
            case = outcome.case
            old = {f.attname: getattr(case, f.attname) for f in case._meta.concrete_fields}
            try:
                self.apply(case)
            except Refused as refusal:
                outcome.refused = refusal
                continue
            self.move(case)
            changed |= {
                f.name for f in case._meta.concrete_fields if getattr(case, f.attname) != old[f.attname]
            }
            before[case.pk] = old["state"]
            done.append(case)
        if not done:
            return
        self.finish(done)
        if changed:
            Application.objects.bulk_update(done, sorted(changed))
        self.step(done)
        events.record_many(
            self.verb,
            [
                events.Entry(
                    case,
                    {**base_facts(case, before[case.pk]), **self._place(case), **self.facts(case)},
                    self._told(case),
                )
                for case in done
            ],
            self.by,
        )
        consortium.tell_partners(done, before, self.by)

    def _told(self, case: Application) -> list[Audience]:
        """What the enterprise is told, whoever filled it in at the counter is too: perhaps nobody there has an account."""
        told, enterprise = list(self.tell(case)), Audience("enterprise", case.enterprise_id)
        if case.filed_by_id and enterprise in told:
            told.append(Audience("user", case.filed_by_id))
        return told

    def _place(self, case: Application) -> dict:
        place = self.in_place_of(case)
        return {"in_place_of": place.pk} if place is not None else {}

    def move(self, case: Application) -> None:
        """The case went on: count the verb, compute by which day the next one must act."""
        case.version += 1
        deadlines.enter_state(case, self.verb, self.at)

    def step(self, cases: list[Application]) -> None:
        """Close the stay that ended, open the next."""
        move_steps(cases, self.verb, self.at)


class Beside(Act):
    """A verb that leaves the case in its state: a record beside it. `states`: where it may happen."""

    states: frozenset[State] = frozenset()
    called = ""

    @property
    def name(self):
        return str(self.called)

    def may_start(self, case):
        return case.state in self.states

    def move(self, case):
        """The case stays where it is."""

    def step(self, cases):
        """Nor does a stay end."""


def kept_out(by, cases: Iterable[Application]) -> set[int]:
    """Ids of those of these locked cases that the person keeps out of (回避); one query, none for the system.

    A recusal locks the case too.
    """
    cases = list(cases)
    if by.pk is None or not cases:
        return set()
    mine = list(Recusal.objects.about(cases).filter(person=by.pk).order_by("pk"))
    ids = {row.application_id for row in mine}
    units = {row.enterprise_id for row in mine} - {None}
    return {case.pk for case in cases if case.pk in ids or case.enterprise_id in units}


def refuse_kept_out(case: Application, out: set[int]) -> None:
    """Refuse who keeps out of this case; out: what `kept_out` found."""
    if case.pk in out:
        raise Refused("forbidden", _("您已回避这件申请，不能办理"))


def identity_of(enterprise: Enterprise, department: Department | None = None) -> dict:
    """The enterprise as a case freezes it: uscc, name, district, legal_form, industry; with its district loaded.

    department: name, kind and number of the applicant's department where the case names one.
    """
    identity = {
        "uscc": enterprise.uscc,
        "name": enterprise.name,
        "district": enterprise.district.name,
        "legal_form": enterprise.get_legal_form_display(),
        "industry": enterprise.industry,
    }
    if department:
        identity["department"] = {
            "name": department.name,
            "kind": str(department.get_kind_display()),
            "number": department.number,
        }
    return identity


def unit_of(identity: dict) -> str:
    """The unit as notices and letters call it: the applicant, and in brackets the department where one is named."""
    department = identity.get("department")
    return f"{identity['name']}（{department['name']}）" if department else identity["name"]


def require_member(roles: dict[tuple[int, int], str], case: Application, by, does: str) -> None:
    """Refuse who may not do that for the case's enterprise now; roles: enterprises.access.roles."""
    require_role(roles, case, by, does)
    refuse_inactive(case.enterprise)


def require_role(roles: dict[tuple[int, int], str], case: Application, by, does: str) -> None:
    """Refuse whose role doesn't carry it, whatever state the enterprise's account is in."""
    role = roles.get((case.enterprise_id, by.pk))
    if role is None:
        raise Refused("forbidden", _("您不是该企业的成员，不能%s") % Does(does).label)
    if does not in MAY[role]:
        raise Refused(
            "forbidden",
            _("%(role)s不能%(does)s，请由企业经办人办理")
            % {"role": MemberRole(role).label, "does": Does(does).label},
        )


def refuse_inactive(enterprise: Enterprise) -> None:
    """The people of a suspended, closed or disputed enterprise read; they don't act."""
    if enterprise.barred:
        raise Refused("forbidden", enterprise.barred)
    if enterprise.state != Enterprise.State.VERIFIED:
        raise Refused("forbidden", _("企业还没有核验，不能办理"))


def refuse_not_open(call: Call, at) -> None:
    """Refuse what only an open call takes, and say what became of this one."""
    if call.is_open(at):
        return
    why = {
        Call.Phase.COMING: _("申报将于 %s 开始") % deadlines.hour_text(call.opens_at),
        Call.Phase.CLOSED: _("申报已于 %s 截止") % deadlines.hour_text(call.closes_at),
        Call.Phase.SUSPENDED: _("申报已暂停，恢复后可以继续提交，草稿为您保留"),
        Call.Phase.CANCELLED: _("申报已取消，不能再提交，草稿为您保留"),
    }
    raise Refused("state", why[call.phase(at)])


def base_facts(case: Application, before: str) -> dict:
    """What every event of a case says, so that its message can be read years later."""
    return {
        "number": case.number or "",
        "title": case.title or case.call_item.item.name,
        "item": case.call_item.item.name,
        "enterprise": (case.identity or {}).get("name", ""),
        "from": str(before),
        "to": str(case.state),
        "state": str(State(case.state).label),
        "office": str(case.office) if case.office_id else "",
        "due_on": case.due_on,
        "at_counter": case.filed_by_id is not None,
        "version": case.version,
    }


def move_steps(cases: list[Application], verb: str, at) -> None:
    """Close each case's open step and open the next one; three statements for any number of cases."""
    left = list(Step.objects.filter(application__in=cases, left_at=None).order_by("pk"))
    for step in left:
        step.left_at, step.left_by_verb = at, verb
        step.workdays = max(workdays.between(clock.local(step.entered_at).date(), clock.local(at).date()), 0)
    if left:
        Step.objects.bulk_update(left, ["left_at", "left_by_verb", "workdays"])
    Step.objects.bulk_create(
        Step(application=case, state=case.state, office=case.office, entered_at=at, due_on=case.due_on)
        for case in cases
        if case.state not in ENDED
    )


def store_checks(checks: Iterable[RuleCheck]) -> None:
    RuleCheck.objects.bulk_create(checks)
