"""The calendar in the admin: days are corrected one by one; none is added or removed."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from foundation.workdays import workflow
from foundation.workdays.models import Workday


@admin.register(Workday)
class WorkdayAdmin(ModelAdmin):
    list_display = ["day", "is_workday", "note", "provisional", "ordinal"]
    list_filter = ["is_workday", "provisional"]
    date_hierarchy = "day"
    search_fields = ["note"]
    fields = ["day", "is_workday", "note", "provisional", "ordinal"]
    readonly_fields = ["day", "ordinal"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        """Through the verb, which renumbers and tells the rooms that keep due dates."""
        correction = workflow.Change(obj.day, obj.is_workday, obj.note, obj.provisional)
        workflow.change_days([correction], by=request.user)
