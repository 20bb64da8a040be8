from django.contrib import admin

from foundation.events.readonly import ReadOnlyAdmin
from tracking.models import MeasureAction, QuarterReport, Referral, SpecialistAssignment


@admin.register(QuarterReport)
class QuarterReportAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "preliminary", "as_of", "compiled_at", "compiled_by"]
    list_filter = ["year", "quarter", "preliminary"]


@admin.register(MeasureAction)
class MeasureActionAdmin(ReadOnlyAdmin):
    list_display = ["item", "done_on", "office", "text", "at", "void"]
    list_filter = ["item__measure", "void"]
    list_select_related = ["item", "office"]


@admin.register(Referral)
class ReferralAdmin(ReadOnlyAdmin):
    list_display = ["number", "item", "enterprise", "office", "state", "due_on", "at"]
    list_filter = ["state", "outcome"]
    list_select_related = ["item", "enterprise", "office"]
    exclude = ["contact"]


@admin.register(SpecialistAssignment)
class SpecialistAssignmentAdmin(ReadOnlyAdmin):
    list_display = ["enterprise", "office", "specialist", "since", "until", "ending", "assigned_by"]
    list_filter = ["office__kind"]
    list_select_related = ["enterprise", "office", "specialist", "assigned_by"]
