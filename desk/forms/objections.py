"""Answering an objection; writing down what was found of a lead."""

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.forms.fields import opinion
from reviews.models import Objection


class _Versioned(forms.Form):
    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class AnswerForm(_Versioned):
    upheld = forms.ChoiceField(
        label=_("异议是否成立"),
        choices=[("no", _("不成立，维持公示")), ("yes", _("成立，申请退回市级审核"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择异议是否成立")},
    )
    text = opinion(
        _("答复和理由"),
        required=True,
        help_text=_("答复异议人的原文。成立的，也会作为退回理由告知企业，请不要写异议人的姓名。"),
        missing=_("请写明答复和理由"),
    )
    told_by = forms.ChoiceField(
        label=_("怎样告知异议人"),
        choices=Objection.Told.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择告知方式")},
    )
    told_on = forms.DateField(
        label=_("告知日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请填写告知日期"), "invalid": _("请按 2026-03-31 的样子填写日期")},
    )


class LeadForm(_Versioned):
    note = opinion(_("核查情况"), required=True, missing=_("请写明核查情况"))
    close = forms.BooleanField(label=_("核查完毕，不再处理"), required=False)
