"""What is known of the enterprise, with sources; its people add figures and the receiving account."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises import access, history, workflow
from enterprises.member_roles import Does
from enterprises.models import SELF_REPORTED, Enterprise, LegalForm, YearlyFigure
from enterprises.workflow import ClaimRefused
from foundation.accounts.access import NotAllowed, enterprise_side
from foundation.accounts.models import Office
from foundation.display.dates import day
from portal import acting, refusals
from portal.forms.enterprise import FIGURES, AccountForm, FigureForm

YEARS_SHOWN = 6
SUPPLEMENTS_SHOWN = 5
CHANGES_SHOWN = 20
BRANCHES_SHOWN = 50
SUPPLEMENT_TONES = {"pending": "brand", "recorded": "ok", "refused": "stop"}


def keeper_of(enterprise: Enterprise) -> Office | str:
    """Who enters what is known of the enterprise."""
    office = Office.objects.filter(district=enterprise.district_id).order_by("pk").first()
    return office or _("所在区主管部门")


def own_enterprise(request) -> Enterprise | None:
    """The enterprise in view, where this person is a verified member of it."""
    unit = acting.standing(request).current
    if unit is None:
        return None
    return access.mine(request.user).filter(pk=unit.enterprise.pk).first()


@enterprise_side
@require_safe
def profile(request):
    """Register data, figures, account, members: for verified members alone; others see their claims."""
    enterprise = own_enterprise(request)
    if enterprise is None:
        return redirect("claims")
    context = {
        "enterprise": enterprise,
        "standing": acting.standing(request),
        "register": _register(enterprise),
        "known": _known(enterprise),
        "keeper": keeper_of(enterprise),
        "supplements": [
            {"one": row, "tone": SUPPLEMENT_TONES[row.state]}
            for row in enterprise.supplements.order_by("-at", "-pk")[:SUPPLEMENTS_SHOWN]
        ],
        "changes": history.shown(enterprise)[:CHANGES_SHOWN],
        "former_codes": enterprise.former_codes.exclude(code=enterprise.uscc),
        "merger": history.merger_of(enterprise),
        "departments": history.departments(enterprise),
        "branches": history.branches(enterprise)[:BRANCHES_SHOWN],
        "years": _years(enterprise),
        "supports": enterprise.supports.order_by("-year", "-pk")[:20],
        "members": access.members(request.user, enterprise),
        "may": acting.standing(request).current.may,
    }
    return render(request, "portal/enterprise.html", context)


def _label(name: str) -> str:
    return str(Enterprise._meta.get_field(name).verbose_name)


def _register(enterprise: Enterprise) -> list[dict]:
    values = {
        "name": enterprise.name,
        "uscc": enterprise.uscc,
        "district": enterprise.district.name,
        "legal_form": enterprise.get_legal_form_display(),
        "industry": enterprise.industry,
        "established_on": day(enterprise.established_on) if enterprise.established_on else "",
        "address": enterprise.address,
    }
    if enterprise.legal_form == LegalForm.BRANCH:
        parent = enterprise.parent.name if enterprise.parent_id else enterprise.parent_name
        values["parent"] = parent or _("没有登记")
    return [{"label": _label(name), "value": value} for name, value in values.items()]


def _known(enterprise: Enterprise) -> list[dict]:
    """What the district has entered about it, with sources: statistics, credit, qualifications."""
    return [*_inclusion(enterprise), _credit(enterprise), *_qualifications(enterprise)]


def _inclusion(enterprise: Enterprise) -> list[dict]:
    row = enterprise.inclusions.order_by("-recorded_at", "-pk").first()
    if row is None:
        return [{"label": _("纳统"), "value": _("没有记录"), "source": ""}]
    found = [
        {"label": _("统计行业代码"), "value": row.industry, "source": row.source},
        {"label": _("首次纳统"), "value": f"{row.first_period:%Y-%m}", "source": row.source},
    ]
    if row.science_class:
        told = row.get_science_class_display()
        found.append({"label": _("科技服务业类别"), "value": told, "source": row.source})
    return found


def _credit(enterprise: Enterprise) -> dict:
    row = enterprise.credit_checks.order_by("-as_of", "-pk").first()
    if row is None:
        return {"label": _("信用"), "value": _("没有核查记录"), "source": ""}
    if row.listed:
        told = _("现列入严重失信名单")
    elif row.clean_since:
        told = _("自 %s起无严重失信、重大处罚记录") % day(row.clean_since)
    else:
        told = _("没有写明自何日起无失信记录")
    return {"label": _("信用"), "value": told, "source": f"{row.source} · {day(row.as_of)}"}


def _qualifications(enterprise: Enterprise) -> list[dict]:
    """Of each kind the one recorded last."""
    rows = enterprise.qualifications.order_by("kind", "-recorded_at", "-pk").distinct("kind")
    found = [
        {
            "label": one.get_kind_display(),
            "value": _("%(first)s至 %(last)s")
            % {"first": day(one.valid_from), "last": day(one.valid_to) if one.valid_to else _("长期")},
            "source": " · ".join(text for text in (one.number, one.source) if text),
        }
        for one in rows
    ]
    return found or [{"label": _("资质"), "value": _("没有记录"), "source": ""}]


def _years(enterprise: Enterprise) -> list[dict]:
    """Each year's figures that count, with how many earlier versions stand behind them."""
    rows = list(
        YearlyFigure.objects.filter(enterprise=enterprise).order_by("-valid_for", "-recorded_at", "-pk")
    )
    found: dict[int, dict] = {}
    for row in rows:
        year = found.setdefault(row.valid_for, {"now": row, "earlier": []})
        if year["now"] is not row:
            year["earlier"].append(row)
    return list(found.values())[:YEARS_SHOWN]


@enterprise_side
@require_http_methods(["GET", "HEAD", "POST"])
def figure(request):
    """Add a year's figures; earlier ones stay on record."""
    enterprise = own_enterprise(request)
    if enterprise is None:
        return redirect("claims")
    form = FigureForm(request.POST or None, initial={"valid_for": request.GET.get("year", "")})
    if request.method == "POST" and form.is_valid():
        try:
            workflow.record_figure(
                enterprise,
                request.user,
                valid_for=form.cleaned_data["valid_for"],
                source=SELF_REPORTED,
                **form.figures,
            )
        except ClaimRefused as refused:
            _beside(form, refused)
        else:
            messages.success(request, _("%d 年数据已记录。") % form.cleaned_data["valid_for"])
            return redirect("enterprise")
    return _form(request, "portal/figure.html", enterprise, form)


@enterprise_side
@require_http_methods(["GET", "HEAD", "POST"])
def account(request):
    """Tell where support is to be paid to; the number is shown masked afterwards."""
    enterprise = own_enterprise(request)
    if enterprise is None:
        return redirect("claims")
    form = AccountForm(request.POST or None, initial={"bank_name": enterprise.bank_name})
    if request.method == "POST" and form.is_valid():
        try:
            workflow.set_account(enterprise, request.user, **form.cleaned_data)
        except ClaimRefused as refused:
            _beside(form, refused)
        else:
            messages.success(request, _("收款账户已保存。"))
            return redirect("enterprise")
    why_not = acting.standing(request).current.why_not(Does.ACCOUNT)
    return _form(request, "portal/account.html", enterprise, form, why_not=why_not)


@enterprise_side
@require_POST
def choose(request):
    """Put another of one's enterprises into view, for this session."""
    if not acting.choose(request, refusals.posted_number(request, "enterprise")):
        raise NotAllowed(_("您没有登记过这家企业"))
    onward = request.POST.get("next", "")
    fits = url_has_allowed_host_and_scheme(onward, {request.get_host()}, request.is_secure())
    return redirect(onward if fits else "home")


def _form(request, template, enterprise, form, **more):
    status = 422 if form.is_bound else 200
    context = {"enterprise": enterprise, "form": form, "names": FIGURES, **more}
    return render(request, template, context, status=status)


def _beside(form, refused: ClaimRefused) -> None:
    if refused.code == "forbidden":
        raise NotAllowed(refused.message)
    refusals.beside(form, refused.message, {refused.field: [refused.message]} if refused.field else None)
