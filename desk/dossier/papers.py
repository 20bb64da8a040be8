"""What was submitted, as it was: answers with the submission before, documents, who it was then."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.documents import department_rows
from applications.models import Application, Correction, Submission
from enterprises.models import Enterprise
from foundation.files.models import Document
from measures.forms import Form
from measures.forms.display import Row


@dataclass(frozen=True)
class Paper:
    """A document to look at: of the submission shown, or the appraisal."""

    document: str
    slot: str
    label: str
    name: str
    size: int
    sha256: str
    url: str
    is_new: bool
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One answer to read; a table carries its rows as parts and is itself their sum."""

    row: Row
    label: str
    parts: list[tuple[str, Row]]


@dataclass(frozen=True)
class Section:
    title: str
    lines: list[Line]

    @property
    def is_declarations(self) -> bool:
        """Nothing but declarations, all given and unchanged: one line says it."""
        return all(
            line.row.type == "declaration"
            and line.row.answered
            and not line.row.changed
            and not line.row.remark
            for line in self.lines
        )


@dataclass(frozen=True)
class Papers:
    """One submission (the latest, unless an earlier one was asked for), never the working draft."""

    submissions: list[Submission]
    shown: Submission
    form: Form
    sections: list[Section]
    documents: list[Paper]
    remarks: dict[str, str]

    @property
    def is_latest(self) -> bool:
        return self.shown.pk == self.submissions[-1].pk


def read(
    case: Application,
    submissions: list[Submission],
    corrections: list[Correction],
    asked_round: str = "",
    appraisal: Document | None = None,
) -> Papers:
    """The papers of a case; asked_round: which submission to show, 404 where there is none such."""
    shown = submissions[-1]
    if asked_round:
        shown = next((one for one in submissions if str(one.round) == asked_round), None)
        if shown is None:
            raise Http404
    position = submissions.index(shown)
    before = submissions[position - 1] if position else None
    form = shown.form.form
    remarks = _remarks(corrections, shown, before)
    sections = form.rows(shown.answers, before.answers if before else None, remarks)
    return Papers(
        submissions=submissions,
        shown=shown,
        form=form,
        sections=[Section(section.title, list(_lines(section.rows))) for section in sections],
        documents=_documents(case, form, shown, before, appraisal),
        remarks=remarks,
    )


def _remarks(corrections, shown: Submission, before: Submission | None) -> dict[str, str]:
    """What the officer asked for between the submission before and this one."""
    if before is None:
        return {}
    found: dict[str, str] = {}
    for asked in corrections:
        if before.submitted_at <= asked.asked_at <= shown.submitted_at:
            found |= asked.remarks
    return found


def _lines(rows: list[Row]):
    """Answers with their tables' rows inside; empty rows are left out unless one was emptied."""
    parts: list[tuple[str, Row]] = []
    for row in rows:
        _table, colon, label = row.label.partition("：")
        if row.part_of:
            if row.answered or row.changed:
                parts.append((label, row))
            continue
        # The sum of a table stands behind its rows and carries the table's name.
        yield Line(row, row.label.partition("：")[0] if colon and parts else row.label, parts)
        parts = []


def _documents(case, form, shown, before, appraisal) -> list[Paper]:
    labels = {slot.key: slot.label for slot in form.slots}
    order = {slot.key: place for place, slot in enumerate(form.slots)}
    known = {paper["sha256"] for paper in before.documents} if before else None
    papers = [
        Paper(
            document=paper["document"],
            slot=paper["slot"],
            label=labels.get(paper["slot"], paper["slot"]),
            name=paper["name"],
            size=paper["size"],
            sha256=paper["sha256"],
            url=reverse("desk:document", args=[case.pk, paper["document"]]),
            is_new=known is not None and paper["sha256"] not in known,
        )
        for paper in sorted(shown.documents, key=lambda paper: order.get(paper["slot"], len(order)))
    ]
    if appraisal is not None:
        papers.append(
            Paper(
                document=str(appraisal.pk),
                slot="",
                label=_("核定依据"),
                name=appraisal.name,
                size=appraisal.size,
                sha256=appraisal.sha256,
                url=reverse("desk:document", args=[case.pk, appraisal.pk]),
                is_new=False,
                note=_("市级审核上传"),
            )
        )
    return papers


def linked(case: Application, document: UUID) -> bool:
    """Whether a document belongs to what was submitted in this case, to its appraisal, a defence or a check.

    What the enterprise put into a draft or a correction that it hasn't handed in yet does not.
    """
    if case.appraisal_document_id == document:
        return True
    beside = (case.defences, case.completion_checks)
    if any(rows.filter(documents=document).exists() for rows in beside):
        return True
    handed_in = Q(documents__contains=[{"document": str(document)}])
    agreed = Q(consortium__contains=[{"agreement": {"document": str(document)}}])
    return case.submissions.filter(handed_in | agreed).exists()


def identity_rows(shown: Submission, enterprise: Enterprise) -> list[dict]:
    """Who applied, as of the submission, beside what the register says now where that differs."""
    identity = shown.identity
    now = {
        "name": enterprise.name,
        "uscc": enterprise.uscc,
        "district": enterprise.district.name,
        "legal_form": enterprise.get_legal_form_display(),
        "industry": enterprise.industry,
    }
    labels = {
        "name": _("企业名称"),
        "uscc": _("统一社会信用代码"),
        "district": _("注册区"),
        "legal_form": _("组织形式"),
        "industry": _("登记行业"),
    }
    return [
        {
            "label": label,
            "value": identity.get(key, ""),
            "now": now[key] if now[key] != identity.get(key, "") else "",
        }
        for key, label in labels.items()
    ] + [{"label": label, "value": text, "now": ""} for label, text in department_rows(identity)]
