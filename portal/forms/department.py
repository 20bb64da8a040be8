"""For which of the applicant's departments a draft is."""

from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises import history
from enterprises.models import Department, Enterprise


class DepartmentForm(forms.Form):
    use_required_attribute = False

    department = forms.ChoiceField(
        label=_("由哪个内设机构实施"),
        required=False,
        help_text=_("申请单位和收款单位仍是本单位；只在公示、文书中注明内设机构。"),
    )

    def __init__(self, data=None, *, enterprise: Enterprise, named: int | None = None):
        self.known = {str(row.pk): row for row in history.departments(enterprise)}
        super().__init__(data, initial={"department": str(named or "")})
        self.fields["department"].choices = [
            ("", _("不是内设机构，由单位实施")),
            *((key, f"{row.name}（{row.get_kind_display()}）") for key, row in self.known.items()),
        ]

    @property
    def chosen(self) -> Department | None:
        return self.known.get(self.cleaned_data["department"])
