"""Giving enterprises to a specialist, and noting that one was in touch."""

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Office, Post, User
from foundation.accounts.roles import Role
from foundation.clock import clock
from tracking.models import ServiceContact
from tracking.specialist_workflow import LONGEST_ABOUT, LONGEST_REASON, LONGEST_RESULT


class _Form(forms.Form):
    use_required_attribute = False


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, person):
        return person.get_full_name()


def specialists(office: Office | None):
    """Who is a specialist of the office today; of any office, where none is given."""
    held = Post.objects.held_on(clock.today()).filter(user=OuterRef("pk"), role=Role.SERVICE_SPECIALIST)
    if office is not None:
        held = held.filter(office=office)
    return User.objects.filter(Exists(held), is_active=True).order_by("full_name", "pk")


class AssignForm(_Form):
    """Below the list: which specialist, and why where another one is replaced; `ends`: none, where service ends."""

    specialist = _Person(
        label=_("服务专员"),
        queryset=User.objects.none(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择服务专员")},
    )
    reason = forms.CharField(
        label=_("理由"),
        required=False,
        max_length=LONGEST_REASON,
        help_text=_("改派和结束服务必填，企业会读到；第一次指派不用填。"),
    )
    everything = forms.BooleanField(required=False)

    def __init__(self, *args, office: Office, total: str, ends: bool = False, **options):
        super().__init__(*args, **options)
        self.fields["specialist"].queryset = specialists(office)
        if ends:
            self.fields["specialist"].required = False
            self.fields["specialist"].help_text = _("改派给谁；结束服务时不用选。")
        self.fields["everything"].label = _("不限于本页勾选的：列表中的全部 %s 家") % total


class ContactForm(_Form):
    prefix = "contact"
    channel = forms.ChoiceField(
        label=_("方式"),
        choices=ServiceContact.Channel.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择联系方式")},
    )
    on = forms.DateField(
        label=_("日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请填写日期"), "invalid": _("请填写日期，例如 2026-03-01")},
    )
    about = forms.CharField(
        label=_("事由"),
        max_length=LONGEST_ABOUT,
        help_text=_("如：补正材料怎么准备"),
        error_messages={"required": _("请写明联系的事由")},
    )
    result = forms.CharField(
        label=_("结果"),
        max_length=LONGEST_RESULT,
        help_text=_("谈到哪一步、还差什么，接手的同事看得懂。不要写个人电话、证件号码。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明联系的结果")},
    )

    def __init__(self, *args, **options):
        options.setdefault("initial", {"on": clock.today()})
        super().__init__(*args, **options)
