"""Many cases at once: what was ticked is shown with its sum, confirmed, done; each case gets its own result."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from applications import access
from applications.models import Application
from applications.states import VERBS
from applications.verbs import Outcomes, Refused
from desk.lists.cases import in_queue_order
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.workdays.workdays import CalendarMissing
from reviews import workflow
from reviews.workflow.opinions import LONGEST_TEXT

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Many:
    """A verb that the law lets one do to many cases: its word, its permission, what it says beforehand."""

    verb: str
    label: object
    permission: str
    run: Callable[[list[Application], object, str], Outcomes]
    consequence: object
    key: str = ""

    @property
    def url(self) -> str:
        return reverse(f"desk:many_{self.verb}")


MANY = {
    one.verb: one
    for one in (
        Many(
            "accept",
            gettext_lazy("受理"),
            P.ACCEPT,
            workflow.accept,
            gettext_lazy("受理后进入下一环节，并通知企业。"),
        ),
        Many(
            "endorse",
            gettext_lazy("复核同意"),
            P.ENDORSE,
            workflow.endorse,
            gettext_lazy("推荐的报市级审核；不推荐的须逐件写明告知企业的理由，这里不会办理。"),
        ),
        Many(
            "sign_off",
            gettext_lazy("签发"),
            P.SIGN_OFF,
            workflow.sign_off,
            gettext_lazy("拟支持的进入公示；拟不予支持的向企业发出告知。"),
        ),
        Many(
            "approve",
            gettext_lazy("批复"),
            P.APPROVE,
            workflow.approve,
            gettext_lazy("批复前逐件重新核对规则；通过的占用资金并转资金拨付部门。"),
        ),
    )
}


class ManyForm(forms.Form):
    """An opinion for all of them."""

    use_required_attribute = False
    text = forms.CharField(
        label=gettext_lazy("意见"),
        required=False,
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy("写给所选的每一件。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def offered(user, cases: Iterable[Application]) -> list[Many]:
    """The verbs that this person may do to many of these cases."""
    states = {case.state for case in cases}
    return [
        one for one in MANY.values() if user.may(one.permission) and states & set(VERBS[one.verb].sources)
    ]


def picked(request, reach) -> list[Application]:
    """The ticked cases among those within reach, in queue order, each with the version that the page saw.

    A box carries "id-version"; what isn't such a text is no box of ours.
    """
    seen = {}
    for box in request.POST.getlist("pick")[:AT_ONCE]:
        pk, dash, version = box.partition("-")
        if dash and pk.isdecimal() and version.isdecimal() and len(pk) < 19 and len(version) < 10:
            seen[int(pk)] = int(version)
    cases = list(in_queue_order(reach.filter(pk__in=seen).with_names()))
    for case in cases:
        case.version = seen[case.pk]
    return cases


def boxes(cases: list[Application]) -> list[str]:
    return [f"{case.pk}-{case.version}" for case in cases]


def _many(verb: str):
    many = MANY[verb]

    @officers(many.permission)
    @require_POST
    def view(request):
        chosen = picked(request, access.on_desk(request.user))
        confirmed = "confirmed" in request.POST
        # Only asked for here: once confirmed, each case gets its result, also one that moved on meanwhile.
        cases = chosen if confirmed else [case for case in chosen if case.state in VERBS[verb].sources]
        if not cases:
            messages.warning(request, _("请先勾选要办理的申请"))
            return redirect("desk:queue")
        form = ManyForm(request.POST if confirmed else None)
        if form.is_bound and form.is_valid():
            try:
                outcomes = many.run(cases, request.user, form.cleaned_data["text"])
            except (Refused, CalendarMissing) as refusal:
                form.add_error(None, str(refusal))
            else:
                return results(request, many.label, outcomes, back=reverse("desk:queue"))
        return render(
            request,
            "desk/many.html",
            {
                "many": many,
                "cases": cases,
                "boxes": boxes(cases),
                "left_out": len(chosen) - len(cases),
                "total": sum((case.proposed_amount or 0 for case in cases), 0),
                "form": form,
            },
            status=422 if form.errors else 200,
        )

    view.__name__ = f"many_{verb}"
    return view


def results(request, label, outcomes: Outcomes, *, back: str):
    """What became of each case: done with its new state, refused with the reason."""
    rows = [
        {
            "case": outcome.case,
            "url": reverse("desk:case", args=[outcome.case.pk]),
            "name": (outcome.case.identity or {}).get("name", ""),
            "refused": outcome.refused.message if outcome.refused else "",
        }
        for outcome in outcomes
    ]
    done, refused = len(outcomes.done), len(outcomes.refused)
    title = (
        _("%(verb)s：办结 %(done)d 件，未办 %(refused)d 件")
        if refused
        else _("%(verb)s：%(done)d 件全部办结")
    ) % {"verb": label, "done": done, "refused": refused}
    return render(request, "desk/results.html", {"title": title, "rows": rows, "back_url": back})


many_accept = _many("accept")
many_endorse = _many("endorse")
many_sign_off = _many("sign_off")
many_approve = _many("approve")
