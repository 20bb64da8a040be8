from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from enterprises.imports.admin import ImportingAdmin
from enterprises.models import (
    Claim,
    CreditCheck,
    Department,
    Enterprise,
    EnterpriseChange,
    FormerCode,
    Member,
    Qualification,
    ServiceClassLine,
    ServiceClassTable,
    StatisticalInclusion,
    Supplement,
    SupportRecord,
    YearlyFigure,
)
from foundation.events.readonly import ReadOnlyAdmin


class AppendedInline(TabularInline):
    """Rows that are only ever added."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_change_permission(self, request, obj=None):
        return False


class ClassLineInline(AppendedInline):
    model = ServiceClassLine
    fields = ["code", "service_class", "partial"]

    def has_add_permission(self, request, obj=None):
        return False


class InclusionInline(AppendedInline):
    model = StatisticalInclusion
    fields = ["first_period", "industry", "confirmed_by", "science_class", "source"]


class CreditInline(AppendedInline):
    model = CreditCheck
    fields = ["as_of", "clean_since", "listed", "source"]


class FigureInline(AppendedInline):
    model = YearlyFigure
    fields = ["valid_for", "revenue", "rd_expense", "employees", "taxes", "profit", "source"]


class QualificationInline(AppendedInline):
    model = Qualification
    fields = ["kind", "number", "valid_from", "valid_to", "source"]


class SupportInline(AppendedInline):
    model = SupportRecord
    fields = ["item_code", "year", "fund", "project", "amount", "origin"]


@admin.register(Enterprise)
class EnterpriseAdmin(ImportingAdmin, ModelAdmin):
    """The register: what rules look at is appended here, never overwritten; states change by verbs."""

    list_display = ["uscc", "name", "district", "legal_form", "industry", "state"]
    list_filter = ["state", "district", "legal_form"]
    search_fields = ["uscc", "name", "former_codes__code"]
    list_select_related = ["district"]
    autocomplete_fields = ["parent"]
    fields = [
        "uscc",
        "name",
        "district",
        "legal_form",
        "parent",
        "industry",
        "established_on",
        "address",
        "source",
        "state",
        "verified_at",
    ]
    readonly_fields = ["state", "verified_at"]
    inlines = [InclusionInline, CreditInline, FigureInline, QualificationInline, SupportInline]

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        # What changes by a dated row (enterprises.change_workflow) isn't overwritten here.
        return (
            [*self.readonly_fields, "uscc", "name", "legal_form", "parent"] if obj else self.readonly_fields
        )


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    list_display = ["declared_name", "district", "state", "claimed_at", "decided_at"]
    list_filter = ["state", "district"]
    list_select_related = ["district"]


@admin.register(Supplement)
class SupplementAdmin(ReadOnlyAdmin):
    list_display = ["enterprise", "topic", "state", "at", "due_on", "decided_at"]
    list_filter = ["state", "topic"]
    list_select_related = ["enterprise"]


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    list_display = ["enterprise", "role", "since"]
    list_select_related = ["enterprise"]


@admin.register(EnterpriseChange)
class EnterpriseChangeAdmin(ReadOnlyAdmin):
    list_display = ["enterprise", "kind", "effective_on", "before", "after", "recorded_by", "recorded_at"]
    list_filter = ["kind"]
    list_select_related = ["enterprise", "recorded_by"]


@admin.register(FormerCode)
class FormerCodeAdmin(ReadOnlyAdmin):
    list_display = ["code", "enterprise", "change"]
    search_fields = ["code"]
    list_select_related = ["enterprise", "change__enterprise"]


@admin.register(Department)
class DepartmentAdmin(ReadOnlyAdmin):
    list_display = ["name", "enterprise", "kind", "number", "recorded_at"]
    list_filter = ["kind"]
    list_select_related = ["enterprise"]


@admin.register(ServiceClassTable)
class ServiceClassTableAdmin(ReadOnlyAdmin):
    list_display = ["source", "in_force_from", "recorded_at", "digest"]
    inlines = [ClassLineInline]
