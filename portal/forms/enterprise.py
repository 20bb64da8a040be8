"""What people of an enterprise tell about it: yearly figures, the receiving account."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock
from portal.forms.money import MoneyField

FIGURES = ("revenue", "rd_expense", "employees", "taxes", "profit")
YEARS_BACK = 5


class FigureForm(forms.Form):
    """The figures of one year; earlier ones stay on record."""

    use_required_attribute = False

    valid_for = forms.TypedChoiceField(
        label=_("年度"), coerce=int, widget=forms.Select(attrs={"data-short": True})
    )
    revenue = MoneyField(label=_("营业收入"), min_value=Decimal(0))
    rd_expense = MoneyField(label=_("研发费用"), min_value=Decimal(0))
    employees = forms.IntegerField(
        label=_("从业人数"),
        required=False,
        min_value=0,
        max_value=10_000_000,
        help_text=_("年末人数。"),
        widget=forms.TextInput(attrs={"data-short": True, "data-unit": _("人"), "inputmode": "numeric"}),
        error_messages={"invalid": _("请填写整数"), "min_value": _("人数不能为负数")},
    )
    taxes = MoneyField(label=_("实缴税费"), min_value=Decimal(0))
    profit = MoneyField(label=_("利润总额"), help_text=_("亏损填负数。"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        last = clock.today().year - 1
        self.fields["valid_for"].choices = [
            (year, _("%d 年") % year) for year in range(last, last - YEARS_BACK, -1)
        ]

    def clean(self):
        found = super().clean()
        if not self.errors and all(found.get(name) is None for name in FIGURES):
            raise ValidationError(_("请至少填写一项数据"))
        return found

    @property
    def figures(self) -> dict:
        return {name: self.cleaned_data[name] for name in FIGURES}


class AccountForm(forms.Form):
    """Where support is paid to; what is right about it enterprises.workflow.set_account decides."""

    use_required_attribute = False

    bank_name = forms.CharField(
        label=_("开户银行"),
        max_length=80,
        help_text=_("写到支行，例如“中国工商银行上海市徐汇支行”。"),
        error_messages={"required": _("请填写开户银行全称")},
    )
    bank_account = forms.CharField(
        label=_("银行账号"),
        max_length=60,
        help_text=_("户名必须与企业名称一致。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("请填写银行账号")},
    )
