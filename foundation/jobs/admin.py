"""Jobs in the admin: a list, and a page of each that shows its progress and then what came of it."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold.decorators import display

from foundation.accounts.roles import Permission
from foundation.events.readonly import ReadOnlyAdmin
from foundation.files import files
from foundation.jobs import kinds
from foundation.jobs.models import Job

# Seconds after which the page of an unfinished job loads itself again.
RELOAD = 2


def framed(model_admin, request, title, template: str, context: dict) -> TemplateResponse:
    """A page of ours within the admin's frame: the template gives the content alone."""
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(
        request,
        "admin/base_site.html",
        {
            **model_admin.admin_site.each_context(request),
            "title": title,
            "opts": model_admin.opts,
            "content": render_to_string(template, context, request),
        },
    )


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["pk", "what", "standing", "created_by", "created_at", "finished_at"]
    list_filter = ["state"]
    list_select_related = ["created_by"]

    @display(description=Job._meta.get_field("kind").verbose_name)
    def what(self, job):
        return job.label

    @display(
        description=Job._meta.get_field("state").verbose_name,
        label={"waiting": "info", "running": "warning", "done": "success", "failed": "danger"},
    )
    def standing(self, job):
        return job.state, job.get_state_display()

    def get_queryset(self, request):
        found = super().get_queryset(request)
        if request.user.may(Permission.AUDIT):
            return found
        return found.filter(kind__in=kinds.those_of(request.user))

    def get_urls(self):
        own = path(
            "<int:job_id>/result/", self.admin_site.admin_view(self.result_view), name="jobs_job_result"
        )
        return [own, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The page of a job: reloads itself while there is something to wait for, without any script."""
        job = self._job(request, object_id)
        kind = kinds.get(job.kind)
        over = job.state == Job.State.DONE
        context = {
            "job": job,
            "outcome_template": kind.template if over else None,
            "list_url": reverse(f"{self.admin_site.name}:jobs_job_changelist"),
            **(kind.context(job, request.user) if over else {}),
        }
        response = framed(self, request, kind.label, "admin/jobs/job.html", context)
        if not job.is_over:
            response["Refresh"] = str(RELOAD)
        return response

    def result_view(self, request, job_id: int):
        """The file that a job left."""
        job = self._job(request, job_id)
        if job.result is None:
            raise Http404
        return files.response(job.result, inline=False)

    def _job(self, request, object_id) -> Job:
        job = self.get_object(request, str(object_id))
        if job is None:
            raise Http404
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        return job
