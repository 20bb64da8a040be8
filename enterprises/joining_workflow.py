"""The verbs of joining an enterprise for which somebody acts already: its owners answer, or in the end its district."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.member_roles import Does, MemberRole
from enterprises.models import Claim, Enterprise, Member
from enterprises.workflow import (
    VERIFY_DAYS,
    ClaimRefused,
    admit_member,
    claim_facts,
    district_of,
    require,
)
from foundation.accounts.models import User
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.files import files
from foundation.workdays import workdays

# Working days within which the owners may answer somebody who wants to take over (our own rule).
ANSWER_DAYS = 5
# Years for which an agent may be appointed at most.
LONGEST_TERM = 3
LONGEST_REASON = 300
AT_ONCE = 200


def term_of(role: str, until: date | None) -> date | None:
    """The last day of a member in that role: an agent's must be named (ClaimRefused "until"); others have none."""
    if role not in MemberRole.values:
        raise ClaimRefused(_("请选择角色"), "role")
    if role != MemberRole.AGENT:
        return None
    today = clock.today()
    if until is None:
        raise ClaimRefused(_("请填写代办人的委托期限"), "until")
    if until < today:
        raise ClaimRefused(_("委托期限不能早于今天"), "until")
    if (until.year - LONGEST_TERM, until.month, until.day) > (today.year, today.month, today.day):
        raise ClaimRefused(_("委托期限最长 %d 年，期满可以再延长") % LONGEST_TERM, "until")
    return until


def said(words: str, missing: str, field: str = "reason", longest: int = LONGEST_REASON) -> str:
    """Words on one line; ClaimRefused beside their field where they are missing or too long."""
    words = " ".join((words or "").split())
    if not words:
        raise ClaimRefused(missing, field)
    if len(words) > longest:
        raise ClaimRefused(_("不能超过 %d 个字") % longest, field)
    return words


def admit(row: Claim, by: User, role: str, until: date | None = None) -> Claim:
    """同意加入, by an owner, in the role that the owner gives; an agent until a day."""
    until = term_of(role, until)
    with transaction.atomic():
        row = _asked(row, by, Claim.Route.OWNERS)
        if row.enterprise.members.owners().filter(user=row.user_id).exists():
            # By an invitation meanwhile; an owner's role is not another owner's to take.
            raise ClaimRefused(_("此人已经是企业经办人"), code="state")
        at = clock.now()
        row.role = role
        row.verify(by=by, at=at)
        row.version += 1
        row.save()
        admit_member(row, at, role, until)
        facts = claim_facts(row) | {"role": str(row.get_role_display()), "until": until}
        events.record("admit", row, by, tell=[Audience("user", row.user_id)], **facts)
        return row


def refuse_to_admit(row: Claim, by: User, reason: str) -> Claim:
    """不同意加入, by an owner, with a reason; the person may ask anew, or ask to take over."""
    reason = said(reason, _("请写明不同意的理由"))
    with transaction.atomic():
        row = _asked(row, by, Claim.Route.OWNERS)
        row.reject(by=by, at=clock.now(), reason=reason)
        row.version += 1
        row.save()
        events.record(
            "refuse_to_admit",
            row,
            by,
            tell=[Audience("user", row.user_id)],
            reason=reason,
            **claim_facts(row),
        )
        return row


def escalate(claims: list[Claim]) -> list[Claim]:
    """Requests to join that no owner answered in time go to the district, once; the person is told. The system acts.

    The owners may still answer; who is first decides.
    """
    with transaction.atomic():
        rows = list(
            Claim.objects.select_for_update(of=("self",), no_key=True)
            .pending()
            .filter(
                pk__in=[one.pk for one in claims],
                route=Claim.Route.OWNERS,
                escalated_at=None,
                due_on__lt=clock.today(),
            )
            .select_related("enterprise", "declared_district", "letter")
            .order_by("pk")
        )
        for row in rows:
            row.escalated_at, row.due_on = clock.now(), workdays.due(clock.today(), VERIFY_DAYS)
            row.version += 1
        Claim.objects.bulk_update(rows, ["escalated_at", "due_on", "version"])
        events.record_many(
            "escalate_claim",
            [
                events.Entry(
                    row,
                    claim_facts(row) | {"has_letter": row.letter_id is not None},
                    [*district_of(row), Audience("user", row.user_id)],
                )
                for row in rows
            ],
            SYSTEM,
        )
        return rows


def unanswered() -> list[Claim]:
    """Requests to join whose owners let their time pass."""
    late = Claim.objects.pending().filter(
        route=Claim.Route.OWNERS, escalated_at=None, due_on__lt=clock.today()
    )
    return list(late.order_by("pk")[:AT_ONCE])


def ask_to_take_over(row: Claim, by: User, *, letter, note: str) -> Claim:
    """申请接管: the owner has left or can't be reached; the claimant's request to join becomes one to take over.

    letter: the new authorisation letter (an upload). The owners are told and may answer until `answer_by`; then, or
    once they have, the district decides.
    """
    note = said(note, _("请写明原经办人的情况"), "note", Claim._meta.get_field("note").max_length)
    with transaction.atomic():
        enterprise, row = _locked(row)
        if row.user_id != by.pk:
            raise ClaimRefused(_("您没有办理此事的权限"), code="forbidden")
        if row.state != Claim.State.PENDING or row.route != Claim.Route.OWNERS:
            raise ClaimRefused(_("现在不能申请接管"), code="state")
        row.route, row.note, row.letter = Claim.Route.TAKEOVER, note, files.store(letter, by)
        row.escalated_at = None
        row.answer_by = workdays.due(clock.today(), ANSWER_DAYS)
        row.due_on = workdays.due(row.answer_by, VERIFY_DAYS)
        row.version += 1
        row.save()
        tell = [Audience("owners", row.enterprise_id), *district_of(row)]
        facts = claim_facts(row) | {"enterprise": enterprise.name, "answer_by": row.answer_by, "note": note}
        events.record("ask_to_take_over", row, by, tell=tell, **facts)
        return row


def answer_takeover(row: Claim, by: User, answer: str, words: str = "") -> Claim:
    """An owner consents to being followed, or objects with a reason, once; the district decides with it."""
    if answer not in Claim.Answer.values:
        raise ClaimRefused(_("请选择同意或有异议"), "answer")
    if answer == Claim.Answer.OBJECTS or words:
        words = said(words, _("请写明异议的理由"), "words")
    with transaction.atomic():
        row = _asked(row, by, Claim.Route.TAKEOVER)
        if row.answer:
            raise ClaimRefused(_("已经答复过"), code="state")
        row.answer, row.answer_words, row.answered_by, row.answered_at = answer, words, by, clock.now()
        row.version += 1
        row.save()
        events.record(
            "answer_takeover",
            row,
            by,
            tell=[*district_of(row), Audience("user", row.user_id)],
            result=str(row.get_answer_display()),
            answer=words,
            **claim_facts(row),
        )
        return row


def _locked(row: Claim) -> tuple[Enterprise, Claim]:
    seen = row.version
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=row.enterprise_id)
    row = (
        Claim.objects.select_for_update(of=("self",), no_key=True)
        .select_related("user", "declared_district", "letter")
        .get(pk=row.pk)
    )
    row.enterprise = enterprise
    if row.version != seen:
        raise ClaimRefused(_("该登记刚刚已被他人办理，请刷新后再看"), code="stale")
    return enterprise, row


def _asked(row: Claim, by: User, route: str) -> Claim:
    """The request, locked, if this person may answer it now."""
    enterprise, row = _locked(row)
    require(enterprise, by, Does.MEMBERS)
    if row.state != Claim.State.PENDING or row.route != route:
        raise ClaimRefused(_("该申请已办结"), code="state")
    if row.user_id == by.pk:
        raise ClaimRefused(_("不能答复本人的申请"), code="forbidden")
    return row


def owners_of(enterprise: Enterprise) -> list[Member]:
    """Who is owner now, in order of when they began."""
    return list(enterprise.members.owners().select_related("user").order_by("since", "pk"))
