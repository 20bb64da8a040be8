"""Calls and their items: drafted here, published by the verb; afterwards the hours and items stand."""

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from foundation.accounts.models import Office
from measures import workflow
from measures.admin.recorded import RecordedAdmin
from measures.models import Call, CallItem, Item, ReviewCriterion

# Working days of a public notice (a constraint of the table says the same).
SHORTEST_NOTICE = 5
# What people have read in a published call and planned by.
SETTLED = ["year", "opens_at", "closes_at", "office", "per_unit"]


class CallItemForm(forms.ModelForm):
    """Says beside the field what the database would refuse for the row as a whole."""

    def clean_notice_days(self):
        days = self.cleaned_data["notice_days"]
        if days < SHORTEST_NOTICE:
            raise ValidationError(_("公示期不得少于 %(days)d 个工作日") % {"days": SHORTEST_NOTICE})
        return days

    def clean(self):
        cleaned = super().clean()
        item, form = cleaned.get("item"), cleaned.get("form")
        if item and form and form.item_id != item.pk:
            self.add_error(
                "form",
                _("这份申报表是为另一个事项编写的，请选择“%(item)s”的申报表。") % {"item": item.name},
            )
        if cleaned.get("route") == CallItem.Route.REFER and cleaned.get("fund"):
            self.add_error("fund", _("受理后转办的专题不从专项资金支付，请留空。"))
        budget = cleaned.get("budget")
        if budget is not None and budget <= 0:
            self.add_error("budget", _("预算应大于 0，不设预算的请留空。"))
        elif budget is not None and not cleaned.get("fund"):
            self.add_error("budget", _("设了预算的专题要指定专项资金。"))
        return cleaned


class CallItemInline(StackedInline):
    model = CallItem
    form = CallItemForm
    extra = 0
    readonly_fields = ["code"]
    autocomplete_fields = ["decided_by"]
    # Leads to the item's own page, where its criteria are.
    show_change_link = True
    fieldsets = [
        (None, {"fields": ["item", "code", "route", "form", "decided_by"]}),
        (_("资金与限项"), {"fields": ["fund", "budget", "per_unit", "per_unit_year"]}),
        (_("联合体"), {"fields": ["consortium_most", "partners_count"]}),
        (
            _("办理期限（工作日）"),
            {
                "fields": [field.name for field in CallItem._meta.fields if field.name.endswith("_days")],
            },
        ),
    ]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "item":
            kwargs["queryset"] = Item.objects.for_enterprises()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _open(self, request, call) -> bool:
        return call is None or call.state == Call.State.DRAFT

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and self._open(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._open(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._open(request, obj)


@admin.register(Call)
class CallAdmin(RecordedAdmin):
    list_display = ["title", "year", "opens_at", "closes_at", "state"]
    list_filter = ["state", "year"]
    search_fields = ["title", "notice_number", "items__item__name"]
    inlines = [CallItemInline]
    readonly_fields = ["state", "published_at", "suspended_at", "ended_at"]
    fieldsets = [
        (None, {"fields": ["title", "notice_number", "office", "year", "opens_at", "closes_at"]}),
        (_("限项与提醒"), {"fields": ["per_unit", "remind_days"]}),
        (_("公开说明"), {"fields": ["assumptions"]}),
        (
            _("状态"),
            {
                "fields": ["state", "published_at", "suspended_at", "ended_at"],
                "description": _(
                    "发布后的延长、暂停、恢复、提前截止、取消和办结，在审核台的“申报通知”办理。"
                ),
            },
        ),
    ]
    actions_detail = ["publish"]
    formfield_overrides = {ArrayField: {"widget": UnfoldAdminTextInputWidget}}

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "office":
            kwargs["queryset"] = Office.objects.filter(kind=Office.Kind.MUNICIPAL)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        settled = SETTLED if obj and obj.state != Call.State.DRAFT else []
        return [*self.readonly_fields, *settled]

    def save_formset(self, request, form, formset, change):
        """A new item gets the next serial of its year: the serial is part of every case number."""
        for one in formset.save(commit=False):
            if one.pk is None:
                one.serial = workflow.next_serial(one.item, form.instance.year)
            one.save()
        for one in formset.deleted_objects:
            one.delete()
        formset.save_m2m()

    def save_related(self, request, form, formsets, change):
        """A draft that moved to another year: its items count anew there."""
        super().save_related(request, form, formsets, change)
        call = form.instance
        if "year" in form.changed_data and call.state == Call.State.DRAFT:
            for one in call.items.exclude(code__startswith=f"{call.year}-").select_related("call", "item"):
                one.serial = workflow.next_serial(one.item, call.year)
                one.save()

    def has_publish_permission(self, request, object_id=None):
        draft = Call.objects.filter(pk=object_id, state=Call.State.DRAFT)
        return self.has_change_permission(request) and draft.exists()

    @action(
        description=_("发布"),
        permissions=["publish"],
        dialog={
            "title": _("发布这份申报通知"),
            "description": _("发布后，专题和限项不能再改，起止时间只能公告变更；到开始时间企业就能申报。"),
            "form_submit_text": _("发布"),
        },
    )
    def publish(self, request, form, object_id):
        return self.by_verb(
            request, object_id, lambda one: workflow.publish_call(one, request.user), _("申报通知已发布。")
        )


class CriterionInline(TabularInline):
    model = ReviewCriterion
    extra = 0

    def _open(self, request, line) -> bool:
        return line is not None and line.call.state == Call.State.DRAFT

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and self._open(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._open(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._open(request, obj)


@admin.register(CallItem)
class CallItemAdmin(RecordedAdmin):
    """The criteria of an item of a call (评审指标), written before the call is published; the rest stands with the
    call."""

    list_display = ["code", "item", "call"]
    search_fields = ["code", "item__name"]
    list_select_related = ["item", "call"]
    fields = readonly_fields = ["code", "item", "call"]
    inlines = [CriterionInline]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        settled = obj is not None and obj.call.state != Call.State.DRAFT
        return super().has_change_permission(request, obj) and not settled
