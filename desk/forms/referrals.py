"""Passing a request on, and recording what came of it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Office
from tracking.models import Referral
from tracking.referral_workflow import LONGEST_REASON, LONGEST_REFERENCE, LONGEST_RESULT


class _Versioned(forms.Form):
    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class PassForm(_Versioned):
    prefix = "pass"
    office = forms.ModelChoiceField(
        label=_("转送给"),
        queryset=Office.objects.none(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择转送给哪个单位")},
    )
    reason = forms.CharField(
        label=_("转送的理由"),
        max_length=LONGEST_REASON,
        help_text=_("企业和对方单位都会读到；期限重新计算。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明转送的理由")},
    )

    def __init__(self, *args, offices, **options):
        super().__init__(*args, **options)
        self.fields["office"].queryset = offices


class ConcludeForm(_Versioned):
    prefix = "conclude"
    outcome = forms.ChoiceField(
        label=_("结果"),
        choices=Referral.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择结果")},
    )
    result = forms.CharField(
        label=_("办理结果"),
        max_length=LONGEST_RESULT,
        help_text=_("企业会原样读到：办到什么程度、依据什么、接下来怎么办。"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("请写明办理结果")},
    )
    reference = forms.CharField(
        label=_("文号或凭证"),
        required=False,
        max_length=LONGEST_REFERENCE,
        help_text=_("认定文件、通知等的文号，没有可以不填"),
    )
