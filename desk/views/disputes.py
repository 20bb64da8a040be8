"""Disputes about who is an enterprise's owner: the two, what each said, and how the district settles it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from desk import nav, shown
from desk.forms.disputes import SettleForm
from desk.views.refusals import stale
from enterprises import access
from enterprises.models import OwnershipDispute
from enterprises.workflow import ClaimRefused
from foundation.accounts.access import NotAllowed, officers
from foundation.accounts.roles import Permission as P
from foundation.events import events
from foundation.files import files
from foundation.lists.columns import Column
from foundation.lists.lists import List
from reviews import workflow

_TABS = {
    OwnershipDispute.State.OPEN: gettext_lazy("处理中"),
    OwnershipDispute.State.SETTLED: gettext_lazy("已处理"),
}


class DisputeList(List):
    title = gettext_lazy("经办人争议")
    default_sort = "due"
    columns = (
        Column("due", gettext_lazy("期限"), "due_on", sort="due_on"),
        Column("name", gettext_lazy("企业"), "enterprise.name"),
        Column("uscc", gettext_lazy("统一社会信用代码"), "enterprise.uscc"),
        Column("opened", gettext_lazy("提出时间"), "opened_at", sort="opened_at"),
    )


@officers(*nav.DISPUTES)
@require_safe
def disputes(request):
    reach = access.disputes_on_desk(request.user)
    chosen = request.GET.get("tab", "")
    chosen = chosen if chosen in _TABS else OwnershipDispute.State.OPEN
    listing = DisputeList(reach.filter(state=chosen), request)
    waiting = reach.filter(state=OwnershipDispute.State.OPEN).count()
    context = {
        "list": listing,
        "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
        "waiting": waiting,
        "rows": [
            {
                "one": one,
                "left": shown.days_left(one.due_on),
                "url": reverse("desk:dispute", args=[one.pk]),
            }
            for one in listing.page.rows
        ],
        "tabs": [
            {
                "label": label,
                "url": f"?tab={state.value}",
                "active": state == chosen,
                "count": waiting if state == OwnershipDispute.State.OPEN else None,
            }
            for state, label in _TABS.items()
        ],
    }
    return render(request, "desk/disputes.html", context)


@officers(*nav.DISPUTES)
@require_safe
def dispute(request, pk: int):
    return _show(request, access.desk_dispute(request.user, pk))


def _show(request, found: OwnershipDispute, form: SettleForm | None = None, status: int = 200):
    is_open = found.state == OwnershipDispute.State.OPEN
    context = {
        "one": found,
        "tone": "warn" if is_open else "ok",
        "left": shown.days_left(found.due_on) if is_open else None,
        "may_settle": is_open and request.user.may(P.MANAGE_ENTERPRISE),
        "form": form or SettleForm(initial={"version": found.version}, dispute=found),
        "enterprise_url": reverse("desk:enterprise", args=[found.enterprise_id]),
        "sides": _sides(found),
        "history": shown.acts(events.timeline(found)),
    }
    return render(request, "desk/dispute.html", context, status=status)


def _sides(found: OwnershipDispute) -> list[dict]:
    """The two with what stands for each: since when they are owner, their words, their letters."""
    people = [found.first, found.second]
    since = access.owners_since(found.enterprise_id, [one.pk for one in people])
    letters = access.letters_of(found)
    words = [found.claim.answer_words, found.claim.note] if found.claim else ["", ""]
    return [
        {
            "role": role,
            "person": person,
            "since": since.get(person.pk),
            "words": said,
            "letters": [claim for claim in letters if claim.user_id == person.pk],
        }
        for role, person, said in zip(found.roles, people, words, strict=True)
    ]


@officers(*nav.DISPUTES)
@require_safe
def dispute_letter(request, pk: int, claim: int):
    """The authorisation letter of one of the two, in place or as a file with ?download=1."""
    found = access.desk_dispute(request.user, pk)
    letter = next((one.letter for one in access.letters_of(found) if one.pk == claim), None)
    if letter is None:
        raise Http404
    return files.response(letter, inline="download" not in request.GET)


@officers(P.MANAGE_ENTERPRISE)
@require_POST
def dispute_settle(request, pk: int):
    found = access.desk_dispute(request.user, pk)
    form = SettleForm(request.POST, dispute=found)
    if form.is_valid():
        given = form.cleaned_data
        found.version = given["version"]
        try:
            workflow.settle_dispute(found, request.user, given["outcome"], given["grounds"])
        except ClaimRefused as refusal:
            if refusal.code == "forbidden":
                raise NotAllowed(refusal.message) from refusal
            if refusal.code == "stale":
                return stale(request, refusal.message, reverse("desk:dispute", args=[pk]))
            form.add_error(refusal.field or None, refusal.message)
        else:
            messages.success(request, _("已处理“%s”的争议，双方已告知") % found.enterprise.name)
            return redirect("desk:disputes")
    return _show(request, access.desk_dispute(request.user, pk), form, status=422)
