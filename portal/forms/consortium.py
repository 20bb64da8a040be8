"""What is asked of a consortium: a partner by the lead, an answer by the partner."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PartnerForm(forms.Form):
    """One partner; what is wrong with it is said by the verb, beside the fields."""

    use_required_attribute = False

    uscc = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": _("请填写 18 位代码")},
    )
    name = forms.CharField(
        label=_("单位全称"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请填写营业执照上的单位全称")},
    )
    part = forms.CharField(
        label=_("分工"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("这个单位在项目中做什么。"),
        error_messages={"required": _("请写明分工")},
    )
    share = forms.DecimalField(
        label=_("支持资金占比"),
        max_digits=5,
        decimal_places=2,
        widget=forms.TextInput(
            attrs={"data-unit": "%", "data-short": True, "inputmode": "decimal", "autocomplete": "off"}
        ),
        help_text=_("获得支持后，这个单位占支持资金的百分之几；其余归牵头单位。"),
        error_messages={
            "required": _("请填写占比"),
            "invalid": _("请只填数字，例如 30"),
            "max_decimal_places": _("占比应大于零，最多两位小数"),
            "max_digits": _("占比应小于 100"),
            "max_whole_digits": _("占比应小于 100"),
        },
    )


class RefusePartForm(forms.Form):
    """Why a partner doesn't take part."""

    use_required_attribute = False

    reason = forms.CharField(
        label=_("拒绝理由"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("牵头单位会看到。"),
        error_messages={"required": _("请写明理由，不超过 300 字")},
    )
