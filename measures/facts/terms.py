"""The small SQL terms that several facts are made of."""

from django.db.models import BooleanField, DecimalField, Expression, Func, IntegerField, TextField, Value
from django.db.models.functions import Cast

from measures import fact_types
from measures.facts.fact import Question


class Division(Func):
    """The two digits of a GB/T 4754 code's division: M7452 → 74; null where there are none."""

    template = "SUBSTRING(%(expressions)s FROM '^[A-Z]?([0-9]{2})')"
    output_field = TextField()


class FullYears(Func):
    """Whole years from the second date to the first; null where either is."""

    template = "EXTRACT(YEAR FROM AGE(%(expressions)s))::integer"
    output_field = IntegerField()


class Year(Func):
    """The year of a date."""

    template = "EXTRACT(YEAR FROM %(expressions)s)::integer"
    output_field = IntegerField()


class Over(Func):
    """The first amount over the second, to 24 places; null where either is, or the second isn't above zero.

    24 places tell two neighbouring quotients of numeric(16, 2) apart, so a comparison with a threshold is exact.
    """

    template = "(%(first)s::numeric(40, 24) / CASE WHEN %(second)s > 0 THEN %(second)s END)"
    output_field = DecimalField(max_digits=40, decimal_places=24)

    def as_sql(self, compiler, connection):
        first, second = (compiler.compile(one) for one in self.get_source_expressions())
        sql = self.template % {"first": first[0], "second": second[0]}
        return sql, [*first[1], *second[1], *second[1]]


class Root(Func):
    """The k-th root of a quotient (k 1, 2 or 3), to 18 places or better; null stays null."""

    TEMPLATES = {
        1: "%(expressions)s",
        2: "SQRT(%(expressions)s)",
        3: "ROUND(POWER(%(expressions)s, 0.333333333333333333333333333333), 18)",
    }
    output_field = Over.output_field

    def __init__(self, expression, k: int):
        super().__init__(expression)
        self.template = self.TEMPLATES[k]


class Less(Func):
    """The quotient less one: a growth."""

    template = "(%(expressions)s - 1)"
    output_field = Over.output_field


def today(question: Question) -> Expression:
    return Cast(Value(question.day), fact_types.DATE.field)


class Code(Func):
    """The digits of a GB/T 4754 code: M7452 → 7452; null where there are none."""

    template = "SUBSTRING(%(expressions)s FROM '^[A-Z]?([0-9]{2,4})')"
    output_field = TextField()


class Matches(Func):
    """Whether the text matches the pattern; null where the text is."""

    arg_joiner = " ~ "
    template = "(%(expressions)s)"
    output_field = BooleanField()
