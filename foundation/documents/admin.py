from django.contrib import admin

from foundation.documents.models import IssuedDocument
from foundation.events.readonly import ReadOnlyAdmin


@admin.register(IssuedDocument)
class IssuedDocumentAdmin(ReadOnlyAdmin):
    list_display = ["title", "kind", "subject_kind", "subject_id", "issued_at", "issued_by"]
    list_filter = ["kind", "issued_at"]
    list_select_related = ["issued_by"]
    search_fields = ["title", "facts_sha256", "document__sha256"]
