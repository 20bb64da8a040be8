"""For whom a person acts here: the enterprises behind their claims, and which of them is in view."""

from dataclasses import dataclass

from django.http import HttpRequest

from enterprises.models import Claim, Enterprise

SESSION_KEY = "enterprise"


@dataclass(frozen=True)
class Unit:
    """An enterprise that somebody acts for, or says so.

    Where it is not `verified`, only what the person declared may be shown, nothing of the register.
    """

    claim: Claim
    verified: bool

    @property
    def enterprise(self) -> Enterprise:
        return self.claim.enterprise

    @property
    def name(self) -> str:
        return self.enterprise.name if self.verified else self.claim.declared_name

    @property
    def may_submit(self) -> bool:
        """Verified, and neither suspended nor closed."""
        return self.verified and self.enterprise.state == Enterprise.State.VERIFIED


@dataclass(frozen=True)
class Standing:
    """All units of a person, the verified ones first, and the one in view (None before any claim)."""

    units: list[Unit]
    current: Unit | None

    @property
    def others(self) -> list[Unit]:
        return [unit for unit in self.units if unit is not self.current]


def standing(request: HttpRequest) -> Standing:
    """The person's standing, read once per request."""
    if not hasattr(request, "_standing"):
        request._standing = _read(request)
    return request._standing


def choose(request: HttpRequest, enterprise_id: int) -> bool:
    """Put another of the person's own enterprises into view, for this session; False where it is not theirs."""
    if not any(unit.enterprise.pk == enterprise_id for unit in standing(request).units):
        return False
    request.session[SESSION_KEY] = enterprise_id
    return True


def _read(request: HttpRequest) -> Standing:
    if not request.user.is_authenticated:
        return Standing([], None)
    claims = (
        Claim.objects.live()
        .filter(user=request.user)
        .select_related("enterprise__district", "district", "declared_district")
        .order_by("claimed_at", "pk")
    )
    units = [Unit(claim, claim.state == Claim.State.VERIFIED) for claim in claims]
    units.sort(key=lambda unit: not unit.verified)
    chosen = request.session.get(SESSION_KEY)
    current = next((unit for unit in units if unit.enterprise.pk == chosen), None)
    return Standing(units, current or (units[0] if units else None))
