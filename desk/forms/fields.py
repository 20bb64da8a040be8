"""Controls of the desk's forms: money read as the application form reads it, one document by content."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from measures.forms import values


class MoneyField(forms.CharField):
    """Yuan as a Decimal with two places; 3,200.00, full-width digits and commas are understood."""

    widget = forms.TextInput

    def __init__(self, **options):
        super().__init__(max_length=30, **options)
        self.widget.attrs.update(
            {"data-money": True, "data-unit": str(_("元")), "inputmode": "decimal", "autocomplete": "off"}
        )

    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        try:
            return values.parse_money(text)
        except values.Wrong as wrong:
            raise ValidationError(str(wrong)) from wrong

    def validate(self, value):
        if value is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value):
        """None of the text's own: the value is a number by now."""

    def prepare_value(self, value):
        return values.money_text(value) if value is not None and not isinstance(value, str) else value


def opinion(label, *, required: bool, help_text="", rows: int = 4, missing="") -> forms.CharField:
    """A text of an official, as long as the verbs take."""
    from reviews.workflow.opinions import LONGEST_TEXT

    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST_TEXT,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing} if missing else {},
    )
