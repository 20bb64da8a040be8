"""申请变更: what is to change, from what to what, and why."""

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.models import ChangeRequest
from reviews.workflow.opinions import LONGEST_TEXT


def _text(label, missing, rows=3, help_text=""):
    return forms.CharField(
        label=label,
        max_length=LONGEST_TEXT,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


class ChangeForm(forms.Form):
    use_required_attribute = False

    kind = forms.ChoiceField(
        label=_("变更事项"),
        choices=ChangeRequest.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择变更事项")},
    )
    before = _text(_("原来的内容"), _("请写明原来的内容"), help_text=_("如：实施期限到 2026 年 12 月。"))
    after = _text(_("变更后的内容"), _("请写明变更后的内容"))
    reason = _text(_("变更理由"), _("请写明变更理由"), rows=5)
