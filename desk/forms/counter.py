"""窗口代填: filling in for an enterprise that came to the counter."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import CounterFiling
from measures.models import CallItem


class _Line(forms.ModelChoiceField):
    def label_from_instance(self, obj):
        return f"{obj.item.name}（{obj.call.title}）"


class CounterForm(forms.Form):
    """窗口代填: which item, who came, what they showed, and the signed paper."""

    use_required_attribute = False
    call_item = _Line(
        label=_("申报事项"),
        queryset=CallItem.objects.none(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择申报事项"), "invalid_choice": _("该事项现在不受理申报")},
    )
    requester = forms.CharField(
        label=_("来办人姓名"),
        max_length=60,
        error_messages={"required": _("请填写来办人的姓名")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-short": True}),
    )
    identity_shown = forms.CharField(
        label=_("核对的证件"),
        max_length=CounterFiling._meta.get_field("identity_shown").max_length,
        help_text=_("例如“居民身份证原件、授权委托书原件”；不要写证件号码。"),
        error_messages={"required": _("请写明核对了什么证件")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scan = forms.FileField(
        label=_("签字盖章的书面申请"),
        help_text=_("扫描件，PDF、PNG 或 JPG，不超过 20 MB。"),
        widget=forms.FileInput(
            attrs={"accept": "application/pdf,image/png,image/jpeg", "data-max-bytes": 20 * 2**20}
        ),
        error_messages={"required": _("请选择文件"), "empty": _("文件是空的，请检查后重新上传。")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        lines = CallItem.objects.open().select_related("item", "call").order_by("item__code", "pk")
        self.fields["call_item"].queryset = lines
