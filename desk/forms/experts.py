"""Forms of 专家评审: the pool, who is asked, and the expert's declaration, review and refusal."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from desk.forms.fields import opinion
from enterprises.models import ServiceClass
from enterprises.workflow import ClaimRefused, normalised_uscc
from foundation.accounts.models import Post
from foundation.accounts.roles import Role
from foundation.clock import clock
from reviews import conflicts
from reviews.models import Expert, ExpertReview


class _Form(forms.Form):
    use_required_attribute = False


class _Versioned(_Form):
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


def _day(label, *, required: bool, missing="", help_text="") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": missing, "invalid": _("请填写日期，如 2026-03-01")},
    )


class _Posts(forms.ModelChoiceField):
    def label_from_instance(self, post):
        return f"{post.user.get_full_name()}（{post.user.username}）"


class ExpertForm(_Form):
    """A new entry of the pool: one of those whose account has the expert's role and who aren't in it."""

    post = _Posts(
        label=_("专家"),
        queryset=Post.objects.none(),
        empty_label=_("请选择"),
        help_text=_("只列出已由系统管理员开通账号、授予“专家”任职，并且不在库内的人。"),
        error_messages={"required": _("请选择专家"), "invalid_choice": _("请选择列出的人")},
    )
    employer = forms.CharField(
        label=_("工作单位"),
        max_length=120,
        help_text=_("全称。工作单位是申请人的，不能评审该申请。"),
        error_messages={"required": _("请填写工作单位")},
    )
    employer_code = forms.CharField(
        label=_("工作单位统一社会信用代码"),
        required=False,
        max_length=30,
        help_text=_("18 位；填写后按代码核对回避。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    fields_known = forms.MultipleChoiceField(
        label=_("专业领域"),
        required=False,
        choices=[(label, label) for label in ServiceClass.labels],
        widget=forms.CheckboxSelectMultiple,
    )
    more = forms.CharField(
        label=_("其他领域"),
        required=False,
        max_length=200,
        help_text=_("用顿号分开，例如：财务审计、知识产权评估。"),
    )
    until = _day(_("有效期至"), required=False, help_text=_("留空为长期有效。"))

    def __init__(self, *args, offices: set[int], **options):
        super().__init__(*args, **options)
        inside = Expert.objects.filter(ended_at=None, office__in=offices).values_list("person", "office")
        known = set(inside)
        rows = Post.objects.held_on(clock.today()).filter(
            role=Role.EXPERT, office__in=offices, user__is_active=True
        )
        free = [
            pk
            for pk, user, office in rows.order_by("pk").values_list("pk", "user", "office")
            if (user, office) not in known
        ]
        self.fields["post"].queryset = Post.objects.filter(pk__in=free).select_related("user", "office")
        self.nobody = not free

    def clean_employer_code(self):
        typed = self.cleaned_data["employer_code"]
        if not typed:
            return ""
        try:
            return normalised_uscc(typed)
        except ClaimRefused as refusal:
            raise ValidationError(refusal.message) from refusal

    def clean(self):
        data = super().clean()
        more = [text.strip() for text in data.get("more", "").replace("，", "、").split("、")]
        data["known"] = [*data.get("fields_known", ()), *filter(None, more)]
        if not data["known"]:
            self.add_error("fields_known", _("请至少选择一个专业领域，或在“其他领域”中填写"))
        return data


class EndForm(_Form):
    because = opinion(_("出库的理由"), required=True, rows=2, missing=_("请写明出库的理由"))


class _Experts(forms.ModelMultipleChoiceField):
    def label_from_instance(self, one):
        return f"{one.person} · {one.employer} · {'、'.join(one.fields)}"


class AskForm(_Versioned):
    """Which experts of the pool are asked; those who may not review this case stand below with the reason."""

    experts = _Experts(
        label=_("专家"),
        queryset=Expert.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请选择专家"), "invalid_choice": _("请选择列出的专家")},
    )
    due_on = _day(_("评审期限"), required=True, missing=_("请填写评审期限"))
    note = opinion(
        _("给专家的说明"), required=False, rows=3, help_text=_("专家会原样读到。不要写明希望得到的结论。")
    )

    def __init__(self, *args, case: Application, **options):
        options.setdefault("initial", {"version": case.version})
        super().__init__(*args, prefix="ask", **options)
        pool = list(
            Expert.objects.in_force(clock.today())
            .filter(office=case.office_id)
            .select_related("person")
            .order_by("person__full_name", "pk")
        )
        against = conflicts.against(pool, case)
        free = [one.pk for one in pool if one.pk not in against]
        self.fields["experts"].queryset = (
            Expert.objects.filter(pk__in=free).select_related("person").order_by("person__full_name", "pk")
        )
        self.out = [{"one": one, "why": against[one.pk]} for one in pool if one.pk in against]
        self.nobody = not free


class WithdrawForm(_Versioned):
    because = opinion(
        _("撤回的理由"),
        required=True,
        rows=2,
        help_text=_("专家会读到。"),
        missing=_("请写明撤回的理由"),
    )


class DeclareForm(_Versioned):
    agreed = forms.BooleanField(
        label=_("我声明没有上述利害关系，并遵守保密要求"),
        error_messages={"required": _("没有利害关系的，请勾选声明；有的，请选择谢绝")},
    )


class DeclineForm(_Versioned):
    ground = forms.ChoiceField(
        label=_("原因"),
        choices=ExpertReview.Ground.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择谢绝的原因")},
    )
    because = opinion(_("说明"), required=False, rows=2, help_text=_("选择“其他”的，须写明原因。"))


class ReviewForm(_Versioned):
    """A score for each criterion as it was frozen, the opinion, the conclusion."""

    def __init__(self, *args, review: ExpertReview, **options):
        options.setdefault("initial", {"version": review.version})
        super().__init__(*args, prefix="review", **options)
        self.places = len(review.criteria)
        for place, one in enumerate(review.criteria, start=1):
            self.fields[f"score_{place}"] = forms.DecimalField(
                label=_("%(name)s（满分 %(weight)d 分）") % one,
                # The component shows a help text as it stands.
                help_text=escape(one["looks_at"]),
                min_value=0,
                max_value=one["weight"],
                decimal_places=1,
                max_digits=4,
                widget=forms.TextInput(
                    attrs={"inputmode": "decimal", "autocomplete": "off", "data-unit": str(_("分"))}
                ),
                error_messages={
                    "required": _("请评分"),
                    "invalid": _("请填写数字，最多一位小数"),
                    "min_value": _("应在 0 到 %d 分之间") % one["weight"],
                    "max_value": _("应在 0 到 %d 分之间") % one["weight"],
                    "max_decimal_places": _("最多一位小数"),
                    "max_digits": _("应在 0 到 %d 分之间") % one["weight"],
                    "max_whole_digits": _("应在 0 到 %d 分之间") % one["weight"],
                },
            )
        self.fields["opinion"] = opinion(
            _("评审意见"),
            required=True,
            rows=6,
            help_text=_("写明依据：项目的长处、问题和建议。申请人不会知道由谁评审。"),
            missing=_("请填写评审意见"),
        )
        self.fields["verdict"] = forms.ChoiceField(
            label=_("结论"),
            choices=ExpertReview.Verdict.choices,
            widget=forms.RadioSelect,
            error_messages={"required": _("请选择结论")},
        )

    def scores(self) -> list:
        return [self.cleaned_data[f"score_{place}"] for place in range(1, self.places + 1)]
