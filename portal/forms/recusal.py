"""申请回避: whom, and why."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models.recusals import HANDLING


class RecusalForm(forms.Form):
    use_required_attribute = False

    role = forms.ChoiceField(
        label=_("申请谁回避"),
        choices=[(role.value, role.label) for role in HANDLING],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择申请谁回避")},
    )
    about = forms.CharField(
        label=_("该人员"),
        max_length=60,
        help_text=_("姓名；不知道姓名的，写明您所知道的职务或者联系情况。加密保存，只有答复的负责人能看到。"),
        error_messages={"required": _("请写明该人员")},
    )
    grounds = forms.CharField(
        label=_("事实和理由"),
        max_length=2000,
        help_text=_("写明该人员与本申请有什么利害关系，可能怎样影响公正办理。加密保存。"),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("请写明事实和理由")},
    )
