"""Entering that an enterprise was merged into another: what remains, what is open, then the decision."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from desk.dossier import holdings
from desk.forms.enterprises import MergerForm, SuccessorForm
from desk.views.refusals import stale
from enterprises import access, change_workflow, history
from enterprises.models import Enterprise
from enterprises.workflow import ClaimRefused, normalised_uscc
from foundation.accounts.access import NotAllowed, officers
from foundation.accounts.roles import Permission as P


@officers(P.MANAGE_ENTERPRISE)
@require_http_methods(["GET", "HEAD", "POST"])
def enterprise_merger(request, pk: int):
    """First whose code remains (GET), then everything that is open beside the form that confirms (POST)."""
    row = get_object_or_404(access.mergeable(request.user), pk=pk)
    if row.state == Enterprise.State.CLOSED:
        messages.warning(request, _("企业已注销，不能登记吸收合并"))
        return redirect("desk:enterprise", pk)
    if request.method == "POST":
        return _merge(request, row)
    asked = SuccessorForm(request.GET if "successor" in request.GET else None)
    successor = None
    if asked.is_bound and asked.is_valid():
        successor = _found(asked, row)
    initial = {"version": row.version, "successor": successor.uscc if successor else ""}
    status = 422 if asked.is_bound and successor is None else 200
    return _show(request, row, asked, successor, MergerForm(initial=initial), status)


def _found(asked: SuccessorForm, row: Enterprise) -> Enterprise | None:
    """The enterprise that the typed code means; what is wrong with it stands beside the field."""
    try:
        successor = history.by_code(normalised_uscc(asked.cleaned_data["successor"]))
    except ClaimRefused as refusal:
        asked.add_error("successor", refusal.message)
        return None
    if successor is None:
        asked.add_error("successor", _("登记库中没有这个代码，请先导入或登记合并后的企业"))
    elif successor.pk == row.pk:
        asked.add_error("successor", _("合并后的企业不能是该企业自己"))
    elif successor.state == Enterprise.State.CLOSED:
        asked.add_error("successor", _("%s已注销，不能作为合并后的企业") % successor.name)
    else:
        return successor
    return None


def _merge(request, row: Enterprise):
    form = MergerForm(request.POST, request.FILES)
    asked = SuccessorForm({"successor": request.POST.get("successor", "")})
    successor = _found(asked, row) if asked.is_valid() else None
    if form.is_valid() and successor:
        values = form.cleaned_data
        row.version = values["version"]
        try:
            change_workflow.record_merger(
                row,
                request.user,
                values["effective_on"],
                successor=successor,
                source=values["source"],
                document=values["document"],
            )
        except ClaimRefused as refusal:
            if refusal.code == "forbidden":
                raise NotAllowed(refusal.message) from refusal
            if refusal.code == "stale":
                return stale(request, refusal.message, reverse("desk:enterprise", args=[row.pk]))
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            values = {"absorbed": row.name, "successor": successor.name}
            messages.success(request, _("已登记“%(absorbed)s”被“%(successor)s”吸收合并") % values)
            return redirect("desk:enterprise", row.pk)
    return _show(request, row, asked, successor, form, 422)


def _show(request, row, asked, successor, form, status: int):
    return render(
        request,
        "desk/merger.html",
        {
            "enterprise": row,
            "asked": asked,
            "successor": successor,
            "facts": successor
            and [
                {"label": _("名称"), "value": successor.name},
                {"label": _("统一社会信用代码"), "value": successor.uscc},
                {"label": _("注册区"), "value": successor.district.name},
                {"label": _("组织形式"), "value": successor.get_legal_form_display()},
                {"label": _("状态"), "value": successor.get_state_display()},
            ],
            "form": form,
            "holdings": holdings.read(row, request.user),
        },
        status=status,
    )
