"""What an enterprise holds that is still open: read before its account is closed by a merger, and afterwards."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.access import on_desk
from applications.models import Application, ConsortiumPartner
from applications.states import ENDED, State
from desk import shown
from enterprises.models import Enterprise
from payments.models import Disbursement, RecoveryOrder
from tracking.models import Referral

_TO_COME_BACK = (RecoveryOrder.State.ORDERED, RecoveryOrder.State.PARTLY_RECOVERED)
MOST = 100


@dataclass(frozen=True)
class Holding:
    """One case that isn't over, and what of its money isn't settled."""

    case: Application
    tone: str
    url: str
    money: str


@dataclass(frozen=True)
class Holdings:
    """cases: within reach; elsewhere: how many more other offices have; others: (what, how many)."""

    cases: list[Holding]
    elsewhere: int
    others: list[tuple[str, int]]

    @property
    def any(self) -> bool:
        return bool(self.cases or self.elsewhere or self.others)


def read(enterprise: Enterprise, user) -> Holdings:
    """Eight queries, whatever it holds."""
    back = Q(state=State.REVOKED, recovery__state__in=_TO_COME_BACK)
    live = Application.objects.filter(enterprise=enterprise, number__isnull=False).filter(
        ~Q(state__in=ENDED) | back
    )
    reach = on_desk(user).filter(pk__in=live.values("pk")).with_names().select_related("recovery")
    cases = list(reach.order_by("-pk")[:MOST])
    paying = {
        row.application_id: row
        for row in Disbursement.objects.filter(application__in=cases).exclude(state="returned").order_by("pk")
    }
    others = [
        (_("未提交的草稿"), Application.objects.filter(enterprise=enterprise, state=State.DRAFT)),
        (
            _("未答复的办理请求"),
            Referral.objects.filter(
                enterprise=enterprise, state__in=[Referral.State.WAITING, Referral.State.WORKING]
            ),
        ),
        (_("作为参与单位、未办结的联合申报"), _parts(enterprise)),
        (_("待登记的补充资料"), enterprise.supplements.pending()),
        (_("待核验的经办人登记"), enterprise.claims.pending()),
    ]
    counted = [(label, rows.count()) for label, rows in others]
    return Holdings(
        [
            Holding(
                case,
                shown.tone(case.state),
                reverse("desk:case", args=[case.pk]),
                _money(case, paying.get(case.pk)),
            )
            for case in cases
        ],
        live.count() - len(cases),
        [(label, number) for label, number in counted if number],
    )


def _parts(enterprise: Enterprise) -> QuerySet[ConsortiumPartner]:
    """Where it takes part, or is asked to, in a case that isn't over."""
    over = [ConsortiumPartner.State.DROPPED, ConsortiumPartner.State.REFUSED]
    rows = ConsortiumPartner.objects.filter(enterprise=enterprise).exclude(state__in=over)
    return rows.exclude(application__state__in=ENDED)


def _money(case: Application, payment: Disbursement | None) -> str:
    if case.state == State.REVOKED:
        return _("尚未缴回 %s 元") % f"{case.recovery.missing:,.2f}"
    if payment and payment.state != Disbursement.State.CONFIRMED:
        return _("拨付 %(amount)s 元：%(state)s") % {
            "amount": f"{payment.amount:,.2f}",
            "state": payment.get_state_display(),
        }
    if case.state == State.APPROVED:
        return _("批复 %s 元，尚未提出拨付") % f"{case.approved_amount:,.2f}"
    if case.state == State.PAID:
        return _("已拨付 %s 元，尚未验收") % f"{case.approved_amount:,.2f}"
    if case.state == State.OFFERED:
        return _("列入名单 %s 元，尚未确认") % f"{case.proposed_amount:,.2f}"
    return ""
