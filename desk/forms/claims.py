"""Deciding on a claim: verified, or rejected with a reason."""

from django import forms
from django.utils.translation import gettext_lazy as _


class _Decision(forms.Form):
    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class VerifyForm(_Decision):
    prefix = "verify"


class RejectForm(_Decision):
    prefix = "reject"
    reason = forms.CharField(
        label=_("不通过的理由"),
        max_length=300,
        help_text=_("企业会原样读到，应写明怎样改正。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明不通过的理由")},
    )
