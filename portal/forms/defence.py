"""陈述申辩: a text and some documents."""

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.files.uploads import DocumentsField, DocumentsForm
from reviews.workflow.defence import DOCUMENTS_AT_MOST
from reviews.workflow.opinions import LONGEST_TEXT


class DefenceForm(DocumentsForm):
    text = forms.CharField(
        label=_("陈述申辩的内容"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("逐条写明哪项理由与事实不符、依据是什么。"),
        error_messages={"required": _("请写明陈述申辩的内容")},
    )
    documents = DocumentsField(
        label=_("证明材料"),
        at_most=DOCUMENTS_AT_MOST,
        required=False,
        help_text=_("可一次选择多份，最多 5 份；PDF、PNG 或 JPG，每份不超过 20 MB。"),
    )
