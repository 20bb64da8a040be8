"""Documents in the admin: that they exist, who brought them; never their content."""

from django.contrib import admin

from foundation.events.readonly import ReadOnlyAdmin
from foundation.files.models import Document


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ["uploaded_at", "name", "content_type", "size", "sha256", "uploaded_by"]
    list_filter = ["content_type"]
    list_select_related = ["uploaded_by"]
    search_fields = ["name", "sha256"]
    date_hierarchy = "uploaded_at"
    ordering = ["-uploaded_at"]
    show_full_result_count = False
