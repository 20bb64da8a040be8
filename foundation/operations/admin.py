"""The system administrator's pages in the admin: health, dead letters; and the words of messages."""

from django.contrib import admin, messages
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from foundation.accounts.roles import Permission
from foundation.events import texts
from foundation.events.readonly import ReadOnlyAdmin
from foundation.health import health
from foundation.jobs.admin import framed
from foundation.operations import reading, workflow
from foundation.operations.forms import TextForm
from foundation.operations.models import Alarm, DeadLetter, Wording

ALARMS_SHOWN, LETTERS_SHOWN, PEOPLE_SHOWN = 30, 100, 100


class OperatedAdmin(ReadOnlyAdmin):
    """Read by the system administrator and the auditor; every page is one of ours."""

    permissions = (Permission.OPERATE, Permission.AUDIT)

    def has_view_permission(self, request, obj=None):
        user = request.user
        return any(user.may(permission) for permission in self.permissions)

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return HttpResponseRedirect(self.list_url)

    @property
    def list_url(self) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def checked(self, request):
        if not self.has_view_permission(request):
            raise Http404


@admin.register(Alarm)
class AlarmAdmin(OperatedAdmin):
    """The page of the system's health: every check as it is now, and the alarms that were raised."""

    def changelist_view(self, request, extra_context=None):
        self.checked(request)
        results = health.examine()
        context = {
            "results": results,
            "problems": sum(len(result.problems) for result in results),
            "alarms": Alarm.objects.exclude(raised_at=None)[:ALARMS_SHOWN],
        }
        return framed(self, request, _("运行状况"), "admin/operations/health.html", context)


@admin.register(DeadLetter)
class DeadLetterAdmin(OperatedAdmin):
    """Deliveries that were given up, and people whom nothing reaches."""

    def get_urls(self):
        resend = self.admin_site.admin_view(self.resend_view)
        return [path("resend/", resend, name="operations_deadletter_resend"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        self.checked(request)
        letters = reading.dead_letters()
        unreachable = reading.people_without_channel()
        context = {
            "letters": [reading.shown(letter) for letter in letters[:LETTERS_SHOWN]],
            "count": letters.count(),
            "people": unreachable[:PEOPLE_SHOWN],
            "people_count": unreachable.count(),
            "may": request.user.may(Permission.OPERATE),
            "resend_url": reverse(f"{self.admin_site.name}:operations_deadletter_resend"),
        }
        return framed(self, request, _("无法投递"), "admin/operations/dead_letters.html", context)

    def resend_view(self, request):
        """Send one (its own button) or those that are ticked again."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        asked = request.POST.getlist("one") or request.POST.getlist("chosen")
        ids = [int(pk) for pk in asked if pk.isascii() and pk.isdigit() and len(pk) < 19]
        count = workflow.resend(ids, request.user)
        if count:
            messages.success(request, _("%(count)d 份投递已重新排入，马上发送。") % {"count": count})
        else:
            messages.warning(request, _("没有可以重新投递的：请先勾选，或已由他人处理。"))
        return HttpResponseRedirect(self.list_url)


@admin.register(Wording)
class WordingAdmin(OperatedAdmin):
    """The words of every message: read by whoever configures or audits, edited by whoever configures."""

    permissions = (Permission.CONFIGURE, Permission.AUDIT)

    def get_urls(self):
        edit = self.admin_site.admin_view(self.edit_view)
        restore = self.admin_site.admin_view(self.restore_view)
        return [
            path("of/<str:verb>/", edit, name="operations_wording_edit"),
            path("of/<str:verb>/restore/", restore, name="operations_wording_restore"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        self.checked(request)
        context = {"messages_shown": reading.wordings(self.admin_site.name)}
        return framed(self, request, _("消息文本"), "admin/operations/wordings.html", context)

    def edit_view(self, request, verb: str):
        """The words of one message: edited, previewed with the last event's facts, saved as a new version."""
        self.checked(request)
        wording = self._wording(verb)
        may = request.user.may(Permission.CONFIGURE)
        form = TextForm(
            request.POST or None,
            initial={"subject": wording.subject, "body": wording.body, "seen": wording.version},
        )
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            try:
                if "preview" in request.POST:
                    workflow.check_text(verb, request.user, given["subject"], given["body"])
                else:
                    workflow.set_text(
                        verb,
                        request.user,
                        subject=given["subject"],
                        body=given["body"],
                        seen_version=given["seen"],
                    )
                    messages.success(request, _("新的文本已生效，此前的版本保留。"))
                    return HttpResponseRedirect(self.list_url)
            except workflow.TextRefused as refused:
                form.refuse(refused.errors)
        words = (form["subject"].value(), form["body"].value())
        context = {
            "form": form,
            "wording": wording,
            "may": may,
            "preview": None if form.errors else reading.preview(verb, *words),
            "restore_url": reverse(f"{self.admin_site.name}:operations_wording_restore", args=[verb]),
            "list_url": self.list_url,
        }
        return framed(self, request, wording.title, "admin/operations/wording.html", context)

    def restore_view(self, request, verb: str):
        """Back to the shipped words."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        seen = request.POST.get("seen", "")
        try:
            workflow.restore_text(verb, request.user, seen_version=int(seen) if seen.isdigit() else -1)
        except workflow.TextRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("已恢复为系统自带的文本。"))
        return HttpResponseRedirect(self.list_url)

    def _wording(self, verb: str) -> reading.WordingShown:
        if verb not in texts.editable():
            raise Http404
        return reading.wording(verb)
