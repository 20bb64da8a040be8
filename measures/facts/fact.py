"""What a fact is, and what it is asked with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Expression, ExpressionWrapper, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from foundation.clock import clock
from measures import fact_types
from measures.fact_types import FactType


@dataclass(frozen=True)
class Question:
    """What a rule is asked about: as known at which moment, for which item and year, with which inputs in SQL.

    Rows recorded after `moment` are not seen, so an answer can be repeated. `on` is the day that is asked
    about where it isn't the moment's own. `year` is the call's; figures count back from it (facts.figures).
    """

    moment: datetime
    item_code: str
    year: int
    inputs: Mapping[str, Expression] = field(default_factory=dict)
    on: date | None = None
    fund: str = ""

    @property
    def day(self) -> date:
        return self.on or clock.local(self.moment).date()

    def input(self, name: str, fact_type: FactType) -> Expression:
        """The case's own value, typed; null where nothing was supplied."""
        return Cast(self.inputs.get(name, Value(None)), fact_type.field)


class Kind:
    """Where a fact comes from: what is known of the enterprise, or the case's own answers."""

    ENTERPRISE = "enterprise"
    CASE = "case"


@dataclass(frozen=True)
class Fact:
    """One fact.

    source: where its value comes from; supply: where a missing value is supplied; advice: what to do where the
    answer is no although the rule asks for yes (all read by the enterprise, in Chinese). `topic` heads it in a list of facts. `relations` names the joins that `build`
    refers to. `names` gives the texts of codes. `inputs` are the case's own values that it reads.
    """

    name: str
    label: str
    kind: str
    type: FactType
    source: str
    supply: str
    build: Callable[[Question], Any]
    topic: str
    unit: str = ""
    relations: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    advice: str = ""
    names: Callable[[], Mapping[str, str]] = dict
    # Whether the distance to a threshold means something: not that of calendar years.
    measurable: bool = True

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

    def gap_text(self, operator: str, actual, threshold) -> str:
        """How far an unmet value is from its threshold, e.g. 还差 2,000,000.00 元; "" where that says nothing."""
        if not self.measurable or operator not in fact_types.DISTANCES or self.type.distance is None:
            return ""
        missing = operator in ("gte", "gt")
        distance = threshold - actual if missing else actual - threshold
        if distance <= 0:
            return _("须高于这个数") if missing else _("须低于这个数")
        said = self.type.distance(distance, str(self.unit))
        return _("还差 %s") % said if missing else _("超出 %s") % said

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
