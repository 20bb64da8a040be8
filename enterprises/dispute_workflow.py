"""The verbs of a dispute between two who say that they are the owner: opened, then settled by the district's head.

While it is open the enterprise's people read and do nothing. What was waiting for them waits on: the settling verb of
reviews.workflow gives the days back.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.joining_workflow import said
from enterprises.member_roles import Does, MemberRole
from enterprises.models import Claim, Enterprise, Member, OwnershipDispute
from enterprises.workflow import ClaimRefused, admit_member, require
from foundation.accounts.models import Office, User
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.workdays import workdays

# Working days within which the district settles a dispute (our own rule; the text names none).
SETTLE_DAYS = 15
LONGEST_WORDS = OwnershipDispute._meta.get_field("words").max_length


def dispute_owner(row: Member, by: User, words: str) -> OwnershipDispute:
    """提出争议, by an owner against another owner, with what it is about; the district and both are told."""
    words = said(words, _("请写明争议的内容"), "words", LONGEST_WORDS)
    with transaction.atomic():
        enterprise = _locked(row.enterprise_id)
        require(enterprise, by, Does.MEMBERS)
        other = enterprise.members.owners().filter(pk=row.pk).exclude(user=by).select_related("user").first()
        if other is None:
            raise ClaimRefused(_("只能对另一位企业经办人提出争议"), code="state")
        return _open(enterprise, by, other.user, by, words)


def dispute_takeover(row: Claim, by: User, words: str) -> OwnershipDispute:
    """列为争议, by the district's officer: somebody wants to take over and an owner objects; its head settles."""
    words = said(words, _("请写明争议的内容"), "words", LONGEST_WORDS)
    with transaction.atomic():
        enterprise = _locked(row.enterprise_id)
        seen = row.version
        row = Claim.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=row.pk)
        if row.version != seen:
            raise ClaimRefused(_("该登记刚刚已被他人办理，请刷新后再看"), code="stale")
        _require(enterprise, by, Permission.DECIDE_CLAIM, _("只有企业所在区的审核员可以列为争议"))
        if enterprise.disputed_since:
            raise ClaimRefused(_("该企业的争议已在处理"), code="state")
        if row.state != Claim.State.PENDING or row.answer != Claim.Answer.OBJECTS:
            raise ClaimRefused(_("原经办人提出异议的接管申请才能列为争议"), code="state")
        return _open(enterprise, row.answered_by, row.user, by, words, row)


def settle(row: OwnershipDispute, by: User, outcome: str, grounds: str) -> OwnershipDispute:
    """处理争议, by the district's head, neither of the two, with grounds; call it through reviews.workflow.

    The one who doesn't remain is owner no more, a takeover is verified or rejected by it. Runs in the caller's
    transaction.
    """
    grounds = said(grounds, _("请写明处理依据"), "grounds", LONGEST_WORDS)
    if outcome not in OwnershipDispute.Outcome.values:
        raise ClaimRefused(_("请选择处理结果"), "outcome")
    seen = row.version
    enterprise = _locked(row.enterprise_id)
    row = (
        OwnershipDispute.objects.select_for_update(of=("self",), no_key=True)
        .select_related("first", "second")
        .get(pk=row.pk)
    )
    row.enterprise = enterprise
    _require(enterprise, by, Permission.MANAGE_ENTERPRISE, _("只有企业所在区的负责人可以处理争议"))
    if by.pk in {row.first_id, row.second_id}:
        raise ClaimRefused(_("当事人不能处理本人的争议"), code="forbidden")
    if row.version != seen or row.state != OwnershipDispute.State.OPEN:
        raise ClaimRefused(_("该争议刚刚已被他人办理，请刷新后再看"), code="stale")
    at = clock.now()
    row.settle(by=by, at=at, outcome=outcome, grounds=grounds)
    row.version += 1
    row.save()
    loser = _carry_out(row, enterprise, by, at)
    enterprise.disputed_since = None
    enterprise.version += 1
    enterprise.save(update_fields=["disputed_since", "version"])
    tell = [Audience("enterprise", enterprise.pk)] + ([Audience("user", loser)] if loser else [])
    events.record("settle_dispute", row, by, tell=tell, result=row.result, **_facts(row))
    return row


def _require(enterprise: Enterprise, by: User, permission: str, message: str) -> None:
    """Only the enterprise's own district."""
    office = Office.objects.filter(kind=Office.Kind.DISTRICT, district=enterprise.district_id).first()
    if office is None or not by.may(permission, office.pk):
        raise ClaimRefused(message, code="forbidden")


def _locked(pk: int) -> Enterprise:
    return Enterprise.objects.select_for_update(no_key=True).get(pk=pk)


def _open(enterprise, first: User, second: User, by: User, words: str, claim: Claim | None = None):
    at = clock.now()
    row = OwnershipDispute.objects.create(
        enterprise=enterprise,
        first=first,
        second=second,
        claim=claim,
        words=words,
        opened_by=by,
        opened_at=at,
        due_on=workdays.due(clock.today(), SETTLE_DAYS),
    )
    enterprise.disputed_since = at
    enterprise.version += 1
    enterprise.save(update_fields=["disputed_since", "version"])
    offices = Office.objects.filter(kind=Office.Kind.DISTRICT, district=enterprise.district_id)
    tell = [Audience("office", pk) for pk in offices.values_list("pk", flat=True)]
    tell += [Audience("enterprise", enterprise.pk), Audience("user", second.pk)]
    events.record("open_dispute", row, by, tell=tell, **_facts(row))
    return row


def _carry_out(row: OwnershipDispute, enterprise: Enterprise, by: User, at) -> int | None:
    """Who doesn't remain is owner no more; a takeover is decided with it. Returns the id of that person."""
    loser = {"first": row.second_id, "second": row.first_id}.get(row.outcome)
    if loser:
        enterprise.members.filter(user=loser, role=MemberRole.OWNER, ended_at=None).update(
            ended_at=at, ended_by=by, end_reason=str(_("经办人争议的处理结果"))
        )
    claims = Claim.objects.select_for_update(of=("self",), no_key=True).pending().filter(pk=row.claim_id)
    for claim in claims.select_related("user"):
        claim.enterprise = enterprise
        if row.outcome == OwnershipDispute.Outcome.FIRST:
            claim.reject(by=by, at=at, reason=row.grounds)
        else:
            claim.verify(by=by, at=at)
        claim.version += 1
        claim.save()
        if claim.state == Claim.State.VERIFIED:
            admit_member(claim, at)
        events.record(
            "decide_by_dispute", claim, by, state=str(claim.get_state_display()), reason=row.grounds
        )
    return loser


def _facts(row: OwnershipDispute) -> dict:
    return {
        "enterprise": row.enterprise.name,
        "uscc": row.enterprise.uscc,
        "note": row.words,
        "reason": row.grounds,
        "due_on": row.due_on,
        "state": str(row.get_state_display()),
    }
