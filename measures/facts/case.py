"""The values that a case itself brings."""

from django.db.models.functions import Coalesce
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from measures import fact_types
from measures.fact_types import FactType
from measures.facts.fact import Fact, Kind
from measures.facts.terms import Year

TOPIC = _("申请自身的数据")


def _filled_in(label: str) -> str:
    return format_lazy(_("请在申请表中填写“{}”"), label)


def _given(name: str, label: str, fact_type: FactType, unit: str = "", supply: str = "") -> Fact:
    """A value that enters the query as it was supplied."""
    return Fact(
        name=name,
        label=label,
        kind=Kind.CASE,
        type=fact_type,
        unit=unit,
        source=_("申请表"),
        supply=supply or _filled_in(label),
        build=lambda question: question.input(name, fact_type),
        topic=TOPIC,
        inputs=(name,),
    )


FACTS = [
    _given("same_project_supported", _("同一项目已获或正在申请其他财政支持"), fact_types.BOOLEAN),
    _given("project_name", _("项目名称"), fact_types.CODE),
    _given("declared_investment", _("申报的新增投资"), fact_types.MONEY, _("元")),
    _given(
        "appraised_investment",
        _("核定的新增投资"),
        fact_types.MONEY,
        _("元"),
        supply=_("由第三方评估后，市级审核员登记核定的新增投资"),
    ),
    Fact(
        name="investment",
        label=_("新增投资"),
        kind=Kind.CASE,
        type=fact_types.MONEY,
        unit=_("元"),
        source=_("核定数；尚未核定的为申请表中的申报数"),
        supply=_filled_in(_("新增投资")),
        build=lambda question: Coalesce(
            question.input("appraised_investment", fact_types.MONEY),
            question.input("declared_investment", fact_types.MONEY),
        ),
        topic=TOPIC,
        inputs=("appraised_investment", "declared_investment"),
    ),
    _given("project_start", _("项目开始时间"), fact_types.DATE),
    Fact(
        name="project_start_year",
        label=_("项目开始年份"),
        kind=Kind.CASE,
        type=fact_types.WHOLE,
        unit=_("年"),
        source=_("申请表"),
        supply=_filled_in(_("项目开始时间")),
        build=lambda question: Year(question.input("project_start", fact_types.DATE)),
        measurable=False,
        topic=TOPIC,
        inputs=("project_start",),
    ),
]
