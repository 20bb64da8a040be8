"""Recovering what was paid on a revoked support: each payment back is entered, the rest may be written off."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from applications import deadlines
from applications.models import Application
from applications.verbs import Refused, kept_out, refuse_kept_out
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from payments.models import RecoveryOrder, RecoveryReceipt

LONGEST_REFERENCE = RecoveryReceipt._meta.get_field("reference").max_length
LONGEST_REASON = RecoveryOrder._meta.get_field("reason").max_length
OPEN = (RecoveryOrder.State.ORDERED, RecoveryOrder.State.PARTLY_RECOVERED)


@dataclass(frozen=True)
class BackPayment:
    """What the treasury's slip says: reference, amount (yuan), day."""

    reference: str
    amount: Decimal
    received_on: date


def receive_recovery(order: RecoveryOrder, by, slip: BackPayment) -> RecoveryOrder:
    """登记缴回 into the treasury, by the maker of the office that paid; the fund's ledger stays. Raises Refused."""
    reference = " ".join((slip.reference or "").split())
    try:
        with transaction.atomic():
            row = _locked(order, by, Permission.CONFIRM_PAYMENT)
            wrong: dict[str, list[str]] = {}
            if not 0 < len(reference) <= LONGEST_REFERENCE:
                wrong["reference"] = [_("请填写缴款凭证号，不超过 %d 个字符") % LONGEST_REFERENCE]
            elif RecoveryReceipt.objects.filter(reference=reference).exists():
                wrong["reference"] = [_("该缴款凭证号已登记过")]
            if not 0 < slip.amount <= row.missing:
                wrong["amount"] = [_("金额应大于 0，不超过尚未缴回的 %s 元") % f"{row.missing:,.2f}"]
            if not deadlines.day_of(row.ordered_at) <= slip.received_on <= clock.today():
                wrong["received_on"] = [_("缴回日期应在决定之日和今天之间")]
            if wrong:
                raise Refused("invalid", _("请更正登记内容"), wrong)
            RecoveryReceipt.objects.create(
                order=row,
                reference=reference,
                amount=slip.amount,
                received_on=slip.received_on,
                entered_by=by,
                entered_at=clock.now(),
            )
            row.receive(amount=slip.amount, at=clock.now())
            _save(
                row, "receive_recovery", by, reference=reference, amount=slip.amount, paid_on=slip.received_on
            )
            return row
    except IntegrityError as error:
        # The same reference for another order, at the same moment.
        if "reference" not in str(error):
            raise
        message = _("该缴款凭证号已登记过")
        raise Refused("invalid", message, {"reference": [message]}) from error


def write_off_recovery(order: RecoveryOrder, by, reason: str) -> RecoveryOrder:
    """核销 what can't be got back, by the checker, with the reason. Raises Refused."""
    reason = (reason or "").strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        message = _("请写明核销的依据和理由，不超过 %d 个字") % LONGEST_REASON
        raise Refused("invalid", message, {"reason": [message]})
    with transaction.atomic():
        row = _locked(order, by, Permission.RELEASE_PAYMENT)
        place = by.in_place_of(Permission.RELEASE_PAYMENT, row.office_id)
        if row.receipts.filter(entered_by__in={by.pk, place.pk if place else by.pk}).exists():
            raise Refused("forbidden", _("登记缴回的人与核销的人不能是同一人"))
        row.write_off(by=by, at=clock.now(), reason=reason)
        _save(row, "write_off_recovery", by, reason=reason, amount=row.missing)
        return row


def _locked(order: RecoveryOrder, by, permission: str) -> RecoveryOrder:
    # The case first, as everywhere: a recusal locks it too.
    Application.objects.select_for_update(no_key=True).get(pk=order.application_id)
    row = (
        RecoveryOrder.objects.select_for_update(of=("self",), no_key=True)
        .select_related("application__call_item__item")
        .get(pk=order.pk)
    )
    if not by.may(permission, row.office_id):
        raise Refused("forbidden", _("您没有办理此事的权限"))
    refuse_kept_out(row.application, kept_out(by, [row.application]))
    if row.version != order.version:
        raise Refused("stale", _("这件追回刚刚已被他人办理，请刷新后再看"))
    if row.state not in OPEN:
        raise Refused("state", _("这件追回已经办结"))
    return row


def _save(row: RecoveryOrder, verb: str, by, **facts) -> None:
    row.version += 1
    row.save()
    case = row.application
    events.record(
        verb,
        row,
        by,
        tell=[Audience("enterprise", case.enterprise_id), Audience("office", case.municipal_office_id)],
        recovery=row.number,
        number=case.number,
        title=case.title or case.call_item.item.name,
        item=case.call_item.item.name,
        enterprise=case.identity["name"],
        missing=row.missing,
        state=str(row.get_state_display()),
        **facts,
    )
