"""通知设置: how a person wishes to be told, and their mobile number. Both faces show the same page by Pages."""

from collections.abc import Iterator

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.accounts import phones
from foundation.events import preferences, sms
from foundation.events.kinds import HINTS, MUST_REACH, Choice, Kind, Timing


class NotificationForm(forms.Form):
    """A row for each kind of message; texts only where the number is confirmed."""

    use_required_attribute = False

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        now = preferences.of(user)
        for kind in Kind:
            timings = [
                choice for choice in Timing.choices if not (kind in MUST_REACH and choice[0] == Timing.INBOX)
            ]
            label = {"label": kind.label}
            self.fields[f"{kind}-timing"] = forms.ChoiceField(
                label=_("%(label)s：何时告知") % label,
                choices=timings,
                initial=now[kind].timing,
                widget=forms.Select(attrs={"data-narrow": True}),
            )
            self.fields[f"{kind}-mail"] = forms.BooleanField(
                label=_("%(label)s：邮件") % label,
                required=False,
                initial=now[kind].mail and bool(user.email),
                disabled=not user.email,
            )
            self.fields[f"{kind}-sms"] = forms.BooleanField(
                label=_("%(label)s：短信") % label,
                required=False,
                initial=now[kind].sms and bool(user.phone_confirmed_at),
                disabled=not user.phone_confirmed_at,
            )

    def rows(self) -> Iterator[dict]:
        """For the page: each kind with its words and its three fields."""
        for kind in Kind:
            yield {
                "label": kind.label,
                "hint": HINTS[kind],
                "must": kind in MUST_REACH,
                **{name: self[f"{kind}-{name}"] for name in ("timing", "mail", "sms")},
            }

    @property
    def choices(self) -> dict[str, Choice]:
        """What was chosen; a channel that can't be chosen now keeps what stands."""
        before = preferences.of(self.user)
        given = self.cleaned_data
        return {
            kind: Choice(
                given[f"{kind}-timing"],
                given[f"{kind}-mail"] if self.user.email else before[kind].mail,
                given[f"{kind}-sms"] if self.user.phone_confirmed_at else before[kind].sms,
            )
            for kind in Kind
        }


class PhoneForm(forms.Form):
    use_required_attribute = False

    phone = forms.CharField(
        label=gettext_lazy("手机号"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "data-short": True}),
        error_messages={"required": gettext_lazy("请填写 11 位手机号码。")},
    )


class CodeForm(forms.Form):
    use_required_attribute = False

    code = forms.CharField(
        label=gettext_lazy("验证码"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "data-short": True}
        ),
        error_messages={"required": gettext_lazy("请填写短信中的 6 位验证码。")},
    )


class Pages:
    """The page and its acts for one face: template, and the prefix of its addresses' names ("" or "desk:")."""

    def __init__(self, template: str, space: str = ""):
        self.template, self.space = template, space

    def settings(self, request: HttpRequest) -> HttpResponse:
        """The page; by POST it keeps what was chosen."""
        form = NotificationForm(request.POST or None, user=request.user)
        if request.method == "POST" and form.is_valid():
            try:
                preferences.choose(request.user, form.choices)
            except preferences.PreferenceRefused as refused:
                form.add_error(f"{refused.kind}-timing", str(refused))
            else:
                messages.success(request, _("通知设置已保存。"))
                return self._back()
        return self._page(request, form=form)

    def send_code(self, request: HttpRequest) -> HttpResponse:
        form = PhoneForm(request.POST)
        if form.is_valid():
            try:
                phone = phones.request_code(request.user, form.cleaned_data["phone"])
            except phones.PhoneRefused as refused:
                form.add_error("phone", str(refused))
            else:
                sent = _("验证码已发送到 %(phone)s，10 分钟内有效。") % {"phone": sms.masked(phone)}
                messages.success(request, sent)
                return self._back()
        return self._page(request, phone_form=form)

    def confirm(self, request: HttpRequest) -> HttpResponse:
        form = CodeForm(request.POST)
        if form.is_valid():
            try:
                phones.confirm(request.user, form.cleaned_data["code"])
            except phones.PhoneRefused as refused:
                form.add_error("code", str(refused))
            else:
                messages.success(request, _("手机号已确认，勾选了“短信”的消息会发到这个号码。"))
                return self._back()
        return self._page(request, code_form=form)

    def remove(self, request: HttpRequest) -> HttpResponse:
        if phones.remove(request.user):
            messages.success(request, _("手机号已删除，不再发送短信。"))
        return self._back()

    def _back(self) -> HttpResponse:
        return redirect(f"{self.space}notification_settings")

    def _page(self, request: HttpRequest, **forms_shown) -> HttpResponse:
        user = request.user
        pending = phones.pending(user)
        context = {
            "form": NotificationForm(user=user),
            "phone_form": PhoneForm(),
            "code_form": CodeForm() if pending or "code_form" in forms_shown else None,
            "pending_phone": sms.masked(pending.phone) if pending else "",
            "confirmed_phone": sms.masked(user.phone) if user.phone_confirmed_at else "",
            "space": self.space,
        } | forms_shown
        refused = request.method == "POST"
        return render(request, self.template, context, status=422 if refused else 200)
