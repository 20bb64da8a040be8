"""专家评审, the expert's side: no interest declared, then scores, an opinion and a conclusion, once; or declined."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Application
from applications.verbs import Refused, kept_out, refuse_kept_out
from foundation.accounts.models import User
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from reviews.models import ExpertReview, ReviewScore
from reviews.workflow.consultations import LONGEST_REASON
from reviews.workflow.experts import locked, standing
from reviews.workflow.opinions import required

SMALLEST = Decimal("0.1")
# What an expert declares; its words stand in the event of the declaration.
DECLARATION = gettext_lazy(
    "我与申请人及其竞争对手没有任职、持股、顾问、亲属或者其他可能影响公正评审的利害关系；"
    "对评审中知悉的内容保密，不复制、不外传。"
)


def declare_no_conflict(review: ExpertReview, by: User) -> ExpertReview:
    """声明无利害关系: from now on the expert reads what was submitted, and may review it. Raises Refused."""
    with transaction.atomic():
        row, _case = _own(review, by)
        if row.declared_at is not None:
            raise Refused("state", _("您已经声明过"))
        row.declared_at = clock.now()
        row.version += 1
        row.save(update_fields=["declared_at", "version"])
        events.record("declare_no_conflict", row, by, declaration=str(DECLARATION))
        return row


def submit_review(
    review: ExpertReview, by: User, *, scores: Sequence[Decimal | None], opinion: str, verdict: str
) -> ExpertReview:
    """提交评审意见, once and for good; the asking office is told.

    scores: points for each criterion in their order, from 0 to its weight, at most one decimal place; empty where the
    call item has no criteria. Raises Refused; `fields` names a score by its place: score_1, score_2 …
    """
    wrong: dict[str, list[str]] = {}
    points = [_points(one, weight, wrong, n) for n, (one, weight) in enumerate(_paired(review, scores), 1)]
    if verdict not in ExpertReview.Verdict.values:
        wrong["verdict"] = [_("请选择结论")]
    try:
        opinion = required(opinion, "opinion", _("请填写评审意见"))
    except Refused as refusal:
        wrong |= refusal.fields
    if wrong:
        raise Refused("invalid", next(iter(wrong.values()))[0], wrong)
    with transaction.atomic():
        row, case = _own(review, by)
        if row.declared_at is None:
            raise Refused("state", _("请先声明与申请人没有利害关系"))
        row.submit(
            at=clock.now(), verdict=verdict, opinion=opinion, total=sum(points) if row.criteria else None
        )
        row.version += 1
        row.save()
        ReviewScore.objects.bulk_create(
            ReviewScore(review=row, position=n, points=one, weight=criterion["weight"])
            for n, (one, criterion) in enumerate(zip(points, row.criteria, strict=True), start=1)
        )
        said = {"verdict": str(row.get_verdict_display()), "total": row.total}
        _tell_office("submit_review", row, case, by, said, {})
        return row


def decline_review(review: ExpertReview, by: User, ground: str, because: str = "") -> ExpertReview:
    """谢绝, with the ground: a conflict of interest (回避) needs no more words, another reason does. The asking office
    is told, and nobody asks this expert about the case again. Raises Refused."""
    if ground not in ExpertReview.Ground.values:
        _wrong("ground", _("请选择谢绝的原因"))
    because = (because or "").strip()
    if because or ground == ExpertReview.Ground.OTHER:
        because = required(because, "because", _("请写明原因"), LONGEST_REASON)
    with transaction.atomic():
        row, case = _own(review, by)
        row.decline(at=clock.now(), ground=ground, because=because)
        row.version += 1
        row.save()
        why = {"declined_for": str(row.get_ground_display())}
        _tell_office("decline_review", row, case, by, why, why)
        return row


def _own(review: ExpertReview, by: User) -> tuple[ExpertReview, Application]:
    """The locked review of this very expert, still wanted."""
    row, case = locked(review)
    if row.person_id != by.pk or not by.may(Permission.REVIEW_AS_EXPERT):
        raise Refused("forbidden", _("您没有办理此事的权限"))
    refuse_kept_out(case, kept_out(by, [case]))
    standing(row, review)
    return row, case


def _tell_office(verb: str, row: ExpertReview, case: Application, by: User, own: dict, shared: dict) -> None:
    """Two events: the review's with what was found, the case's with how many are there and never who."""
    counted = case.expert_reviews.counted()
    facts = {
        "number": case.number,
        "title": case.title or case.call_item.item.name,
        "enterprise": case.identity["name"],
        "experts": counted.count(),
        "submitted": counted.filter(state=ExpertReview.State.SUBMITTED).count(),
        **shared,
    }
    office = Audience("office", row.asked_from_id)
    events.record_many(verb, [events.Entry(row, own), events.Entry(case, facts, [office])], by)


def _paired(review: ExpertReview, scores: Sequence) -> list[tuple]:
    """Each score with its criterion's weight; what is missing at the end is None."""
    weights = [one["weight"] for one in review.criteria]
    if len(scores) > len(weights):
        raise Refused("invalid", _("评分多于评审指标"))
    return list(zip([*scores, *[None] * (len(weights) - len(scores))], weights, strict=True))


def _points(given: Decimal | None, weight: int, wrong: dict, place: int) -> Decimal:
    """Points within the bounds; otherwise the reason goes into `wrong`."""
    name = f"score_{place}"
    if given is None or not Decimal(given).is_finite():
        wrong[name] = [_("请评分")]
    elif not 0 <= given <= weight:
        wrong[name] = [_("应在 0 到 %d 分之间") % weight]
    elif given % SMALLEST:
        wrong[name] = [_("最多一位小数")]
    else:
        return Decimal(given)
    return Decimal(0)


def _wrong(name: str, message: str):
    raise Refused("invalid", message, {name: [message]})
