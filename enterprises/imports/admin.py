"""导入企业 in the admin: upload, a dry run as a job, confirm."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget

from enterprises.imports import job as imports
from enterprises.models import ImportRun
from foundation.events.readonly import ReadOnlyAdmin
from foundation.files.files import RefusedFile
from foundation.jobs.admin import framed


class ImportForm(forms.Form):
    register = forms.FileField(
        label=_("企业（xlsx 或 csv）"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_(
            "列：uscc、name、district、industry、established_on、legal_form；"
            "xlsx 的第二个工作表可以是年度数据。CSV 用 UTF-8 或 GBK。"
        ),
    )
    figures = forms.FileField(
        label=_("年度数据（可选，另一个文件）"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("列：uscc、year、revenue、rd_expense、employees、taxes、profit、source；金额以元计。"),
    )


class ImportingAdmin:
    """Mixed into the admin of enterprises."""

    actions_list = ["import_file"]

    def has_import_file_permission(self, request, object_id=None) -> bool:
        return imports.may(request.user)

    def get_urls(self):
        confirm = self.admin_site.admin_view(self.confirm_import)
        return [
            path("import/<int:job_id>/commit/", confirm, name="enterprises_import_commit"),
            *super().get_urls(),
        ]

    @action(description=_("导入企业"), url_path="import", permissions=["import_file"], icon="upload_file")
    def import_file(self, request):
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                tried = imports.try_out(
                    form.cleaned_data["register"], form.cleaned_data["figures"], request.user
                )
            except RefusedFile as refused:
                form.add_error(None, refused)
            else:
                return self._to(tried)
        return framed(self, request, _("导入企业"), "admin/enterprises/import.html", {"form": form})

    def confirm_import(self, request, job_id: int):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            return self._to(imports.confirm(job_id, request.user))
        except imports.NotConfirmed as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(reverse(f"{self.admin_site.name}:jobs_job_changelist"))

    def _to(self, job) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:jobs_job_change", args=[job.pk]))


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ["at", "file_name", "figures_name", "sha256", "by"]
    list_select_related = ["by"]
    date_hierarchy = "at"
