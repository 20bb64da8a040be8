"""Forms of 征求意见: the question with what is released, and the answer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Submission
from desk.forms.fields import opinion
from foundation.accounts.models import Office
from measures.forms import Form
from reviews.audiences import consulted_posts
from reviews.models import Consultation
from reviews.workflow.consultations import releasable


class QuestionForm(forms.Form):
    """Who is asked, what, by when, and which parts of the latest submission they read."""

    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    office = forms.ModelChoiceField(
        label=_("征求单位"),
        queryset=Office.objects.none(),
        empty_label=_("请选择"),
        help_text=_("只列出有答复人员的单位；该事项的配合单位排在前面。"),
        error_messages={"required": _("请选择征求单位")},
    )
    text = opinion(_("征求的问题"), required=True, rows=4, missing=_("请写明征求意见的问题"))
    due_on = forms.DateField(
        label=_("答复期限"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请填写答复期限"), "invalid": _("请填写日期，如 2026-03-01")},
    )
    released = forms.MultipleChoiceField(
        label=_("提供的内容"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("对方除事项、企业名称、代码和项目名称外，只能看到勾选的内容。只提供答复所必需的。"),
    )

    def __init__(self, *args, case: Application, latest: Submission, **options):
        options.setdefault("initial", {"version": case.version})
        super().__init__(*args, prefix="consult", **options)
        self.fields["released"].choices = releasable(Form(latest.form.definition))
        asked = Office.objects.filter(pk__in=consulted_posts().values("office")).exclude(pk=case.office_id)
        co_units = set(case.call_item.item.co_units.order_by("pk").values_list("pk", flat=True))
        self.fields["office"].queryset = asked
        rows = sorted(asked, key=lambda one: (one.pk not in co_units, one.name))
        self.fields["office"].choices = [("", _("请选择")), *((one.pk, one.name) for one in rows)]
        self.nobody = not rows


class OpinionForm(forms.Form):
    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    stance = forms.ChoiceField(
        label=_("意见"),
        choices=Consultation.Stance.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择意见")},
    )
    answer = opinion(_("意见内容"), required=False, rows=4, help_text=_("不同意的，须写明理由。"))
    document = forms.FileField(
        label=_("复函"),
        required=False,
        help_text=_("PDF、PNG 或 JPEG，不超过 20 MB。"),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,image/png,image/jpeg"}),
    )


class RecallForm(forms.Form):
    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    because = opinion(
        _("撤回的理由"),
        required=True,
        rows=2,
        help_text=_("对方会读到。"),
        missing=_("请写明撤回的理由"),
    )
