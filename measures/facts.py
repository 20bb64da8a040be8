"""The facts that rules may ask about: each one a named, documented ORM expression over an enterprise.

    FACTS["clean_credit_years"].expression(question)

A fact that isn't known is null in the database and *unknown* to a rule, never false. What a fact reads of
other tables enters as a join of one row (RELATIONS), not as a correlated subquery, so that the same
expression serves one enterprise and a million. A new fact is one entry of FACTS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import (
    Case,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    OuterRef,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Substr
from django.db.models.lookups import Exact
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.models import CreditCheck, LegalForm, StatisticalInclusion, SupportRecord
from foundation.clock import clock
from measures import fact_types
from measures.catalogue import shipped
from measures.fact_types import FactType
from measures.industries import DIVISIONS


@dataclass(frozen=True)
class Question:
    """What a rule is asked about: as of which moment, for which item and year, with which inputs in SQL.

    Rows recorded after `moment` are not seen, so an answer can be repeated as of its day.
    """

    moment: datetime
    item_code: str
    year: int
    inputs: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def day(self) -> date:
        return clock.local(self.moment).date()

    def input(self, name: str) -> Expression:
        """The case's own value, typed; null where nothing was supplied."""
        output = FACTS[name].type.field
        return Cast(self.inputs.get(name, Value(None)), output)


class Kind:
    """Where a fact comes from: what is known of the enterprise, or the case's own answers."""

    ENTERPRISE = "enterprise"
    CASE = "case"


@dataclass(frozen=True)
class Fact:
    """One fact.

    source: where its value comes from; supply: where a missing value is supplied (both read by the
    enterprise, in Chinese). `relations` names the joins that `build` refers to. `names` gives the texts of
    codes. `inputs` are the case's own values that it reads.
    """

    name: str
    label: str
    kind: str
    type: FactType
    source: str
    supply: str
    build: Callable[[Question], Any]
    unit: str = ""
    relations: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    names: Callable[[], Mapping[str, str]] = dict

    def expression(self, question: Question) -> Expression:
        """The fact in SQL, of its type's column; null is unknown."""
        return ExpressionWrapper(self.build(question), self.type.field)

    def text(self, value) -> str:
        """A value as people read it, e.g. "73 研究和试验发展"; 未知 for None."""
        return self.texts()(value)

    def texts(self) -> Callable[[Any], str]:
        """`text` for many values: the names of codes are looked up once."""
        unit, names, unknown = str(self.unit), self.names(), _("未知")
        return lambda value: unknown if value is None else self.type.show(value, unit, names)

    def threshold(self, operator: str, value):
        """The Python value that this operator compares with, read from a rule's row.

        ValidationError, in Chinese, where operator or value don't fit the fact.
        """
        if operator not in self.type.operators:
            raise ValidationError(_("“%(fact)s”不能用这种比较方式") % {"fact": self.label})
        if operator in fact_types.TRUTH:
            if value not in (None, ""):
                raise ValidationError(_("这种比较方式不需要阈值，请留空"))
            return None
        if operator in ("in", "not_in"):
            return [self._member(member) for member in fact_types.listed(value)]
        if value in (None, ""):
            raise ValidationError(_("请填写阈值"))
        return self._member(value)

    def _member(self, value):
        parsed = self.type.parse(value)
        names = self.names()
        if names and parsed not in names:
            raise ValidationError(_("“%(fact)s”没有代码 %(code)s") % {"fact": self.label, "code": parsed})
        return parsed

    def threshold_text(self, operator: str, threshold) -> str:
        """The threshold as people read it; for is_true and is_false the answer that is asked for."""
        if operator in fact_types.TRUTH:
            return self.text(operator == "is_true")
        if isinstance(threshold, list):
            return "、".join(self.text(member) for member in threshold)
        return self.text(threshold)

    def read_input(self, value):
        """A case's own value as it enters the query; None is unknown. ValueError where it doesn't fit."""
        if value is None:
            return None
        try:
            parsed = self.type.parse(value)
        except ValidationError as wrong:
            raise ValueError(f"{self.name}={value!r}: {wrong.messages[0]}") from wrong
        if self.type is fact_types.MONEY and parsed < 0:
            raise ValueError(f"{self.name}={value!r}: {_('金额不能为负')}")
        return parsed


# --- joins: the one row of another table that counts on the day -----------------------------------------


def _latest_inclusion(question: Question) -> FilteredRelation:
    """The inclusion recorded last, as far as known at the moment."""
    seen = Q(recorded_at__lte=question.moment)
    later = StatisticalInclusion.objects.filter(
        seen,
        Q(recorded_at__gt=OuterRef("latest_inclusion__recorded_at"))
        | Q(recorded_at=OuterRef("latest_inclusion__recorded_at"), pk__gt=OuterRef("latest_inclusion__pk")),
        enterprise=OuterRef("latest_inclusion__enterprise_id"),
    )
    # "No later one" speaks of the joined table alone: PostgreSQL makes it one anti-join for any number of rows.
    return FilteredRelation(
        "inclusions", condition=Q(inclusions__recorded_at__lte=question.moment) & Q(~Exists(later))
    )


def _latest_credit(question: Question) -> FilteredRelation:
    """The credit inquiry of the latest day up to the question's, as far as known at the moment."""
    later = CreditCheck.objects.filter(
        Q(as_of__gt=OuterRef("latest_credit__as_of"))
        | Q(as_of=OuterRef("latest_credit__as_of"), pk__gt=OuterRef("latest_credit__pk")),
        as_of__lte=question.day,
        recorded_at__lte=question.moment,
        enterprise=OuterRef("latest_credit__enterprise_id"),
    )
    return FilteredRelation(
        "credit_checks",
        condition=Q(credit_checks__as_of__lte=question.day, credit_checks__recorded_at__lte=question.moment)
        & Q(~Exists(later)),
    )


RELATIONS: dict[str, Callable[[Question], FilteredRelation]] = {
    "latest_inclusion": _latest_inclusion,
    "latest_credit": _latest_credit,
}


# --- expressions ----------------------------------------------------------------------------------------


class Division(Func):
    """The two digits of a GB/T 4754 code's division: M7452 → 74; null where there are none."""

    template = "SUBSTRING(%(expressions)s FROM '^[A-Z]?([0-9]{2})')"
    output_field = TextField()


class FullYears(Func):
    """Whole years from the second date to the first; null where either is."""

    template = "EXTRACT(YEAR FROM AGE(%(expressions)s))::integer"
    output_field = IntegerField()


class Year(Func):
    """The year of a date."""

    template = "EXTRACT(YEAR FROM %(expressions)s)::integer"
    output_field = IntegerField()


def _day(question: Question) -> Expression:
    return Cast(Value(question.day), fact_types.DATE.field)


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


def _clean_credit_years(question: Question) -> Expression:
    # Not GREATEST: it ignores null, and an unknown would become 0.
    return Case(
        When(latest_credit__listed=True, then=Value(0)),
        When(latest_credit__clean_since__gt=question.day, then=Value(0)),
        default=FullYears(_day(question), F("latest_credit__clean_since")),
    )


def _item_supported_this_year(question: Question) -> Expression:
    return Exists(
        SupportRecord.objects.filter(
            enterprise=OuterRef("pk"),
            item_code=question.item_code,
            year=question.year,
            recorded_at__lte=question.moment,
        )
    )


def _districts() -> Mapping[str, str]:
    return {district.code: district.name for district in shipped.districts()}


def _filled_in(label: str) -> str:
    return format_lazy(gettext_lazy("请在申请表中填写“{}”"), label)


def _case_fact(name: str, label: str, fact_type: FactType, unit: str = "", supply: str = "") -> Fact:
    """A value that the case itself brings; it enters the query as it was supplied."""
    return Fact(
        name=name,
        label=label,
        kind=Kind.CASE,
        type=fact_type,
        unit=unit,
        source=gettext_lazy("申请表"),
        supply=supply or _filled_in(label),
        build=lambda question: question.input(name),
        inputs=(name,),
    )


_ALL = [
    Fact(
        name="statistical_division",
        label=gettext_lazy("统计行业大类"),
        kind=Kind.ENTERPRISE,
        type=fact_types.CODE,
        source=gettext_lazy("纳统记录（GB/T 4754，统计登记的行业）"),
        supply=gettext_lazy("请向注册地统计部门确认纳统及统计行业代码，由区级主管部门登记"),
        build=lambda question: Division(F("latest_inclusion__industry")),
        relations=("latest_inclusion",),
        names=lambda: DIVISIONS,
    ),
    Fact(
        name="district_code",
        label=gettext_lazy("注册区"),
        kind=Kind.ENTERPRISE,
        type=fact_types.CODE,
        source=gettext_lazy("企业登记信息"),
        supply=gettext_lazy("请在企业资料中核对注册区"),
        build=lambda question: F("district_id"),
        names=_districts,
    ),
    Fact(
        name="registered_in_shanghai",
        label=gettext_lazy("在上海注册"),
        kind=Kind.ENTERPRISE,
        type=fact_types.BOOLEAN,
        source=gettext_lazy("统一社会信用代码中的登记机关所在地（第 3 至 8 位）"),
        supply=gettext_lazy("代码由国家登记机关核发，请以营业执照载明的住所为准"),
        build=_registered_in_shanghai,
    ),
    Fact(
        name="legal_person",
        label=gettext_lazy("独立法人"),
        kind=Kind.ENTERPRISE,
        type=fact_types.BOOLEAN,
        source=gettext_lazy("企业登记信息（组织形式）"),
        supply=gettext_lazy("请在企业资料中核对组织形式"),
        build=lambda question: Case(
            When(legal_form__in=[LegalForm.COMPANY, LegalForm.INSTITUTION], then=Value(True)),
            default=Value(False),
        ),
    ),
    Fact(
        name="clean_credit_years",
        label=gettext_lazy("信用良好年数"),
        kind=Kind.ENTERPRISE,
        type=fact_types.WHOLE,
        unit=gettext_lazy("年"),
        source=gettext_lazy("最近一次信用核查，计至核对当日的整年数；现列入严重失信名单为 0"),
        supply=gettext_lazy("请提供信用报告，由区级主管部门登记信用核查"),
        build=_clean_credit_years,
        relations=("latest_credit",),
    ),
    Fact(
        name="item_supported_this_year",
        label=gettext_lazy("本年度已获本事项支持"),
        kind=Kind.ENTERPRISE,
        type=fact_types.BOOLEAN,
        source=gettext_lazy("已获支持记录（本系统拨付、企业申报与外部导入），按申报通知的年度"),
        supply=gettext_lazy("请在企业资料中补充已获支持的情况"),
        build=_item_supported_this_year,
    ),
    _case_fact(
        "same_project_supported", gettext_lazy("同一项目已获或正在申请其他财政支持"), fact_types.BOOLEAN
    ),
    _case_fact("declared_investment", gettext_lazy("申报的新增投资"), fact_types.MONEY, gettext_lazy("元")),
    _case_fact(
        "appraised_investment",
        gettext_lazy("核定的新增投资"),
        fact_types.MONEY,
        gettext_lazy("元"),
        supply=gettext_lazy("由第三方评估后，市级审核员登记核定的新增投资"),
    ),
    Fact(
        name="investment",
        label=gettext_lazy("新增投资"),
        kind=Kind.CASE,
        type=fact_types.MONEY,
        unit=gettext_lazy("元"),
        source=gettext_lazy("核定数；尚未核定的为申请表中的申报数"),
        supply=_filled_in(gettext_lazy("新增投资")),
        build=lambda question: Coalesce(
            question.input("appraised_investment"), question.input("declared_investment")
        ),
        inputs=("appraised_investment", "declared_investment"),
    ),
    _case_fact("project_start", gettext_lazy("项目开始时间"), fact_types.DATE),
    Fact(
        name="project_start_year",
        label=gettext_lazy("项目开始年份"),
        kind=Kind.CASE,
        type=fact_types.WHOLE,
        unit=gettext_lazy("年"),
        source=gettext_lazy("申请表"),
        supply=_filled_in(gettext_lazy("项目开始时间")),
        build=lambda question: Year(question.input("project_start")),
        inputs=("project_start",),
    ),
]
FACTS: dict[str, Fact] = {fact.name: fact for fact in _ALL}
# The case's own values, by the names under which they are supplied.
INPUTS: dict[str, Fact] = {name: fact for name, fact in FACTS.items() if fact.inputs == (name,)}


def fact(name: str) -> Fact:
    """The fact of that name; ValidationError, in Chinese, where there is none."""
    try:
        return FACTS[name]
    except KeyError:
        raise ValidationError(_("没有名为 %s 的事实") % name) from None
