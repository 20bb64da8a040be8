"""How a letter was delivered on paper."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.models import Delivery
from reviews.workflow.letters import LONGEST_REFERENCE


class DeliveryForm(forms.Form):
    use_required_attribute = False

    method = forms.ChoiceField(
        label=_("送达方式"),
        choices=[one for one in Delivery.Method.choices if one[0] != Delivery.Method.SYSTEM],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择送达方式")},
    )
    sent_on = forms.DateField(
        label=_("发出日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请填写发出日期"), "invalid": _("请按 2026-03-31 的样子填写日期")},
    )
    received_on = forms.DateField(
        label=_("收到日期"),
        required=False,
        help_text=_("还不知道的，可以不填，以后另行登记。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("请按 2026-03-31 的样子填写日期")},
    )
    reference = forms.CharField(
        label=_("邮件号或签收情况"),
        max_length=LONGEST_REFERENCE,
        help_text=_("如 EMS 1234567890123；前台签收、本人签收、拒收。"),
        error_messages={"required": _("请填写邮件号或签收情况")},
    )
