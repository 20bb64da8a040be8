"""A request about an item, on its way to the responsible unit."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms.claim import LETTER_ACCEPT
from tracking.referral_workflow import LONGEST_CONTACT, LONGEST_TEXT


class ReferralForm(forms.Form):
    """Text, contact, document; what is right about them tracking.referral_workflow.refer_item decides."""

    use_required_attribute = False

    text = forms.CharField(
        label=_("希望得到什么"),
        max_length=LONGEST_TEXT,
        help_text=_("写清现状和请求，对照“准备什么”逐项说明；请不要填写身份证件号码。"),
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("请写明希望得到什么")},
    )
    contact = forms.CharField(
        label=_("联系人和电话"),
        max_length=LONGEST_CONTACT,
        help_text=_("只有办理单位能看到，每次查看都有记录。例如“王工 13800138000”。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请填写联系人和电话")},
    )
    document = forms.FileField(
        label=_("附件"),
        required=False,
        widget=forms.FileInput(attrs={"accept": LETTER_ACCEPT, "data-max-bytes": 20 * 2**20}),
        help_text=_("一份说明材料，PDF、PNG 或 JPG，不超过 20 MB；多页请合成一份。"),
        error_messages={"empty": _("文件是空的，请检查后重新上传。")},
    )
