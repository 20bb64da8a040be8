"""The page on which a draft is written or a correction answered: its fields, slots, and what is missing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import cached_property

from applications.models import Application, ApplicationDocument, Correction
from applications.states import State
from applications.workflow.filling import open_correction, open_fields
from applications.workflow.submitting import declared_ceilings
from foundation.files import formats
from measures.forms import Form
from measures.forms.definition import Slot
from portal import prefill
from portal.reading import is_member


@dataclass
class Paper:
    """A slot as its component shows it."""

    slot: Slot
    document: ApplicationDocument | None
    url: str
    remark: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def when_is(self) -> str:
        """The answers under which it is asked, as conditional.js reads them."""
        return json.dumps(self.slot.when.values, ensure_ascii=False) if self.slot.when else ""

    @property
    def accept(self) -> str:
        return ",".join(self.slot.types)

    @property
    def file(self):
        """The document in the slot, or None."""
        return self.document.document if self.document else None

    @property
    def accept_text(self) -> str:
        return "、".join(str(formats.FORMATS[one].name) for one in self.slot.types)


class Draft:
    """A case that its enterprise may write on now, with the engine of its own form version."""

    def __init__(self, case: Application, user):
        self.case, self.user = case, user
        self.engine: Form = case.form.form

    @property
    def is_correction(self) -> bool:
        return self.case.state == State.AWAITING_CORRECTION

    @cached_property
    def correction(self) -> Correction | None:
        return open_correction(self.case) if self.is_correction else None

    @cached_property
    def opened(self) -> set[str] | None:
        """The keys that may be edited; None: all."""
        return open_fields(self.case) if self.is_correction else None

    @cached_property
    def ceilings(self) -> dict | None:
        last = self.case.submissions.order_by("-round").first() if self.is_correction else None
        return declared_ceilings(self.case, last) if last else None

    @cached_property
    def remarks(self) -> Mapping[str, str]:
        return self.correction.remarks if self.correction else {}

    @cached_property
    def member(self) -> bool:
        return is_member(self.user, self.case)

    @cached_property
    def documents(self) -> dict[str, ApplicationDocument]:
        rows = self.case.papers.filter(removed_at=None).select_related("document").order_by("pk")
        return {row.slot: row for row in rows}

    def form(self, data=None, *, draft: bool = True):
        """The form over what was typed; without data over what is stored, so that what is wrong shows."""
        data = self.stored_as_typed() if data is None else data
        return self.engine.django_form(
            data, initial=self.case.answers, draft=draft, only=self.opened, ceilings=self.ceilings
        )

    def to_store(self, form) -> dict:
        """The form's answers, with None for what was emptied."""
        open_keys = self.engine.by_key.keys() if self.opened is None else self.opened
        return dict.fromkeys(open_keys) | form.answers

    def stored_as_typed(self) -> dict:
        """The stored answers under the names of the form's inputs."""
        typed = {}
        for one in self.engine.fields:
            answer = self.case.answers.get(one.key)
            if one.type == "table":
                rows = answer if isinstance(answer, Mapping) else {}
                typed |= {f"{one.key}__{row}": rows.get(row, "") for row, _label in one.rows}
            elif isinstance(answer, bool):
                typed[one.key] = "true" if answer else "false"
            elif answer is not None:
                typed[one.key] = answer
        return typed

    def missing(self) -> list:
        """What still stands between the draft and its submission, in the form's order."""
        return self.engine.missing(self.case.answers, set(self.documents), self.ceilings)

    def papers(self, errors: Mapping[str, list[str]] | None = None) -> list[Paper]:
        """The slots that may be filled now, with what lies in them."""
        found = []
        for slot in self.engine.slots:
            if self.opened is not None and slot.key not in self.opened:
                continue
            row = self.documents.get(slot.key)
            url = reverse("case_document", args=[self.case.pk, row.document_id]) if row else ""
            paper = Paper(slot, row, url, self.remarks.get(slot.key, ""), (errors or {}).get(slot.key, []))
            found.append(paper)
        return found

    def sections(self, form) -> list[dict]:
        """The form's sections with the fields that are open, their remarks and sources."""
        known = self.sources
        found = []
        for section in form.sections:
            fields = [
                {
                    "field": bound,
                    "remark": self.remarks.get(bound.name, ""),
                    "source": known.get(bound.name, ""),
                }
                for bound in section.fields
                if self.opened is None or bound.name in self.opened
            ]
            if fields:
                found.append({"title": section.title, "help": section.help, "fields": fields})
        return found

    @cached_property
    def sources(self) -> dict[str, str]:
        """Where prefilled answers come from; nothing of the register for who isn't a member."""
        if not self.member:
            return {}
        return prefill.sources(self.engine, self.case.enterprise, self.case.answers)

    def closed_rows(self) -> list:
        """In a correction, what was submitted and stays as it is, to read."""
        if self.opened is None:
            return []
        found = []
        for section in self.engine.rows(self.case.answers):
            rows = [row for row in section.rows if (row.part_of or row.key) not in self.opened]
            if rows:
                found.append({"title": section.title, "rows": readable(rows)})
        return found


def readable(rows) -> list[dict]:
    """Rows of measures.forms.display as components/key_value.html takes them."""
    return [
        {
            "label": row.label,
            "value": row.text,
            "unit": row.unit,
            **({"previous": row.previous_text} if row.changed else {}),
        }
        for row in rows
    ]
