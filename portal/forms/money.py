"""Money as people type it."""

from django import forms
from django.utils.translation import gettext_lazy as _


class MoneyField(forms.DecimalField):
    """Yuan with two places, typed with or without thousands separators."""

    def __init__(self, error_messages=None, **more):
        more.setdefault("required", False)
        widget = forms.TextInput(
            attrs={"data-money": True, "data-unit": _("元"), "inputmode": "decimal", "autocomplete": "off"}
        )
        messages = {
            "invalid": _("请只填数字，单位为元，例如 3,200,000.00"),
            "min_value": _("金额不能为负数"),
            "max_decimal_places": _("金额最多保留两位小数（精确到分）"),
            "max_whole_digits": _("金额过大，请核对单位是否为元"),
            "max_digits": _("金额过大，请核对单位是否为元"),
        }
        super().__init__(
            max_digits=16,
            decimal_places=2,
            widget=widget,
            error_messages=messages | (error_messages or {}),
            **more,
        )

    def to_python(self, value):
        if isinstance(value, str):
            value = value.replace(",", "").replace("，", "").strip()
        return super().to_python(value)
