from django.contrib import admin

from applications.models import Application, Correction, RuleCheck, Step, Submission
from foundation.events.readonly import ReadOnlyAdmin


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    """Cases are read here; they change through their verbs alone."""

    list_display = ["number", "title", "call_item", "enterprise", "state", "office", "due_on"]
    list_filter = ["state", "call_item__item", "district"]
    search_fields = ["number", "title"]
    list_select_related = ["call_item__item", "enterprise", "office"]


@admin.register(Submission, RuleCheck, Correction, Step)
class PaperAdmin(ReadOnlyAdmin):
    list_display = ["__str__"]
    list_select_related = ["application"]
