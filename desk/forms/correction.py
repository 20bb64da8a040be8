"""Asking for a correction: a remark beside each field or document that the enterprise must correct."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.verbs import Refused
from desk.dossier.papers import Papers
from desk.forms.acts import ActForm

LONGEST_REMARK = 500
_REMARK = "remark_"


@dataclass(frozen=True)
class Asked:
    """One thing that can be asked about: what was answered, and the place for the remark."""

    label: str
    answer: str
    unit: str
    remark: forms.BoundField


@dataclass(frozen=True)
class AskedSection:
    title: str
    lines: list[Asked]


class CorrectionForm(ActForm):
    """One remark for each visible field and document; empty ones are not asked about."""

    verb = "request_correction"
    note = forms.CharField(
        label=_("总体说明"),
        required=False,
        max_length=1000,
        help_text=_("可以不填；放在逐项意见之前，企业会读到。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data=None, files=None, *, case, papers: Papers, **options):
        super().__init__(data, files, case=case, **options)
        self.papers = papers
        visible = papers.form.visible(papers.shown.answers)
        self.asked_keys = [field.key for field in papers.form.fields if field.key in visible]
        self.slot_keys = [slot.key for slot in papers.form.slots if slot.key in visible]
        labels = {one.key: one.label for one in [*papers.form.fields, *papers.form.slots]}
        for key in [*self.asked_keys, *self.slot_keys]:
            self.fields[_REMARK + key] = forms.CharField(
                label=_("对“%s”的补正要求") % labels[key],
                required=False,
                max_length=LONGEST_REMARK,
                widget=forms.Textarea(attrs={"rows": 1}),
            )

    @property
    def remarks(self) -> dict[str, str]:
        return {
            name.removeprefix(_REMARK): text
            for name, text in self.cleaned_data.items()
            if name.startswith(_REMARK) and text
        }

    @property
    def sections(self) -> list[AskedSection]:
        """The form's sections with the answers, then the documents, each line with its remark."""
        found = []
        for section in self.papers.sections:
            lines = [
                Asked(line.label, line.row.text, line.row.unit, self[_REMARK + line.row.key])
                for line in section.lines
                if line.row.key in self.asked_keys
            ]
            if lines:
                found.append(AskedSection(section.title, lines))
        handed_in = {paper.slot: paper for paper in self.papers.documents}
        slots = {slot.key: slot for slot in self.papers.form.slots}
        documents = [
            Asked(
                slots[key].label,
                handed_in[key].name if key in handed_in else str(_("未提交")),
                "",
                self[_REMARK + key],
            )
            for key in self.slot_keys
        ]
        return [*found, AskedSection(str(_("材料")), documents)]

    def refuse(self, refusal: Refused) -> None:
        for name, texts in refusal.fields.items():
            key = _REMARK + name
            if key in self.fields:
                self.add_error(key, [str(text) for text in texts])
                return
        self.add_error(None, refusal.message)
