from django import forms
from django.utils.translation import gettext_lazy as _

from enterprises.models import Department, EnterpriseChange, LegalForm, Qualification, ServiceClass
from foundation.accounts.models import District

DOCUMENT_TYPES = "application/pdf,image/png,image/jpeg"


class ReasonForm(forms.Form):
    """Why an account is suspended, reinstated or closed; the enterprise reads it."""

    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        help_text=_("会写进给企业的通知。"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明理由")},
    )


def _day(label, *, required: bool = True, help_text: str = ""):
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("请填写日期"), "invalid": _("请填写日期，例如 2026-03-01")},
    )


def _document(help_text, *, required: bool = False):
    return forms.FileField(
        label=_("证明材料"),
        required=required,
        help_text=help_text,
        widget=forms.FileInput(attrs={"accept": DOCUMENT_TYPES, "data-max-bytes": 20 * 2**20}),
        error_messages={"required": _("请上传证明材料")},
    )


class _RecordForm(forms.Form):
    """What a district enters about an enterprise; the fields are the parameters of the verb."""

    use_required_attribute = False
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    source = forms.CharField(
        label=_("依据"),
        max_length=60,
        help_text=_("数据从哪里来，例如“区统计局名录”；企业会看到"),
        error_messages={"required": _("请写明依据")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # The source is asked last.
        self.order_fields([name for name in self.fields if name != "source"])


class RelocationForm(_RecordForm):
    kind = forms.ChoiceField(
        label=_("迁移"),
        choices=[(kind.value, kind.label) for kind in EnterpriseChange.MOVES],
        error_messages={"required": _("请选择一项")},
    )
    effective_on = _day(_("生效日"), help_text=_("市场监管部门核准变更的日期，不能晚于今天"))
    to_district = forms.ModelChoiceField(
        label=_("迁入的区"),
        queryset=District.objects.all(),
        required=False,
        empty_label=_("请选择"),
        help_text=_("只在市内跨区迁移时选择"),
    )
    place = forms.CharField(
        label=_("迁往或迁自何地"),
        max_length=100,
        required=False,
        help_text=_("迁出、迁入本市的必填，例如“江苏省苏州市”；市内迁移可填新地址"),
    )
    document = _document(_("变更通知等，PDF、PNG 或 JPG，不超过 20 MB"))


class _ChangeForm(_RecordForm):
    """A dated change: what stands from a day on, and what proves it."""

    effective_on = _day(_("生效日"), help_text=_("市场监管部门核准变更的日期，不能晚于今天"))
    document = _document(_("变更通知等，PDF、PNG 或 JPG，不超过 20 MB"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # What changes is asked first, its day and its proof after it.
        last = ["effective_on", "source", "document"]
        self.order_fields([name for name in self.fields if name not in last] + last)


class NameForm(_ChangeForm):
    name = forms.CharField(
        label=_("新名称"),
        max_length=120,
        help_text=_("营业执照上的全称"),
        error_messages={"required": _("请填写新名称")},
    )


class LegalFormForm(_ChangeForm):
    legal_form = forms.ChoiceField(
        label=_("新组织形式"),
        choices=[("", _("请选择")), *LegalForm.choices],
        error_messages={"required": _("请选择组织形式")},
    )


def _code(label, help_text=""):
    return forms.CharField(
        label=label,
        max_length=40,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("请填写 18 位代码")},
    )


class CodeForm(_ChangeForm):
    uscc = _code(_("新代码"), _("营业执照上的统一社会信用代码；原代码仍可查到这家企业"))


class ParentForm(_ChangeForm):
    uscc = _code(_("上级法人的代码"))
    name = forms.CharField(
        label=_("上级法人的名称"),
        max_length=120,
        required=False,
        help_text=_("代码在登记库中的不用填写，以登记库为准；不在登记库的必填"),
    )


class DepartmentForm(_RecordForm):
    name = forms.CharField(
        label=_("内设机构名称"), max_length=60, error_messages={"required": _("请填写内设机构名称")}
    )
    kind = forms.ChoiceField(
        label=_("类型"),
        choices=[("", _("请选择")), *Department.Kind.choices],
        error_messages={"required": _("请选择类型")},
    )
    number = forms.CharField(label=_("认定文号"), max_length=60, required=False)
    recognised_on = _day(_("认定日期"), required=False, help_text=_("没有认定的留空"))


class SuccessorForm(forms.Form):
    """Which enterprise remains after a merger; asked first, so that its name is read before anything is done."""

    use_required_attribute = False
    successor = _code(_("合并后企业的统一社会信用代码"))


class MergerForm(_ChangeForm):
    successor = forms.CharField(max_length=18, widget=forms.HiddenInput)
    document = _document(_("合并协议或登记机关的通知，PDF、PNG 或 JPG，不超过 20 MB"), required=True)
    understood = forms.BooleanField(
        label=_("已逐项看过所列的未办结事项，并核对了合并后的企业"),
        error_messages={"required": _("请看过未办结事项后勾选")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "understood"])


class InclusionForm(_RecordForm):
    first_period = _day(_("首次纳统报告期"), help_text=_("填该月任意一日，按该月第一日登记"))
    industry = forms.CharField(
        label=_("统计行业代码"),
        max_length=5,
        help_text=_("GB/T 4754，例如 M7452"),
        error_messages={"required": _("请填写行业代码")},
    )
    science_class = forms.ChoiceField(
        label=_("科技服务业类别"),
        choices=[("", _("未确认")), *ServiceClass.choices],
        required=False,
        help_text=_("统计部门确认的类别；未确认的按类别对照表"),
    )
    confirmed = forms.BooleanField(label=_("已向统计部门确认"), required=False)

    def clean_industry(self):
        return self.cleaned_data["industry"].strip().upper()


class CreditCheckForm(_RecordForm):
    as_of = _day(_("查询日"))
    clean_since = _day(
        _("自该日起无严重失信、重大处罚记录"), required=False, help_text=_("不清楚的留空；现列入名单的留空")
    )
    listed = forms.BooleanField(label=_("现列入严重失信名单"), required=False)


class QualificationForm(_RecordForm):
    kind = forms.ChoiceField(
        label=_("资质"), choices=Qualification.Kind.choices, error_messages={"required": _("请选择一项")}
    )
    number = forms.CharField(label=_("证书编号"), max_length=60, required=False)
    valid_from = _day(_("有效期自"))
    valid_to = _day(_("有效期至（含当日）"), required=False, help_text=_("长期有效的留空"))
