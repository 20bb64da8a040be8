from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    """Why an account is suspended, reinstated or closed; the enterprise reads it."""

    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        help_text=_("会写进给企业的通知。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明理由")},
    )
