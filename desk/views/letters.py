"""A letter of a case as it was issued, and how it was delivered; a delivery on paper is entered here."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applications import access
from applications.verbs import Refused
from desk.forms.letters import DeliveryForm
from desk.views import refusals
from desk.views.case import CASE_READERS
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from reviews import workflow
from reviews.models import Letter


def _letter(request, pk: int, letter: int) -> Letter:
    case = access.desk_case(request.user, pk)
    rows = Letter.objects.select_related("application", "office", "by").prefetch_related("deliveries")
    return get_object_or_404(rows, pk=letter, application=case)


def _page(request, found: Letter, form: DeliveryForm | None = None, status: int = 200):
    may = request.user.may(P.VIEW_CASES, found.office_id)
    context = {
        "letter": found,
        "case": found.application,
        "rows": [{"label": row["label"], "value": row["text"]} for row in found.body],
        "form": (form or DeliveryForm()) if may else None,
    }
    return render(request, "desk/letter.html", context, status=status)


@officers(*CASE_READERS)
@require_safe
def letter(request, pk: int, letter: int):
    return _page(request, _letter(request, pk, letter))


@officers(P.VIEW_CASES)
@require_POST
def letter_delivery(request, pk: int, letter: int):
    """Enter that it went by post or by hand."""
    found = _letter(request, pk, letter)
    form = DeliveryForm(request.POST)
    if form.is_valid():
        try:
            workflow.record_delivery(found, request.user, workflow.OnPaper(**form.cleaned_data)).one()
        except Refused as refusal:
            answer = refusals.answered(request, refusal, reverse("desk:letter", args=[pk, letter]))
            if answer is not None:
                return answer
            for name, texts in (refusal.fields or {"": [refusal.message]}).items():
                form.add_error(name or None, texts)
        else:
            messages.success(request, _("已登记送达"))
            return redirect("desk:letter", pk, letter)
    return _page(request, found, form, status=422)
