"""Several documents in one control of a form; kept only once everything else is right."""

from django import forms
from django.utils.translation import gettext as _

from foundation.files.files import RefusedFile, store
from foundation.files.models import Document

ACCEPT = "application/pdf,image/png,image/jpeg"
MAX_BYTES = 20 * 2**20


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name):
        return files.getlist(name) if hasattr(files, "getlist") else []


class DocumentsField(forms.FileField):
    """Several documents, PDF or pictures; checked by content when they are kept."""

    def __init__(self, *, at_most: int, **options):
        self.at_most = at_most
        attrs = {"multiple": True, "accept": ACCEPT, "data-max-bytes": MAX_BYTES}
        super().__init__(widget=SeveralFiles(attrs=attrs), **options)

    def clean(self, data, initial=None):
        given = [super(DocumentsField, self).clean(one) for one in data or ()]
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(given) > self.at_most:
            raise forms.ValidationError(_("最多 %d 份材料") % self.at_most)
        return given


class DocumentsForm(forms.Form):
    """A form whose `documents` are kept once everything else is right."""

    use_required_attribute = False

    def keep(self, by) -> list[Document] | None:
        """The documents, stored; None where one was refused, with the reason beside the field."""
        try:
            return [store(one, by, max_bytes=MAX_BYTES) for one in self.cleaned_data["documents"]]
        except RefusedFile as refused:
            self.add_error("documents", refused)
            return None
