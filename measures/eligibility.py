"""May this enterprise have this, why or why not, and how much: the rule of a call item, answered in SQL.

    answer = eligibility.explain(call_item, enterprise, {"declared_investment": Decimal("32000000.00")})
    answer.eligible        # True, False, or None: something is unknown and nothing is unmet
    answer.conditions      # each with its actual value, threshold, clause, and whether it is met
    answer.lines, answer.amount

One query for any number of enterprises, beside the reading of the rule itself. There is no other evaluator.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.db.models import Expression

from enterprises.models import Enterprise
from foundation.clock import clock
from measures import award, compiler, fact_types
from measures.award import AwardLine
from measures.columns import Column
from measures.facts import FACTS, INPUTS, Kind, Question
from measures.models import CallItem, Condition, RuleVersion

__all__ = [
    "FACTS",
    "Answer",
    "Ask",
    "AwardLine",
    "ConditionAnswer",
    "explain",
    "explain_many",
    "replayed",
]


@dataclass(frozen=True)
class Ask:
    """One enterprise with one case's own values; `key` names its answer."""

    key: Hashable
    enterprise_id: int
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ConditionAnswer:
    """One condition: `met` is None while the actual value is unknown; `supply` says where to supply it.

    In words it reads fact_label operator_text threshold_text: 新增投资 不低于 10,000,000.00 元.
    """

    label: str
    fact: str
    fact_label: str
    actual: Any
    actual_text: str
    operator: str
    threshold: Any
    threshold_text: str
    met: bool | None
    clause: str
    assumed: bool
    source: str
    supply: str
    operator_text: str = ""
    # Conditions of one group number: one of them is enough.
    any_of: int | None = None

    @property
    def gap(self) -> str:
        """How far an unmet value is from its threshold; "" where that says nothing."""
        fact = FACTS.get(self.fact)
        if fact is None or self.met is not False or self.actual is None:
            return ""
        return fact.gap_text(self.operator, self.actual, self.threshold)

    @property
    def advice(self) -> str:
        """What to do about a no where the rule asks for yes; "" where the fact knows nothing."""
        fact = FACTS.get(self.fact)
        return str(fact.advice) if fact and self.met is False and self.operator == "is_true" else ""

    @property
    def of_case(self) -> bool:
        """Whether the case's own values decide on it. A fact that is no longer asked was the enterprise's."""
        return self.fact in FACTS and FACTS[self.fact].kind == Kind.CASE


@dataclass(frozen=True)
class Answer:
    """What a rule says about one enterprise as of a moment.

    eligible: every condition met (True), one unmet (False), else None. amount in yuan: None where the rule
    has no award, its base is unknown, or the enterprise isn't eligible; the lines sum to it. Without an
    approved rule there are no conditions, rule_id is None, and eligible is None.
    """

    eligible: bool | None
    conditions: tuple[ConditionAnswer, ...]
    lines: tuple[AwardLine, ...]
    amount: Decimal | None
    rule_id: int | None
    rule_number: int | None
    at: datetime
    # As eligible, before a case is begun: what only the case itself can say counts as met until it says otherwise.
    ready: bool | None = None

    @property
    def unmet(self) -> tuple[ConditionAnswer, ...]:
        """What stands in the way: conditions that aren't met, unless another of their group is or may be."""
        return tuple(one for one in self.conditions if one.met is False and self._decisive(one) is False)

    @property
    def missing(self) -> tuple[ConditionAnswer, ...]:
        """What is unknown of the enterprise itself, and so keeps from saying `ready`."""
        of_case = {one.any_of for one in self.conditions if one.any_of is not None and one.of_case}
        return tuple(one for one in self.unknown if not one.of_case and one.any_of not in of_case)

    @property
    def unknown(self) -> tuple[ConditionAnswer, ...]:
        """What keeps from an answer: conditions that can't be told, unless another of their group is met."""
        return tuple(one for one in self.conditions if one.met is None and self._decisive(one) is None)

    def _decisive(self, one: ConditionAnswer) -> bool | None:
        """Whether the group of a condition is met; one without a group stands for itself."""
        if one.any_of is None:
            return one.met
        met = {other.met for other in self.conditions if other.any_of == one.any_of}
        return True if True in met else None if None in met else False

    def frozen(self) -> dict:
        """The answer as JSON values, Decimals and dates as text; `thaw` restores it."""
        return {
            "eligible": self.eligible,
            "ready": self.ready,
            "amount": None if self.amount is None else str(self.amount),
            "conditions": [_frozen_condition(condition) for condition in self.conditions],
            "lines": [{"text": line.text, "amount": str(line.amount)} for line in self.lines],
            "rule_id": self.rule_id,
            "rule_number": self.rule_number,
            "at": self.at.isoformat(),
        }

    @classmethod
    def thaw(cls, frozen: Mapping[str, Any]) -> "Answer":
        """An answer as it was frozen, whatever has become of its rule and facts since."""
        amount = frozen["amount"]
        return cls(
            eligible=frozen["eligible"],
            ready=frozen.get("ready"),
            conditions=tuple(_thawed_condition(raw) for raw in frozen["conditions"]),
            lines=tuple(AwardLine(raw["text"], Decimal(raw["amount"])) for raw in frozen["lines"]),
            amount=None if amount is None else Decimal(amount),
            rule_id=frozen["rule_id"],
            rule_number=frozen["rule_number"],
            at=datetime.fromisoformat(frozen["at"]),
        )


def explain(
    call_item: CallItem,
    enterprise: Enterprise,
    inputs: Mapping[str, Any] | None = None,
    *,
    at: datetime | None = None,
    rule: RuleVersion | None = None,
    on: date | None = None,
) -> Answer:
    """The answer for one enterprise; parameters and errors as in explain_many."""
    ask = Ask(enterprise.pk, enterprise.pk, inputs or {})
    return explain_many(call_item, [ask], at=at, rule=rule, on=on)[enterprise.pk]


def explain_many(
    call_item: CallItem,
    asks: Sequence[Ask],
    *,
    at: datetime | None = None,
    rule: RuleVersion | None = None,
    on: date | None = None,
) -> dict[Hashable, Answer]:
    """Answers by the asks' keys, as of `at` (now), by the rule in force then or the given one, draft or not.

    `on`: the day that is asked about, with what is known at `at`; without it, the day of `at`.
    Inputs: the names of facts.INPUTS; None or absent is unknown. Raises ValueError for another name, a
    value that doesn't fit, or a key asked twice, and Enterprise.DoesNotExist for an unknown enterprise.
    A given rule that was read by RuleVersion.objects.with_rows() costs no query of its own.
    """
    moment = clock.moment_of(at) if at is not None else clock.now()
    if len({ask.key for ask in asks}) != len(asks):
        raise ValueError("each ask needs a key of its own")
    inputs = [_read_inputs(ask) for ask in asks]
    if not asks:
        return {}
    if rule is None:
        rule = RuleVersion.objects.with_rows().approved(moment).filter(call_item=call_item).first()
    if rule is None:
        nothing = Answer(None, (), (), None, None, None, moment)
        return {ask.key: nothing for ask in asks}
    rows = _answered(rule, question_of(rule, moment, on), asks, inputs)
    parts = [_explaining(condition) for condition in rule.conditions.all()]
    return {ask.key: _answer(rule, parts, row, moment) for ask, row in zip(asks, rows, strict=True)}


def _read_inputs(ask: Ask) -> dict[str, Any]:
    if unknown := set(ask.inputs) - set(INPUTS):
        raise ValueError(f"not the case's own values: {sorted(unknown)}")
    return {name: INPUTS[name].read_input(value) for name, value in ask.inputs.items()}


def question_of(
    rule: RuleVersion,
    moment: datetime,
    on: date | None = None,
    inputs: Mapping[str, Expression] | None = None,
) -> Question:
    """What this rule is asked, with what is known at the moment; without `inputs` the case's own values stand
    beside the enterprises as the table "ask"."""
    line = rule.call_item
    if inputs is None:
        inputs = {name: Column(name, fact.type.field, table="ask") for name, fact in INPUTS.items()}
    return Question(
        moment=moment,
        item_code=line.item.code,
        year=line.call.year,
        inputs=inputs,
        on=on,
        fund=line.fund.name if line.fund_id else "",
    )


def _answered(
    rule: RuleVersion, question: Question, asks: Sequence[Ask], inputs: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The rule's columns for each ask, in order: the asks as rows, each joined with its enterprise's facts."""
    one = Enterprise.objects.order_by().filter(
        pk=Column("enterprise_id", models.BigIntegerField(), table="ask")
    )
    answer = compiler.statement(rule, question, one)
    given = {name: [values.get(name) for values in inputs] for name in INPUTS}
    arrays = [f"%s::{INPUTS[name].type.field.db_type(connection)}[]" for name in given]
    quoted = [connection.ops.quote_name(name) for name in given]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT ask.place, answer.*
            FROM unnest(%s::bigint[], {", ".join(arrays)})
                WITH ORDINALITY AS ask (enterprise_id, {", ".join(quoted)}, place)
            CROSS JOIN LATERAL ({answer.sql}) AS answer
            """,  # noqa: S608  made of the names of facts and of the ORM's SQL; values are parameters
            [[ask.enterprise_id for ask in asks], *given.values(), *answer.params],
        )
        found = {place: dict(zip(answer.columns, values, strict=True)) for place, *values in cursor}
    for place, ask in enumerate(asks, start=1):
        if place not in found:
            raise Enterprise.DoesNotExist(f"no enterprise {ask.enterprise_id}")
    return [found[place] for place in range(1, len(asks) + 1)]


def _answer(
    rule: RuleVersion,
    parts: Sequence[Callable[..., ConditionAnswer]],
    row: Mapping[str, Any],
    moment: datetime,
) -> Answer:
    return Answer(
        eligible=row["eligible"],
        ready=row["ready"],
        conditions=tuple(part(row, row[f"condition_{n}"]) for n, part in enumerate(parts)),
        lines=award.lines(rule, row),
        amount=row.get("award"),
        rule_id=rule.pk,
        rule_number=rule.number,
        at=moment,
    )


def replayed(
    rule: RuleVersion,
    values: Mapping[str, str | None],
    met: Sequence[bool | None],
    verdict: tuple[bool | None, bool | None],
    moment: datetime,
) -> Answer:
    """The answer again from what was stored of it: the columns of the rule's statement as the database's text, the
    conditions, and whether it was eligible and ready; without asking again."""
    row = {name: None if text is None else _from_database(name, text) for name, text in values.items()}
    row |= {f"condition_{n}": one for n, one in enumerate(met)} | dict(
        zip(("eligible", "ready"), verdict, strict=True)
    )
    return _answer(rule, [_explaining(condition) for condition in rule.conditions.all()], row, moment)


def _from_database(column: str, text: str) -> Any:
    fact = FACTS.get(column.removeprefix("fact_"))
    return fact_types.FROM_DATABASE[fact.type.key](text) if fact else Decimal(text)


def _explaining(condition: Condition) -> Callable[[Mapping[str, Any], bool | None], ConditionAnswer]:
    """A function from an ask's row and the verdict to the answer; what is the same for all is made once."""
    fact = FACTS[condition.fact]
    threshold = fact.threshold(condition.operator, condition.value)
    column, text = compiler.column_of(fact.name), fact.texts()
    same = {
        "label": condition.label,
        "fact": fact.name,
        "fact_label": str(fact.label),
        "operator": condition.operator,
        "threshold": threshold,
        "threshold_text": fact.threshold_text(condition.operator, threshold),
        "clause": condition.clause,
        "assumed": condition.assumed,
        "source": str(fact.source),
        "supply": str(fact.supply),
        "any_of": condition.any_of,
        "operator_text": str(fact.type.words.get(condition.operator, condition.get_operator_display())),
    }
    return lambda row, met: ConditionAnswer(
        actual=row[column], actual_text=text(row[column]), met=met, **same
    )


# --- frozen answers -------------------------------------------------------------------------------------

_VALUES = ("actual", "threshold")
_THAW = {"decimal": Decimal, "date": date.fromisoformat}


def _frozen_condition(condition: ConditionAnswer) -> dict:
    raw = {one.name: getattr(condition, one.name) for one in fields(condition)}
    types = {}
    for name in _VALUES:
        if isinstance(raw[name], Decimal):
            raw[name], types[name] = str(raw[name]), "decimal"
        elif isinstance(raw[name], date):
            raw[name], types[name] = raw[name].isoformat(), "date"
    # What JSON has no type for, so that thaw can tell an amount from a text.
    return raw | {"types": types}


def _thawed_condition(frozen: Mapping[str, Any]) -> ConditionAnswer:
    raw = {one.name: frozen[one.name] for one in fields(ConditionAnswer) if one.name in frozen}
    for name, kind in frozen.get("types", {}).items():
        raw[name] = _THAW[kind](raw[name])
    return ConditionAnswer(**raw)
