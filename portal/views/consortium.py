"""A consortium in the portal: the lead names its partners on the draft, a partner's people answer on their own page."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import access, consortium, workflow
from applications.models import ConsortiumPartner
from applications.states import State
from applications.workflow import Refused
from enterprises.member_roles import Does
from foundation.accounts.access import enterprise_side
from foundation.files.files import RefusedFile
from foundation.lists.columns import Column
from foundation.lists.lists import List
from portal import nav, refusals
from portal.forms.consortium import PartnerForm, RefusePartForm
from portal.reading import is_member, own_case

P = ConsortiumPartner.State
TONES = {P.CONFIRMED: "ok", P.REFUSED: "stop", P.WITHDRAWN: "stop", P.ASKED: "warn"}
ANSWERS = {"confirm", "refuse", "take_back"}


class PartList(List):
    title = _("参与的联合体")
    default_sort = "-named"
    columns = (Column("named", _("登记时间"), "named_at", sort="named_at"),)


@enterprise_side
@require_http_methods(["GET", "HEAD", "POST"])
def partners(request, pk):
    """The partners of a draft; POST names another."""
    case = own_case(request, pk)
    if case.state != State.DRAFT:
        return redirect("case", pk)
    form = PartnerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            one = workflow.name_partner(case, request.user, **form.cleaned_data)
        except Refused as refused:
            if response := refusals.answer(request, refused, reverse("draft", args=[pk])):
                return response
            refusals.beside(form, refused.message, refused.fields)
        else:
            told = (
                _("已登记“%s”，已通知其经办人确认。")
                if one.state == P.ASKED
                else _("已登记“%s”，请上传盖章的联合申报协议。")
            )
            messages.success(request, told % one.name)
            return redirect("partners", pk)
    return _page(request, case, form)


def _page(request, case, form=None, faults=None, status=None):
    found = consortium.standing(case)
    most = case.call_item.consortium_most
    may_edit = is_member(request.user, case) and access.may_write(request.user, case)
    context = {
        "case": case,
        "form": form or PartnerForm(),
        "rows": [
            {
                "one": one,
                "tone": TONES.get(one.state, "neutral"),
                "upload": one.state == P.BY_AGREEMENT,
                "errors": (faults or {}).get(one.pk, []),
                "hidden": [{"name": "version", "value": one.version}],
            }
            for one in found
        ],
        "left": f"{consortium.lead_share(one.share for one in found).normalize():f}",
        "most": most,
        "obstacles": consortium.obstacles(found),
        "may_add": len(found) < most and may_edit,
        "may_edit": may_edit,
        "member": is_member(request.user, case),
    }
    wrong = form is not None and form.errors
    return render(request, "portal/partners.html", context, status=status or (422 if wrong else 200))


def _partner(request, pk, partner):
    case = own_case(request, pk)
    one = get_object_or_404(case.partners.exclude(state=P.DROPPED), pk=partner)
    one.version = refusals.posted_number(request, "version")
    return case, one


@enterprise_side
@require_POST
def agreement(request, pk, partner):
    """Put the stamped agreement with a partner that has nobody here."""
    case, one = _partner(request, pk, partner)
    file = request.FILES.get(f"agreement_{one.pk}")
    if file is None:
        return _page(request, case, faults={one.pk: [_("请先选择文件，再点“上传”。")]}, status=422)
    try:
        workflow.attach_agreement(one, request.user, file)
    except RefusedFile as refused:
        return _page(request, case, faults={one.pk: refused.messages}, status=422)
    except Refused as refused:
        back = reverse("partners", args=[pk])
        return refusals.answer(request, refused, back) or refusals.conflict(request, refused.message, back)
    messages.success(request, _("“%s”已上传。") % file.name)
    return redirect("partners", pk)


@enterprise_side
@require_POST
def drop(request, pk, partner):
    """Take a partner off the draft."""
    _case, one = _partner(request, pk, partner)
    try:
        workflow.drop_partner(one, request.user)
    except Refused as refused:
        back = reverse("partners", args=[pk])
        return refusals.answer(request, refused, back) or refusals.conflict(request, refused.message, back)
    messages.success(request, _("已移除“%s”。") % one.name)
    return redirect("partners", pk)


@enterprise_side
@require_safe
def parts(request):
    """Where the enterprises that this person acts for take part, or are asked to."""
    reach = access.own_parts(request.user)
    listing = PartList(reach, request)
    context = {
        "list": listing,
        "rows": [{"one": one, "tone": TONES.get(one.state, "neutral")} for one in listing.page.rows],
        "waiting": reach.filter(state=P.ASKED, application__state=State.DRAFT).count(),
        "tabs": nav.under_way("parts"),
    }
    return render(request, "portal/parts.html", context)


@enterprise_side
@require_http_methods(["GET", "HEAD", "POST"])
def part(request, pk):
    """One part: what is asked, what was answered, where the case stands; POST answers (act=confirm, refuse,
    take_back)."""
    one = access.own_part(request.user, pk)
    if request.method != "POST":
        return _part_page(request, one)
    act = request.POST.get("act")
    if act not in ANSWERS:
        raise Http404
    form = RefusePartForm(request.POST) if act == "refuse" else None
    if form is not None and not form.is_valid():
        return _part_page(request, one, form)
    one.version = refusals.posted_number(request, "version")
    try:
        if form is not None:
            workflow.refuse_part(one, request.user, form.cleaned_data["reason"])
        elif act == "confirm":
            workflow.confirm_part(one, request.user)
        else:
            workflow.take_back_part(one, request.user)
    except Refused as refused:
        back = reverse("part", args=[pk])
        return refusals.answer(request, refused, back) or refusals.conflict(request, refused.message, back)
    done = {"confirm": _("已确认，牵头单位已收到通知。"), "refuse": _("已拒绝，牵头单位已收到通知。")}
    messages.success(request, done.get(act, _("已取回确认，牵头单位已收到通知。")))
    return redirect("part", pk)


def _part_page(request, one: ConsortiumPartner, form=None):
    case = one.application
    draft = case.state == State.DRAFT
    may_answer = draft and access.acts_for(request.user, one.enterprise, Does.SUBMIT)
    context = {
        "one": one,
        "case": case,
        "tone": TONES.get(one.state, "neutral"),
        "draft": draft,
        "amount": consortium.part_of(case.approved_amount, one.share),
        "may_confirm": may_answer and one.state in {P.ASKED, P.REFUSED, P.WITHDRAWN},
        "may_refuse": may_answer and one.state == P.ASKED,
        "may_take_back": may_answer and one.state == P.CONFIRMED,
        "refuse_form": form or RefusePartForm(),
        "hidden": [{"name": "version", "value": one.version}, {"name": "act", "value": "refuse"}],
        "taking_back": [{"name": "version", "value": one.version}, {"name": "act", "value": "take_back"}],
    }
    return render(request, "portal/part.html", context, status=422 if form is not None else 200)
