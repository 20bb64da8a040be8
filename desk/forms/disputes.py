"""A dispute about who acts for an enterprise: opened from a claim, settled by the head."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.models import OwnershipDispute


class _Versioned(forms.Form):
    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class DisputeForm(_Versioned):
    prefix = "dispute"
    words = forms.CharField(
        label=_("争议的内容"),
        max_length=300,
        help_text=_("双方都会读到。"),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明争议的内容")},
    )


class SettleForm(_Versioned):
    prefix = "settle"
    outcome = forms.ChoiceField(
        label=_("处理结果"),
        choices=OwnershipDispute.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择处理结果")},
    )

    grounds = forms.CharField(
        label=_("处理依据"),
        max_length=300,
        help_text=_("例如“工商登记载明的法定代表人出具了新的委托书”；双方都会读到。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明处理依据")},
    )

    def __init__(self, *args, dispute: OwnershipDispute, **given):
        super().__init__(*args, **given)
        names = {"first": dispute.first.get_full_name(), "second": dispute.second.get_full_name()}
        self.fields["outcome"].choices = [
            (value, f"{text}（{names[value]}）" if value in names else text)
            for value, text in dispute.results.items()
        ]
