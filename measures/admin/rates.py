"""汇率 in the admin: a list to read, and 登记汇率 for one or many at once."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from foundation.accounts.roles import Permission
from foundation.events.readonly import ReadOnlyAdmin
from foundation.jobs.admin import framed
from measures import rate_workflow
from measures.models import ExchangeRate

LARGEST = 200_000


class RatesForm(forms.Form):
    """`lines`: what is to be entered, from the text or the file."""

    source = forms.CharField(
        label=gettext_lazy("来源"),
        max_length=100,
        initial=gettext_lazy("中国外汇交易中心人民币汇率中间价"),
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("谁公布的，按原名填写。"),
    )
    text = forms.CharField(
        label=gettext_lazy("汇率"),
        required=False,
        max_length=LARGEST,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 10}),
        help_text=gettext_lazy(
            "每行一条：币种,日期,汇率，例如 USD,2026-03-02,7.1234。汇率是 1 单位外币合多少元人民币；"
            "日元、韩元等按 100 单位公布的，请除以 100。更正已登记的，在后面加理由："
            "USD,2026-03-02,7.1243,原登记抄错一位。"
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("或者上传 CSV"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=gettext_lazy("列与上面相同，UTF-8 或 GBK。"),
    )
    checked = forms.BooleanField(
        label=gettext_lazy("已核对"),
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text=gettext_lazy("与最近的汇率相差超过两成时勾选。"),
    )

    def clean(self):
        given = super().clean()
        text, file = given.get("text", "").strip(), given.get("file")
        if bool(text) == bool(file):
            raise forms.ValidationError(_("请填写汇率，或者上传一个文件，二者选一。"))
        try:
            self.lines = rate_workflow.read(_text_of(file) if file else given["text"])
        except rate_workflow.RatesRefused as refused:
            self.add_error("file" if file else "text", refused)
        return given


def _text_of(file) -> str:
    if file.size > LARGEST:
        raise forms.ValidationError({"file": _("文件过大，请分几次登记。")})
    raw = file.read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise forms.ValidationError({"file": _("读不出文字，请另存为 UTF-8 或 GBK 的 CSV。")})


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyAdmin):
    list_display = ["day", "currency", "rate", "revision", "source", "note", "entered_by", "entered_at"]
    list_filter = ["currency"]
    list_select_related = ["entered_by"]
    date_hierarchy = "day"
    show_full_result_count = False
    actions_list = ["enter"]

    def has_enter_permission(self, request, object_id=None) -> bool:
        return request.user.may(Permission.CONFIGURE)

    @action(
        description=gettext_lazy("登记汇率"),
        url_path="enter",
        permissions=["enter"],
        icon="currency_exchange",
    )
    def enter(self, request):
        form = RatesForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            try:
                rows = rate_workflow.enter_rates(
                    form.lines, given["source"], request.user, checked=given["checked"]
                )
            except rate_workflow.RatesRefused as refused:
                form.add_error("file" if given["file"] else "text", refused)
            else:
                done = ngettext("已登记 %d 条汇率。", "已登记 %d 条汇率。", len(rows)) % len(rows)
                messages.success(request, done)
                name = f"{self.admin_site.name}:measures_exchangerate_changelist"
                return HttpResponseRedirect(reverse(name))
        return framed(self, request, _("登记汇率"), "admin/measures/rates.html", {"form": form})
