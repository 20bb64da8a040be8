"""专家评审 beside a case: who was asked, what they found, and the scores put together."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from applications.models import Application
from foundation.accounts.roles import Permission as P
from foundation.display import dates
from reviews import expert_access, scoring
from reviews.models import ExpertReview


@dataclass(frozen=True)
class Experts:
    """asked: every request, the first first; scores: of the submitted ones, None without any."""

    asked: list[ExpertReview]
    scores: scoring.Scores | None

    def notes(self) -> Iterable[str]:
        """What stands beside the proposal."""
        submitted = [one for one in self.asked if one.state == ExpertReview.State.SUBMITTED]
        if submitted:
            oppose = sum(one.verdict == ExpertReview.Verdict.OPPOSE for one in submitted)
            text = _("专家评审：已提交 %(done)d 份") % {"done": len(submitted)}
            if self.scores:
                text += _("，平均 %(mean)s 分（最低 %(low)s，最高 %(high)s）") % {
                    "mean": self.scores.mean,
                    "low": self.scores.lowest,
                    "high": self.scores.highest,
                }
            if oppose:
                text += _("，其中 %d 份不建议支持") % oppose
            yield text + "。"
        for one in self.asked:
            if one.is_waiting:
                late = _("，已逾期") if one.is_overdue else ""
                yield _("%(expert)s的评审意见尚未提交（期限 %(day)s%(late)s）。") % {
                    "expert": one.expert.person,
                    "day": dates.day(one.due_on),
                    "late": late,
                }


def read(case: Application, user) -> Experts | None:
    """For who arranges reviews and for the auditor; two queries. None for the others."""
    if not (user.may(P.ARRANGE_EXPERTS) or user.may(P.VIEW_ALL_CASES)):
        return None
    rows = expert_access.reviews(user).filter(application=case).prefetch_related("scores").order_by("pk")
    asked = list(rows)
    return Experts(asked, scoring.scores(asked))
