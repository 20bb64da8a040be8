"""Handing in a paper that proves something of the enterprise."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.models import Supplement
from enterprises.supplement_workflow import LONGEST_NOTE
from portal.forms.claim import LETTER_ACCEPT


class SupplementForm(forms.Form):
    """Topic, note, document; what is right about them enterprises.supplement_workflow.supply decides."""

    use_required_attribute = False

    topic = forms.ChoiceField(
        label=_("关于"),
        choices=[("", _("请选择")), *Supplement.Topic.choices],
        widget=forms.Select(attrs={"data-short": True}),
        error_messages={"required": _("请选择补充哪方面的资料")},
    )
    note = forms.CharField(
        label=_("材料说明什么"),
        max_length=LONGEST_NOTE,
        help_text=_("例如“2026 年 3 月起纳统，行业代码 7452，区统计局确认”。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明材料说明什么")},
    )
    document = forms.FileField(
        label=_("证明材料"),
        widget=forms.FileInput(attrs={"accept": LETTER_ACCEPT, "data-max-bytes": 20 * 2**20}),
        help_text=_("统计部门的确认、信用报告、证书等，PDF、PNG 或 JPG，不超过 20 MB。"),
        error_messages={"required": _("请选择文件"), "empty": _("文件是空的，请检查后重新上传。")},
    )
