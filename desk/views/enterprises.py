"""Enterprises within reach: what the register knows of them, their figures, supports and cases."""

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from applications.access import on_desk
from desk import nav, shown
from desk.forms.enterprises import ReasonForm
from desk.views.refusals import stale
from enterprises import access, workflow
from enterprises.models import Enterprise
from enterprises.workflow import ClaimRefused
from foundation.accounts.access import NotAllowed, officers
from foundation.accounts.models import District
from foundation.accounts.roles import Permission as P
from foundation.lists.columns import Column
from foundation.lists.lists import List

TONES = {"registered": "neutral", "verified": "ok", "suspended": "warn", "closed": "stop"}


class EnterpriseFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=gettext_lazy("搜索"),
        method="search",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("名称、代码"), "autocomplete": "off"}),
    )
    district = django_filters.ModelChoiceFilter(
        label=gettext_lazy("区"), queryset=District.objects.all(), empty_label=gettext_lazy("全部")
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"), choices=Enterprise.State.choices, empty_label=gettext_lazy("全部")
    )

    class Meta:
        model = Enterprise
        fields: list[str] = []

    def search(self, rows, name, value):
        return rows.filter(Q(name__icontains=value.strip()) | Q(uscc__istartswith=value.strip()))


class EnterpriseList(List):
    title = gettext_lazy("企业")
    filterset_class = EnterpriseFilter
    default_sort = "uscc"
    columns = (
        Column("name", gettext_lazy("名称"), "name", sort="name", width=36),
        Column("uscc", gettext_lazy("统一社会信用代码"), "uscc", sort="uscc", width=22),
        Column("district", gettext_lazy("注册区"), "district.name"),
        Column("industry", gettext_lazy("登记行业"), "industry"),
        Column("state", gettext_lazy("状态"), "get_state_display"),
    )


@officers(*nav.CASES)
@require_safe
def enterprises(request):
    listing = EnterpriseList(access.desk_enterprises(request.user), request)
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    rows = [
        {"enterprise": row, "tone": TONES[row.state], "url": reverse("desk:enterprise", args=[row.pk])}
        for row in listing.page.rows
    ]
    return render(
        request,
        "desk/enterprises.html",
        {
            "list": listing,
            "rows": rows,
            "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
            "clear_url": reverse("desk:enterprises") if filtered else "",
            "total": listing.total_text,
        },
    )


@officers(*nav.CASES)
@require_safe
def enterprise(request, pk: int):
    return _show(request, access.desk_enterprise(request.user, pk))


def _show(request, row: Enterprise, *, forms: dict | None = None, status: int = 200):
    user = request.user
    figures = list(row.figures.latest())
    superseded = row.figures.count() - len(figures)
    return render(
        request,
        "desk/enterprise.html",
        {
            "enterprise": row,
            "tone": TONES[row.state],
            "facts": _facts(row),
            "figures": sorted(figures, key=lambda figure: -figure.valid_for),
            "superseded": superseded,
            "inclusion": row.inclusions.select_related("confirmed_by")
            .order_by("-recorded_at", "-pk")
            .first(),
            "credit": row.credit_checks.order_by("-as_of", "-pk").first(),
            "supports": list(row.supports.order_by("-year", "-pk")[:50]),
            "members": row.members.count(),
            "cases": [
                {"case": case, "tone": shown.tone(case.state), "url": reverse("desk:case", args=[case.pk])}
                for case in on_desk(user).filter(enterprise=row).with_names().order_by("-pk")[:50]
            ],
            "acts": _acts(user, row, forms or {}),
        },
        status=status,
    )


def _facts(row: Enterprise) -> list[dict]:
    return [
        {"label": _("统一社会信用代码"), "value": row.uscc},
        {"label": _("注册区"), "value": row.district.name},
        {"label": _("组织形式"), "value": row.get_legal_form_display()},
        {"label": _("登记行业"), "value": row.industry},
        {"label": _("成立日期"), "value": row.established_on.isoformat() if row.established_on else ""},
        {"label": _("注册地址"), "value": row.address},
        {"label": _("数据来源"), "value": row.source},
        {"label": _("收款账户"), "value": _("已填写") if row.bank_account_fingerprint else _("未填写")},
    ]


_VERBS = {
    "suspend": (
        gettext_lazy("暂停账户"),
        gettext_lazy("暂停后，其经办人只能查看，不能提交；正在办理的申请继续办理。"),
        ("registered", "verified"),
    ),
    "reinstate": (
        gettext_lazy("恢复账户"),
        gettext_lazy("恢复后，其经办人可以重新提交申请。"),
        ("suspended",),
    ),
    "close": (
        gettext_lazy("注销账户"),
        gettext_lazy("注销后不能恢复；正在办理的申请由办理单位决定。"),
        ("registered", "verified", "suspended"),
    ),
}


def _acts(user, row: Enterprise, forms: dict) -> list[dict]:
    """What a head may do to the account, each behind a confirmation."""
    if not user.may(P.MANAGE_ENTERPRISE):
        return []
    return [
        {
            "id": f"act-{verb}",
            "verb": label,
            "consequence": consequence,
            "url": reverse(f"desk:enterprise_{verb}", args=[row.pk]),
            "form": forms.get(verb) or ReasonForm(prefix=verb, initial={"version": row.version}),
        }
        for verb, (label, consequence, states) in _VERBS.items()
        if row.state in states
    ]


def _manage(verb: str, done):
    @officers(P.MANAGE_ENTERPRISE)
    @require_POST
    def view(request, pk: int):
        row = access.desk_enterprise(request.user, pk)
        form = ReasonForm(request.POST, prefix=verb)
        if form.is_valid():
            row.version = form.cleaned_data["version"]
            try:
                getattr(workflow, verb)(row, request.user, form.cleaned_data["reason"])
            except ClaimRefused as refusal:
                if refusal.code == "forbidden":
                    raise NotAllowed(refusal.message) from refusal
                if refusal.code == "stale":
                    return stale(request, refusal.message, reverse("desk:enterprise", args=[pk]))
                form.add_error("reason" if refusal.field else None, refusal.message)
            else:
                messages.success(request, done % row.name)
                return redirect("desk:enterprise", pk)
        return _show(request, access.desk_enterprise(request.user, pk), forms={verb: form}, status=422)

    view.__name__ = f"enterprise_{verb}"
    return view


enterprise_suspend = _manage("suspend", gettext_lazy("已暂停“%s”的账户"))
enterprise_reinstate = _manage("reinstate", gettext_lazy("已恢复“%s”的账户"))
enterprise_close = _manage("close", gettext_lazy("已注销“%s”的账户"))
