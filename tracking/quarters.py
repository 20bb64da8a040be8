"""Quarters of the calendar year, in Shanghai."""

from dataclasses import dataclass
from datetime import date, datetime, time

from foundation.clock import clock


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter; half-open: it contains the moments in [starts, ends)."""

    year: int
    number: int

    def __post_init__(self):
        if not (1 <= self.number <= 4 and 2000 <= self.year <= 2100):
            raise ValueError(f"no such quarter: {self.year}-{self.number}")

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def starts(self) -> datetime:
        return datetime.combine(self.first_day, time.min, clock.SHANGHAI)

    @property
    def ends(self) -> datetime:
        return self.next.starts

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def previous(self) -> "Quarter":
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    def __str__(self):
        return f"{self.year} 年第{'一二三四'[self.number - 1]}季度"
