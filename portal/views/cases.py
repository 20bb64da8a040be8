"""The person's applications: the list, one case, what was submitted at each round, taking it back."""

from decimal import Decimal

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applications import access, consortium, workflow
from applications.models import Application
from applications.states import WITHDRAWABLE, State
from applications.workflow import Refused
from enterprises import history
from enterprises.member_roles import Does
from foundation.accounts.access import enterprise_side
from foundation.clock import clock
from foundation.documents import documents
from foundation.events import events
from measures.eligibility import Answer, AwardLine
from payments.models import RecoveryOrder
from portal import acting, nav, progress, refusals
from portal.caselist import CaseList
from portal.drafting import readable
from portal.forms.case import WithdrawForm
from portal.offers import arithmetic, full_reason
from portal.reading import own, own_case, refuse_elsewhere
from reviews.access import open_revocation
from reviews.workflow.changes import CHANGEABLE
from tracking.serving import specialists_of

MESSAGES_SHOWN = 5
# Where the case's own page is not the one to begin with.
_PAGES = {State.DRAFT: "draft", State.OFFERED: "offer"}
# Where the amount decided on is the enterprise's to know.
DECIDED = {State.APPROVED, State.PAID, State.COMPLETED, State.REVOKED}
# Where the reason was told to the enterprise.
REASONED = {
    State.DECLINE_NOTIFIED,
    State.DECLINED,
    State.NOT_ACCEPTED,
    State.LAPSED,
    State.WITHDRAWN,
    State.REVOKED,
}


@enterprise_side
@require_safe
def my_cases(request):
    """All applications and drafts of the person and of the enterprises that they act for."""
    cases = own(request).prefetch_related("corrections")
    listing = CaseList(cases, request)
    context = {
        "list": listing,
        "rows": [
            {
                "case": case,
                "tone": progress.tone(case.state),
                "told": progress.situation(case, progress.open_correction(case)),
                "url": reverse(_PAGES.get(State(case.state), "case"), args=[case.pk]),
            }
            for case in listing.page.rows
        ],
        "waiting": cases.filter(state__in=CaseList.FOR_THE_ENTERPRISE).count(),
        "any": listing.total or cases.exists(),
        "tabs": nav.under_way("my_cases"),
    }
    return render(request, "portal/my_cases.html", context)


@enterprise_side
@require_safe
def case(request, pk):
    """Where the case is, who has it, by which day, what comes next."""
    found = own(request).filter(pk=pk).first()
    if found is None:
        refuse_elsewhere(request, pk)
    if found is None and access.own(request.user).filter(pk=pk).exists():
        # A draft that was thrown away: a message may still lead here.
        return redirect("my_cases")
    if found is None:
        raise Http404
    if found.state == State.DRAFT:
        return redirect("draft", pk)
    if found.state == State.OFFERED:
        return redirect("offer", pk)
    return page(request, found)


def page(request, case: Application, form: WithdrawForm | None = None, status=200):
    """The case's page; `form` is that of a refused withdrawal."""
    kept = dict(case.submissions.order_by("round").values_list("round", "consortium"))
    rounds = list(kept)
    steps = case.steps.select_related("office").order_by("pk")
    correction = progress.open_correction(case)
    beside = _afterwards(case)
    context = {
        "case": case,
        "tone": progress.tone(case.state),
        "told": progress.situation(case, correction, beside["revocation"]),
        "correction": correction,
        "remarks": _remarks(case, correction),
        "steps": progress.timeline(case, steps, rounds),
        "experts": progress.experts(case),
        "amount": _amount(case),
        "shares": consortium.shares(case, kept[rounds[-1]]) if rounds else [],
        "papers": _papers(case),
        "rounds": rounds,
        "issued": documents.listed(
            documents.issued(case), lambda issued: reverse("case_issued", args=[case.pk, issued])
        ),
        "asks": _asks(case, rounds),
        "messages_here": _messages(request.user, case),
        "letters": case.letters.prefetch_related("deliveries").order_by("-pk"),
        "defences": case.defences.prefetch_related("documents").order_by("-pk"),
        "may_defend": case.defended_at is None and clock.today() <= case.defence_due_on
        if case.state == State.DECLINE_NOTIFIED
        else False,
        **beside,
        "reason": case.reason if case.state in REASONED else "",
        "withdraw_form": (form or WithdrawForm())
        if case.state in WITHDRAWABLE and acting.may(request, Does.WITHDRAW)
        else None,
        "hidden": [{"name": "version", "value": case.version}],
        "differences": history.differences(case.identity or {}, case.enterprise),
        "specialists": [] if case.ended_at else specialists_of(case.enterprise),
        "needs_account": case.state == State.APPROVED and not case.enterprise.bank_account,
    }
    return render(request, "portal/case.html", context, status=status)


def _asks(case: Application, rounds: list[int]) -> list[dict]:
    """What may be issued now: the last submission, and the acceptance slip once it was accepted."""
    asks = [
        {
            "label": _("申报书（第 %d 次提交）PDF") % round,
            "url": reverse("case_issue_submission", args=[case.pk, round]),
        }
        for round in rounds[-1:]
    ]
    if case.accepted_at is not None:
        asks.append({"label": _("受理通知书 PDF"), "url": reverse("case_issue_acceptance", args=[case.pk])})
    return asks


def _afterwards(case: Application) -> dict:
    """What stands beside a decided case, and what the enterprise may ask for; nothing before."""
    if case.state not in DECIDED:
        return {
            "revocations": (),
            "changes": (),
            "checks": (),
            "revocation": None,
            "recovery": None,
            "may_change": False,
        }
    changes = list(case.changes.order_by("-pk"))
    return {
        "revocations": case.revocations.order_by("-pk"),
        "changes": changes,
        "checks": case.completion_checks.prefetch_related("documents").order_by("-pk"),
        "revocation": open_revocation(case),
        "recovery": RecoveryOrder.objects.filter(application=case).first(),
        "may_change": case.state in CHANGEABLE and not any(one.state == "asked" for one in changes),
    }


def _remarks(case: Application, correction) -> list[dict]:
    """What the office asked, under the names that the form gives its fields and slots."""
    if correction is None:
        return []
    engine = case.form.form
    return [
        {"label": one.label, "text": correction.remarks[one.key]}
        for one in [*engine.fields, *engine.slots]
        if one.key in correction.remarks
    ]


def _amount(case: Application) -> dict:
    """Before the decision an upper bound with its arithmetic; afterwards the amount and its lines."""
    if case.state in DECIDED:
        lines = [AwardLine(row["text"], Decimal(row["amount"])) for row in case.award_lines]
        return {
            "value": case.approved_amount,
            "final": True,
            "lines": arithmetic(lines, _("批复金额"), case.approved_amount),
            "label": _("批复金额"),
        }
    if case.state == State.PUBLIC_NOTICE:
        return {"value": case.proposed_amount, "final": False, "lines": [], "label": _("公示的拟支持金额")}
    if case.offered_at is not None and case.proposed_amount is not None:
        # The enterprise has read it in the offer and agreed to it.
        lines = [AwardLine(row["text"], Decimal(row["amount"])) for row in case.award_lines]
        return {
            "value": case.proposed_amount,
            "final": False,
            "lines": arithmetic(lines, _("拟支持金额"), case.proposed_amount),
            "label": _("拟支持金额"),
        }
    last = (
        case.checks.order_by("-pk").filter(verb__in=["submit", "resubmit", "offer", "confirm_offer"]).first()
    )
    lines = Answer.thaw(last.answer).lines if last is not None else ()
    return {
        "value": case.estimate,
        "final": False,
        "lines": arithmetic(lines, _("测算上限"), case.estimate),
        "label": _("测算上限"),
    }


def _papers(case: Application) -> list[dict]:
    labels = {slot.key: slot.label for slot in case.form.form.slots}
    rows = case.papers.filter(removed_at=None).select_related("document").order_by("pk")
    return [
        {
            "label": labels.get(row.slot, row.slot),
            "document": row.document,
            "url": reverse("case_document", args=[case.pk, row.document_id]),
        }
        for row in rows
    ]


def _messages(user, case: Application) -> list[dict]:
    told = events.inbox(user).filter(
        event__chain__kind=Application._meta.label_lower, event__chain__subject_id=case.pk
    )
    shown = list(told[:MESSAGES_SHOWN])
    # The page itself names the case: of the subject only what happened.
    return [
        {"told": one, "message": message, "what": message.subject.partition("：")[0]}
        for one, message in zip(shown, events.render_many(shown), strict=True)
    ]


@enterprise_side
@require_safe
def submission(request, pk, number):
    """What was submitted at that round, exactly as it was, by the form's version of then."""
    found = own_case(request, pk)
    rows = list(found.submissions.select_related("form").order_by("round"))
    this = next((row for row in rows if row.round == number), None)
    if this is None:
        return redirect("case", pk)
    before = next((row for row in rows if row.round == number - 1), None)
    engine = this.form.form
    labels = {slot.key: slot.label for slot in engine.slots}
    old = {paper["slot"]: paper["sha256"] for paper in before.documents} if before else None
    context = {
        "case": found,
        "submission": this,
        "shares": consortium.shares(found, this.consortium),
        "rounds": [row.round for row in rows],
        "sections": [
            {"title": section.title, "rows": readable(section.rows)}
            for section in engine.rows(this.answers, before.answers if before else None)
        ],
        "papers": [
            {
                **paper,
                "label": labels.get(paper["slot"], paper["slot"]),
                "changed": old is not None and old.get(paper["slot"]) != paper["sha256"],
                "url": reverse("case_document", args=[pk, paper["document"]]),
            }
            for paper in this.documents
        ],
        **_check_of(found, this),
    }
    return render(request, "portal/submission.html", context)


def _check_of(case: Application, submission) -> dict:
    """The rule's answer that was frozen with this submission."""
    row = case.checks.filter(at=submission.submitted_at).order_by("pk").first()
    answer = Answer.thaw(row.answer) if row else None
    if answer is None:
        return {"check": None, "conditions": [], "lines": []}
    return {
        "check": answer,
        "conditions": [full_reason(one) for one in answer.conditions],
        "lines": arithmetic(answer.lines, _("测算上限"), answer.amount),
    }


@enterprise_side
@require_POST
def withdraw(request, pk):
    """Take the application back, with a reason."""
    found = own(request).prefetch_related("corrections").filter(pk=pk).first() or own_case(request, pk)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return page(request, found, form, status=422)
    found.version = refusals.posted_number(request, "version")
    try:
        workflow.withdraw(found, request.user, form.cleaned_data["reason"]).one()
    except Refused as refused:
        response = refusals.answer(request, refused, reverse("case", args=[pk]))
        if response is not None:
            return response
        refusals.beside(form, refused.message, refused.fields)
        return page(request, own_case(request, pk), form, status=422)
    messages.success(request, _("申请已撤回。"))
    return redirect("case", pk)
