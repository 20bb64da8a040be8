"""The verbs of finance: order, release or return, confirm. Each takes one or many.

Money moves in the ledger with each verb: committed → ordered → released → spent.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from applications import checks, deadlines
from applications.models import Application
from applications.states import State
from applications.verbs import Act, Outcome, Outcomes, Refused, kept_out, refuse_kept_out, store_checks
from enterprises.models import Enterprise, SupportRecord
from foundation.accounts.fields import fingerprint
from foundation.accounts.models import User
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from measures import funds
from payments import account_changes
from payments.models import Disbursement
from reviews.models import RevocationNotice

LONGEST_REFERENCE = Disbursement._meta.get_field("reference").max_length


def order(cases: Application | Iterable[Application], by: User) -> Outcomes:
    """提出拨付 for approved cases, to the account that the enterprise gave; the rule is checked once more.

    The outcome's case carries the new payment as `.ordered`.
    """
    given = [cases] if isinstance(cases, Application) else list(cases)
    seen = {case.pk: case for case in given}
    at = clock.now()
    with transaction.atomic():
        locked = {
            case.pk: case
            for case in Application.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=seen)
            .select_related(
                "call_item__item", "call_item__call", "call_item__fund", "enterprise", "office", "form"
            )
            .order_by("pk")
        }
        paid = set(
            Disbursement.objects.filter(application__in=seen)
            .exclude(state=Disbursement.State.RETURNED)
            .order_by("pk")
            .values_list("application_id", flat=True)
        )
        out = kept_out(by, locked.values())
        told = set(
            RevocationNotice.objects.filter(application__in=seen, state=RevocationNotice.State.OPEN)
            .order_by("pk")
            .values_list("application_id", flat=True)
        )
        tries: dict[int, int] = defaultdict(int)
        for pk in (
            Disbursement.objects.filter(application__in=seen)
            .order_by("pk")
            .values_list("application_id", flat=True)
        ):
            tries[pk] += 1
        outcomes = Outcomes()
        for case in seen.values():
            now = locked.get(case.pk)
            outcome = Outcome(now or case)
            try:
                _may_order(now, case.version, paid, by, out)
                if now.pk in told:
                    raise Refused("state", _("已告知企业拟撤销支持，决定之前不能拨付"))
            except Refused as refusal:
                outcome.refused = refusal
            outcomes.append(outcome)
        checked = checks.check(outcomes.done, "order_payment", at) if outcomes.done else {}
        for outcome in outcomes:
            if outcome.refused or checked[outcome.case.pk].answer.eligible is not False:
                continue
            unmet = "；".join(c.label for c in checked[outcome.case.pk].answer.unmet)
            outcome.refused = Refused("invalid", _("拨付前规则核对不符合：%s") % unmet)
        done = outcomes.done
        if not done:
            return outcomes
        store_checks(checked[case.pk].row for case in done)
        rows = Disbursement.objects.bulk_create(
            Disbursement(
                number=f"BF-{case.number}-{tries[case.pk] + 1}",
                application=case,
                fund=case.call_item.fund,
                office=case.office,
                amount=case.approved_amount,
                payee_name=case.enterprise.name,
                payee_bank=case.enterprise.bank_name,
                payee_account=case.enterprise.bank_account,
                payee_fingerprint=fingerprint(case.enterprise.bank_account),
                ordered_at=at,
                ordered_by=by,
                ordered_for=by.in_place_of(Permission.ORDER_PAYMENT, case.office_id),
            )
            for case in done
        )
        for case, row in zip(done, rows, strict=True):
            case.ordered = row
        since = clock.local(at).date() - timedelta(days=account_changes.RECENT_DAYS)
        replaced = account_changes.replaced({case.enterprise_id for case in done}, since)
        _move(funds.order, rows, by)
        _record(
            "order_payment",
            rows,
            by,
            lambda row: [Audience("office", row.office_id)],
            Permission.ORDER_PAYMENT,
            lambda row: {
                "account_replaced_on": account_changes.recent_day(replaced[row.application.enterprise_id], at)
            },
        )
        return outcomes


def _may_order(case: Application | None, version: int, paid: set[int], by: User, out: set[int]) -> None:
    if case is None or case.state != State.APPROVED:
        raise Refused("state", _("只有已批复的申请可以拨付"))
    if case.version != version:
        raise Refused("stale", _("该申请刚刚已被他人办理，请刷新后再看"))
    refuse_kept_out(case, out)
    if not by.may(Permission.ORDER_PAYMENT, case.office_id):
        raise Refused("forbidden", _("您没有办理此事的权限"))
    if case.pk in paid:
        raise Refused("state", _("该申请已提出过拨付"))
    if case.enterprise.state == Enterprise.State.CLOSED:
        raise Refused("state", _("企业已注销，不能向它拨付：%s") % case.enterprise.state_reason)
    if not (case.enterprise.bank_name and case.enterprise.bank_account):
        raise Refused("invalid", _("企业尚未填写收款账户，请提醒企业补充"))


@dataclass(frozen=True)
class Confirmation:
    """What the treasury's receipt says: its reference, the amount paid (yuan), the day."""

    reference: str
    amount: Decimal
    paid_on: date


def release(rows, by: User) -> Outcomes:
    """复核拨付 by another person than the maker."""

    def check(row):
        place = by.in_place_of(Permission.RELEASE_PAYMENT, row.office_id)
        if {by.pk, place and place.pk} & {row.ordered_by_id, row.ordered_for_id} - {None}:
            raise Refused("forbidden", _("经办人与复核人不能是同一人"))

    def apply(row, at):
        place = by.in_place_of(Permission.RELEASE_PAYMENT, row.office_id)
        row.release(by=by, at=at, in_place_of=place)

    return _run(
        "release",
        rows,
        by,
        Permission.RELEASE_PAYMENT,
        check,
        apply,
        event="release_payment",
        fund=funds.release_payment,
        tell=lambda row: [
            Audience("enterprise", row.application.enterprise_id),
            Audience("office", row.office_id),
        ],
    )


def return_order(rows, by: User, reason: str) -> Outcomes:
    """退回拨付 to the maker, with a reason: the sum is committed again and may be ordered anew."""
    reason = (reason or "").strip()
    if not reason:
        message = _("请写明退回理由")
        raise Refused("invalid", message, {"reason": [message]})
    return _run(
        "send_back",
        rows,
        by,
        Permission.RELEASE_PAYMENT,
        lambda row: None,
        lambda row, at: row.send_back(at=at, reason=reason[:300]),
        event="return_payment",
        fund=funds.return_order,
        tell=lambda row: [Audience("office", row.office_id)],
    )


class _Pay(Act):
    """The case's own transition when its payment is confirmed."""

    verb = "pay"

    def check(self, case):
        self.require(case, Permission.CONFIRM_PAYMENT, case.office_id)

    def apply(self, case):
        case.pay(at=self.at)

    def facts(self, case):
        row = self.rows[case.pk]
        return {"amount": row.paid_amount, "reference": row.reference, "paid_on": row.paid_on}


def confirm_payment(row: Disbursement, by: User, receipt: Confirmation) -> Outcomes:
    """登记拨付结果: reference, amount (must be the ordered one) and date; the case becomes paid."""
    reference = " ".join((receipt.reference or "").split())
    try:
        with transaction.atomic():
            # Lock order: cases before the rows of payments, as everywhere.
            case = Application.objects.select_for_update(no_key=True).get(pk=row.application_id)
            outcomes = _run(
                "confirm",
                row,
                by,
                Permission.CONFIRM_PAYMENT,
                lambda one: _refuse_wrong_receipt(one, receipt, reference),
                lambda one, at: one.confirm(
                    by=by, at=at, reference=reference, paid_on=receipt.paid_on, amount=receipt.amount
                ),
                event="confirm_payment",
                fund=funds.spend,
                tell=lambda one: [],
            )
            if outcomes.done:
                (paid,) = outcomes.done
                act = _Pay(by)
                act.rows = {case.pk: paid}
                act.run(case).one()
                _note_support(paid)
            return outcomes
    except IntegrityError as error:
        # The same reference for another payment, at the same moment.
        if "disbursement_reference_once" not in str(error):
            raise
        raise _wrong_receipt(reference=[_("该支付凭证号已登记过")]) from error


def _refuse_wrong_receipt(row: Disbursement, receipt: Confirmation, reference: str) -> None:
    wrong: dict[str, list[str]] = {}
    if not reference:
        wrong["reference"] = [_("请填写支付凭证号")]
    elif len(reference) > LONGEST_REFERENCE:
        wrong["reference"] = [_("支付凭证号不能超过 %d 个字符") % LONGEST_REFERENCE]
    elif Disbursement.objects.filter(reference=reference).exists():
        wrong["reference"] = [_("该支付凭证号已登记过")]
    if receipt.amount != row.amount:
        wrong["amount"] = [_("实付金额应与拨付金额 %s 元一致") % f"{row.amount:,.2f}"]
    if receipt.paid_on > clock.today():
        wrong["paid_on"] = [_("支付日期不能晚于今天")]
    elif row.released_at and receipt.paid_on < deadlines.day_of(row.released_at):
        wrong["paid_on"] = [_("支付日期不能早于复核日期")]
    if wrong:
        raise _wrong_receipt(**wrong)


def _wrong_receipt(**fields: list[str]) -> Refused:
    return Refused("invalid", _("请更正登记内容"), fields)


def _note_support(paid: Disbursement) -> None:
    """What the enterprise received stands in its record under the year of the call that it came from."""
    case = paid.application
    SupportRecord.objects.create(
        enterprise_id=case.enterprise_id,
        item_code=case.call_item.item.code,
        year=case.call_item.call.year,
        fund=paid.fund.name,
        project=case.title,
        amount=paid.amount,
        origin=SupportRecord.Origin.OURS,
        case_number=case.number,
        recorded_at=clock.now(),
    )


def _run(method, rows, by, permission, check, apply, *, event, fund, tell) -> Outcomes:
    """Lock payments by id, check each, move them, record; a refused one never blocks the others."""
    given = [rows] if isinstance(rows, Disbursement) else list(rows)
    seen = {row.pk: row for row in given}
    at = clock.now()
    with transaction.atomic():
        # The cases first, as everywhere: a recusal locks them too.
        cases = Application.objects.select_for_update(no_key=True).filter(disbursements__in=seen)
        list(cases.order_by("pk").values_list("pk", flat=True))
        locked = {
            row.pk: row
            for row in Disbursement.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=seen)
            .select_related(
                "application__call_item__item",
                "application__call_item__call",
                "application__enterprise",
                "fund",
                "office",
            )
            .order_by("pk")
        }
        out = kept_out(by, [row.application for row in locked.values()])
        outcomes, before = Outcomes(), Disbursement._meta.concrete_fields
        for row in seen.values():
            now = locked.get(row.pk)
            outcome = Outcome(now or row)
            try:
                if now is None or now.version != row.version:
                    raise Refused("stale", _("该笔拨付刚刚已被他人办理，请刷新后再看"))
                refuse_kept_out(now.application, out)
                if not by.may(permission, now.office_id):
                    raise Refused("forbidden", _("您没有办理此事的权限"))
                sources = {t.source for t in now.get_all_state_transitions() if t.name == method}
                if now.state not in sources:
                    raise Refused("state", _("该笔拨付现在是“%s”，不能办理") % now.get_state_display())
                check(now)
                apply(now, at)
                now.version += 1
            except Refused as refusal:
                outcome.refused = refusal
            outcomes.append(outcome)
        done = outcomes.done
        if done:
            names = [field.name for field in before if not field.primary_key]
            Disbursement.objects.bulk_update(done, names)
            _move(fund, done, by)
            _record(event, done, by, tell, permission)
        return outcomes


def _move(verb, rows, by) -> None:
    moves = defaultdict(list)
    for row in rows:
        moves[row.fund].append(funds.Move(row.application_id, row.application.number, row.amount, row.number))
    for fund, some in sorted(moves.items(), key=lambda pair: pair[0].pk):
        verb(fund, some, by)


def _record(verb, rows, by, tell, permission, more=lambda row: {}) -> None:
    def place(row) -> dict:
        holder = by.in_place_of(permission, row.office_id)
        return {"in_place_of": holder.pk} if holder else {}

    events.record_many(
        verb,
        [
            events.Entry(
                row,
                {
                    "number": row.application.number,
                    "title": row.application.title,
                    "item": row.application.call_item.item.name,
                    "enterprise": row.payee_name,
                    "payment": row.number,
                    "amount": row.amount,
                    "reason": row.reason,
                    "reference": row.reference,
                    "paid_on": row.paid_on,
                    "state": str(row.get_state_display()),
                    **place(row),
                    **more(row),
                },
                tell(row),
            )
            for row in rows
        ],
        by,
    )
