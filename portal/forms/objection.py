"""An objection to a public notice, or a lead without a name; anybody may send it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.files.uploads import DocumentsField, DocumentsForm
from reviews.models import Objection
from reviews.workflow.objections import DOCUMENTS_AT_MOST, LONGEST_NAME
from reviews.workflow.opinions import LONGEST_TEXT

NAMELESS = "nameless"


class ObjectionForm(DocumentsForm):
    """`lines`: the notice's lines that stand."""

    line = forms.ChoiceField(
        label=_("对哪一个项目"),
        error_messages={"required": _("请选择项目"), "invalid_choice": _("请选择项目")},
    )
    kind = forms.ChoiceField(
        label=_("您是"),
        choices=[
            (Objection.Kind.PERSON, _("个人，实名提出异议")),
            (Objection.Kind.UNIT, _("单位，盖章提出异议")),
            (NAMELESS, _("不留姓名，只提供线索")),
        ],
        widget=forms.RadioSelect,
        help_text=_("实名提出的异议会逐件答复，答复之前不作批复；不留姓名的作为线索核查，不作答复。"),
        error_messages={"required": _("请选择")},
    )
    name = forms.CharField(
        label=_("姓名或者单位名称"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=_("提供线索的不填。"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("联系电话"),
        required=False,
        max_length=20,
        help_text=_("用于核实和答复；提供线索的不填。"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    text = forms.CharField(
        label=_("事实和理由"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("请写明事实和理由")},
    )
    documents = DocumentsField(
        label=_("证明材料"),
        at_most=DOCUMENTS_AT_MOST,
        required=False,
        help_text=_("单位提出异议的，请上传加盖公章的异议书。最多 5 份，PDF、PNG 或 JPG，每份不超过 20 MB。"),
    )

    def __init__(self, *args, lines, **options):
        super().__init__(*args, **options)
        self.lines = {str(line.position): line for line in lines}
        self.fields["line"].choices = [
            ("", _("请选择")),
            *(
                (position, f"{line.position}. {line.enterprise_name} · {line.project}")
                for position, line in self.lines.items()
            ),
        ]

    def clean(self):
        """Name and phone before any file is kept; the verb looks closer."""
        data = super().clean()
        if data.get("kind") in Objection.Kind.values:
            for name, message in (("name", _("请填写真实姓名或者单位全称")), ("phone", _("请填写联系电话"))):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, message)
        return data
