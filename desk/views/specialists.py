"""服务专员: the head's list of enterprises with and without a specialist; given and ended for many at once."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applications.verbs import Refused
from desk import nav
from desk.forms.specialists import AssignForm
from desk.lists.specialists import TABS, SpecialistList, tab, with_assignments
from desk.views import refusals
from desk.views.enterprises import TONES
from desk.views.exporting import download
from foundation.accounts.access import officers
from foundation.accounts.models import Office
from foundation.accounts.roles import Permission as P
from tracking import access
from tracking.specialist_workflow import AT_ONCE, Given, assign_specialist, end_assignments

# How many refused enterprises the answer names.
NAMED = 5


@officers(*nav.SPECIALISTS)
@require_safe
def specialists(request):
    return _page(request)


@officers(*nav.SPECIALISTS)
@require_safe
def specialists_export(request):
    """What the list shows, filters and order included (export=xlsx, csv)."""
    return download(request, _listing(request, _office(request)))


@officers(P.ASSIGN_SPECIALIST)
@require_POST
def specialist_assign(request):
    """指派 or 改派: the ticked enterprises, or all of the list, to one specialist."""

    def verb(rows, office, data):
        if data["specialist"] is None:
            raise Refused("invalid", "", {"specialist": [_("请选择服务专员")]})
        return assign_specialist(rows, data["specialist"], request.user, office, data["reason"])

    return _act(request, verb, _("已为 %d 家企业指派服务专员，企业和专员都会收到消息。"))


@officers(P.ASSIGN_SPECIALIST)
@require_POST
def specialist_end(request):
    """结束服务 of the ticked enterprises, or of all of the list."""

    def verb(rows, office, data):
        return end_assignments(rows, request.user, office, data["reason"])

    done = _("已结束对 %d 家企业的服务，企业和专员都会收到消息。")
    return _act(request, verb, done, ends=True)


def _act(request, verb, done: str, ends: bool = False):
    office = _office(request)
    listing = _listing(request, office)
    ends = ends or _tab(request) == "served"
    form = AssignForm(request.POST, office=office, total=listing.total_text, ends=ends)
    if form.is_valid():
        try:
            given = verb(
                _picked(request, listing, form.cleaned_data["everything"]), office, form.cleaned_data
            )
        except Refused as refusal:
            answer = refusals.beside(request, form, refusal, reverse("desk:specialists"))
            if answer is not None:
                return answer
        else:
            _tell(request, given, done)
            return redirect(reverse("desk:specialists") + listing.address())
    return _page(request, form, status=422)


def _picked(request, listing: SpecialistList, everything: bool):
    """The ticked enterprises within the office's reach; one more than the verb takes, so that it can say so."""
    if everything:
        return list(listing.filtered.order_by("pk")[: AT_ONCE + 1])
    ids = {int(pk) for pk in request.POST.getlist("pick") if pk.isdecimal() and len(pk) < 19}
    return list(listing.queryset.filter(pk__in=ids).order_by("pk")[: AT_ONCE + 1])


def _tell(request, given: Given, done: str) -> None:
    if given.done:
        messages.success(request, done % len(given.done))
    if given.refused:
        why = "；".join(f"{row.name}：{message}" for row, message in given.refused[:NAMED])
        more = len(given.refused) - NAMED
        text = _("%(n)d 家未办：%(why)s") % {"n": len(given.refused), "why": why}
        messages.warning(request, f"{text}；{_('其余 %d 家从略') % more}" if more > 0 else text)


def _office(request) -> Office | None:
    """The office whose specialists are arranged: the only one, or the chosen one; None for the auditor."""
    offices = access.assigning_offices(request.user)
    asked = request.GET.get("office", "")
    chosen = offices.filter(code=asked).first() if asked else None
    return chosen or offices.first()


def _tab(request) -> str:
    return request.GET.get("tab") if request.GET.get("tab") in TABS else "none"


def _listing(request, office: Office | None) -> SpecialistList:
    rows = tab(access.of_office(request.user, office), office, _tab(request))
    return SpecialistList(with_assignments(rows, office), request, office)


def _page(request, form: AssignForm | None = None, status: int = 200):
    office, chosen = _office(request), _tab(request)
    listing = _listing(request, office)
    rows = listing.page.rows
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    unserved = _limited(tab(access.of_office(request.user, office), office, "none"))
    query = f"&office={office.code}" if office and "office" in request.GET else ""
    picked = set(request.POST.getlist("pick"))
    context = {
        "list": listing,
        "office": office,
        "offices": [
            {"label": str(one), "url": f"?office={one.code}", "active": one == office}
            for one in access.assigning_offices(request.user)
        ],
        "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
        "rows": [
            {
                "one": row,
                "tone": TONES[row.state],
                "serving": [one for one in row.open_assignments if one.stands],
                "left": [one for one in row.open_assignments if not one.stands],
                "picked": str(row.pk) in picked,
                "url": reverse("desk:served_enterprise", args=[row.pk]),
            }
            for row in rows
        ],
        "tabs": [
            {
                "label": label,
                "url": f"?tab={name}{query}",
                "active": name == chosen,
                "count": unserved if name == "none" else None,
            }
            for name, label in TABS.items()
        ],
        "chosen": chosen,
        "unserved": unserved,
        "keep": [{"name": "tab", "value": chosen}]
        + ([{"name": "office", "value": office.code}] if query else []),
        "clear_url": f"?tab={chosen}{query}" if filtered else "",
        "export_url": reverse("desk:specialists_export") + listing.address(export="xlsx"),
        "export_label": _("导出 %s 家") % listing.total_text,
        "form": form
        or (AssignForm(office=office, total=listing.total_text, ends=chosen == "served") if office else None),
        "address": listing.address(),
    }
    return render(request, "desk/specialists.html", context, status=status)


def _limited(rows) -> str:
    """How many there are, told up to the limit of lists."""
    found = rows.order_by()[: SpecialistList.count_limit + 1].count()
    return f"{SpecialistList.count_limit:,}+" if found > SpecialistList.count_limit else f"{found:,}"
