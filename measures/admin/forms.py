"""Form versions: written once as data, followed by the next version, never edited."""

import json

from django import forms
from django.contrib import admin
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from measures.admin.form_editor import FormEditor, against_the_one_before
from measures.admin.recorded import RecordedAdmin
from measures.forms import Form
from measures.models import CallItem, FormVersion, Item


class FormVersionForm(forms.ModelForm):
    class Meta:
        model = FormVersion
        fields = ["item", "definition"]

    def clean_definition(self):
        definition = self.cleaned_data["definition"]
        Form(definition)
        return definition


@admin.register(FormVersion)
class FormVersionAdmin(FormEditor, RecordedAdmin):
    form = FormVersionForm
    list_display = ["item", "number", "published_at"]
    list_select_related = ["item"]
    search_fields = ["item__code", "item__name"]
    autocomplete_fields = ["item"]
    readonly_fields = ["used_in", "changed", "written"]
    actions_list = ["open_editor"]
    actions_detail = ["edit_next"]

    def has_change_permission(self, request, obj=None):
        return False

    def get_changeform_initial_data(self, request):
        """…/add/?item=ID begins with that item's last version."""
        initial = super().get_changeform_initial_data(request)
        if str(initial.get("item", "")).isdecimal():
            last = FormVersion.objects.filter(item=initial["item"]).order_by("-number").first()
            if last:
                initial["definition"] = last.definition
        return initial

    def save_model(self, request, obj, form, change):
        # The item is locked so that two people who publish at once get two numbers.
        Item.objects.select_for_update().get(pk=obj.item_id)
        last = obj.item.forms.order_by("-number").values_list("number", flat=True).first()
        obj.number = (last or 0) + 1
        super().save_model(request, obj, form, change)

    def get_fields(self, request, obj=None):
        return (
            ["item", "number", "published_at", "used_in", "changed", "written"]
            if obj
            else ["item", "definition"]
        )

    def has_edit_next_permission(self, request, object_id=None) -> bool:
        return self.has_add_permission(request)

    @action(description=_("编写申报表"), url_path="editor-items", permissions=["add"], icon="edit_document")
    def open_editor(self, request):
        return HttpResponseRedirect(self._url("items"))

    @action(description=_("修改（编写新版本）"), url_path="editor-next", permissions=["edit_next"])
    def edit_next(self, request, object_id):
        version = get_object_or_404(FormVersion, pk=object_id)
        return HttpResponseRedirect(self._url("outline", version.item_id))

    @admin.display(description=_("用于"))
    def used_in(self, version):
        """The calls whose item asks by this version."""
        lines = CallItem.objects.filter(form=version).select_related("call").order_by("call__opens_at", "pk")
        return "、".join(line.call.title for line in lines) or _("还没有申报通知使用")

    @admin.display(description=_("与前一版相比"))
    def changed(self, version):
        before, changes = against_the_one_before(version)
        context = {"before": before.number if before else 0, "changes": changes}
        return render_to_string("admin/measures/form_changes.html", context)

    @admin.display(description=_("定义"))
    def written(self, version):
        """The definition as it was written, Chinese as Chinese."""
        text = json.dumps(version.definition, ensure_ascii=False, indent=2)
        return format_html('<pre style="white-space: pre-wrap">{}</pre>', text)
