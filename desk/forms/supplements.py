"""Deciding on what an enterprise handed in: entered, or not used with a reason."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.supplement_workflow import LONGEST_ANSWER


class _Decision(forms.Form):
    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class AnswerForm(_Decision):
    prefix = "record"
    answer = forms.CharField(
        label=_("登记了什么"),
        max_length=LONGEST_ANSWER,
        help_text=_("企业会原样读到，例如“已登记 2026 年 3 月的信用核查”。"),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明登记了什么")},
    )


class RefusalForm(_Decision):
    prefix = "refuse"
    answer = forms.CharField(
        label=_("未采用的理由"),
        max_length=LONGEST_ANSWER,
        help_text=_("企业会原样读到，应写明怎样补交。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明未采用的理由")},
    )
