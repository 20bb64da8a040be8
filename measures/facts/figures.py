"""The yearly figures, counted back from the year of the call: y1 is the year before it, y2 the one before that.

A parameter of a fact (which year, over how many years) is part of its name, so that a rule's row stays fact,
operator, value, and whoever writes a rule picks from a list: revenue_y1, revenue_growth_y1 (y1 on y2),
revenue_growth_2y (compound, y1 on y3). Of the rows of a year the one recorded last counts. A growth or a share
over a base that isn't above zero is unknown.
"""

from collections.abc import Iterable

from django.db.models import Exists, Expression, F, FilteredRelation, OuterRef, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from enterprises.models import YearlyFigure
from measures import fact_types
from measures.fact_types import FactType
from measures.facts.fact import Fact, Kind, Question
from measures.facts.terms import Less, Over, Root

TOPIC = _("年度数据")
SOURCE = _("企业填报或区级登记的年度数据，按最近一次记录")
BACK = (1, 2, 3, 4)
YEARS = {1: _("上一年度"), 2: _("前第二年度"), 3: _("前第三年度"), 4: _("前第四年度")}
FIGURES: dict[str, tuple[str, FactType, str]] = {
    "revenue": (_("营业收入"), fact_types.MONEY, _("元")),
    "rd_expense": (_("研发费用"), fact_types.MONEY, _("元")),
    "employees": (_("从业人数"), fact_types.WHOLE, _("人")),
    "taxes": (_("实缴税费"), fact_types.MONEY, _("元")),
    "profit": (_("利润总额"), fact_types.MONEY, _("元")),
}


def relation_of(back: int) -> str:
    return f"figures_y{back}"


def figure(name: str, back: int) -> Expression:
    return F(f"{relation_of(back)}__{name}")


def _figures_of(back: int):
    """The figures of that year: the row recorded last, as far as known at the moment."""
    alias = relation_of(back)

    def relation(question: Question) -> FilteredRelation:
        year = question.year - back
        later = YearlyFigure.objects.filter(
            Q(recorded_at__gt=OuterRef(f"{alias}__recorded_at"))
            | Q(recorded_at=OuterRef(f"{alias}__recorded_at"), pk__gt=OuterRef(f"{alias}__pk")),
            enterprise=OuterRef(f"{alias}__enterprise_id"),
            valid_for=year,
            recorded_at__lte=question.moment,
        )
        return FilteredRelation(
            "figures",
            condition=Q(figures__valid_for=year, figures__recorded_at__lte=question.moment)
            & Q(~Exists(later)),
        )

    return relation


RELATIONS = {relation_of(back): _figures_of(back) for back in BACK}


def _fact(name, label, fact_type, build, years: Iterable[int], source=SOURCE, unit="") -> Fact:
    told = "、".join(str(YEARS[back]) for back in years)
    return Fact(
        name=name,
        label=label,
        kind=Kind.ENTERPRISE,
        type=fact_type,
        unit=unit,
        source=source,
        supply=format_lazy(_("请在企业资料中填报{}（从申报年度往前数）的年度数据"), told),
        build=build,
        topic=TOPIC,
        relations=tuple(relation_of(back) for back in years),
    )


def _of_year(name: str, back: int) -> Fact:
    label, fact_type, unit = FIGURES[name]
    return _fact(
        f"{name}_y{back}",
        format_lazy("{}{}", YEARS[back], label),
        fact_type,
        lambda question: figure(name, back),
        [back],
        unit=unit,
    )


def growth(name: str, back: int, k: int) -> Expression:
    """The figure of a year on the one k years before it: a yearly rate, compound where k is above 1."""
    return Less(Root(Over(figure(name, back), figure(name, back + k)), k))


def _growth(name: str, back: int) -> Fact:
    return _fact(
        f"{name}_growth_y{back}",
        format_lazy("{}{}{}", YEARS[back], FIGURES[name][0], _("同比增长率")),
        fact_types.RATIO,
        lambda question: growth(name, back, 1),
        [back, back + 1],
        source=_("年度数据：该年数除以上一年数，减 1；上一年数不大于零时无法计算"),
    )


def _compound(name: str, k: int) -> Fact:
    return _fact(
        f"{name}_growth_{k}y",
        format_lazy(_("近 {} 年{}年均复合增长率"), k, FIGURES[name][0]),
        fact_types.RATIO,
        lambda question: growth(name, 1, k),
        [1, 1 + k],
        source=format_lazy(
            _("年度数据：上一年度数除以 {} 年前的数，开 {} 次方，减 1；基数不大于零时无法计算"), k, k
        ),
    )


def _intensity(back: int) -> Fact:
    return _fact(
        f"rd_intensity_y{back}",
        format_lazy("{}{}", YEARS[back], _("研发投入强度")),
        fact_types.RATIO,
        lambda question: Over(figure("rd_expense", back), figure("revenue", back)),
        [back],
        source=_("年度数据：研发费用除以营业收入；营业收入不大于零时无法计算"),
    )


FACTS = [
    *(_of_year(name, back) for name in FIGURES for back in (1, 2, 3)),
    *(_growth("revenue", back) for back in (1, 2)),
    *(_compound("revenue", k) for k in (2, 3)),
    *(_growth(name, 1) for name in FIGURES if name != "revenue"),
    *(_intensity(back) for back in (1, 2)),
]
