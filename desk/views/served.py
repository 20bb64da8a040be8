"""我服务的企业: what each must do now, and one enterprise with its cases' states and the log of contacts. Decides nothing."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applications.access import recusals_of
from applications.states import State
from applications.verbs import Refused
from desk import nav, shown
from desk.forms.specialists import ContactForm
from desk.lists.specialists import ServedList, need_text
from desk.views import refusals
from desk.views.enterprises import TONES
from desk.views.exporting import download
from enterprises.models import Enterprise
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from measures.calls import countdown
from tracking import access, serving, specialist_workflow

# Of one enterprise, the newest.
CASES_SHOWN, CONTACTS_SHOWN = 50, 50


@officers(P.SERVE)
@require_safe
def served(request):
    listing = _listing(request)
    rows = listing.page.rows
    open_to = serving.can_apply(row.pk for row in rows)
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    mine = access.served(request.user)
    context = {
        "list": listing,
        "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
        "rows": [
            {
                "one": row,
                "tone": TONES[row.state],
                "left": shown.days_left(row.term) if row.term else None,
                "needs": [need_text(case) for case in row.waiting_cases],
                "open_to": [line.item.name for line in open_to.get(row.pk, ())],
                "url": reverse("desk:served_enterprise", args=[row.pk]),
            }
            for row in rows
        ],
        "served": mine.count(),
        "needing": serving.needing(mine).count(),
        "clear_url": reverse("desk:served") if filtered else "",
        "filtered": filtered,
        "export_url": reverse("desk:served_export") + listing.address(export="xlsx"),
        "export_label": _("导出 %s 家") % listing.total_text,
    }
    return render(request, "desk/served.html", context)


@officers(P.SERVE)
@require_safe
def served_export(request):
    """What the list shows, filters and order included (export=xlsx, csv)."""
    return download(request, _listing(request))


def _listing(request) -> ServedList:
    return ServedList(serving.with_needs(access.served(request.user), request.user), request)


@officers(*nav.SERVICE)
@require_safe
def served_enterprise(request, pk: int):
    return _show(request, access.service_enterprise(request.user, pk))


@officers(P.SERVE)
@require_POST
def served_contact(request, pk: int):
    """登记联系, by the specialist."""
    row = access.service_enterprise(request.user, pk)
    form = ContactForm(request.POST)
    if form.is_valid():
        mine = access.own_assignment(request.user, row)
        refusals.require(mine is not None)
        try:
            specialist_workflow.note_contact(
                mine, request.user, specialist_workflow.Contact(**form.cleaned_data)
            )
        except Refused as refusal:
            answer = refusals.beside(request, form, refusal, reverse("desk:served_enterprise", args=[pk]))
            if answer is not None:
                return answer
        else:
            messages.success(request, _("已登记这次联系。"))
            return redirect("desk:served_enterprise", pk)
    return _show(request, row, form, status=422)


def _show(request, row: Enterprise, form: ContactForm | None = None, status: int = 200):
    user = request.user
    mine = access.own_assignment(user, row)
    cases = access.service_cases(user, row).with_names().defer("answers", "identity", "title").order_by("-pk")
    kept_out = recusals_of(user)
    needs = serving.waiting().filter(enterprise=row).but_of(kept_out).select_related("call_item__item")
    context = {
        "enterprise": row,
        "tone": TONES[row.state],
        "mine": mine,
        "back": "desk:served" if mine else "desk:specialists",
        "needs": [need_text(case) for case in needs.defer("answers", "identity", "title")],
        "open_to": [
            {"item": line.item, "until": countdown(line.call)}
            for line in serving.can_apply([row.pk]).get(row.pk, ())
        ],
        "cases": [
            {
                "case": case,
                "tone": shown.tone(case.state) if case.state != State.DRAFT else "neutral",
                "due": shown.due(case) if case.state != State.OFFERED else None,
            }
            for case in cases[:CASES_SHOWN]
        ],
        "facts": [
            {"label": _("统一社会信用代码"), "value": row.uscc},
            {"label": _("注册区"), "value": row.district.name},
            {"label": _("组织形式"), "value": row.get_legal_form_display()},
            {"label": _("登记行业"), "value": row.industry},
        ],
        "assignments": access.service_assignments(user, row),
        "contacts": access.service_contacts(user, row)[:CONTACTS_SHOWN],
        "form": (form or ContactForm()) if mine else None,
    }
    return render(request, "desk/served_enterprise.html", context, status=status)
