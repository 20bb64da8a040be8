"""Forms of the 人员 pages: accounts, posts, deputies, handing over."""

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.accounts import people
from foundation.accounts.models import Office, Post, User
from foundation.accounts.roles import Role
from foundation.accounts.workflow import AccountRefused
from foundation.accounts.workflow.refusal import LONGEST_REASON
from foundation.clock import clock


class _Form(forms.Form):
    use_required_attribute = False

    def refuse(self, refusal: AccountRefused) -> None:
        """The verb's refusal, beside the field that it names."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


def _day(label, required=True, initial=None, help_text="") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        initial=initial,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请填写日期"), "invalid": _("请填写日期，如 2026-03-01")},
    )


def _reason(help_text="") -> forms.CharField:
    return forms.CharField(
        label=_("事由"),
        max_length=LONGEST_REASON,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("请写明事由")},
    )


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, person):
        return f"{person.get_full_name()}（{person.username}）"


class _People(forms.ModelMultipleChoiceField):
    def label_from_instance(self, person):
        return f"{person.get_full_name()}（{person.username}）"


class AccountForm(_Form):
    username = forms.CharField(
        label=_("用户名"),
        max_length=150,
        help_text=_("字母、数字和 @ . + - _，登录用。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请填写用户名")},
    )
    full_name = forms.CharField(label=_("姓名"), max_length=60, error_messages={"required": _("请填写姓名")})
    email = forms.EmailField(
        label=_("电子邮箱"),
        help_text=_("本人凭它设置密码；任何人都不知道这个密码。"),
        error_messages={"required": _("请填写电子邮箱"), "invalid": _("请填写有效的电子邮箱")},
    )


class PostForm(_Form):
    prefix = "post"
    office = forms.ModelChoiceField(
        label=_("机构"),
        queryset=Office.objects.all(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择机构")},
    )
    role = forms.ChoiceField(
        label=_("角色"),
        choices=[("", _("请选择")), *Role.choices],
        error_messages={"required": _("请选择角色")},
    )
    since = _day(_("任职起"))
    until = _day(_("任职止"), required=False, help_text=_("不填即长期。"))

    def __init__(self, *args, **options):
        options.setdefault("initial", {"since": clock.today()})
        super().__init__(*args, **options)


class LastDayForm(_Form):
    """The last day of a post."""

    last_day = _day(_("最后一天"))

    def __init__(self, *args, post: Post, **options):
        options.setdefault("initial", {"last_day": clock.today()})
        super().__init__(*args, prefix=f"end-{post.pk}", **options)


class DeputyForm(_Form):
    deputy = _Person(
        label=_("代理人"),
        queryset=User.objects.none(),
        empty_label=_("请选择"),
        error_messages={"required": _("请选择代理人")},
    )
    since = _day(_("代理起"))
    until = _day(_("代理止"))
    reason = _reason(help_text=_("如：出差、休假、培训。"))

    def __init__(self, *args, post: Post, by: User, **options):
        options.setdefault("initial", {"since": clock.today()})
        super().__init__(*args, prefix=f"deputy-{post.pk}", **options)
        self.fields["deputy"].queryset = people.colleagues(post, post.user).exclude(pk=by.pk)


class WhyForm(_Form):
    reason = _reason()


class HandOverForm(_Form):
    """For each post, who takes its work over."""

    prefix = "hand-over"
    last_day = _day(_("最后一天"), help_text=_("次日起由接办人办理。"))
    reason = _reason(help_text=_("如：调离、退休。"))

    def __init__(self, *args, posts: list[Post], gives: bool, by: User, **options):
        options.setdefault("initial", {"last_day": clock.today()})
        super().__init__(*args, **options)
        self.posts = posts
        for post in posts:
            found = people.holding(post)
            if gives:
                # The system administrator may also give the role to somebody of the office.
                found = people.colleagues(post, post.user).exclude(pk=by.pk) | found
            self.fields[f"to-{post.pk}"] = _People(
                label=_("“%s”的工作由谁接办") % post,
                queryset=found.distinct(),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_("可以选择多人。")
                if gives
                else _("只列出已担任同一角色的人；要授予新的任职，请由系统管理员办理。"),
            )

    def successors(self) -> dict[int, list[User]]:
        return {post.pk: list(self.cleaned_data.get(f"to-{post.pk}", ())) for post in self.posts}

    def refuse(self, refusal: AccountRefused) -> None:
        if refusal.field == "successors" and len(self.posts) == 1:
            self.add_error(f"to-{self.posts[0].pk}", refusal.message)
        else:
            super().refuse(refusal)
