"""One case on one screen; its documents."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applications import access, consortium
from applications.models import Application
from applications.states import State
from desk import nav, panels, shown
from desk.dossier import consortium as of_partners
from desk.dossier import experts, hints, history, papers, rule
from desk.forms.acts import ActForm
from desk.lists.cases import before, in_queue_order
from desk.views import offers
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.documents import documents
from foundation.files import files
from foundation.files.models import Document
from payments.access import recoveries
from payments.access import visible as visible_payments
from payments.models import RecoveryOrder
from reviews.access import awaiting
from reviews.models.consultations import ASKABLE
from reviews.models.experts import ASKABLE as EXPERTS_ASKABLE
from reviews.workflow.recusals import may_answer

CASE_READERS = (*nav.CASES, P.VIEW_PAYMENTS)
# Where an amount is decided, not only an upper bound.
_FINAL = (State.APPROVED, State.PAID, State.COMPLETED, State.REVOKED)


@officers(*CASE_READERS)
@require_safe
def case(request, pk: int):
    return show(request, access.desk_case(request.user, pk))


def read_papers(case: Application, asked_round: str = "") -> papers.Papers:
    """The latest submission, or the one asked for."""
    submissions = list(case.submissions.select_related("form").order_by("round"))
    return papers.read(case, submissions, list(case.corrections.all()), asked_round, case.appraisal_document)


def show(
    request,
    case: Application,
    forms: dict[str, ActForm] | None = None,
    status: int = 200,
    appraised=None,
    preview: bool = False,
):
    """The page; forms: those just refused, by verb; appraised: yuan, to see what would come out."""
    if offers.is_offer(case):
        # Nothing was submitted: there is another page to show.
        return offers.show(request, case, status=status)
    user = request.user
    read = read_papers(case, request.GET.get("round", ""))
    latest = read.submissions[-1]
    explained = rule.read(case, latest, appraised)
    opinions = list(case.opinions.select_related("by", "in_place_of", "office").order_by("pk"))
    stays = list(case.steps.select_related("office").order_by("pk"))
    asked = list(case.corrections.all())
    labels = {one.key: one.label for one in [*read.form.fields, *read.form.slots]}
    panel = panels.build(user, case, explained, forms or {}) if read.is_latest else None
    reviewed = experts.read(case, user)
    if panel and reviewed and "propose" in panel.verbs:
        panel.notes += reviewed.notes()
    return render(
        request,
        "desk/case.html",
        {
            "case": case,
            "tone": shown.tone(case.state),
            "due": shown.due(case),
            "papers": read,
            "partners": of_partners.read(case, read.shown),
            "shares": consortium.shares(case, read.shown.consortium),
            "identity": papers.identity_rows(read.shown, case.enterprise),
            "rule": explained,
            "hints": hints.read(case, read, user),
            "panel": panel,
            "preview": preview,
            "opinions": opinions,
            "steps": history.steps(case, opinions, stays, len(read.submissions)),
            "corrections": history.corrections(case, asked, labels),
            "letters": case.letters.prefetch_related("deliveries").order_by("-pk"),
            "consultations": case.consultations.select_related("office").order_by("-pk")
            if user.may(P.VIEW_CASES) or user.may(P.VIEW_ALL_CASES)
            else (),
            "consult_url": reverse("desk:consult", args=[case.pk])
            if case.state in ASKABLE and user.may(P.CONSULT, case.office_id)
            else "",
            "experts": reviewed,
            "ask_experts_url": reverse("desk:ask_experts", args=[case.pk])
            if case.state in EXPERTS_ASKABLE and user.may(P.ARRANGE_EXPERTS, case.office_id)
            else "",
            "recusal_url": reverse("desk:recusal", args=[case.pk])
            if user.may(P.VIEW_CASES) or user.may(P.VIEW_PAYMENTS)
            else "",
            "recusal_asked": may_answer(user, case)
            and case.recusal_requests.filter(decided_at=None).exists(),
            "defences": case.defences.prefetch_related("documents").order_by("-pk"),
            **_afterwards(case, user),
            "payments": list(visible_payments(user).filter(application=case).with_names()),
            "amount": _amount(case, explained),
            "issued": documents.listed(
                documents.issued(case), lambda issued: reverse("desk:case_issued", args=[case.pk, issued])
            ),
            "asks": _asks(case, read) if user.may(P.VIEW_CASES) else [],
            "place": _place(case, user),
            "enterprise_url": _enterprise_url(case, user),
        },
        status=status,
    )


def _asks(case: Application, read: papers.Papers) -> list[dict]:
    """What may be issued: the submission shown, and the acceptance slip once the case was accepted."""
    round = read.shown.round
    asks = [
        {
            "label": _("申报书（第 %d 次提交）PDF") % round,
            "url": reverse("desk:case_issue_submission", args=[case.pk, round]),
        }
    ]
    if case.accepted_at is not None:
        asks.append(
            {"label": _("受理通知书 PDF"), "url": reverse("desk:case_issue_acceptance", args=[case.pk])}
        )
    return asks


def _afterwards(case: Application, user) -> dict:
    """What stands beside a decided case; nothing before."""
    if case.state not in _FINAL:
        return {"revocations": (), "changes": (), "checks": (), "recovery": None}
    order = RecoveryOrder.objects.filter(application=case).first()
    reached = order and recoveries(user).filter(pk=order.pk).exists()
    return {
        "revocations": case.revocations.order_by("-pk"),
        "changes": case.changes.order_by("-pk"),
        "checks": case.completion_checks.prefetch_related("documents").order_by("-pk"),
        "recovery": order
        and {"order": order, "url": reverse("desk:recovery", args=[order.pk]) if reached else ""},
    }


def _amount(case: Application, explained: rule.Explanation) -> dict:
    """The amount to show: an upper bound, what is proposed, or what was approved, with its lines."""
    if case.state in _FINAL:
        found = {"amount": case.approved_amount, "label": _("批复金额"), "final": True}
    elif case.proposed_amount is not None:
        found = {"amount": case.proposed_amount, "label": _("拟支持金额"), "final": False}
    else:
        lines = [{"text": line.text, "amount": line.amount} for line in explained.answer.lines]
        return {
            "amount": explained.answer.amount,
            "label": _("测算上限"),
            "final": False,
            "lines": lines,
            "shown": case.call_item.fund_id is not None,
        }
    return found | {"lines": case.award_lines, "shown": True}


def _place(case: Application, user) -> dict:
    """Where the case stands in this person's queue, with its neighbours."""
    waiting = awaiting(user)
    total = waiting.count()
    ahead = waiting.filter(before(case)).exclude(pk=case.pk)
    position = ahead.count()
    mine = waiting.filter(pk=case.pk).exists()
    previous = in_queue_order(ahead).last() if position else None
    following = (
        in_queue_order(waiting.exclude(before(case)).exclude(pk=case.pk)).first()
        or in_queue_order(waiting.exclude(pk=case.pk)).first()
    )
    return {
        "total": total,
        "position": position + 1 if mine else None,
        "previous_url": reverse("desk:case", args=[previous.pk]) if previous else "",
        "next_url": reverse("desk:case", args=[following.pk]) if following else "",
    }


def _enterprise_url(case: Application, user) -> str:
    if not any(user.may(permission) for permission in nav.CASES):
        return ""
    return reverse("desk:enterprise", args=[case.enterprise_id])


@officers(*CASE_READERS)
@require_safe
def document(request, pk: int, document: UUID):
    """A document of the case, shown in place, or as a file with ?download=1."""
    found = access.desk_case(request.user, pk)
    if not papers.linked(found, document):
        raise Http404
    row = get_object_or_404(Document, pk=document)
    return files.response(row, inline="download" not in request.GET)
