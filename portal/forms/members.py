"""The people of an enterprise: whom to invite, to admit, in which role and until when; what is right the verbs decide."""

import json

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.member_roles import MemberRole
from enterprises.models import Claim
from portal.forms.claim import LETTER_ACCEPT


class _Form(forms.Form):
    use_required_attribute = False


class RoleForm(_Form):
    """A role, and for an agent the last day."""

    role = forms.ChoiceField(
        label=_("角色"),
        choices=MemberRole.choices,
        initial=MemberRole.AGENT,
        help_text=_(
            "企业经办人可办理全部事项、管理成员和收款账户；代办人可填写、提交、补正，不能撤回、改账户、管理成员；查看人只能查看。"
        ),
        error_messages={"required": _("请选择角色"), "invalid_choice": _("请选择角色")},
        widget=forms.Select(attrs={"data-short": True}),
    )
    until = forms.DateField(
        label=_("委托期限"),
        required=False,
        help_text=_("代办人必填，最长三年，含当日。"),
        error_messages={"invalid": _("请填写有效的日期，例如 2027-06-30")},
        widget=forms.DateInput(attrs={"type": "date", "data-short": True}, format="%Y-%m-%d"),
    )

    def __init__(self, *args, **given):
        super().__init__(*args, **given)
        until = self.fields["until"]
        until.asked_of_some = True
        until.widget.attrs |= {
            "data-when-field": self.add_prefix("role"),
            "data-when-is": json.dumps([MemberRole.AGENT.value]),
        }


class InviteForm(RoleForm):
    address = forms.CharField(
        label=_("邮箱"),
        max_length=254,
        help_text=_("邀请发到这个邮箱，只有使用这个邮箱的账号可以接受，7 天内有效。"),
        error_messages={"required": _("请填写受邀人的邮箱")},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    field_order = ["address", "role", "until"]


class ReasonForm(_Form):
    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        help_text=_("对方会原样读到。"),
        error_messages={"required": _("请写明理由")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DisputeForm(_Form):
    words = forms.CharField(
        label=_("争议的内容"),
        max_length=300,
        help_text=_("写明为什么对方不应再担任企业经办人；所在区和企业成员都会读到。"),
        error_messages={"required": _("请写明争议的内容")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AnswerForm(_Form):
    """An owner's answer to somebody who wants to take over."""

    answer = forms.ChoiceField(
        label=_("答复"),
        choices=Claim.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择同意或有异议"), "invalid_choice": _("请选择同意或有异议")},
    )
    words = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=300,
        help_text=_("有异议的，请写明理由；所在区和申请人都会读到。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class TakeoverForm(_Form):
    """Asking to follow an owner who has left or can't be reached."""

    note = forms.CharField(
        label=_("原企业经办人的情况"),
        max_length=200,
        help_text=_("例如“已于 3 月离职，电话无人接听”；原企业经办人和所在区都会读到。"),
        error_messages={"required": _("请写明原企业经办人的情况")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    letter = forms.FileField(
        label=_("新的授权委托书"),
        help_text=_("盖章，PDF、PNG 或 JPG，不超过 20 MB。"),
        widget=forms.FileInput(attrs={"accept": LETTER_ACCEPT, "data-max-bytes": 20 * 2**20}),
        error_messages={"required": _("请选择文件"), "empty": _("文件是空的，请检查后重新上传。")},
    )
