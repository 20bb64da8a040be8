"""Forms of 回避 on a case."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from desk.forms.fields import opinion
from foundation.accounts.models import User

CASE, ENTERPRISE = "case", "enterprise"


class _Form(forms.Form):
    use_required_attribute = False


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, person):
        return f"{person.get_full_name()}（{person.username}）"


def _extent() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("范围"),
        choices=[(CASE, _("只是这件申请")), (ENTERPRISE, _("该企业的全部申请，包括以后的"))],
        initial=CASE,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择范围")},
    )


class KeepOutForm(_Form):
    prefix = "keep-out"
    extent = _extent()
    reason = opinion(
        _("理由"),
        required=True,
        rows=3,
        help_text=_("写明与申请人的利害关系。只有本单位负责人能看到，加密保存。"),
        missing=_("请写明回避的理由"),
    )


class OrderForm(_Form):
    prefix = "order"
    person = _Person(
        label=_("回避的人员"),
        queryset=User.objects.none(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择回避的人员")},
    )
    extent = _extent()
    reason = opinion(_("理由"), required=True, rows=3, missing=_("请写明回避的理由"))

    def __init__(self, *args, people, **options):
        super().__init__(*args, **options)
        self.fields["person"].queryset = people


class AnswerForm(_Form):
    prefix = "answer"
    granted = forms.ChoiceField(
        label=_("答复"),
        choices=[("yes", _("同意回避")), ("no", _("不同意"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择是否同意")},
    )
    person = _Person(
        label=_("同意的，回避的人员"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("请选择"),
    )
    answer = opinion(
        _("答复和理由"),
        required=True,
        rows=3,
        help_text=_("企业会原样读到。"),
        missing=_("请写明答复和理由"),
    )

    def __init__(self, *args, people, **options):
        super().__init__(*args, **options)
        self.fields["person"].queryset = people


class LiftForm(_Form):
    because = opinion(_("解除的理由"), required=True, rows=3, missing=_("请写明解除回避的理由"))


def of(extent: str, case: Application):
    """What the recusal is about: the case, or its enterprise."""
    return case.enterprise if extent == ENTERPRISE else case
