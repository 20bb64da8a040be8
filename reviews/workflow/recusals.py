"""回避: declared, ordered, or asked for by the enterprise and decided; lifted by another person.

From then on every verb of the person on these cases is refused and they don't see them. A case waits for a role at its
office, so it falls to the others who hold that role: they are told. Where nobody is left, the heads are told, and the
system administrators, who read of the office and the role alone, not of the case.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from applications import deadlines
from applications.models import Application, Recusal, RecusalRequest
from applications.models.recusals import HANDLING
from applications.states import ENDED, NEVER_SUBMITTED
from applications.verbs import Refused, require_member
from enterprises.access import roles
from enterprises.member_roles import Does
from enterprises.models import Enterprise
from foundation.accounts.models import Post, User
from foundation.accounts.roles import PERMISSIONS, Permission, Role
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.operations.audiences import OPERATORS
from foundation.workdays import workdays
from reviews import covering
from reviews.workflow.opinions import required

# Working days for the answer to an enterprise. No clause names a term; our own rule, short because review goes on.
ANSWER_DAYS = 3
LONGEST_REASON = 300
_HANDLES = frozenset({Permission.VIEW_CASES, Permission.VIEW_PAYMENTS})


@dataclass(frozen=True)
class Request:
    """Whom an enterprise wants to keep out: the role, the person in its own words, and why."""

    role: str
    about: str
    grounds: str


def keep_out(by: User, of: Application | Enterprise, reason: str) -> Recusal:
    """申请回避 oneself, from a case or from all cases of an enterprise. Takes effect at once. Raises Refused."""
    return _recuse(by, by, of, reason, Recusal.Origin.DECLARED)


def order_recusal(person: User, by: User, of: Application | Enterprise, reason: str) -> Recusal:
    """决定回避 of somebody of one's own office, by whoever arranges its people. Raises Refused."""
    if person.pk == by.pk:
        raise Refused("forbidden", _("本人回避请用“申请回避”"))
    if not arranges(by, person):
        raise Refused("forbidden", _("您只能决定本单位人员的回避"))
    return _recuse(person, by, of, reason, Recusal.Origin.ORDERED, in_place_of(by, _arranged(by, person)))


def arranges(by: User, person: User) -> bool:
    """Whether `by` arranges the people of an office at which the person handles cases or payments today."""
    return bool(_arranged(by, person))


def _arranged(by: User, person: User) -> list[int]:
    """Offices whose people `by` arranges and at which the person handles cases or payments today, by id."""
    offices = by.offices_where(Permission.ARRANGE_STAFF)
    if not offices:
        return []
    posts = Post.objects.held_on(clock.today()).filter(user=person, office__in=offices, role__in=HANDLING)
    return sorted(set(posts.order_by("pk").values_list("office", flat=True)))


def in_place_of(by: User, offices: Iterable[int | None]) -> User | None:
    """Whose deputy `by` is in arranging the people of these offices; None where their own post carries it at one."""
    may = [one for one in offices if one and by.may(Permission.ARRANGE_STAFF, one)]
    places = [by.in_place_of(Permission.ARRANGE_STAFF, one) for one in may]
    return None if not places or None in places else places[0]


def lift_recusal(recusal: Recusal, by: User, because: str) -> Recusal:
    """解除回避, by whoever arranges the person's office, never by the person. Raises Refused."""
    because = required(because, "because", _("请写明解除回避的理由"), LONGEST_REASON)
    with transaction.atomic():
        cases = _locked(recusal.application or recusal.enterprise)
        row = Recusal.objects.select_for_update(of=("self",)).select_related("person").get(pk=recusal.pk)
        arranged = _arranged(by, row.person)
        place = in_place_of(by, arranged)
        # Nor does a deputy for whom they stand in.
        if not arranged or row.person_id in {by.pk, place and place.pk}:
            raise Refused("forbidden", _("回避由本单位负责人解除，本人不能解除"))
        if row.lifted_at:
            raise Refused("state", _("这项回避已经解除"))
        row.lifted_at, row.lifted_by, row.lifted_because = clock.now(), by, because
        row.save(update_fields=["lifted_at", "lifted_by", "lifted_because"])
        entries = [
            events.Entry(case, _facts(case, row) | _placed(place), [Audience("user", row.person_id)])
            for case in cases
        ]
        if row.enterprise_id:
            facts = {"recusal": row.pk, "official": row.person_id}
            entries.append(events.Entry(row.enterprise, facts | _placed(place)))
        events.record_many("lift_recusal", entries, by)
        return row


def ask_recusal(case: Application, by: User, asked: Request) -> RecusalRequest:
    """An enterprise asks that somebody keep out of its case: by a member, while the case is live. Raises Refused.

    Review goes on meanwhile; the heads are told and answer within three working days.
    """
    wrong: dict[str, list[str]] = {}
    if asked.role not in HANDLING:
        wrong["role"] = [_("请选择申请谁回避")]
    about, grounds = " ".join((asked.about or "").split()), (asked.grounds or "").strip()
    if not 2 <= len(about) <= 60:
        wrong["about"] = [_("请写明该人员的姓名，或者您所知道的职务、联系情况，2 至 60 个字")]
    if not 10 <= len(grounds) <= 2000:
        wrong["grounds"] = [_("请写明利害关系的事实和理由，10 至 2000 个字")]
    if wrong:
        raise Refused("invalid", _("请更正后再提交"), wrong)
    with transaction.atomic():
        (case,) = _locked(case)
        require_member(roles([by.pk], [case.enterprise_id]), case, by, Does.ASK)
        if case.state in ENDED | NEVER_SUBMITTED:
            raise Refused("state", _("只有在办的申请可以申请回避"))
        at = clock.now()
        try:
            with transaction.atomic():
                row = RecusalRequest.objects.create(
                    application=case,
                    role=asked.role,
                    about=about,
                    grounds=grounds,
                    asked_by=by,
                    asked_at=at,
                    due_on=workdays.due(deadlines.day_of(at), ANSWER_DAYS),
                )
        except IntegrityError as error:
            raise Refused("state", _("已有一项回避申请待答复")) from error
        heads = _heads({case.office_id, case.municipal_office_id} - {None})
        told = [Audience("user", pk) for pk in sorted(heads)] + [Audience("enterprise", case.enterprise_id)]
        events.record("ask_recusal", case, by, tell=told, **_of(case), due_on=row.due_on, role=_role(row))
        return row


def answer_recusal(
    request: RecusalRequest, by: User, *, granted: bool, answer: str, person: User | None = None
) -> RecusalRequest:
    """答复回避申请: granted names who keeps out from now on; the enterprise reads the answer. Raises Refused.

    By whoever arranges the people of the office that has the case, for people of that office; the commission's head
    for all who handle the case. Whoever holds the named role there may grant it, never turn it down.
    """
    answer = required(answer, "answer", _("请写明答复和理由"))
    with transaction.atomic():
        (case,) = _locked(request.application)
        row = RecusalRequest.objects.select_for_update().get(pk=request.pk)
        if not may_answer(by, case):
            raise Refused("forbidden", _("您没有办理此事的权限"))
        if row.decided_at:
            raise Refused("state", _("这项回避申请已经答复"))
        recusal = None
        place = in_place_of(by, (case.office_id, case.municipal_office_id))
        if granted:
            if person is None or person.pk not in eligible(by, case):
                message = _("请选择回避的人员")
                raise Refused("invalid", message, {"person": [message]})
            standing = Recusal.objects.about([case]).filter(person=person)
            recusal = standing.filter(request=None).first() or _recuse(
                person, by, case, row.grounds, Recusal.Origin.ASKED, place
            )
        elif any(post.role == row.role for one in (by, place) if one for post in one.posts_now):
            raise Refused(
                "forbidden", _("申请涉及您担任的角色：您可以同意回避，不能驳回；驳回须由另一人决定")
            )
        row.granted, row.answer, row.recusal = granted, answer, recusal
        row.decided_at, row.decided_by = clock.now(), by
        row.save(update_fields=["granted", "answer", "recusal", "decided_at", "decided_by"])
        events.record(
            "answer_recusal",
            case,
            by,
            tell=[Audience("enterprise", case.enterprise_id)],
            **_of(case),
            granted=granted,
            outcome=str(_("同意，已安排其他人员办理") if granted else _("不同意")),
            answer=answer,
            role=_role(row),
            **_placed(place),
        )
        return row


def may_answer(by: User, case: Application) -> bool:
    return any(
        by.may(Permission.ARRANGE_STAFF, office)
        for office in (case.office_id, case.municipal_office_id)
        if office
    )


def eligible(by: User, case: Application) -> set[int]:
    """Ids of those whom `by` may keep out of the case where its enterprise asked."""
    if by.may(Permission.ARRANGE_STAFF, case.municipal_office_id):
        return handlers(case)
    return handlers(case, by.offices_where(Permission.ARRANGE_STAFF))


def handlers(case: Application, among: set[int] | None = None) -> set[int]:
    """Ids of everybody who handles cases or payments at the offices that this case belongs to (those of `among`)."""
    offices = {case.office_id, case.district_office_id, case.municipal_office_id} - {None}
    if fund := case.call_item.fund:
        offices.add(fund.paid_by_id)
    if among is not None:
        offices &= among
    posts = Post.objects.held_on(clock.today()).filter(office__in=offices, role__in=HANDLING)
    return set(posts.filter(user__is_active=True).order_by("pk").values_list("user", flat=True))


def _recuse(
    person: User,
    by: User,
    of: Application | Enterprise,
    reason: str,
    origin: str,
    place: User | None = None,
) -> Recusal:
    reason = required(reason, "reason", _("请写明回避的理由"))
    if not any(PERMISSIONS[post.role] & _HANDLES for post in person.posts_now):
        raise Refused("forbidden", _("只有办理申请或者拨付的人员需要回避"))
    with transaction.atomic():
        # After the verbs on these cases that came first; before those that come next.
        cases = _locked(of)
        if isinstance(of, Application) and person.pk not in handlers(cases[0]):
            raise Refused("forbidden", _("此人不在办理这件申请的单位任职"))
        staff = covering.Staff()
        before = covering.able(cases, staff)
        try:
            with transaction.atomic():
                row = Recusal.objects.create(
                    person=person,
                    application=of if isinstance(of, Application) else None,
                    enterprise=of if isinstance(of, Enterprise) else None,
                    origin=origin,
                    reason=reason,
                    by=by,
                    at=clock.now(),
                )
        except IntegrityError as error:
            raise Refused("state", _("此人已经回避")) from error
        after = covering.able(cases, staff)
        affected = [case for case in cases if person.pk in before.get(case.pk, ())]
        orphaned = [case for case in affected if not after[case.pk]]
        heads = _heads(
            {case.office_id for case in orphaned} | {case.municipal_office_id for case in orphaned}
        )
        entries = []
        for case in cases:
            told = set()
            if case in affected:
                told = after[case.pk] or heads - {person.pk}
            entries.append(
                events.Entry(
                    case,
                    _facts(case, row)
                    | _placed(place)
                    | {"left": len(after.get(case.pk, ())), "orphaned": case in orphaned},
                    [Audience("user", pk) for pk in sorted(told | ({person.pk} - {by.pk}))],
                )
            )
        if isinstance(of, Enterprise):
            facts = {"recusal": row.pk, "official": person.pk}
            entries.append(events.Entry(of, facts | _placed(place)))
        events.record_many("recuse", entries, by)
        _escalate(orphaned, by)
        return row


def _escalate(cases: Iterable[Application], by: User) -> None:
    """Tell the system administrators which office lacks whom; nothing of the cases."""
    lacking: dict[tuple[int, str], list[Application]] = {}
    for case in cases:
        duty = covering.duty_of(case.state, case.resume_state)
        lacking.setdefault((case.office_id, duty.permission), []).append(case)
    entries = []
    for (_office, permission), some in sorted(lacking.items()):
        facts = {
            "office": str(some[0].office),
            "task": str(Permission(permission).label),
            "count": len(some),
        }
        entries.append(events.Entry(some[0].office, facts, [OPERATORS]))
    events.record_many("lack_handler", entries, by)


def _locked(of: Application | Enterprise) -> list[Application]:
    """The case, or the live cases of the enterprise, locked by id as every verb does."""
    rows = Application.objects.select_for_update(of=("self",), no_key=True).select_related(
        "call_item__item", "call_item__fund", "enterprise", "office", "municipal_office"
    )
    if isinstance(of, Application):
        return list(rows.filter(pk=of.pk))
    return list(rows.filter(enterprise=of).exclude(state__in=ENDED | NEVER_SUBMITTED).order_by("pk"))


def _heads(offices: set[int]) -> set[int]:
    """Who arranges the people of these offices today."""
    roles = [role for role, permissions in PERMISSIONS.items() if Permission.ARRANGE_STAFF in permissions]
    posts = Post.objects.held_on(clock.today()).filter(office__in=offices - {None}, role__in=roles)
    return set(posts.filter(user__is_active=True).order_by("pk").values_list("user", flat=True))


def _of(case: Application) -> dict:
    return {
        "number": case.number,
        "title": case.title or case.call_item.item.name,
        "item": case.call_item.item.name,
        "enterprise": (case.identity or {}).get("name", ""),
        "office": str(case.office),
        "state": str(case.get_state_display()),
    }


def _facts(case: Application, row: Recusal) -> dict:
    # Neither the name nor the reason: an event is read by many.
    return _of(case) | {
        "recusal": row.pk,
        "official": row.person_id,
        "origin": str(row.get_origin_display()),
        "whole_enterprise": row.enterprise_id is not None,
    }


def _placed(place: User | None) -> dict:
    return {"in_place_of": place.pk} if place is not None else {}


def _role(row: RecusalRequest) -> str:
    return str(Role(row.role).label)
