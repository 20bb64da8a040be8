"""What the register says of an enterprise: where, in which form, since when, in which line of business."""

from collections.abc import Mapping

from django.db.models import (
    Case,
    Exists,
    Expression,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf, Substr
from django.db.models.lookups import Exact, In
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise, EnterpriseChange, LegalForm
from measures import fact_types
from measures.catalogue import shipped
from measures.facts.fact import Fact, Kind, Question
from measures.facts.terms import Division, FullYears, today
from measures.industries import DIVISIONS

TOPIC = _("企业登记")
SOURCE = _("企业登记信息")


def _registered_in_shanghai(question: Question) -> Expression:
    # Digits 3–8 of the code are the place whose registry issued it: 31 Shanghai; 10 the national registry,
    # which says nothing about the place.
    place = Substr("uscc", 3, 2)
    return Case(
        When(Exact(place, "31"), then=Value(True)),
        When(Exact(place, "10"), then=Value(None)),
        default=Value(False),
        output_field=fact_types.BOOLEAN.field,
    )


def _undone_form(question: Question) -> FilteredRelation:
    """The first change of the legal form that hadn't taken effect on the day, or wasn't known at the moment: what
    stood before it counts. Changes are entered in the order of their days."""
    not_yet = Q(effective_on__gt=question.day) | Q(recorded_at__gt=question.moment)
    earlier = EnterpriseChange.objects.filter(
        not_yet,
        kind=EnterpriseChange.Kind.LEGAL_FORM,
        enterprise=OuterRef("undone_form__enterprise_id"),
        pk__lt=OuterRef("undone_form__pk"),
    )
    return FilteredRelation(
        "changes",
        condition=Q(changes__kind=EnterpriseChange.Kind.LEGAL_FORM)
        & (Q(changes__effective_on__gt=question.day) | Q(changes__recorded_at__gt=question.moment))
        & Q(~Exists(earlier)),
    )


def _legal_form() -> Expression:
    return Coalesce(F("undone_form__before"), F("legal_form"))


RELATIONS = {"undone_form": _undone_form}


def _yes_if(condition: Q) -> Expression:
    return Case(When(condition, then=Value(True)), default=Value(False))


def _districts() -> Mapping[str, str]:
    return {district.code: district.name for district in shipped.districts()}


def _fact(name, label, fact_type, build, supply, **more) -> Fact:
    return Fact(
        name,
        label,
        **{"source": SOURCE} | more,
        kind=Kind.ENTERPRISE,
        type=fact_type,
        build=build,
        supply=supply,
        topic=TOPIC,
    )


FACTS = [
    _fact(
        "district_code",
        _("注册区"),
        fact_types.CODE,
        lambda question: F("district_id"),
        _("请在企业资料中核对注册区"),
        names=_districts,
    ),
    _fact(
        "registered_in_shanghai",
        _("在上海注册"),
        fact_types.BOOLEAN,
        _registered_in_shanghai,
        _("代码由国家登记机关核发，请以营业执照载明的住所为准"),
        source=_("统一社会信用代码中的登记机关所在地（第 3 至 8 位）"),
    ),
    _fact(
        "in_business",
        _("企业存续"),
        fact_types.BOOLEAN,
        lambda question: _yes_if(~Q(state=Enterprise.State.CLOSED)),
        _("请在企业资料中核对企业状态"),
        source=_("企业登记信息（状态，按查询时）"),
    ),
    _fact(
        "legal_person",
        _("独立法人"),
        fact_types.BOOLEAN,
        lambda question: _yes_if(In(_legal_form(), [LegalForm.COMPANY, LegalForm.INSTITUTION])),
        _("请在企业资料中核对组织形式"),
        source=_("企业登记信息（组织形式及其变更），按核对当日"),
        advice=_("分支机构和内设机构不是法人，请由上级法人申请；组织形式登记有误的，请补充资料更正"),
        relations=("undone_form",),
    ),
    _fact(
        "legal_form",
        _("组织形式"),
        fact_types.CODE,
        lambda question: _legal_form(),
        _("请在企业资料中核对组织形式"),
        source=_("企业登记信息（组织形式及其变更），按核对当日"),
        relations=("undone_form",),
        names=lambda: {form.value: str(form.label) for form in LegalForm},
    ),
    _fact(
        "has_parent",
        _("有上级法人"),
        fact_types.BOOLEAN,
        lambda question: _yes_if(Q(parent__isnull=False) | ~Q(parent_name="")),
        _("请在企业资料中核对上级法人"),
        source=_("企业登记信息（上级法人）"),
    ),
    _fact(
        "registered_division",
        _("登记行业大类"),
        fact_types.CODE,
        lambda question: Division(NullIf(F("industry"), Value(""), output_field=TextField())),
        _("请在企业资料中核对登记行业"),
        source=_("企业登记信息（GB/T 4754，营业执照登记的行业，不等于统计行业）"),
        names=lambda: DIVISIONS,
    ),
    _fact(
        "age_years",
        _("成立年数"),
        fact_types.WHOLE,
        lambda question: FullYears(today(question), F("established_on")),
        _("请在企业资料中核对成立日期"),
        source=_("企业登记信息（成立日期），计至核对当日的整年数"),
        unit=_("年"),
    ),
]
