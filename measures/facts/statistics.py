"""What the statistical register says (纳统): the industry, the first period, who has confirmed it."""

from django.db.models import Case, Exists, F, FilteredRelation, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from enterprises.models import StatisticalInclusion
from measures import fact_types
from measures.catalogue import shipped
from measures.facts.fact import Fact, Kind, Question
from measures.facts.terms import Division, FullYears, Year, today
from measures.industries import DIVISIONS

TOPIC = _("纳统")
SUPPLY = _("请向注册地统计部门确认纳统及统计行业代码，由区级主管部门登记")


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


RELATIONS = {"latest_inclusion": _latest_inclusion}


def _offices() -> dict[str, str]:
    municipal = {office.code: office.name for office in shipped.offices()}
    return municipal | {one.office.code: one.office.name for one in shipped.districts()}


def _fact(name, label, fact_type, build, source, **more) -> Fact:
    return Fact(
        name,
        label,
        **{"relations": ("latest_inclusion",)} | more,
        kind=Kind.ENTERPRISE,
        type=fact_type,
        build=build,
        source=source,
        supply=SUPPLY,
        topic=TOPIC,
    )


FACTS = [
    _fact(
        "statistical_division",
        _("统计行业大类"),
        fact_types.CODE,
        lambda question: Division(F("latest_inclusion__industry")),
        _("纳统记录（GB/T 4754，统计登记的行业）"),
        names=lambda: DIVISIONS,
    ),
    _fact(
        "first_period",
        _("首次纳统报告期"),
        fact_types.DATE,
        lambda question: F("latest_inclusion__first_period"),
        _("纳统记录（首次报告期，以该月第一日计）"),
    ),
    _fact(
        "first_period_year",
        _("首次纳统年份"),
        fact_types.WHOLE,
        lambda question: Year(F("latest_inclusion__first_period")),
        _("纳统记录（首次报告期）"),
        unit=_("年"),
        measurable=False,
    ),
    _fact(
        "included_years",
        _("纳统年数"),
        fact_types.WHOLE,
        lambda question: FullYears(today(question), F("latest_inclusion__first_period")),
        _("纳统记录（首次报告期），计至核对当日的整年数"),
        unit=_("年"),
    ),
    _fact(
        "inclusion_confirmed",
        _("纳统已经确认"),
        fact_types.BOOLEAN,
        lambda question: Case(
            When(latest_inclusion__recorded_at__isnull=True, then=Value(None)),
            When(latest_inclusion__confirmed_by__isnull=False, then=Value(True)),
            default=Value(False),
        ),
        _("纳统记录（确认单位）"),
    ),
    _fact(
        "confirming_office",
        _("纳统确认单位"),
        fact_types.CODE,
        lambda question: F("latest_inclusion__confirmed_by__code"),
        _("纳统记录（确认单位）"),
        names=_offices,
    ),
]
