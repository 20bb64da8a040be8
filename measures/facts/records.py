"""What was checked, granted and changed: credit, qualifications, support received, relocation."""

from django.db.models import Case, Exists, Expression, F, FilteredRelation, OuterRef, Q, Value, When
from django.db.models.lookups import IsNull
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from enterprises.models import CreditCheck, EnterpriseChange, Qualification, SupportRecord
from measures import fact_types
from measures.facts.fact import Fact, Kind, Question
from measures.facts.terms import FullYears, today

CREDIT, QUALIFICATIONS, SUPPORT, CHANGES = _("信用"), _("资质"), _("已获支持"), _("登记变更")
SUPPORT_SOURCE = _("已获支持记录（本系统拨付、企业申报与外部导入）")
SUPPORT_SUPPLY = _("请在企业资料中补充已获支持的情况")


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


def _clean_credit_years(question: Question) -> Expression:
    # Not GREATEST: it ignores null, and an unknown would become 0.
    return Case(
        When(latest_credit__listed=True, then=Value(0)),
        When(latest_credit__clean_since__gt=question.day, then=Value(0)),
        default=FullYears(today(question), F("latest_credit__clean_since")),
    )


def _qualification_of(kind: str):
    """The qualification of that kind recorded last among those that had begun on the day."""
    alias = f"qualification_{kind}"

    def relation(question: Question) -> FilteredRelation:
        later = Qualification.objects.filter(
            Q(recorded_at__gt=OuterRef(f"{alias}__recorded_at"))
            | Q(recorded_at=OuterRef(f"{alias}__recorded_at"), pk__gt=OuterRef(f"{alias}__pk")),
            enterprise=OuterRef(f"{alias}__enterprise_id"),
            kind=kind,
            valid_from__lte=question.day,
            recorded_at__lte=question.moment,
        )
        return FilteredRelation(
            "qualifications",
            condition=Q(
                qualifications__kind=kind,
                qualifications__valid_from__lte=question.day,
                qualifications__recorded_at__lte=question.moment,
            )
            & Q(~Exists(later)),
        )

    return relation


def _latest_move(question: Question) -> FilteredRelation:
    """The move out of or into the city of the latest day up to the question's, as far as known at the moment."""
    later = EnterpriseChange.objects.filter(
        Q(effective_on__gt=OuterRef("latest_move__effective_on"))
        | Q(effective_on=OuterRef("latest_move__effective_on"), pk__gt=OuterRef("latest_move__pk")),
        kind__in=EnterpriseChange.RELOCATIONS,
        effective_on__lte=question.day,
        recorded_at__lte=question.moment,
        enterprise=OuterRef("latest_move__enterprise_id"),
    )
    return FilteredRelation(
        "changes",
        condition=Q(
            changes__kind__in=EnterpriseChange.RELOCATIONS,
            changes__effective_on__lte=question.day,
            changes__recorded_at__lte=question.moment,
        )
        & Q(~Exists(later)),
    )


RELATIONS = {"latest_credit": _latest_credit, "latest_move": _latest_move} | {
    f"qualification_{kind}": _qualification_of(kind) for kind in Qualification.Kind.values
}


def _qualified(kind: str, label: str) -> Fact:
    alias = f"qualification_{kind}"
    return Fact(
        name=f"qualified_{kind}",
        label=format_lazy(_("{}资质有效"), label),
        kind=Kind.ENTERPRISE,
        type=fact_types.BOOLEAN,
        source=_("资质记录（证书编号与有效期），按核对当日是否在有效期内；没有记录时为未知"),
        supply=format_lazy(_("请提供{}证书，由区级主管部门登记资质"), label),
        build=lambda question: Case(
            When(**{f"{alias}__recorded_at__isnull": True}, then=Value(None)),
            When(**{f"{alias}__valid_to__lt": question.day}, then=Value(False)),
            default=Value(True),
        ),
        topic=QUALIFICATIONS,
        relations=(alias,),
    )


def _supports(question: Question, **which) -> Expression:
    return Exists(
        SupportRecord.objects.filter(enterprise=OuterRef("pk"), recorded_at__lte=question.moment, **which)
    )


def _same_project(question: Question) -> Expression:
    project = question.input("project_name", fact_types.CODE)
    return Case(
        When(
            Exists(
                SupportRecord.objects.filter(
                    enterprise=OuterRef("pk"), recorded_at__lte=question.moment, project=project
                )
            ),
            then=Value(True),
        ),
        # Without a project's name nothing can be said.
        default=_false_unless_unknown(project),
    )


def _false_unless_unknown(value: Expression) -> Expression:
    return Case(When(IsNull(value, True), then=Value(None)), default=Value(False))


def _supported(name, label, source, build, inputs=()) -> Fact:
    return Fact(
        name=name,
        label=label,
        kind=Kind.ENTERPRISE,
        type=fact_types.BOOLEAN,
        source=source,
        supply=SUPPORT_SUPPLY,
        build=build,
        topic=SUPPORT,
        inputs=inputs,
    )


FACTS = [
    Fact(
        name="clean_credit_years",
        label=_("信用良好年数"),
        kind=Kind.ENTERPRISE,
        type=fact_types.WHOLE,
        unit=_("年"),
        source=_("最近一次信用核查，计至核对当日的整年数；现列入严重失信名单为 0"),
        supply=_("请提供信用报告，由区级主管部门登记信用核查"),
        build=_clean_credit_years,
        topic=CREDIT,
        relations=("latest_credit",),
    ),
    Fact(
        name="moved_out",
        label=_("已迁出本市"),
        kind=Kind.ENTERPRISE,
        type=fact_types.BOOLEAN,
        source=_("登记变更（迁出、迁入本市，由注册区登记），按核对当日；没有登记的为未迁出"),
        supply=_("迁移由注册区主管部门登记"),
        # Not unknown without a record: the district keeps the register, and a move that it didn't enter is none.
        # A closed enterprise hasn't moved; `in_business` tells of it.
        build=lambda question: Case(
            When(latest_move__kind=EnterpriseChange.Kind.MOVED_OUT, then=Value(True)), default=Value(False)
        ),
        topic=CHANGES,
        relations=("latest_move",),
    ),
    *(_qualified(kind.value, kind.label) for kind in Qualification.Kind),
    _supported(
        "item_supported_this_year",
        _("本年度已获本事项支持"),
        format_lazy("{}{}", SUPPORT_SOURCE, _("，按申报通知的年度")),
        lambda question: _supports(question, item_code=question.item_code, year=question.year),
    ),
    _supported(
        "item_supported_ever",
        _("曾获本事项支持"),
        SUPPORT_SOURCE,
        lambda question: _supports(question, item_code=question.item_code),
    ),
    _supported(
        "fund_supported_this_year",
        _("本年度已获同一专项资金支持"),
        format_lazy("{}{}", SUPPORT_SOURCE, _("，按申报通知的年度和资金名称")),
        lambda question: _supports(question, fund=question.fund, year=question.year),
    ),
    _supported(
        "same_project_on_record",
        _("同一项目已有支持记录"),
        format_lazy("{}{}", SUPPORT_SOURCE, _("，按项目名称")),
        _same_project,
        inputs=("project_name",),
    ),
]
