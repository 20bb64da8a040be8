"""Measures and their entries: entered by load_catalogue, maintained here."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from foundation.accounts.models import Office
from measures import workflow
from measures.admin.recorded import RecordedAdmin
from measures.fact_types import percent
from measures.models import Guidance, Item, Measure


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(label=_("理由"), max_length=300, widget=UnfoldAdminTextareaWidget)


class UnitsAsBoxes(RecordedAdmin):
    """Units are ticked among the municipal ones: districts stand for themselves, as a whole."""

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["queryset"] = Office.objects.exclude(kind=Office.Kind.DISTRICT)
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(Measure)
class MeasureAdmin(UnitsAsBoxes):
    list_display = ["number", "title", "chapter", "state", "in_force_from", "in_force_to"]
    list_display_links = ["number", "title"]
    list_filter = ["state"]
    search_fields = ["title", "chapter"]
    readonly_fields = ["number", "full_text", "state", "published_at", "repealed_at"]
    fieldsets = [
        (None, {"fields": ["number", "chapter", "title", "responsible_units", "all_districts"]}),
        (_("依据与有效期"), {"fields": ["legal_basis", "in_force_from", "in_force_to"]}),
        (_("状态"), {"fields": ["state", "published_at", "repealed_at"]}),
        (_("原文"), {"fields": ["full_text"]}),
    ]
    actions_detail = ["publish", "repeal"]

    def has_add_permission(self, request):
        return False

    def has_publish_permission(self, request, object_id=None):
        return self.has_change_permission(request) and self._in_state(object_id, Measure.State.DRAFT)

    def has_repeal_permission(self, request, object_id=None):
        return self.has_change_permission(request) and self._in_state(object_id, Measure.State.PUBLISHED)

    def _in_state(self, object_id, state) -> bool:
        return Measure.objects.filter(pk=object_id, state=state).exists()

    @action(
        description=_("发布"),
        permissions=["publish"],
        dialog={
            "title": _("发布这条措施"),
            "description": _("发布后，措施和它的事项对所有人公开。"),
            "form_submit_text": _("发布"),
        },
    )
    def publish(self, request, form, object_id):
        return self.by_verb(
            request, object_id, lambda one: workflow.publish_measure(one, request.user), _("措施已发布。")
        )

    @action(
        description=_("废止"),
        permissions=["repeal"],
        variant=ActionVariant.DANGER,
        dialog={
            "title": _("提前废止这条措施"),
            "description": _("废止后不能恢复，也不能再为它的事项发布申报通知。"),
            "form_class": ReasonForm,
            "form_submit_text": _("废止"),
        },
    )
    def repeal(self, request, form, object_id):
        reason = form.cleaned_data["reason"]
        return self.by_verb(
            request,
            object_id,
            lambda one: workflow.repeal_measure(one, request.user, reason),
            _("措施已废止。"),
        )


class GuidanceInline(TabularInline):
    """The lines of the item's public page, each with its ground."""

    model = Guidance
    extra = 0
    fields = ["position", "part", "text", "basis", "source"]


@admin.register(Item)
class ItemAdmin(UnitsAsBoxes):
    inlines = [GuidanceInline]
    list_display = ["code", "name", "kind", "acts", "treatment", "lead", "rate", "amount"]
    list_display_links = ["code", "name"]
    list_filter = ["measure", "kind", "acts", "treatment", "lead_unit"]
    list_select_related = ["lead_unit"]
    search_fields = ["code", "name", "summary"]
    autocomplete_fields = ["lead_unit"]
    readonly_fields = ["code", "measure", "clause"]
    fieldsets = [
        (None, {"fields": ["code", "measure", "clause", "name", "kind", "acts", "treatment", "summary"]}),
        (_("金额"), {"fields": ["amount_rule", "ceiling_rate", "ceiling_amount"]}),
        (_("单位"), {"fields": ["lead_unit", "lead_unit_assumed", "co_units", "co_districts"]}),
    ]

    def has_add_permission(self, request):
        return False

    @admin.display(description=_("牵头单位"), ordering="lead_unit")
    def lead(self, item):
        return item.lead_name

    @admin.display(description=_("比例上限"), ordering="ceiling_rate")
    def rate(self, item):
        return item.ceiling_rate and percent(item.ceiling_rate)

    @admin.display(description=_("金额上限（元）"), ordering="ceiling_amount")
    def amount(self, item):
        return item.ceiling_amount and f"{item.ceiling_amount:,.2f}"
