"""Form versions: written once as data, followed by the next version, never edited."""

import json

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from measures.admin.recorded import RecordedAdmin
from measures.forms import Form
from measures.models import FormVersion, Item


class FormVersionForm(forms.ModelForm):
    class Meta:
        model = FormVersion
        fields = ["item", "definition"]

    def clean_definition(self):
        definition = self.cleaned_data["definition"]
        Form(definition)
        return definition


@admin.register(FormVersion)
class FormVersionAdmin(RecordedAdmin):
    form = FormVersionForm
    list_display = ["item", "number", "published_at"]
    list_select_related = ["item"]
    search_fields = ["item__code", "item__name"]
    autocomplete_fields = ["item"]
    readonly_fields = ["written"]

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
        return ["item", "number", "published_at", "written"] if obj else ["item", "definition"]

    @admin.display(description=_("定义"))
    def written(self, version):
        """The definition as it was written, Chinese as Chinese."""
        text = json.dumps(version.definition, ensure_ascii=False, indent=2)
        return format_html('<pre style="white-space: pre-wrap">{}</pre>', text)
