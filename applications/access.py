"""Which cases a person may see. Everything else does not exist for them: a 404, never a 403."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from applications.models import Application, Recusal, Subscription
from applications.querysets import RecusalQuerySet
from applications.states import State
from enterprises import access as enterprises
from enterprises.member_roles import MAY, Does
from enterprises.models import Claim, Member
from foundation.accounts.models import Office
from foundation.accounts.roles import Permission

# What the people who pay see: decided cases only.
_FOR_PAYMENT = (State.APPROVED, State.PAID, State.COMPLETED, State.REVOKED)


def own(user) -> QuerySet[Application]:
    """The cases of the enterprises that this person acts for, and the drafts that they wrote themselves.

    A draft written under a claim that is not verified is its writer's alone: nobody else of that code sees
    it, and a code proves nothing about the writer. What a member wrote stays with the enterprise: who has left it
    sees nothing of it any more. Who filled a case in at the counter writes its draft and its corrections.
    """
    if not user.is_authenticated:
        return Application.objects.none()
    mine = Member.objects.live().filter(user=user, enterprise=OuterRef("enterprise"))
    was = Member.objects.filter(user=user, enterprise=OuterRef("enterprise"))
    colleague = Member.objects.filter(user=OuterRef("created_by"), enterprise=OuterRef("enterprise"))
    return Application.objects.filter(
        Q(created_by=user, number=None) & ~Exists(was)
        | Q(filed_by=user, state=State.AWAITING_CORRECTION)
        | Exists(mine) & (Q(number__isnull=False) | Q(filed_by__isnull=False) | Exists(colleague))
    )


def on_desk(user) -> QuerySet[Application]:
    """The cases that this person's posts reach: never a draft.

    A district sees the cases that it handles or handled, a municipal office those that it decides on (and
    referred ones that it concludes), finance those approved for payment from its funds, the auditor all. Those that
    the person keeps out of (回避) don't exist for them.
    """
    cases = Application.objects.submitted_ever()
    if not user.is_authenticated:
        return cases.none()
    cases = cases.but_of(recusals_of(user))
    if user.may(Permission.VIEW_ALL_CASES):
        return cases
    offices = user.offices_where(Permission.VIEW_CASES)
    payers = user.offices_where(Permission.VIEW_PAYMENTS)
    reach = Q(pk__in=())
    if offices:
        reach |= Q(district_office__in=offices) | Q(municipal_office__in=offices) | Q(office__in=offices)
    if payers:
        reach |= Q(call_item__fund__paid_by__in=payers, state__in=_FOR_PAYMENT)
    return cases.filter(reach)


def recusals_of(user) -> RecusalQuerySet:
    """What this person keeps out of: their standing recusals."""
    return Recusal.objects.standing().filter(person=user.pk)


def own_subscriptions(user, enterprise) -> set[int | None]:
    """What this person is told of for the enterprise: ids of items, None for all of them."""
    live = Subscription.objects.filter(user=user, enterprise=enterprise, ended_at=None)
    return set(live.order_by("pk").values_list("item_id", flat=True))


def own_case(user, pk) -> Application:
    """The person's own case, or 404."""
    return get_object_or_404(own(user).with_names().select_related("form"), pk=pk)


def desk_case(user, pk) -> Application:
    """A case that this person's posts reach, or 404."""
    return get_object_or_404(on_desk(user).with_names().select_related("form"), pk=pk)


def visible(user) -> QuerySet[Application]:
    """Own cases for people of enterprises, the desk's for officers."""
    return on_desk(user) if user.is_officer else own(user)


def may_issue(user, case: Application) -> bool:
    """Whether documents about the case are issued to this person: its own people and the offices that handle it.

    Who only reads (the auditor, finance) opens what was issued.
    """
    if getattr(user, "is_system", False):
        return True
    if not user.is_officer:
        return own(user).filter(pk=case.pk, number__isnull=False).exists()
    offices = user.offices_where(Permission.VIEW_CASES)
    return bool(offices) and on_desk(user).filter(pk=case.pk).exists()


def acts_for(user, enterprise, does: str) -> bool:
    """Whether this person may do that for the enterprise now: neither suspended, closed nor disputed."""
    active = enterprise.state == "verified" and enterprise.disputed_since is None
    return active and enterprises.may(user, enterprise, does)


def may_begin(user, enterprise) -> bool:
    """Whether this person may write drafts for the enterprise: by their role, or while nobody has decided their claim."""
    role = enterprises.roles([user.pk], [enterprise.pk]).get((enterprise.pk, user.pk))
    if role is not None:
        return Does.DRAFT in MAY[role]
    return Claim.objects.pending().filter(user=user, enterprise=enterprise).exists()


def may_write(user, case: Application) -> bool:
    """Whether this person may change the draft, or answer the correction: their own under a claim, as in `own`, or the enterprise's by their role."""
    if case.filed_by_id is not None and case.filed_by_id == user.pk:
        return user.may(Permission.FILE_AT_COUNTER)
    if case.state == State.AWAITING_CORRECTION:
        return acts_for(user, case.enterprise, Does.DRAFT)
    if acts_for(user, case.enterprise, Does.DRAFT):
        return own(user).filter(pk=case.pk).exists()
    was = Member.objects.filter(user=user, enterprise=case.enterprise_id)
    return case.created_by_id == user.pk and not was.exists()


def may_discard(user, case: Application) -> bool:
    """Whether the page offers to throw this draft away: its writer's own, or to the owner that of who has left."""
    if case.created_by_id == user.pk:
        return True
    writer = (case.enterprise_id, case.created_by_id)
    return enterprises.may(user, case.enterprise, Does.WITHDRAW) and writer in enterprises.left([writer])


def municipal_receiver(call_item) -> Office:
    """The municipal office that receives a case whose route has no district."""
    return call_item.call.office
