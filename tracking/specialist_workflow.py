"""The verbs of 服务专员: an office's head gives enterprises to its specialist or ends that, the specialist keeps the log."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import Recusal
from applications.verbs import Refused
from enterprises.models import Enterprise, Member
from foundation.accounts.models import Office, Post, User
from foundation.accounts.roles import Permission, Role
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience, Entry
from reviews.workflow.opinions import required
from tracking import access
from tracking.models import ServiceContact, SpecialistAssignment

LONGEST_REASON = SpecialistAssignment._meta.get_field("ending").max_length
LONGEST_ABOUT = ServiceContact._meta.get_field("about").max_length
LONGEST_RESULT = ServiceContact._meta.get_field("result").max_length
# Enterprises given in one act.
AT_ONCE = 1000
# Of how many of them the specialist's message says the name.
_NAMED = 5


@dataclass
class Given:
    """What became of the enterprises: `done` assignments (new, or closed); `refused` with the reason, in Chinese."""

    done: list[SpecialistAssignment] = field(default_factory=list)
    refused: list[tuple[Enterprise, str]] = field(default_factory=list)


@transaction.atomic
def assign_specialist(
    enterprises: Iterable[Enterprise], specialist: User, by: User, office: Office, reason: str = ""
) -> Given:
    """指派 the office's specialist for each of the enterprises, by its head; where another one serves it, 改派.

    A reason is needed where somebody who still serves an enterprise is replaced. Enterprises out of the office's reach,
    that the specialist acts for or keeps out of, or serves already, are refused one by one; the others go on. The
    enterprises are told, both specialists once for all. The number of statements doesn't grow with the enterprises.
    """
    _require(by, office)
    if specialist.pk == by.pk:
        raise _wrong("specialist", _("不能指派给自己"))
    holds = Post.objects.held_on(clock.today()).filter(
        user=specialist, office=office, role=Role.SERVICE_SPECIALIST, user__is_active=True
    )
    if not holds.exists():
        raise _wrong("specialist", _("此人现在不是本单位的服务专员"))
    given = Given()
    rows = _locked(enterprises, by, office, given)
    before = _open(rows, office)
    ids = [row.pk for row in rows]
    acting = set(
        Member.objects.live()
        .filter(user=specialist, enterprise__in=ids)
        .values_list("enterprise_id", flat=True)
    )
    out = Recusal.objects.standing().filter(person=specialist, enterprise__in=ids)
    keeps_out = set(out.values_list("enterprise_id", flat=True))
    replaced, taken = [], []
    for row in rows:
        one = before.get(row.pk)
        if row.pk in acting or row.pk in keeps_out:
            given.refused.append((row, _("该专员与企业有关联或应当回避")))
        elif one is not None and one.specialist_id == specialist.pk and one.stands:
            given.refused.append((row, _("已由该专员服务")))
        else:
            taken.append(row)
            replaced += [one] if one is not None else []
    reason = " ".join((reason or "").split())
    if any(one.stands for one in replaced):
        required(reason, "reason", _("有的企业已有服务专员，请写明改派的理由"), LONGEST_REASON)
    # Whoever doesn't serve any more leaves a gap, which needs no other reason.
    _close(replaced, by, reason or _("原服务专员已不再服务"))
    given.done = SpecialistAssignment.objects.bulk_create(
        SpecialistAssignment(
            enterprise=row,
            office=office,
            specialist=specialist,
            since=clock.today(),
            assigned_by=by,
            assigned_at=clock.now(),
        )
        for row in taken
    )
    left = {one.enterprise_id: one for one in replaced}
    events.record_many(
        "assign_specialist",
        [
            Entry(
                one,
                _facts(one, by)
                | (
                    {"before_name": left[one.enterprise_id].specialist.get_full_name()}
                    if one.enterprise_id in left
                    else {}
                )
                | ({"reason": reason} if one.enterprise_id in left and reason else {}),
                [Audience("enterprise", one.enterprise_id)],
            )
            for one in given.done
        ],
        by,
    )
    _tell("give_enterprises", office, by, specialist, given.done)
    _tell_replaced(office, by, [one for one in replaced if one.stands])
    return given


@transaction.atomic
def end_assignments(enterprises: Iterable[Enterprise], by: User, office: Office, reason: str) -> Given:
    """结束服务 by the office's head, with the reason: nobody of the office serves these enterprises any more.

    The enterprises are told, and the specialists once for all. One that nobody serves is refused, the others go on.
    """
    _require(by, office)
    reason = required(" ".join((reason or "").split()), "reason", _("请写明结束服务的理由"), LONGEST_REASON)
    given = Given()
    rows = _locked(enterprises, by, office, given)
    before = _open(rows, office)
    given.refused += [(row, _("现在没有服务专员")) for row in rows if row.pk not in before]
    given.done = [before[row.pk] for row in rows if row.pk in before]
    _close(given.done, by, reason)
    events.record_many(
        "end_assignment",
        [
            Entry(
                one,
                _facts(one, by) | {"reason": reason, "contact_line": office.phone},
                [Audience("enterprise", one.enterprise_id)] if one.stands else [],
            )
            for one in given.done
        ],
        by,
    )
    _tell_replaced(office, by, [one for one in given.done if one.stands])
    return given


@dataclass(frozen=True)
class Contact:
    """What a specialist notes: channel, one of ServiceContact.Channel; on, the day; about and result, in words."""

    channel: str
    on: date
    about: str
    result: str


@transaction.atomic
def note_contact(assignment: SpecialistAssignment, by: User, contact: Contact) -> ServiceContact:
    """登记联系, by the specialist who serves the enterprise today; a day since the assignment, not in the future."""
    row = SpecialistAssignment.objects.select_for_update(no_key=True).get(pk=assignment.pk)
    standing = SpecialistAssignment.objects.standing().filter(pk=row.pk, specialist=by)
    if not standing.exists():
        raise Refused("forbidden", _("只有该企业的服务专员可以登记联系"))
    if contact.channel not in ServiceContact.Channel.values:
        raise _wrong("channel", _("请选择联系方式"))
    if contact.on > clock.today():
        raise _wrong("on", _("联系日期不能晚于今天"))
    if contact.on < row.since:
        raise _wrong("on", _("联系日期不能早于您开始服务该企业的日期"))
    about = required(" ".join((contact.about or "").split()), "about", _("请写明联系的事由"), LONGEST_ABOUT)
    result = required(contact.result, "result", _("请写明联系的结果"), LONGEST_RESULT)
    noted = ServiceContact.objects.create(
        assignment=row,
        channel=contact.channel,
        on=contact.on,
        about=about,
        result=result,
        by=by,
        at=clock.now(),
    )
    events.record("note_contact", row, by, contact=noted.pk, channel=noted.channel, on=noted.on)
    return noted


def _require(by: User, office: Office) -> None:
    if not by.may(Permission.ASSIGN_SPECIALIST, office.pk):
        raise Refused("forbidden", _("只有本单位负责人可以安排服务专员"))


def _locked(enterprises: Iterable[Enterprise], by: User, office: Office, given: Given) -> list[Enterprise]:
    """The enterprises that are the office's, locked in the order of their ids; the others are refused."""
    asked = {row.pk: row for row in enterprises}
    if not asked:
        raise Refused("invalid", _("请先勾选企业"))
    if len(asked) > AT_ONCE:
        raise Refused("invalid", _("一次最多安排 %d 家企业，请用筛选条件分批办理") % AT_ONCE)
    reach = access.of_office(by, office).filter(pk__in=asked)
    rows = list(reach.select_for_update(of=("self",), no_key=True).order_by("pk"))
    found = {row.pk for row in rows}
    given.refused += [(row, _("不在本单位的服务范围内")) for pk, row in asked.items() if pk not in found]
    return rows


def _open(rows: Sequence[Enterprise], office: Office) -> dict[int, SpecialistAssignment]:
    """The open assignment of each enterprise at the office, locked, with `stands`: whether it counts today."""
    mine = SpecialistAssignment.objects.open().filter(enterprise__in=[row.pk for row in rows], office=office)
    found = list(
        mine.select_for_update(of=("self",))
        .select_related("specialist", "enterprise", "office")
        .order_by("pk")
    )
    standing = set(mine.standing().order_by().values_list("pk", flat=True))
    for one in found:
        one.stands = one.pk in standing
    return {one.enterprise_id: one for one in found}


def _close(rows: Sequence[SpecialistAssignment], by: User, reason: str) -> None:
    for one in rows:
        one.until, one.ended_by, one.ending = clock.today(), by, reason
    ids = [one.pk for one in rows]
    SpecialistAssignment.objects.filter(pk__in=ids).update(until=clock.today(), ended_by=by, ending=reason)


def _facts(one: SpecialistAssignment, by: User) -> dict:
    facts = {
        "enterprise": one.enterprise.name,
        "office": str(one.office),
        "specialist": one.specialist_id,
        "specialist_name": one.specialist.get_full_name(),
        "since": one.since,
        "contact_line": one.office.phone,
    }
    holder = by.in_place_of(Permission.ASSIGN_SPECIALIST, one.office_id)
    return facts | ({"in_place_of": holder.pk} if holder is not None else {})


def _tell(verb: str, office: Office, by: User, who: User, rows: Sequence[SpecialistAssignment]) -> None:
    """One message to a specialist about all of these, with the first names of enterprises."""
    if not rows:
        return
    names = "、".join(one.enterprise.name for one in rows[:_NAMED])
    events.record(
        verb,
        office,
        by,
        tell=[Audience("user", who.pk)],
        office=str(office),
        specialist=who.pk,
        specialist_name=who.get_full_name(),
        count=len(rows),
        enterprises=names if len(rows) <= _NAMED else _("%s等") % names,
    )


def _tell_replaced(office: Office, by: User, rows: Sequence[SpecialistAssignment]) -> None:
    theirs: dict[int, list[SpecialistAssignment]] = defaultdict(list)
    for one in rows:
        theirs[one.specialist_id].append(one)
    for some in theirs.values():
        _tell("take_enterprises", office, by, some[0].specialist, some)


def _wrong(name: str, message: str) -> Refused:
    return Refused("invalid", message, {name: [message]})
