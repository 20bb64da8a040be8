"""验收: what the check found, with its documents."""

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.forms.fields import opinion
from foundation.files.uploads import DocumentsField, DocumentsForm

DOCUMENTS_AT_MOST = 5


class CompletionForm(DocumentsForm):
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    result = forms.ChoiceField(
        label=_("验收结果"),
        choices=[("passed", _("通过")), ("failed", _("未通过，须整改"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择验收结果")},
    )
    checked_on = forms.DateField(
        label=_("验收日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请填写验收日期"), "invalid": _("请填写日期，例如 2026-04-22")},
    )
    text = opinion(_("验收意见"), required=True, help_text=_("企业会原样读到。"), missing=_("请写明验收意见"))
    mend_by = forms.DateField(
        label=_("整改期限"),
        required=False,
        help_text=_("未通过的填写。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请填写日期，例如 2026-04-22")},
    )
    documents = DocumentsField(
        label=_("验收材料"),
        at_most=DOCUMENTS_AT_MOST,
        required=False,
        help_text=_("验收报告、专家意见等，最多 5 份，PDF、PNG 或 JPG，每份不超过 20 MB。"),
    )
