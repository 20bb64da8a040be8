"""Who acts for the enterprise: its members, invitations that wait, and who asks to join or to take over."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enterprises import (
    access,
    dispute_workflow,
    invitation_workflow,
    joining_workflow,
    leaving_workflow,
)
from enterprises.member_roles import Does, MemberRole
from enterprises.models import Claim
from enterprises.workflow import ClaimRefused
from foundation.accounts.access import NotAllowed, enterprise_side
from foundation.clock import clock
from foundation.workdays import workdays
from portal import acting, refusals
from portal.forms.members import AnswerForm, DisputeForm, InviteForm, ReasonForm, RoleForm
from portal.views.enterprise import own_enterprise

INVITATIONS_SHOWN = 20


@enterprise_side
@require_safe
def members(request):
    """Its people, for all of them; what may be done with them, for its owners."""
    return _page(request)


def _page(request, bound: dict | None = None, status: int = 200):
    """bound: the form that was refused, by its prefix."""
    enterprise = own_enterprise(request)
    if enterprise is None:
        return redirect("claims")
    unit, bound = acting.standing(request).current, bound or {}
    manages = unit.active and Does.MEMBERS in unit.may
    rows = list(access.members(request.user, enterprise))
    live = [row for row in rows if not row.is_over]

    def form(kind, prefix, **initial):
        return bound.get(prefix) or kind(prefix=prefix, initial=initial)

    context = {
        "enterprise": enterprise,
        "unit": unit,
        "manages": manages,
        "owners": sum(row.role == MemberRole.OWNER for row in live),
        "count": len(live),
        "rows": [
            {
                "member": row,
                "over_id": f"over{row.pk}",
                "mine": row.user_id == request.user.pk,
                "owner": row.role == MemberRole.OWNER,
                "role_form": form(RoleForm, f"role{row.pk}", role=row.role, until=row.until),
                "reason_form": form(ReasonForm, f"remove{row.pk}"),
                "dispute_form": form(DisputeForm, f"dispute{row.pk}"),
            }
            for row in rows
        ],
        "error": bound.get("error", ""),
    }
    if manages:
        asking = list(_requests(enterprise))
        context |= {
            "unanswered": sum(not row.answer for row in asking),
            "invite_form": form(InviteForm, "invite"),
            "invitations": enterprise.invitations.open().order_by("-sent_at", "-pk")[:INVITATIONS_SHOWN],
            "requests": [
                {
                    "claim": row,
                    "hidden": [{"name": "version", "value": row.version}],
                    # An owner's answer is due before the district's decision.
                    "left": workdays.remaining(
                        row.due_on if row.answer else row.answer_by or row.due_on, clock.today()
                    ),
                    "admit_form": form(RoleForm, f"admit{row.pk}", role=MemberRole.AGENT),
                    "reason_form": form(ReasonForm, f"refuse{row.pk}"),
                    "answer_form": form(AnswerForm, f"answer{row.pk}"),
                }
                for row in asking
            ],
        }
    return render(request, "portal/members.html", context, status=status)


def _requests(enterprise):
    rows = enterprise.claims.pending().exclude(route=Claim.Route.DISTRICT)
    return rows.select_related("user", "district").order_by("claimed_at", "pk")


def _done(request, verb, told: str, form=None):
    """Do it and come back with a word; what is wrong stands beside its field, or above the page."""
    if form is None or form.is_valid():
        try:
            verb(**(form.cleaned_data if form else {}))
        except ClaimRefused as refused:
            if refused.code == "forbidden":
                raise NotAllowed(refused.message) from refused
            if refused.code == "stale":
                return refusals.conflict(request, refused.message, reverse("members"))
            if form is None:
                return _page(request, {"error": refused.message}, status=422)
            refusals.beside(
                form, refused.message, {refused.field: [refused.message]} if refused.field else None
            )
        else:
            messages.success(request, told)
            return redirect("members")
    return _page(request, {form.prefix: form}, status=422)


@enterprise_side
@require_POST
def invite(request):
    """Ask somebody by mail."""
    enterprise = own_enterprise(request)
    if enterprise is None:
        return redirect("claims")
    form = InviteForm(request.POST, prefix="invite")
    return _done(
        request,
        lambda **given: invitation_workflow.invite(enterprise, request.user, **given),
        _("邀请已发出，对方收到邮件后即可接受。"),
        form,
    )


@enterprise_side
@require_POST
def invitation_resend(request, pk: int):
    row = access.managed_invitation(request.user, pk)
    return _done(
        request,
        lambda: invitation_workflow.resend(row, request.user),
        _("邀请已重新发送，此前的链接不再有效。"),
    )


@enterprise_side
@require_POST
def invitation_revoke(request, pk: int):
    row = access.managed_invitation(request.user, pk)
    return _done(request, lambda: invitation_workflow.revoke(row, request.user), _("邀请已收回。"))


@enterprise_side
@require_POST
def member_role(request, pk: int):
    row = access.managed_member(request.user, pk)
    form = RoleForm(request.POST, prefix=f"role{pk}")
    return _done(
        request,
        lambda **given: leaving_workflow.change_role(row, request.user, **given),
        _("角色已变更。"),
        form,
    )


@enterprise_side
@require_POST
def member_remove(request, pk: int):
    row = access.managed_member(request.user, pk)
    form = ReasonForm(request.POST, prefix=f"remove{pk}")
    return _done(
        request,
        lambda **given: leaving_workflow.remove(row, request.user, **given),
        _("已移除，对方会收到理由。"),
        form,
    )


@enterprise_side
@require_POST
def member_hand_over(request, pk: int):
    row = access.managed_member(request.user, pk)
    name = row.enterprise.name
    return _gone(
        request,
        lambda: leaving_workflow.pass_ownership(row, request.user),
        _("已移交，您不再代表%s。") % name,
    )


@enterprise_side
@require_POST
def member_leave(request):
    """Leave the enterprise in view."""
    unit = acting.standing(request).current
    if unit is None or not unit.verified:
        return redirect("claims")
    return _gone(
        request,
        lambda: leaving_workflow.leave(unit.member, request.user),
        _("您已退出，不再代表%s。") % unit.name,
    )


def _gone(request, verb, told: str):
    """After it the person is no member any more: back to the first page."""
    try:
        verb()
    except ClaimRefused as refused:
        if refused.code == "forbidden":
            raise NotAllowed(refused.message) from refused
        if refused.code == "stale":
            return refusals.conflict(request, refused.message, reverse("members"))
        return _page(request, {"error": refused.message}, status=422)
    messages.success(request, told)
    return redirect("home")


@enterprise_side
@require_POST
def member_dispute(request, pk: int):
    row = access.managed_member(request.user, pk)
    form = DisputeForm(request.POST, prefix=f"dispute{pk}")
    return _done(
        request,
        lambda **given: dispute_workflow.dispute_owner(row, request.user, **given),
        _("已提请所在区处理；处理前企业的人员只能查看。"),
        form,
    )


@enterprise_side
@require_POST
def join_admit(request, pk: int):
    row = access.managed_claim(request.user, pk)
    row.version = refusals.posted_number(request, "version")
    form = RoleForm(request.POST, prefix=f"admit{pk}")
    return _done(
        request,
        lambda **given: joining_workflow.admit(row, request.user, **given),
        _("已同意加入。"),
        form,
    )


@enterprise_side
@require_POST
def join_refuse(request, pk: int):
    row = access.managed_claim(request.user, pk)
    row.version = refusals.posted_number(request, "version")
    form = ReasonForm(request.POST, prefix=f"refuse{pk}")
    return _done(
        request,
        lambda **given: joining_workflow.refuse_to_admit(row, request.user, **given),
        _("已答复不同意，对方会收到理由。"),
        form,
    )


@enterprise_side
@require_POST
def takeover_answer(request, pk: int):
    row = access.managed_claim(request.user, pk)
    row.version = refusals.posted_number(request, "version")
    form = AnswerForm(request.POST, prefix=f"answer{pk}")
    return _done(
        request,
        lambda **given: joining_workflow.answer_takeover(row, request.user, **given),
        _("已答复，由所在区决定。"),
        form,
    )
