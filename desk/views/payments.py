"""Finance: order what was approved, check and release or return, enter what the treasury's receipt says."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from applications import consortium
from applications.verbs import Refused
from desk import nav, shown
from desk.forms.payments import ConfirmForm, ReturnForm
from desk.lists.payments import PayableList, PaymentList
from desk.views.exporting import download
from desk.views.many import AT_ONCE, boxes, picked
from desk.views.refusals import answered
from enterprises import history
from enterprises.models import Enterprise
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.events import events
from foundation.workdays.workdays import CalendarMissing
from payments import access, account_changes, workflow
from payments.models import Disbursement
from payments.workflow import Confirmation

_S = Disbursement.State
_TABS = {
    "payable": gettext_lazy("待提出"),
    _S.ORDERED.value: gettext_lazy("待复核"),
    _S.RELEASED.value: gettext_lazy("支付中"),
    _S.CONFIRMED.value: gettext_lazy("已拨付"),
    _S.RETURNED.value: gettext_lazy("已退回"),
}
_TONES = {_S.ORDERED: "warn", _S.RELEASED: "brand", _S.CONFIRMED: "ok", _S.RETURNED: "stop"}


def _first_tab(user) -> str:
    return "payable" if user.may(P.ORDER_PAYMENT) or not user.may(P.RELEASE_PAYMENT) else _S.ORDERED.value


@officers(*nav.PAYMENTS)
@require_safe
def payments(request):
    user = request.user
    chosen = request.GET.get("tab", "")
    chosen = chosen if chosen in _TABS else _first_tab(user)
    listing = _listing(request, chosen)
    if "export" in request.GET:
        return download(request, listing)
    counts = _counts(user)
    rows = listing.page.rows
    context = {
        "list": listing,
        "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
        "chosen": chosen,
        "tabs": [
            {"label": label, "url": f"?tab={name}", "active": name == chosen, "count": counts.get(name)}
            for name, label in _TABS.items()
        ],
        "counts": counts,
        "total": listing.total_text,
        "export_url": listing.address(tab=chosen, export="xlsx"),
        "may_order": user.may(P.ORDER_PAYMENT),
        "may_release": user.may(P.RELEASE_PAYMENT),
        "headline": _headline(user, counts),
    }
    if chosen == "payable":
        warnings = account_changes.before_ordering(rows)
        context["rows"] = [
            {
                "case": case,
                "box": box,
                "due": shown.due(case),
                "account": bool(case.enterprise.bank_account),
                "closed": case.enterprise.state == Enterprise.State.CLOSED,
                "warnings": warnings.get(case.pk, ()),
            }
            for case, box in zip(rows, boxes(rows), strict=True)
        ]
        return render(request, "desk/payable.html", context)
    warnings = account_changes.before_releasing(rows)
    context["rows"] = [
        {
            "payment": row,
            "warnings": warnings.get(row.pk, ()),
            "box": f"{row.pk}-{row.version}",
            "tone": _TONES[row.state],
            "own": row.ordered_by_id == user.pk,
            "url": reverse("desk:payment", args=[row.pk]),
        }
        for row in rows
    ]
    return render(request, "desk/payments.html", context)


def _listing(request, chosen: str):
    if chosen == "payable":
        return PayableList(access.payable(request.user), request)
    return PaymentList(access.visible(request.user).filter(state=chosen).with_names(), request)


def _counts(user) -> dict[str, int]:
    by_state = {_S.ORDERED.value: 0, _S.RELEASED.value: 0}
    waiting = access.visible(user).filter(state__in=list(by_state)).order_by()
    for state in waiting.values_list("state", flat=True)[:2000]:
        by_state[state] += 1
    return {"payable": access.payable(user).order_by().count(), **by_state}


def _headline(user, counts: dict) -> str:
    if user.may(P.ORDER_PAYMENT):
        if counts["payable"] or counts["released"]:
            values = {"n": counts["payable"], "m": counts["released"]}
            return _("有 %(n)d 件待提出拨付，%(m)d 笔待登记结果") % values
        return _("现在没有待您办理的拨付")
    if user.may(P.RELEASE_PAYMENT):
        return _("有 %d 笔待您复核") % counts["ordered"] if counts["ordered"] else _("现在没有待复核的拨付")
    return _("待提出 %(n)d 件，待复核 %(m)d 笔，支付中 %(k)d 笔") % {
        "n": counts["payable"],
        "m": counts["ordered"],
        "k": counts["released"],
    }


@officers(P.ORDER_PAYMENT)
@require_POST
def payment_order(request):
    """Order the ticked cases' payments; each gets its own result."""
    cases = picked(request, access.payable(request.user))
    if not cases:
        messages.warning(request, _("请先勾选要提出拨付的申请"))
        return redirect("desk:payments")
    try:
        outcomes = workflow.order(cases, request.user)
    except (Refused, CalendarMissing) as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:payments")
    return _results(
        request,
        _("提出拨付"),
        [
            {
                "number": one.case.number,
                "name": one.case.enterprise.name,
                "amount": one.case.approved_amount,
                "refused": one.refused.message if one.refused else "",
                "url": reverse("desk:payment", args=[one.case.ordered.pk])
                if not one.refused
                else reverse("desk:case", args=[one.case.pk]),
                "state": _("已提出，待复核"),
            }
            for one in outcomes
        ],
    )


@officers(P.RELEASE_PAYMENT)
@require_POST
def payment_release(request):
    """Release the ticked payments, or the one whose page it is."""
    seen = {}
    for box in request.POST.getlist("pick")[:AT_ONCE]:
        pk, dash, version = box.partition("-")
        if dash and pk.isdecimal() and version.isdecimal() and len(pk) < 19 and len(version) < 10:
            seen[int(pk)] = int(version)
    rows = list(access.visible(request.user).filter(pk__in=seen).with_names().order_by("pk"))
    if not rows:
        messages.warning(request, _("请先勾选要复核的拨付"))
        return redirect("desk:payments")
    for row in rows:
        row.version = seen[row.pk]
    outcomes = workflow.release(rows, request.user)
    if len(rows) == 1 and "one" in request.POST:
        (only,) = outcomes
        if only.refused:
            answer = answered(request, only.refused, reverse("desk:payment", args=[rows[0].pk]))
            return answer or _show(request, rows[0].pk, error=only.refused.message, status=422)
        messages.success(request, _("已复核 %s，进入支付") % only.case.number)
        return redirect("desk:payment", rows[0].pk)
    return _results(
        request,
        _("复核拨付"),
        [
            {
                "number": one.case.number,
                "name": one.case.payee_name,
                "amount": one.case.amount,
                "refused": one.refused.message if one.refused else "",
                "url": reverse("desk:payment", args=[one.case.pk]),
                "state": _("已复核，支付中"),
            }
            for one in outcomes
        ],
    )


def _results(request, label: str, rows: list[dict]):
    refused = sum(1 for row in rows if row["refused"])
    done = [row for row in rows if not row["refused"]]
    return render(
        request,
        "desk/payment_results.html",
        {
            "label": label,
            "rows": rows,
            "done": len(done),
            "refused": refused,
            "total": sum((row["amount"] for row in done), 0),
        },
    )


@officers(*nav.PAYMENTS)
@require_safe
def payment(request, pk: int):
    return _show(request, pk)


def _show(request, pk: int, *, forms: dict | None = None, error: str = "", status: int = 200):
    user, forms = request.user, forms or {}
    row = access.disbursement(user, pk)
    office = row.office_id
    may_check = row.state == _S.ORDERED and user.may(P.RELEASE_PAYMENT, office)
    may_confirm = row.state == _S.RELEASED and user.may(P.CONFIRM_PAYMENT, office)
    return render(
        request,
        "desk/payment.html",
        {
            "shares": consortium.shares(row.application, consortium.last(row.application)),
            "payment": row,
            "tone": _TONES[row.state],
            "box": f"{row.pk}-{row.version}",
            "warnings": account_changes.before_releasing([row]).get(row.pk, ()),
            "account_since": history.latest_accounts([row.application.enterprise_id]).first(),
            "may_release": may_check and row.ordered_by_id != user.pk,
            "barred": may_check and row.ordered_by_id == user.pk,
            "may_return": may_check,
            "may_confirm": may_confirm,
            # Whoever pays must read the whole number; everybody else the last four digits.
            "shows_account": row.state in {_S.ORDERED, _S.RELEASED}
            and any(user.may(needed, office) for needed in (P.RELEASE_PAYMENT, P.CONFIRM_PAYMENT)),
            "return_form": forms.get("return") or ReturnForm(payment=row),
            "confirm_form": forms.get("confirm") or ConfirmForm(payment=row),
            "history": shown.acts(events.timeline(row)),
            "award_lines": row.application.award_lines,
            "error": error,
        },
        status=status,
    )


@officers(P.RELEASE_PAYMENT)
@require_POST
def payment_return(request, pk: int):
    row = access.disbursement(request.user, pk)
    form = ReturnForm(request.POST, payment=row)
    if form.is_valid():
        row.version = form.cleaned_data["version"]
        try:
            workflow.return_order(row, request.user, form.cleaned_data["reason"]).one()
        except Refused as refusal:
            answer = answered(request, refusal, reverse("desk:payment", args=[pk]))
            if answer is not None:
                return answer
            form.refuse(refusal)
        else:
            messages.success(request, _("已退回 %s，金额恢复为待提出") % row.number)
            return redirect("desk:payment", pk)
    return _show(request, pk, forms={"return": form}, status=422)


@officers(P.CONFIRM_PAYMENT)
@require_POST
def payment_confirm(request, pk: int):
    row = access.disbursement(request.user, pk)
    form = ConfirmForm(request.POST, payment=row)
    if form.is_valid():
        data = form.cleaned_data
        row.version = data["version"]
        receipt = Confirmation(data["reference"], data["amount"], data["paid_on"])
        try:
            workflow.confirm_payment(row, request.user, receipt).one()
        except Refused as refusal:
            answer = answered(request, refusal, reverse("desk:payment", args=[pk]))
            if answer is not None:
                return answer
            form.refuse(refusal)
        except CalendarMissing as missing:
            form.add_error(None, str(missing))
        else:
            messages.success(request, _("已登记 %s 的拨付结果，并通知企业") % row.number)
            return redirect("desk:payment", pk)
    return _show(request, pk, forms={"confirm": form}, status=422)
