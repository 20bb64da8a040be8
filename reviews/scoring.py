"""What the experts found of a case, together: each score, the mean, and how far they lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from reviews.models import ExpertReview


@dataclass(frozen=True)
class Line:
    """A criterion: each review with the points that it gave, and their mean."""

    name: str
    weight: int
    given: list[tuple[ExpertReview, Decimal]]
    mean: Decimal


@dataclass(frozen=True)
class Scores:
    """reviews: the submitted ones with scores. mean, lowest, highest, spread: of the totals, in points out of 100."""

    reviews: list[ExpertReview]
    lines: list[Line]
    mean: Decimal
    lowest: Decimal
    highest: Decimal

    @property
    def spread(self) -> Decimal:
        return self.highest - self.lowest


def scores(reviews: Sequence[ExpertReview]) -> Scores | None:
    """Of these reviews those with scores, put together; None where there is none. Each with its `scores` loaded.

    The criteria of a call item are settled before it is published, so all its reviews carry the same ones.
    """
    scored = [one for one in reviews if one.total is not None]
    if not scored:
        return None
    given = [[row.points for row in one.scores.all()] for one in scored]
    lines = [
        Line(one["name"], one["weight"], list(zip(scored, points, strict=True)), mean_of(points))
        for one, points in zip(scored[0].criteria, zip(*given, strict=True), strict=True)
    ]
    totals = [one.total for one in scored]
    return Scores(scored, lines, mean_of(totals), min(totals), max(totals))


def mean_of(points: Sequence[Decimal]) -> Decimal:
    """The arithmetic mean with two decimal places, half up."""
    return (sum(points, Decimal(0)) / len(points)).quantize(Decimal("0.01"), ROUND_HALF_UP)
