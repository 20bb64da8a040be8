"""What an enterprise says to 免申即享: give it up, or ask to be put on the list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.workflow.offering import LONGEST_REASON
from foundation.files.uploads import DocumentsField, DocumentsForm
from reviews.workflow.listing import DOCUMENTS_AT_MOST
from reviews.workflow.opinions import LONGEST_TEXT


class DeclineForm(forms.Form):
    """Why the support is given up; nobody has to say."""

    use_required_attribute = False

    reason = forms.CharField(
        label=_("放弃的理由"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ListingForm(DocumentsForm):
    """Why the enterprise should be on the list, with papers that show it."""

    reason = forms.CharField(
        label=_("应当列入名单的理由"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("写明哪项数据有误或者后来有了变化、依据是什么。"),
        error_messages={"required": _("请写明为什么应当列入名单")},
    )
    documents = DocumentsField(
        label=_("证明材料"),
        at_most=DOCUMENTS_AT_MOST,
        required=False,
        help_text=_("可一次选择多份，最多 5 份；PDF、PNG 或 JPG，每份不超过 20 MB。"),
    )
