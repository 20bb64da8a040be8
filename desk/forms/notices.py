from django import forms
from django.utils.translation import gettext_lazy as _


class NoticeForm(forms.Form):
    """The title of a list to publish; the cases are ticked beside it."""

    use_required_attribute = False
    title = forms.CharField(
        label=_("标题"),
        max_length=160,
        error_messages={"required": _("请填写公示标题")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
