"""What the treasury's slip says of money that came back; why the rest is written off."""

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.forms.fields import MoneyField
from payments.workflow.recovering import LONGEST_REASON, LONGEST_REFERENCE


class _RecoveryForm(forms.Form):
    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class ReceiveForm(_RecoveryForm):
    reference = forms.CharField(
        label=_("缴款凭证号"),
        max_length=LONGEST_REFERENCE,
        error_messages={"required": _("请填写缴款凭证号")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    amount = MoneyField(label=_("缴回金额"), error_messages={"required": _("请填写缴回金额")})
    received_on = forms.DateField(
        label=_("缴回日期"),
        error_messages={"required": _("请填写缴回日期"), "invalid": _("请填写日期，例如 2026-04-22")},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class WriteOffForm(_RecoveryForm):
    reason = forms.CharField(
        label=_("核销的依据和理由"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明核销的依据和理由")},
    )
