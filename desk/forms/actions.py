"""Entering what a unit did, and correcting an entry."""

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Office
from measures.models import Item
from tracking.action_workflow import Done
from tracking.models import MeasureAction


def _longest(name: str) -> int:
    return MeasureAction._meta.get_field(name).max_length


class ActionForm(forms.Form):
    """The facts of an action; what is right about them tracking.action_workflow decides."""

    use_required_attribute = False

    done_on = forms.DateField(
        label=_("行动日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请填写行动日期"), "invalid": _("请填写日期，例如 2026-03-01")},
    )
    text = forms.CharField(
        label=_("做了什么"),
        max_length=_longest("text"),
        help_text=_("写给公众看：对象、内容和结果。请不要写个人信息。"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("请写明做了什么")},
    )
    figure = forms.DecimalField(
        label=_("数量"),
        required=False,
        min_value=0,
        max_digits=16,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "data-short": True, "autocomplete": "off"}),
        error_messages={"invalid": _("请填写数字，例如 120"), "min_value": _("数量不能为负")},
    )
    unit = forms.CharField(
        label=_("计量单位"),
        required=False,
        max_length=_longest("unit"),
        help_text=_("与数量同时填写，例如“家”“场”“人次”"),
        widget=forms.TextInput(attrs={"data-short": True, "autocomplete": "off"}),
    )
    source = forms.CharField(
        label=_("来源文件"),
        max_length=_longest("source"),
        help_text=_("能核对的文件、通知或报道的名称，有文号的写文号"),
        error_messages={"required": _("请写明来源文件")},
    )
    url = forms.CharField(
        label=_("来源网址"),
        required=False,
        max_length=_longest("url"),
        help_text=_("公开网页的完整网址，没有可以不填"),
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )

    def done(self) -> Done:
        data = self.cleaned_data
        names = ("done_on", "text", "source", "figure", "unit", "url")
        return Done(**{name: data[name] for name in names})


class NewActionForm(ActionForm):
    item = forms.ModelChoiceField(
        label=_("事项"),
        queryset=Item.objects.none(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择事项")},
    )
    office = forms.ModelChoiceField(
        label=_("责任单位"),
        queryset=Office.objects.none(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择责任单位")},
    )
    field_order = ["item", "office"]

    def __init__(self, *args, items, offices, **options):
        super().__init__(*args, **options)
        self.fields["item"].queryset = items
        self.fields["office"].queryset = offices


class CorrectionForm(ActionForm):
    reason = forms.CharField(
        label=_("更正的理由"),
        max_length=_longest("reason"),
        help_text=_("与更正前的内容一起公开"),
        error_messages={"required": _("请写明更正的理由")},
    )


class VoidForm(forms.Form):
    prefix = "void"
    use_required_attribute = False
    reason = forms.CharField(
        label=_("撤下的理由"),
        max_length=_longest("reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明撤下的理由")},
    )
