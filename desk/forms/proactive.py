"""Forms of 免申即享 on the desk: strike, drop, check; a contact, the end of an offer; the answer to a request."""

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.forms.fields import opinion
from foundation.clock import clock
from reviews.models import OfferContact
from reviews.workflow.offers import LONGEST_NOTE, LONGEST_PERSON


class _Versioned(forms.Form):
    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class CheckForm(_Versioned):
    prefix = "check"


class DropForm(_Versioned):
    prefix = "drop"
    reason = opinion(_("作废的理由"), required=True, rows=3, missing=_("请写明作废的理由"))


class StrikeForm(forms.Form):
    use_required_attribute = False
    prefix = "strike"
    reason = opinion(
        _("划去的理由"),
        required=True,
        rows=3,
        help_text=_("这家企业可以在事项页面读到。"),
        missing=_("请写明划去的理由"),
    )


class ContactForm(_Versioned):
    prefix = "contact"
    method = forms.ChoiceField(label=_("联系方式"), choices=OfferContact.Method.choices, initial="phone")
    on = forms.DateField(
        label=_("联系日期"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("请填写联系日期"), "invalid": _("请填写日期，如 2026-03-25")},
    )
    person = forms.CharField(
        label=_("联系到的人"),
        required=False,
        max_length=LONGEST_PERSON,
        help_text=_("姓名和职务；加密保存。没有联系上的不填。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    result = forms.ChoiceField(
        label=_("结果"),
        choices=[("", _("请选择")), *OfferContact.Result.choices],
        error_messages={"required": _("请选择联系结果")},
    )
    note = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, **options):
        initial = options.pop("initial", {})
        super().__init__(*args, initial={"on": clock.today().isoformat(), **initial}, **options)


class EndForm(_Versioned):
    prefix = "end"
    text = opinion(
        _("终止的理由"),
        required=True,
        rows=3,
        help_text=_("企业会原样读到，并附救济途径。"),
        missing=_("请写明终止的理由"),
    )


class GrantForm(_Versioned):
    prefix = "grant"
    text = opinion(
        _("核实了什么"), required=True, rows=3, help_text=_("企业会原样读到。"), missing=_("请写明核实了什么")
    )


class RefuseForm(_Versioned):
    prefix = "refuse"
    text = opinion(
        _("不予列入的理由"),
        required=True,
        rows=3,
        help_text=_("企业会原样读到，并附救济途径。"),
        missing=_("请写明不予列入的理由"),
    )
