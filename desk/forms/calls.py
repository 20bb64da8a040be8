"""What is asked of whoever decides about a published call: the reason that is published, and the hour of closing."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.workflow.calling import LONGEST_REASON
from desk.forms.fields import opinion


class CallReasonForm(forms.Form):
    """seen: how many notices the page knew of, so that two people don't decide over each other."""

    use_required_attribute = False
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reason = opinion(
        _("理由"), required=True, help_text=_("公开显示，并写进通知。"), missing=_("请写明理由，公开显示")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].max_length = LONGEST_REASON


class CallHourForm(CallReasonForm):
    closes_at = forms.DateTimeField(
        label=_("新的截止时间"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={
            "required": _("请填写截止时间"),
            "invalid": _("请填写日期和时间，例如 2026-03-25 16:00"),
        },
    )
    field_order = ["seen", "closes_at", "reason"]


class CallEarlyForm(CallHourForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["closes_at"].required = False
        self.fields["closes_at"].help_text = _("留空为立即截止。")
