"""Size, the above-scale line (规上) and the science-service class, by dated tables: catalogue/data/size_classes.json,
above_scale.json, and the ServiceClassTable that import_service_classes loads.

They follow the statistical industry; who isn't in the statistics yet is looked up by the registered one. Where no
table of the day, or no line of it, speaks of the industry, the answer is unknown.
"""

import json
from datetime import date
from functools import cache

from django.db.models import Case, Expression, F, Q, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Left, NullIf
from django.db.models.lookups import GreaterThanOrEqual, In
from django.utils.translation import gettext_lazy as _

from enterprises.models import ServiceClass, ServiceClassTable
from measures import fact_types
from measures.catalogue import shipped
from measures.facts.fact import Fact, Kind, Question
from measures.facts.figures import figure
from measures.facts.terms import Code, Matches

TOPIC = _("规模")
SUPPLY = _("请在企业资料中核对行业代码，并填报上一年度的营业收入和从业人数")
SIZES = {"large": _("大型"), "medium": _("中型"), "small": _("小型"), "micro": _("微型")}


@cache
def _tables(name: str) -> list[dict]:
    tables = json.loads((shipped.DATA / f"{name}.json").read_text(encoding="utf-8"))["tables"]
    return sorted(tables, key=lambda table: table["from"], reverse=True)


def lines_on(name: str, day: date) -> list[dict]:
    """The lines of the table in force on the day; none before the first table."""
    return next((one["lines"] for one in _tables(name) if date.fromisoformat(one["from"]) <= day), [])


def _industry() -> Expression:
    registered = NullIf(F("industry"), Value(""), output_field=TextField())
    return Code(Coalesce(F("latest_inclusion__industry"), registered, output_field=TextField()))


def _by_industry(question: Question, name: str, then) -> list[When]:
    """A When for each line of the table; then(line) is what it gives."""
    whens = []
    for line in lines_on(name, question.day):
        pattern = f"^({'|'.join(line['industries'])})"
        whens.append(When(Matches(_industry(), Value(pattern)), then=then(line)))
    return whens


def _threshold(question: Question) -> Expression:
    money = fact_types.MONEY.field
    whens = _by_industry(question, "above_scale", lambda line: Cast(Value(line["revenue"]), money))
    return Case(*whens, default=Value(None), output_field=money)


def _reaches(question: Question) -> Expression:
    return GreaterThanOrEqual(figure("revenue", 1), _threshold(question))


def _service_class(question: Question) -> Expression:
    """The class that was confirmed, else that of the longest code of the table that the industry begins with.

    The table is read once, here, and becomes one CASE: nothing is looked up per row.
    """
    confirmed = NullIf(F("latest_inclusion__science_class"), Value(""), output_field=TextField())
    known = ServiceClassTable.objects.filter(
        in_force_from__lte=question.day, recorded_at__lte=question.moment
    )
    table = known.first()
    groups: dict[tuple[int, str | None], list[str]] = {}
    for line in table.lines.all() if table else ():
        group = len(line.code), None if line.partial else line.service_class
        groups.setdefault(group, []).append(line.code)
    whens = [
        When(In(Left(_industry(), length), codes), then=Value(name))
        for (length, name), codes in sorted(groups.items(), key=lambda group: -group[0][0])
    ]
    listed = Case(*whens, default=Value(None), output_field=TextField())
    return Coalesce(confirmed, listed, output_field=TextField())


def _size(question: Question) -> Expression:
    whens = _by_industry(question, "size_classes", _size_in)
    return Case(*whens, default=Value(None), output_field=TextField())


def _size_in(line: dict) -> Expression:
    """The largest class whose every bound is reached; unknown where a bounded figure is."""
    bounded = sorted({name for bounds in line["classes"].values() for name in bounds})
    missing = Q()
    for name in bounded:
        missing |= Q(**{f"figures_y1__{name}__isnull": True})
    reached = [
        When(Q(**{f"figures_y1__{name}__gte": bound for name, bound in bounds.items()}), then=Value(size))
        for size, bounds in line["classes"].items()
    ]
    return Case(When(missing, then=Value(None)), *reached, default=Value("micro"), output_field=TextField())


def _fact(name, label, fact_type, build, source, relations, **more) -> Fact:
    return Fact(
        name,
        label,
        **more,
        kind=Kind.ENTERPRISE,
        type=fact_type,
        build=build,
        source=source,
        supply=SUPPLY,
        topic=TOPIC,
        relations=relations,
    )


FACTS = [
    _fact(
        "above_scale_threshold",
        _("规上标准（年营业收入）"),
        fact_types.MONEY,
        _threshold,
        _("规模以上服务业标准，按行业和核对当日所在时期（上海统计 2022 年口径，起始日为推定）"),
        ("latest_inclusion",),
        unit=_("元"),
    ),
    _fact(
        "revenue_above_scale_y1",
        _("上一年度营业收入达到规上标准"),
        fact_types.BOOLEAN,
        _reaches,
        _("年度数据与规上标准比较；只是提示，升规以纳统为准"),
        ("latest_inclusion", "figures_y1"),
    ),
    _fact(
        "size_class",
        _("企业规模"),
        fact_types.CODE,
        _size,
        _("上一年度营业收入、从业人数与大中小微型划分标准比较（标准为推定，只含科技服务业和软件业）"),
        ("latest_inclusion", "figures_y1"),
        names=lambda: {code: str(label) for code, label in SIZES.items()},
    ),
    Fact(
        name="science_service_class",
        label=_("科技服务业类别"),
        kind=Kind.ENTERPRISE,
        type=fact_types.CODE,
        build=_service_class,
        source=_(
            "纳统记录中确认的类别；未确认的按统计行业（没有的按登记行业）查国家科技服务业统计分类（2018）对照表，"
            "只有一部分属于的行业为未知"
        ),
        supply=_("请向注册地统计部门确认科技服务业类别，由区级主管部门登记"),
        topic=TOPIC,
        relations=("latest_inclusion",),
        names=lambda: {one.value: str(one.label) for one in ServiceClass},
    ),
]
