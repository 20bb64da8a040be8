"""补充资料: handing in what isn't known of the enterprise, for its district to enter."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from enterprises import access, supplement_workflow
from enterprises.models import Supplement
from enterprises.workflow import ClaimRefused
from foundation.accounts.access import NotAllowed, enterprise_side
from foundation.files import files
from foundation.files.files import RefusedFile
from portal import refusals
from portal.forms.supplement import SupplementForm
from portal.views.enterprise import keeper_of, own_enterprise


@enterprise_side
@require_http_methods(["GET", "HEAD", "POST"])
def supply(request):
    """The form, with the topic that the address names."""
    enterprise = own_enterprise(request)
    if enterprise is None:
        return redirect("claims")
    if request.method != "POST":
        asked = request.GET.get("topic", "")
        return _shown(request, enterprise, SupplementForm(initial={"topic": asked}))
    form = SupplementForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            row = supplement_workflow.supply(enterprise, request.user, **form.cleaned_data)
        except ClaimRefused as refused:
            if refused.code == "forbidden":
                raise NotAllowed(refused.message) from refused
            refusals.beside(
                form, refused.message, {refused.field: [refused.message]} if refused.field else None
            )
        except RefusedFile as refused:
            refusals.beside(form, "", {"document": refused.messages})
        else:
            messages.success(
                request, _("已提交，由%(office)s登记；结果会告诉您。") % {"office": keeper_of(row.enterprise)}
            )
            return redirect("enterprise")
    return _shown(request, enterprise, form, status=422)


def _shown(request, enterprise, form, status: int = 200):
    context = {
        "enterprise": enterprise,
        "form": form,
        "keeper": keeper_of(enterprise),
        "days": supplement_workflow.RECORD_DAYS,
    }
    return render(request, "portal/supply.html", context, status=status)


@enterprise_side
@require_safe
def document(request, pk: int):
    """The paper that was handed in."""
    row: Supplement = access.own_supplement(request.user, pk)
    return files.response(row.document)
