"""Form versions: written once as data, followed by the next version, never edited."""

from django import forms
from django.contrib import admin

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
        return ["item", "number", "published_at", "definition"] if obj else ["item", "definition"]
