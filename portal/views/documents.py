"""Documents of a case: put into their slots, taken out, opened by those who may."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applications import workflow
from applications.workflow import Refused
from foundation.accounts.access import enterprise_side_or
from foundation.accounts.roles import Permission
from foundation.files import files
from foundation.files.files import RefusedFile
from foundation.files.models import Document
from portal import refusals
from portal.drafting import Draft
from portal.reading import own_case
from portal.views.drafts import page


@enterprise_side_or(Permission.FILE_AT_COUNTER)
@require_POST
def upload(request, pk, slot):
    """Put the posted file into a slot; what is wrong with it stands beside the slot."""
    case = own_case(request, pk)
    file = request.FILES.get(slot)
    if file is None:
        return _again(request, case, slot, [_("请先选择文件，再点“上传”。")])
    try:
        workflow.attach(case, request.user, slot, file)
    except RefusedFile as refused:
        return _again(request, case, slot, refused.messages)
    except Refused as refused:
        return _refused(request, refused, pk)
    messages.success(request, _("“%s”已上传。") % file.name)
    return redirect(reverse("draft", args=[pk]) + f"#field-{slot}")


@enterprise_side_or(Permission.FILE_AT_COUNTER)
@require_POST
def remove(request, pk, slot):
    """Take the document out of a slot; what was submitted with it keeps it."""
    case = own_case(request, pk)
    try:
        workflow.detach(case, request.user, slot)
    except Refused as refused:
        return _refused(request, refused, pk)
    messages.success(request, _("已移除。"))
    return redirect(reverse("draft", args=[pk]) + f"#field-{slot}")


@enterprise_side_or(Permission.FILE_AT_COUNTER)
@require_safe
def open_document(request, pk, document):
    """A document of one's own case, also one that was replaced since; else 404."""
    case = own_case(request, pk)
    known = Q(pk__in=case.papers.values("document")) | Q(pk__in=case.defences.values("documents"))
    known |= Q(pk__in=case.completion_checks.values("documents"))
    found = get_object_or_404(Document.objects.filter(known), pk=document)
    return files.response(found, inline="download" not in request.GET)


def _again(request, case, slot, errors):
    draft = Draft(case, request.user)
    if not any(paper.slot.key == slot for paper in draft.papers()):
        raise Http404
    return page(request, draft, draft.form(), {slot: errors}, status=422)


def _refused(request, refused: Refused, pk: int):
    back = reverse("draft", args=[pk])
    response = refusals.answer(request, refused, reverse("case", args=[pk]))
    return response or refusals.conflict(request, refused.message, back)
