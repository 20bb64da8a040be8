from django.contrib import admin

from foundation.events.readonly import ReadOnlyAdmin
from tracking.models import QuarterReport


@admin.register(QuarterReport)
class QuarterReportAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "preliminary", "as_of", "compiled_at", "compiled_by"]
    list_filter = ["year", "quarter", "preliminary"]
