"""Which enterprises and claims a person may see."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from enterprises.models import Claim, Enterprise, Member, Supplement
from foundation.accounts.models import Office
from foundation.accounts.roles import Permission


def mine(user) -> QuerySet[Enterprise]:
    """Enterprises that this person is a verified member of: only their register data is shown to them."""
    if not user.is_authenticated:
        return Enterprise.objects.none()
    return Enterprise.objects.acted_for_by(user).select_related("district")


def acted_for(enterprises: Iterable[int]) -> set[int]:
    """Those of these enterprises (ids) that somebody acts for; one query for any number."""
    rows = Member.objects.filter(enterprise__in=set(enterprises))
    return set(rows.order_by().values_list("enterprise_id", flat=True))


def own_claims(user) -> QuerySet[Claim]:
    if not user.is_authenticated:
        return Claim.objects.none()
    return Claim.objects.filter(user=user).select_related("enterprise", "declared_district", "letter")


def claims_to_decide(user) -> QuerySet[Claim]:
    """Claims to codes of this officer's district."""
    districts = Office.objects.filter(pk__in=user.offices_where(Permission.DECIDE_CLAIM)).values("district")
    return Claim.objects.filter(district__in=districts).select_related(
        "enterprise__district", "declared_district", "letter", "user"
    )


def claims_on_desk(user) -> QuerySet[Claim]:
    """Claims that this person may read: those they decide on, the auditor all."""
    if user.is_authenticated and user.may(Permission.AUDIT):
        return Claim.objects.select_related("enterprise__district", "declared_district", "letter", "user")
    return claims_to_decide(user)


def desk_claim(user, pk) -> Claim:
    """A claim that this officer's posts reach, or 404."""
    return get_object_or_404(claims_on_desk(user), pk=pk)


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
