"""Saying for which enterprise one acts."""

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import District

LETTER_ACCEPT = "application/pdf,image/png,image/jpeg"


def _letter(**more) -> forms.FileField:
    return forms.FileField(
        label=_("授权委托书"),
        widget=forms.FileInput(attrs={"accept": LETTER_ACCEPT, "data-max-bytes": 20 * 2**20}),
        error_messages={"required": _("请选择文件"), "empty": _("文件是空的，请检查后重新上传。")},
        **more,
    )


class ClaimForm(forms.Form):
    """Code, name, district, letter; what is right about them enterprises.workflow.claim decides."""

    use_required_attribute = False

    uscc = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=60,
        help_text=_("营业执照上的 18 位代码；全角、小写和空格会自动更正。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-short": True}),
        error_messages={"required": _("请填写营业执照上的 18 位代码")},
    )
    name = forms.CharField(
        label=_("企业名称"),
        max_length=120,
        help_text=_("营业执照上的全称。"),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": _("请填写营业执照上的企业全称")},
    )
    district = forms.ModelChoiceField(
        label=_("注册区"),
        queryset=District.objects.order_by("pinyin"),
        empty_label=_("请选择"),
        help_text=_("由该区主管部门核验。"),
        widget=forms.Select(attrs={"data-short": True}),
        error_messages={"required": _("请选择注册所在的区")},
    )
    note = forms.CharField(
        label=_("给企业经办人的说明"),
        required=False,
        max_length=200,
        help_text=_("已有人代表这家企业的，由其企业经办人答复：请写明您是谁、为什么加入。"),
    )
    letter = _letter(
        required=False,
        help_text=_("盖章的授权委托书，PDF、PNG 或 JPG，不超过 20 MB；可以稍后补传，核验前必须有。"),
    )


class LetterForm(forms.Form):
    """The authorisation letter of a claim that waits."""

    use_required_attribute = False

    letter = _letter(help_text=_("盖章的授权委托书，PDF、PNG 或 JPG，不超过 20 MB。"))
