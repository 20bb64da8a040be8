"""What is asked beside the application's own form."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms.money import MoneyField


class TrialForm(forms.Form):
    """An investment to try the rule with; nothing is kept."""

    use_required_attribute = False

    investment = MoneyField(
        label=_("新增投资"),
        min_value=Decimal("0.01"),
        required=True,
        error_messages={"required": _("请填写金额")},
    )


class WithdrawForm(forms.Form):
    """Why an application is taken back."""

    use_required_attribute = False

    reason = forms.CharField(
        label=_("撤回理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("办理单位会看到。"),
        error_messages={"required": _("请写明撤回理由")},
    )
