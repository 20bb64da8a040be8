"""The door of the room: issue a document, find it again, serve it.

Who may issue or read one is decided by the room whose subject it speaks of, never here.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from foundation.documents.models import IssuedDocument
from foundation.documents.rendering import render
from foundation.events import events
from foundation.files import files

# How a document names the house that made it.
AUTHOR = "科服直达 · 上海市科技服务业政策申报与办理系统"


def issue(
    kind: str,
    subject: Model,
    by,
    *,
    title: str,
    number: str,
    dated: datetime,
    facts: dict,
    part: str = "",
) -> IssuedDocument:
    """The document of these facts: the one issued before, or a new one with its event.

    kind: also the template's name; number: what stands in the header and the file's name; facts: JSON values,
    all that the document says; dated: the moment that it bears. Two at once get the same document. The event
    `issue_document` is written to the subject's chain.
    """
    known = {"title": title, "author": AUTHOR, "number": number}
    said = {"document": known, "dated": dated.isoformat(), **facts}
    digest = hashlib.sha256(
        json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()
    same = issued(subject, kind, part).filter(facts_sha256=digest)
    if found := same.first():
        return found
    content = render(kind, {**facts, "document": {**known, "facts": digest}}, dated)
    name = _("%(title)s %(number)s.pdf") % {"title": title, "number": number}
    try:
        with transaction.atomic():
            document = files.store(ContentFile(content, name), by, accept=(files.PDF,))
            made = IssuedDocument.objects.create(
                kind=kind,
                title=title[:200],
                subject_kind=subject._meta.label_lower,
                subject_id=subject.pk,
                part=part,
                document=document,
                facts_sha256=digest,
                issued_by_id=by.pk,
            )
            events.record(
                "issue_document", subject, by, document=kind, part=part, sha256=document.sha256, facts=digest
            )
            return made
    except IntegrityError:
        # Somebody else was quicker; anything else is raised by get.
        return same.get()


def issued(subject: Model, kind: str = "", part: str | None = None) -> QuerySet[IssuedDocument]:
    """What was issued about a subject, the newest first."""
    rows = IssuedDocument.objects.filter(
        subject_kind=subject._meta.label_lower, subject_id=subject.pk
    ).select_related("document")
    if kind:
        rows = rows.filter(kind=kind)
    if part is not None:
        rows = rows.filter(part=part)
    return rows.order_by("-pk")


def listed(rows: Iterable[IssuedDocument], url: Callable[[int], str]) -> list[dict]:
    """The rows as components/issued.html takes them; url: where the document of that key opens."""
    return [
        {"title": row.title, "document": row.document, "at": row.issued_at, "url": url(row.pk)}
        for row in rows
    ]
