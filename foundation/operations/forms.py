"""The forms of the admin's pages."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from foundation.events.texts import LONGEST_SUBJECT


class TextForm(forms.Form):
    """The words of a message; what is right about them foundation.events.texts decides."""

    use_required_attribute = False

    subject = forms.CharField(label=_("标题"), required=False, widget=UnfoldAdminTextInputWidget)
    body = forms.CharField(
        label=_("正文"), required=False, strip=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 9})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["subject"].help_text = _("一行，最多 %d 个字；短信只发标题。") % LONGEST_SUBJECT

    def refuse(self, errors: dict[str, list[str]]) -> None:
        """Put what is wrong beside its field."""
        for name, found in errors.items():
            for message in found:
                self.add_error(name, message)
