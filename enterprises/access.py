"""Which enterprises, members and claims a person may see, and what they may do for whom."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from enterprises.member_roles import MAY, Does
from enterprises.models import Claim, Enterprise, Invitation, Member, OwnershipDispute, Supplement
from foundation.accounts.models import Office
from foundation.accounts.roles import Permission


def mine(user) -> QuerySet[Enterprise]:
    """Enterprises that this person acts for today: only their register data is shown to them."""
    if not user.is_authenticated:
        return Enterprise.objects.none()
    return Enterprise.objects.acted_for_by(user).select_related("district")


def roles(users: Iterable[int | None], enterprises: Iterable[int]) -> dict[tuple[int, int], str]:
    """Who acts today for which of these: {(enterprise id, user id): role}; one query for any number."""
    rows = Member.objects.live().filter(user__in=set(users) - {None}, enterprise__in=set(enterprises))
    found = rows.order_by("pk").values_list("enterprise_id", "user_id", "role")
    return {(enterprise, user): role for enterprise, user, role in found}


def left(pairs: Iterable[tuple[int, int | None]]) -> set[tuple[int, int]]:
    """Those of these (enterprise id, user id) who acted for it once and do so no more; two queries for any number."""
    pairs = set(pairs)
    enterprises, users = {one for one, _user in pairs}, {user for _one, user in pairs} - {None}
    rows = Member.objects.filter(user__in=users, enterprise__in=enterprises).order_by("pk")
    were = set(rows.values_list("enterprise_id", "user_id")) & pairs
    return were - roles(users, enterprises).keys()


def may(user, enterprise: Enterprise, does: str) -> bool:
    """Whether this person does that for the enterprise today (whatever state its account is in)."""
    role = roles([user.pk], [enterprise.pk]).get((enterprise.pk, user.pk))
    return role is not None and does in MAY[role]


def acted_for(enterprises: Iterable[int]) -> set[int]:
    """Those of these enterprises (ids) that somebody acts for today; one query for any number."""
    rows = Member.objects.live().filter(enterprise__in=set(enterprises))
    return set(rows.order_by().values_list("enterprise_id", flat=True))


def members(user, enterprise: Enterprise) -> QuerySet[Member]:
    """Who acts for the enterprise, for its own people; agents whose term is over among them, those who ended not."""
    rows = Member.objects.filter(enterprise=enterprise, ended_at=None)
    return rows.filter(enterprise__in=mine(user)).select_related("user").order_by("since", "pk")


def managed(user) -> QuerySet[Enterprise]:
    """Enterprises whose members this person manages."""
    rows = Member.objects.who_may(Does.MEMBERS).filter(user=user)
    return Enterprise.objects.filter(pk__in=rows.values("enterprise")).select_related("district")


def managed_member(user, pk) -> Member:
    """A member of an enterprise whose members this person manages, or 404."""
    rows = Member.objects.filter(ended_at=None).select_related("user", "enterprise")
    return get_object_or_404(rows, pk=pk, enterprise__in=managed(user))


def managed_invitation(user, pk) -> Invitation:
    """An invitation to an enterprise whose members this person manages, or 404."""
    rows = Invitation.objects.select_related("enterprise")
    return get_object_or_404(rows, pk=pk, enterprise__in=managed(user))


def managed_claim(user, pk) -> Claim:
    """Somebody's request to join, or to take over, an enterprise whose members this person manages, or 404."""
    rows = Claim.objects.exclude(route=Claim.Route.DISTRICT).select_related("enterprise", "user", "letter")
    return get_object_or_404(rows, pk=pk, enterprise__in=managed(user))


def own_claims(user) -> QuerySet[Claim]:
    if not user.is_authenticated:
        return Claim.objects.none()
    return Claim.objects.filter(user=user).select_related("enterprise", "declared_district", "letter")


def claims_to_decide(user) -> QuerySet[Claim]:
    """Claims to codes of this officer's district; requests to join once the owners let their time pass."""
    districts = Office.objects.filter(pk__in=user.offices_where(Permission.DECIDE_CLAIM)).values("district")
    return (
        Claim.objects.by_district()
        .filter(district__in=districts)
        .select_related("enterprise__district", "declared_district", "letter", "user")
    )


def claims_on_desk(user) -> QuerySet[Claim]:
    """Claims that this person may read: those they decide on, the auditor all."""
    if user.is_authenticated and user.may(Permission.AUDIT):
        return Claim.objects.select_related("enterprise__district", "declared_district", "letter", "user")
    return claims_to_decide(user)


def desk_claim(user, pk) -> Claim:
    """A claim that this officer's posts reach, or 404."""
    return get_object_or_404(claims_on_desk(user), pk=pk)


def disputes_on_desk(user) -> QuerySet[OwnershipDispute]:
    """Disputes about enterprises of this officer's district; the auditor reads all."""
    rows = OwnershipDispute.objects.select_related("enterprise__district", "first", "second", "claim")
    if user.is_authenticated and user.may(Permission.AUDIT):
        return rows
    offices = Office.objects.filter(pk__in=user.offices_where(Permission.MANAGE_ENTERPRISE))
    return rows.filter(enterprise__district__in=offices.values("district"))


def desk_dispute(user, pk) -> OwnershipDispute:
    """A dispute that this officer's posts reach, or 404."""
    return get_object_or_404(disputes_on_desk(user), pk=pk)


def letters_of(dispute: OwnershipDispute) -> list[Claim]:
    """The claims of the two for this enterprise that carry a letter, oldest first."""
    of_both = Claim.objects.filter(
        enterprise=dispute.enterprise_id, user__in=[dispute.first_id, dispute.second_id]
    )
    return list(of_both.exclude(letter=None).select_related("letter").order_by("claimed_at", "pk"))


def owners_since(enterprise: int, people: list[int]) -> dict[int, datetime]:
    """{person: since when they are an owner of it}, of those who are."""
    rows = Member.objects.owners().filter(enterprise=enterprise, user__in=people).order_by("pk")
    return dict(rows.values_list("user_id", "since"))


def desk_enterprises(user) -> QuerySet[Enterprise]:
    """Enterprises that this officer's posts reach: a district its own, the commission and the auditor all."""
    if not user.is_authenticated:
        return Enterprise.objects.none()
    if user.may(Permission.VIEW_ALL_CASES):
        return Enterprise.objects.select_related("district")
    offices = Office.objects.filter(pk__in=user.offices_where(Permission.VIEW_CASES))
    if offices.filter(kind=Office.Kind.MUNICIPAL).exists():
        return Enterprise.objects.select_related("district")
    return Enterprise.objects.filter(Q(district__in=offices.values("district"))).select_related("district")


def desk_enterprise(user, pk) -> Enterprise:
    """An enterprise that this officer's posts reach, or 404."""
    return get_object_or_404(desk_enterprises(user), pk=pk)


def own_supplement(user, pk) -> Supplement:
    """A paper that was handed in for an enterprise that this person acts for, or 404."""
    return get_object_or_404(Supplement.objects.select_related("document"), enterprise__in=mine(user), pk=pk)


def supplements_to_decide(user) -> QuerySet[Supplement]:
    """Papers about enterprises of this officer's district."""
    offices = Office.objects.filter(pk__in=user.offices_where(Permission.RECORD_ENTERPRISE))
    return Supplement.objects.filter(enterprise__district__in=offices.values("district")).select_related(
        "enterprise__district", "document"
    )


def supplements_on_desk(user) -> QuerySet[Supplement]:
    """Papers that this person may read: those they decide on, the auditor all."""
    if user.is_authenticated and user.may(Permission.AUDIT):
        return Supplement.objects.select_related("enterprise__district", "document")
    return supplements_to_decide(user)


def desk_supplement(user, pk) -> Supplement:
    """A paper that this officer's posts reach, or 404."""
    return get_object_or_404(supplements_on_desk(user), pk=pk)


def mergeable(user) -> QuerySet[Enterprise]:
    """Enterprises of whose merger into another this person may tell: of their own district, by its head."""
    offices = user.offices_where(Permission.RECORD_ENTERPRISE) & user.offices_where(
        Permission.MANAGE_ENTERPRISE
    )
    districts = Office.objects.filter(pk__in=offices, kind=Office.Kind.DISTRICT).values("district")
    return Enterprise.objects.filter(district__in=districts).select_related("district")
