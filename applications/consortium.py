"""What follows from a consortium: what stands against a submission, its frozen copy, the shares of an amount."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from django.utils.translation import gettext as _

from applications.models import Application, ConsortiumPartner
from applications.states import State as CaseState
from enterprises.models import Enterprise
from foundation.events import events
from foundation.events.events import Audience

WHOLE = Decimal(100)
FEN = Decimal("0.01")
State = ConsortiumPartner.State
# What a partner is told that the case has come to: what is known to the public or decides on its own part.
TOLD = {
    CaseState.SUBMITTED,
    CaseState.NOT_ACCEPTED,
    CaseState.WAITLISTED,
    CaseState.DECLINED,
    CaseState.PUBLIC_NOTICE,
    CaseState.APPROVED,
    CaseState.PAID,
    CaseState.COMPLETED,
    CaseState.WITHDRAWN,
    CaseState.LAPSED,
    CaseState.REVOKED,
}


@dataclass(frozen=True, slots=True)
class Share:
    """One unit's part of an amount; `amount` (yuan) is None where no amount stands yet."""

    name: str
    share: Decimal
    amount: Decimal | None
    part: str = ""
    is_lead: bool = False

    @property
    def share_text(self) -> str:
        """30, 33.33: without zeros that say nothing."""
        return f"{self.share.normalize():f}"


def standing(case: Application) -> list[ConsortiumPartner]:
    """The partners that the lead named and didn't drop, in that order."""
    rows = case.partners.exclude(state=State.DROPPED)
    return list(rows.select_related("enterprise", "agreement").order_by("pk"))


def lead_share(shares: Iterable[Decimal]) -> Decimal:
    """Percent that is left to the lead."""
    return WHOLE - sum(shares, Decimal(0))


def obstacles(partners: Iterable[ConsortiumPartner]) -> list[str]:
    """Why a consortium can't be handed in yet, one sentence for each partner."""
    found = []
    for one in partners:
        if one.state == State.ASKED:
            found.append(_("参与单位“%s”还没有确认") % one.name)
        elif one.state == State.REFUSED:
            found.append(_("参与单位“%(name)s”已拒绝：%(why)s") % {"name": one.name, "why": one.reason})
        elif one.state == State.WITHDRAWN:
            found.append(_("参与单位“%s”已取回确认") % one.name)
        elif one.state == State.BY_AGREEMENT and one.agreement_id is None:
            found.append(_("请上传与“%s”盖章的联合申报协议") % one.name)
        if one.enterprise and one.enterprise.state in {Enterprise.State.SUSPENDED, Enterprise.State.CLOSED}:
            found.append(
                _("参与单位“%(name)s”现在是“%(state)s”，不能参与")
                % {"name": one.name, "state": one.enterprise.get_state_display()}
            )
    return found


def frozen(partners: Iterable[ConsortiumPartner]) -> list[dict]:
    """The consortium as a submission keeps it, the lead apart."""
    return [
        {
            "partner": one.pk,
            "uscc": one.uscc,
            "name": one.name,
            "part": one.part,
            "share": f"{one.share:.2f}",
            "enterprise": one.enterprise_id,
            "how": str(one.get_state_display()),
            "confirmed_at": one.answered_at.isoformat() if one.answered_at else "",
            "confirmed_by": one.answered_by.actor_label if one.answered_by else "",
            "agreement": {
                "document": str(one.agreement_id),
                "name": one.agreement.name,
                "sha256": one.agreement.sha256,
            }
            if one.agreement_id
            else None,
        }
        for one in partners
    ]


def names(kept: list[dict]) -> str:
    """The partners' names of a frozen consortium, as a list of a notice says them."""
    return "、".join(one["name"] for one in kept)


def part_of(amount: Decimal | None, share: Decimal) -> Decimal | None:
    """A partner's part of an amount (yuan) by its percent, cut to the fen; None while no amount stands."""
    return None if amount is None else (amount * share / WHOLE).quantize(FEN, ROUND_DOWN)


def split(lead: str, kept: list[dict], amount: Decimal | None) -> list[Share]:
    """The amount (yuan) by shares, the lead first: partners' parts are cut to the fen, the rest is the lead's."""
    partners = []
    for one in kept:
        share = Decimal(one["share"])
        partners.append(Share(one["name"], share, part_of(amount, share), one["part"]))
    left = lead_share(one.share for one in partners)
    rest = None if amount is None else amount - sum((one.amount for one in partners), Decimal(0))
    return [Share(lead, left, rest, is_lead=True), *partners]


def shares(case: Application, kept: list[dict]) -> list[Share]:
    """The shares of a submitted case: with amounts once it was approved; empty without a consortium."""
    return split(case.identity["name"], kept, case.approved_amount) if kept else []


def tell_partners(cases: Iterable[Application], before: dict[int, str], by) -> None:
    """Tell the people of confirmed partners what these cases have come to, with their part of an approved amount.

    before: {case id: the state it left}. No query where no call takes consortia, a fixed number otherwise.
    """
    moved = {
        case.pk: case
        for case in cases
        if case.call_item.consortium_most
        and case.state in TOLD - {before[case.pk]}
        # A corrected case waits as it did before.
        and (before[case.pk], case.state) != (CaseState.AWAITING_CORRECTION, CaseState.SUBMITTED)
    }
    if not moved:
        return
    partners = ConsortiumPartner.objects.filter(application__in=moved, state=State.CONFIRMED).order_by("pk")
    entries = []
    for one in partners:
        case = moved[one.application_id]
        part = part_of(case.approved_amount, one.share)
        facts = {
            "lead": case.enterprise.name,
            "partner": one.name,
            "number": case.number,
            "title": case.title,
            "item": case.call_item.item.name,
            "state": str(case.get_state_display()),
        }
        facts |= {"amount": part} if part is not None else {}
        entries.append(events.Entry(one, facts, [Audience("enterprise", one.enterprise_id)]))
    events.record_many("consortium_moved", entries, by)


def last(case: Application) -> list[dict]:
    """The consortium of the last submission."""
    return case.submissions.order_by("-round").values_list("consortium", flat=True).first() or []
