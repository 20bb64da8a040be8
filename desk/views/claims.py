"""Claims to act for an enterprise: the letter beside what was declared and what the register says."""

from django.contrib import messages
from django.db.models import F
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from desk import nav, shown
from desk.forms.claims import RejectForm, VerifyForm
from desk.forms.disputes import DisputeForm
from desk.views.refusals import stale
from enterprises import access, dispute_workflow, workflow
from enterprises.models import SELF_REPORTED, Claim
from enterprises.workflow import ClaimRefused
from foundation.accounts.access import NotAllowed, officers
from foundation.accounts.roles import Permission as P
from foundation.events import events
from foundation.files import files
from foundation.lists.columns import Column
from foundation.lists.lists import List

_TABS = {
    Claim.State.PENDING: gettext_lazy("待核验"),
    Claim.State.VERIFIED: gettext_lazy("已通过"),
    Claim.State.REJECTED: gettext_lazy("未通过"),
}


class ClaimList(List):
    title = gettext_lazy("身份核验")
    default_sort = "due"
    columns = (
        Column("due", gettext_lazy("期限"), "due_on", sort="due_on"),
        Column("name", gettext_lazy("申报的名称"), "declared_name"),
        Column("uscc", gettext_lazy("统一社会信用代码"), "enterprise.uscc", sort=F("enterprise__uscc")),
        Column("district", gettext_lazy("注册区"), "declared_district.name"),
        Column("route", gettext_lazy("方式"), "get_route_display"),
        Column("claimed", gettext_lazy("提出时间"), "claimed_at", sort="claimed_at"),
    )


@officers(*nav.CLAIMS)
@require_safe
def claims(request):
    reach = access.claims_on_desk(request.user)
    chosen = request.GET.get("tab", "")
    chosen = chosen if chosen in _TABS else Claim.State.PENDING
    listing = ClaimList(reach.filter(state=chosen), request)
    if "sort" not in request.GET and chosen != Claim.State.PENDING:
        listing.sort = "-claimed"
    waiting = reach.pending().count()
    rows = [
        {
            "claim": one,
            "left": shown.days_left(one.due_on) if one.due_on else None,
            "url": reverse("desk:claim", args=[one.pk]),
            "differs": any(row["differs"] for row in _compared(one)),
        }
        for one in listing.page.rows
    ]
    return render(
        request,
        "desk/claims.html",
        {
            "list": listing,
            "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
            "rows": rows,
            "chosen": chosen,
            "waiting": waiting,
            "tabs": [
                {
                    "label": label,
                    "url": f"?tab={state.value}",
                    "active": state == chosen,
                    "count": waiting if state == Claim.State.PENDING else None,
                }
                for state, label in _TABS.items()
            ],
        },
    )


@officers(*nav.CLAIMS)
@require_safe
def claim(request, pk: int):
    return _show(request, access.desk_claim(request.user, pk))


def _show(
    request,
    found: Claim,
    *,
    reject: RejectForm | None = None,
    dispute=None,
    error: str = "",
    status: int = 200,
):
    initial = {"version": found.version}
    pending = found.state == Claim.State.PENDING
    return render(
        request,
        "desk/claim.html",
        {
            "claim": found,
            "left": shown.days_left(found.due_on) if pending and found.due_on else None,
            "rows": _compared(found),
            "known": found.enterprise.source != SELF_REPORTED,
            "may_decide": pending and access.claims_to_decide(request.user).filter(pk=found.pk).exists(),
            "verify_form": VerifyForm(initial=initial),
            "reject_form": reject or RejectForm(initial=initial),
            "error": error,
            "dispute_form": dispute or DisputeForm(initial=initial),
            "may_dispute": pending
            and found.answer == Claim.Answer.OBJECTS
            and not found.enterprise.disputed_since,
            "letter_url": reverse("desk:claim_letter", args=[found.pk]) if found.letter_id else "",
            "history": shown.acts(events.timeline(found)),
            "tone": {"pending": "brand", "verified": "ok", "rejected": "stop"}[found.state],
        },
        status=status,
    )


def _compared(found: Claim) -> list[dict]:
    """What the claimant declared beside what the register knows, with what differs marked."""
    enterprise = found.enterprise
    known = enterprise.source != SELF_REPORTED
    pairs = [
        (_("统一社会信用代码"), enterprise.uscc, enterprise.uscc),
        (_("企业名称"), found.declared_name, enterprise.name),
        (_("注册区"), found.declared_district.name, enterprise.district.name),
    ]
    rows = [
        {
            "label": label,
            "declared": declared,
            "register": register if known else "",
            "differs": known and declared != register,
        }
        for label, declared, register in pairs
    ]
    if known:
        more = [
            (_("组织形式"), enterprise.get_legal_form_display()),
            (_("登记行业"), enterprise.industry),
            (_("注册地址"), enterprise.address),
            (_("成立日期"), enterprise.established_on.isoformat() if enterprise.established_on else ""),
            (_("账户状态"), enterprise.get_state_display()),
        ]
        rows += [
            {"label": label, "declared": "", "register": value, "differs": False}
            for label, value in more
            if value
        ]
    return rows


@officers(*nav.CLAIMS)
@require_safe
def claim_letter(request, pk: int):
    """The authorisation letter, in place or as a file with ?download=1."""
    found = access.desk_claim(request.user, pk)
    if found.letter is None:
        raise Http404
    return files.response(found.letter, inline="download" not in request.GET)


@officers(P.DECIDE_CLAIM)
@require_POST
def claim_verify(request, pk: int):
    found = access.desk_claim(request.user, pk)
    form = VerifyForm(request.POST)
    if not form.is_valid():
        return _show(request, found, error=_("页面不完整，请刷新后再试"), status=422)
    found.version = form.cleaned_data["version"]
    try:
        workflow.verify_claim(found, request.user)
    except ClaimRefused as refusal:
        return _refused(request, found, refusal) or _show(
            request, access.desk_claim(request.user, pk), error=refusal.message, status=422
        )
    messages.success(request, _("已通过“%s”的身份核验") % found.declared_name)
    return redirect("desk:claims")


@officers(P.DECIDE_CLAIM)
@require_POST
def claim_dispute(request, pk: int):
    """An owner objects to a takeover: the head settles who it is; until then the enterprise's people only read."""
    found = access.desk_claim(request.user, pk)
    form = DisputeForm(request.POST)
    if form.is_valid():
        found.version = form.cleaned_data["version"]
        try:
            dispute_workflow.dispute_takeover(found, request.user, form.cleaned_data["words"])
        except ClaimRefused as refusal:
            answer = _refused(request, found, refusal)
            if answer is not None:
                return answer
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("已列为争议，由区负责人处理"))
            return redirect("desk:claims")
    return _show(request, access.desk_claim(request.user, pk), dispute=form, status=422)


@officers(P.DECIDE_CLAIM)
@require_POST
def claim_reject(request, pk: int):
    found = access.desk_claim(request.user, pk)
    form = RejectForm(request.POST)
    if form.is_valid():
        found.version = form.cleaned_data["version"]
        try:
            workflow.reject_claim(found, request.user, form.cleaned_data["reason"])
        except ClaimRefused as refusal:
            answer = _refused(request, found, refusal)
            if answer is not None:
                return answer
            form.add_error("reason" if refusal.field == "reason" else None, refusal.message)
        else:
            messages.success(request, _("已退回“%s”的身份核验") % found.declared_name)
            return redirect("desk:claims")
    return _show(request, access.desk_claim(request.user, pk), reject=form, status=422)


def _refused(request, found: Claim, refusal: ClaimRefused):
    if refusal.code == "forbidden":
        raise NotAllowed(refusal.message)
    if refusal.code == "stale":
        return stale(request, refusal.message, reverse("desk:claim", args=[found.pk]))
    return None
