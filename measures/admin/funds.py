"""Special funds: their names are edited, their budgets entered by the ledger's door, their ledgers only read."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from foundation.accounts.roles import Permission
from foundation.events.readonly import ReadOnlyAdmin
from measures import funds
from measures.admin.recorded import RecordedAdmin
from measures.forms import values
from measures.models import LedgerEntry, SpecialFund
from measures.models.funds import BUCKETS


class AppropriationForm(BaseDialogForm):
    amount = forms.CharField(
        label=_("金额（元）"),
        max_length=30,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("例如 50,000,000.00"),
    )
    note = forms.CharField(
        label=_("依据"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("下达预算的文件名称和文号"),
    )

    def clean_amount(self):
        try:
            amount = values.parse_money(self.cleaned_data["amount"])
        except values.Wrong as wrong:
            raise ValidationError(str(wrong)) from wrong
        if not amount:
            raise ValidationError(_("金额应大于零"))
        return amount


def _balance(bucket: str):
    """A column with what stands in that bucket now."""

    @display(description=LedgerEntry._meta.get_field(bucket).verbose_name)
    def column(model_admin, fund):
        return values.money_text(getattr(fund, f"now_{bucket}") or funds.ZERO)

    return column


@admin.register(SpecialFund)
class SpecialFundAdmin(RecordedAdmin):
    list_display = ["code", "name", "year", "office", *BUCKETS]
    list_display_links = ["code", "name"]
    list_filter = ["year"]
    list_select_related = ["office"]
    search_fields = ["code", "name"]
    autocomplete_fields = ["office", "paid_by"]
    actions_detail = ["appropriate"]

    available, set_aside, committed, ordered, released, spent = map(_balance, BUCKETS)

    def get_queryset(self, request):
        last = LedgerEntry.objects.filter(fund=OuterRef("pk")).order_by("-seq")
        return (
            super()
            .get_queryset(request)
            .annotate(**{f"now_{bucket}": Subquery(last.values(bucket)[:1]) for bucket in BUCKETS})
        )

    def get_fieldsets(self, request, obj=None):
        fund = (None, {"fields": ["code", "name", "year", "office", "paid_by"]})
        return [fund, (_("余额（元）"), {"fields": [*BUCKETS, "ledger"]})] if obj else [fund]

    def get_readonly_fields(self, request, obj=None):
        # The code and the year stand in reports and case numbers once money has moved.
        settled = ["code", "year"] if obj and obj.entries.exists() else []
        return [*BUCKETS, "ledger", *settled]

    @display(description=_("台账"))
    def ledger(self, fund):
        page = reverse(f"{self.admin_site.name}:measures_ledgerentry_changelist")
        return format_html('<a href="{}?fund__id__exact={}">{}</a>', page, fund.pk, _("查看逐笔台账"))

    def has_appropriate_permission(self, request, object_id=None):
        return request.user.may(Permission.CONFIGURE)

    @action(
        description=_("下达预算"),
        permissions=["appropriate"],
        dialog={
            "title": _("向这笔专项资金下达预算"),
            "description": _("记入台账后不能修改或删除。"),
            "form_class": AppropriationForm,
            "form_submit_text": _("记入台账"),
        },
    )
    def appropriate(self, request, form, object_id):
        amount, note = form.cleaned_data["amount"], form.cleaned_data["note"]
        return self.by_verb(
            request,
            object_id,
            lambda fund: funds.appropriate(fund, amount, request.user, note),
            _("预算已下达 %(amount)s 元。") % {"amount": values.money_text(amount)},
        )


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ["seq", "at", "kind", "amount", "case_number", "note", "actor_label", *BUCKETS]
    list_display_links = ["seq"]
    list_filter = ["fund", "kind"]
    list_select_related = ["fund"]
    search_fields = ["case_number"]
    search_help_text = _("申请编号")
    ordering = ["fund_id", "-seq"]
    show_full_result_count = False
