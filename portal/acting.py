"""For whom a person acts here: the enterprises that they are a member of or have claimed, and which is in view."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from enterprises.member_roles import MAY, Does, roles_that
from enterprises.models import Claim, Enterprise, Member

SESSION_KEY = "enterprise"


@dataclass(frozen=True)
class Unit:
    """An enterprise that somebody acts for (`member`), or says so (`claim`, not decided yet).

    Where it is not `verified`, only what the person declared may be shown, nothing of the register.
    """

    enterprise: Enterprise
    member: Member | None = None
    claim: Claim | None = None

    @property
    def verified(self) -> bool:
        return self.member is not None

    @property
    def name(self) -> str:
        return self.enterprise.name if self.verified else self.claim.declared_name

    @property
    def role(self) -> str:
        """企业经办人, 代办人, 查看人; nothing before somebody has decided the claim."""
        return str(self.member.get_role_display()) if self.member else ""

    @property
    def active(self) -> bool:
        """Verified, and neither suspended nor closed nor disputed: its people may act."""
        one = self.enterprise
        return self.verified and one.state == Enterprise.State.VERIFIED and one.disputed_since is None

    @property
    def may(self) -> dict[str, bool]:
        """What the person may do for it by their role, {draft: True …}; drafts also while a claim waits."""
        held = MAY[self.member.role] if self.member else frozenset({"draft", "read"})
        return dict.fromkeys((str(does) for does in held), True)

    @property
    def may_submit(self) -> bool:
        """Whether the person may hand in now."""
        return self.active and "submit" in self.may

    @property
    def barred(self) -> str:
        """Why nothing can be done for it now, whoever the person is; "" where its account is in order."""
        states, one = Enterprise.State, self.enterprise
        # A dispute is the members' affair, nobody else learns of it.
        if not self.verified and one.state in {states.REGISTERED, states.VERIFIED}:
            return ""
        return _("%s。") % one.barred if one.barred else ""

    @property
    def why_no_draft(self) -> str:
        """Why the person may begin no application for it; "" where they may, also while their claim waits."""
        if Does.DRAFT not in self.may:
            return self.why_not(Does.DRAFT)
        return self.barred

    def why_not(self, does: str) -> str:
        """Why the person, whose claim is verified, may not do that for it now; "" where they may."""
        if does not in self.may:
            who = "、".join(str(Member.Role(role).label) for role in roles_that(does))
            return _("您是%(role)s；%(does)s由%(who)s办理。") % {
                "role": self.role,
                "does": Does(does).label,
                "who": who,
            }
        return self.barred

    @property
    def asks_owners(self) -> bool:
        """A request to join that the enterprise's own people have to answer."""
        return self.claim is not None and not self.claim.by_district


@dataclass(frozen=True)
class Standing:
    """All units of a person, the verified ones first, and the one in view (None before any claim)."""

    units: list[Unit]
    current: Unit | None

    @property
    def others(self) -> list[Unit]:
        return [unit for unit in self.units if unit is not self.current]


class Elsewhere(Http404):
    """What was asked for belongs to another enterprise of this person than the one in view."""

    def __init__(self, enterprise_id: int):
        self.enterprise_id = enterprise_id
        super().__init__("of another enterprise")


class ElsewhereMiddleware:
    """Answers Elsewhere with a page that offers to act for that enterprise; status 409, nothing is shown of it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, error):
        if not isinstance(error, Elsewhere):
            return None
        units = standing(request).units
        unit = next((one for one in units if one.enterprise.pk == error.enterprise_id), None)
        if unit is None:
            return None
        back = request.path if request.method in {"GET", "HEAD"} else ""
        context = {"unit": unit, "current": standing(request).current, "next": back}
        return render(request, "portal/elsewhere.html", context, status=409)


def standing(request: HttpRequest) -> Standing:
    """The person's standing, read once per request."""
    if not hasattr(request, "_standing"):
        request._standing = _read(request)
    return request._standing


def may(request: HttpRequest, does: str) -> bool:
    """Whether the person's role for the enterprise in view carries it."""
    unit = standing(request).current
    return unit is not None and does in unit.may


def choose(request: HttpRequest, enterprise_id: int) -> bool:
    """Put another of the person's own enterprises into view, for this session; False where it is not theirs."""
    if not any(unit.enterprise.pk == enterprise_id for unit in standing(request).units):
        return False
    request.session[SESSION_KEY] = enterprise_id
    return True


def _read(request: HttpRequest) -> Standing:
    if not request.user.is_authenticated:
        return Standing([], None)
    members = (
        Member.objects.live()
        .filter(user=request.user)
        .select_related("enterprise__district")
        .order_by("since", "pk")
    )
    units = [Unit(member.enterprise, member) for member in members]
    known = {unit.enterprise.pk for unit in units}
    claims = (
        Claim.objects.pending()
        .filter(user=request.user)
        .select_related("enterprise__district", "district", "declared_district")
        .order_by("claimed_at", "pk")
    )
    units += [Unit(claim.enterprise, claim=claim) for claim in claims if claim.enterprise_id not in known]
    chosen = request.session.get(SESSION_KEY)
    current = next((unit for unit in units if unit.enterprise.pk == chosen), None)
    return Standing(units, current or (units[0] if units else None))
