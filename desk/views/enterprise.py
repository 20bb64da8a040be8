"""One enterprise: what the register knows of it, and what its district does and enters."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from applications.access import on_desk
from applications.workflow.counter import counter_of
from desk import nav, shown
from desk.forms.enterprises import (
    CodeForm,
    CreditCheckForm,
    DepartmentForm,
    InclusionForm,
    LegalFormForm,
    NameForm,
    ParentForm,
    QualificationForm,
    ReasonForm,
    RelocationForm,
)
from desk.views.enterprises import TONES
from desk.views.refusals import stale
from enterprises import access, change_workflow, history, record_workflow, workflow
from enterprises.models import Enterprise, LegalForm
from enterprises.workflow import ClaimRefused
from foundation.accounts.access import NotAllowed, officers
from foundation.accounts.models import Office
from foundation.accounts.roles import Permission as P
from foundation.files import files


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
            "members": list(row.members.live().select_related("user").order_by("since", "pk")),
            "may_file": user.may(P.FILE_AT_COUNTER) and counter_of(user, row) is not None,
            "cases": [
                {"case": case, "tone": shown.tone(case.state), "url": reverse("desk:case", args=[case.pk])}
                for case in on_desk(user).filter(enterprise=row).with_names().order_by("-pk")[:50]
            ],
            "changes": list(history.shown(row)[:20]),
            "former_codes": list(row.former_codes.exclude(code=row.uscc)),
            "merger": (merger := history.merger_of(row)),
            "successor_url": _links(user, [merger.other]).get(merger.other_id, "") if merger else "",
            "kin": _kin(user, row),
            "departments": history.departments(row),
            "acts": _acts(user, row, forms or {}),
            "records": _records(user, row, forms or {}, _RECORDS),
            "change_acts": _records(user, row, forms or {}, _CHANGES),
            "may_merge": row.state != Enterprise.State.CLOSED
            and access.mergeable(user).filter(pk=row.pk).exists(),
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


@officers(*nav.CASES)
@require_safe
def change_document(request, pk: int, change: int):
    """What proves a change, in place or as a file with ?download=1."""
    row = access.desk_enterprise(request.user, pk)
    found = get_object_or_404(row.changes.exclude(document=None).select_related("document"), pk=change)
    return files.response(found.document, inline="download" not in request.GET)


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


def _links(user, enterprises: list[Enterprise]) -> dict[int, str]:
    """The pages of those of these that the person's posts reach; one query."""
    reach = access.desk_enterprises(user).filter(pk__in=[one.pk for one in enterprises]).order_by()
    return {pk: reverse("desk:enterprise", args=[pk]) for pk in reach.values_list("pk", flat=True)}


def _kin(user, row: Enterprise) -> dict:
    """Its parent and its branches, with a link to those within reach."""
    related = [*history.branches(row)[:50], *([row.parent] if row.parent_id else [])]
    links = _links(user, related)
    found = [{"one": one, "url": links.get(one.pk, "")} for one in related]
    parent = found.pop() if row.parent_id else None
    return {"parent": parent, "branches": found}


_CHANGES = {
    "relocation": (
        gettext_lazy("登记迁移"),
        gettext_lazy("市内跨区迁移即时更改注册区；迁出本市的，尚未拨付的支持不再拨付。"),
        RelocationForm,
        gettext_lazy("已登记“%s”的迁移"),
    ),
    "name": (
        gettext_lazy("登记名称变更"),
        gettext_lazy("即时更改登记的名称；已提交的申请和已出具的文件仍用提交时的名称。"),
        NameForm,
        gettext_lazy("已登记“%s”的名称变更"),
    ),
    "legal_form": (
        gettext_lazy("登记组织形式变更"),
        gettext_lazy("即时更改组织形式；规则核对随即按新的组织形式。"),
        LegalFormForm,
        gettext_lazy("已登记“%s”的组织形式变更"),
    ),
    "uscc": (
        gettext_lazy("登记代码变更"),
        gettext_lazy("同一家企业换了代码；原代码仍查到它，别的企业不能再用。两家合并的，请登记吸收合并。"),
        CodeForm,
        gettext_lazy("已登记“%s”的代码变更"),
    ),
    "parent": (
        gettext_lazy("登记上级法人"),
        gettext_lazy("分支机构的上级法人；双方的页面互相列出。"),
        ParentForm,
        gettext_lazy("已登记“%s”的上级法人"),
    ),
}
_RECORDS = {
    "inclusion": (
        gettext_lazy("登记纳统"),
        gettext_lazy("以最后登记的为准；较早的登记保留。"),
        InclusionForm,
        gettext_lazy("已登记“%s”的纳统情况"),
    ),
    "credit_check": (
        gettext_lazy("登记信用核查"),
        gettext_lazy("以查询日最近的为准；同一日以最后登记的为准。"),
        CreditCheckForm,
        gettext_lazy("已登记“%s”的信用核查"),
    ),
    "qualification": (
        gettext_lazy("登记资质"),
        gettext_lazy("续期或提前终止，另登记一次即可。"),
        QualificationForm,
        gettext_lazy("已登记“%s”的资质"),
    ),
    "department": (
        gettext_lazy("登记内设机构"),
        gettext_lazy(
            "没有代码和法人资格的研发中心等；由本企业申请，不另算一个单位。同名的以最后登记的为准。"
        ),
        DepartmentForm,
        gettext_lazy("已登记“%s”的内设机构"),
    ),
}


def _records(user, row: Enterprise, forms: dict, known: dict) -> list[dict]:
    """What of these the enterprise's district may enter about it."""
    offices = Office.objects.filter(pk__in=user.offices_where(P.RECORD_ENTERPRISE))
    if not offices.filter(district=row.district_id).exists():
        return []
    return [
        {
            "id": f"record-{verb}",
            "verb": label,
            "consequence": consequence,
            "url": reverse(f"desk:enterprise_{verb}", args=[row.pk]),
            "form": forms.get(verb) or form(prefix=verb, initial={"version": row.version}),
        }
        for verb, (label, consequence, form, _done) in known.items()
        if _fits(verb, row)
    ]


def _fits(verb: str, row: Enterprise) -> bool:
    """Whether there is anything of the kind to enter."""
    if (verb in _CHANGES or verb == "department") and row.state == Enterprise.State.CLOSED:
        return False
    return verb != "parent" or row.legal_form == LegalForm.BRANCH


def _record(verb: str):
    _label, _consequence, form_class, done = (_CHANGES | _RECORDS)[verb]
    # A move was the first of the changes and stands with the other records.
    room = change_workflow if hasattr(change_workflow, f"record_{verb}") else record_workflow

    @officers(P.RECORD_ENTERPRISE)
    @require_POST
    def view(request, pk: int):
        row = access.desk_enterprise(request.user, pk)
        form = form_class(request.POST, request.FILES, prefix=verb)
        if form.is_valid():
            values = dict(form.cleaned_data)
            row.version = values.pop("version")
            try:
                getattr(room, f"record_{verb}")(row, request.user, **values)
            except ClaimRefused as refusal:
                if refusal.code == "forbidden":
                    raise NotAllowed(refusal.message) from refusal
                if refusal.code == "stale":
                    return stale(request, refusal.message, reverse("desk:enterprise", args=[pk]))
                form.add_error(refusal.field or None, refusal.message)
            else:
                messages.success(request, done % row.name)
                # Moved to another district, it may be out of reach now.
                gone = not access.desk_enterprises(request.user).filter(pk=pk).exists()
                return redirect("desk:enterprises") if gone else redirect("desk:enterprise", pk)
        return _show(request, access.desk_enterprise(request.user, pk), forms={verb: form}, status=422)

    view.__name__ = f"enterprise_{verb}"
    return view


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
enterprise_relocation = _record("relocation")
enterprise_name = _record("name")
enterprise_legal_form = _record("legal_form")
enterprise_uscc = _record("uscc")
enterprise_parent = _record("parent")
enterprise_department = _record("department")
enterprise_inclusion = _record("inclusion")
enterprise_credit_check = _record("credit_check")
enterprise_qualification = _record("qualification")
