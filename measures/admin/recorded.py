"""Admin classes whose every edit is an event, and the step from a dialog to a verb."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.admin import ModelAdmin

from foundation.accounts.access import NotAllowed
from measures import workflow


class RecordedAdmin(ModelAdmin):
    """Edits of the row and of its inlines become one event of the same transaction; nothing is deleted."""

    def log_addition(self, request, obj, message):
        workflow.note_configuration(obj, request.user, message, created=True)
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        if message:
            workflow.note_configuration(obj, request.user, message)
        return super().log_change(request, obj, message)

    def has_delete_permission(self, request, obj=None):
        return False

    def by_verb(self, request: HttpRequest, object_id, verb: Callable, done: str) -> HttpResponse:
        """Call the verb for the row of a dialog; say what came of it on the row's page."""
        obj = self.get_object(request, object_id)
        try:
            verb(obj)
        except ValidationError as refused:
            for reason in refused.messages:
                messages.error(request, reason)
        except NotAllowed as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, done)
        opts = self.model._meta
        page = reverse(f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_change", args=[object_id])
        return HttpResponse(headers={"HX-Redirect": page})
