"""An invitation by its link: what it is, and accepting or declining it with an account of the invited address."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from enterprises import invitation_mail, invitation_workflow
from enterprises.models import Invitation
from enterprises.workflow import ClaimRefused
from foundation.accounts.access import NotAllowed, enterprise_side, public
from foundation.events.channels import masked_mail
from portal import acting, refusals


def _opened(pk: int, token: str) -> Invitation:
    """The invitation that this link opens, or 404: nothing is told to who merely guesses."""
    row = Invitation.objects.filter(pk=pk).select_related("enterprise", "invited_by").first()
    if row is None or not invitation_mail.opens(row, token):
        raise Http404
    return row


@public
@require_safe
def invitation(request, pk: int):
    """Who asks, in which role, until when; who isn't signed in does that first and comes back here."""
    row = _opened(pk, request.GET.get("token", ""))
    known = request.user.is_authenticated
    here = urlencode({"next": request.get_full_path()})
    context = {
        "one": row,
        "token": request.GET["token"],
        "masked": masked_mail(row.address),
        "fits": known and invitation_workflow.is_for(row, request.user),
        "login_url": f"{reverse('account_login')}?{here}",
        "signup_url": f"{reverse('account_signup')}?{here}",
    }
    answer = render(request, "portal/invitation.html", context)
    # The address carries the token: it is told to nobody, and kept nowhere. Without any referrer a browser would send
    # no origin with the answer either, and it would be taken for forged.
    answer["Referrer-Policy"] = "strict-origin"
    answer["Cache-Control"] = "no-store"
    return answer


@enterprise_side
@require_POST
def invitation_accept(request, pk: int):
    """Act for the enterprise from now on, and have it in view."""
    return _answered(request, pk, invitation_workflow.accept, _("您现在代表%s。"), choose=True)


@enterprise_side
@require_POST
def invitation_decline(request, pk: int):
    return _answered(request, pk, invitation_workflow.decline, _("您谢绝了%s的邀请。"))


def _answered(request, pk: int, verb, told: str, choose: bool = False):
    token = request.POST.get("token", "")
    row = _opened(pk, token)
    try:
        verb(row, request.user, token)
    except ClaimRefused as refused:
        if refused.code == "forbidden":
            raise NotAllowed(refused.message) from refused
        return refusals.conflict(request, refused.message, reverse("home"))
    if choose:
        request.session[acting.SESSION_KEY] = row.enterprise_id
    messages.success(request, told % row.enterprise.name)
    return redirect("home")
