"""Forms of finance: the return of an order, and what the treasury's receipt says."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.verbs import Refused
from desk.forms.fields import MoneyField
from payments.models import Disbursement


class _PaymentForm(forms.Form):
    use_required_attribute = False
    verb = ""
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data=None, *, payment: Disbursement, **options):
        super().__init__(data, prefix=self.verb, initial={"version": payment.version}, **options)

    def refuse(self, refusal: Refused) -> None:
        named = {name: texts for name, texts in refusal.fields.items() if name in self.fields}
        for name, texts in named.items():
            self.add_error(name, [str(text) for text in texts])
        if not named:
            self.add_error(None, refusal.message)


class ReturnForm(_PaymentForm):
    verb = "return"
    reason = forms.CharField(
        label=_("退回理由"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明退回理由")},
    )


class ConfirmForm(_PaymentForm):
    """The amount is typed again, not prefilled: the receipt is what counts."""

    verb = "confirm"
    reference = forms.CharField(
        label=_("支付凭证号"),
        max_length=60,
        error_messages={"required": _("请填写支付凭证号")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    amount = MoneyField(
        label=_("实付金额"),
        help_text=_("按支付凭证填写，应与拨付金额一致。"),
        error_messages={"required": _("请填写实付金额")},
    )
    paid_on = forms.DateField(
        label=_("支付日期"),
        error_messages={"required": _("请填写支付日期"), "invalid": _("请填写日期，例如 2026-04-22")},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
