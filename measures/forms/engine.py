"""The form of one version: what is asked, what the answers mean, what is still missing.

The HTML form, the autosaved draft, the submission and the review all ask this one engine, so that none of
them can disagree about what is visible, required or wrong. Answers are JSON (measures/forms/kinds.py).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from measures.forms import definition, display, html, kinds, reading, values
from measures.forms.definition import Field, Section, Slot


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Answers as they are stored, and what is wrong with them (Chinese, by field; a wrong one stays as typed)."""

    values: dict
    errors: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """What still stands between these answers and a submission.

    kind: "field" unanswered, "declaration" not ticked, "wrong" answered wrongly, "document" not handed in.
    """

    key: str
    label: str
    kind: str
    message: str


class Form:
    """A definition that was read and found sound; raises DefinitionError (a ValidationError) otherwise."""

    def __init__(self, raw_definition):
        read = reading.read(raw_definition)
        self.sections: list[Section] = list(read.sections)
        self.fields: list[Field] = list(read.fields)
        self.slots: list[Slot] = list(read.slots)

    @cached_property
    def by_key(self) -> dict[str, Field]:
        return {one.key: one for one in self.fields}

    def clean(
        self,
        raw,
        *,
        draft: bool = True,
        only: Collection[str] | None = None,
        initial: Mapping | None = None,
        ceilings: Mapping[str, Decimal] | None = None,
    ) -> Cleaned:
        """Raw answers (typed text or stored JSON) as stored answers, with what is wrong. Unknown keys go.

        draft: nothing is required, and answers under a condition that isn't met stay, should the person
        change their mind; otherwise they go, and what is required is reported. only: the fields open in a
        correction (see `opened`), the others come from `initial`. ceilings: yuan that a declared amount or a
        table's sum may not exceed in a correction. Cleaning what was cleaned changes nothing.
        """
        raw = values.mapping(raw)
        if only is not None:
            open_keys, before = self.opened(only), values.mapping(initial)
            raw = {key: (raw if key in open_keys else before).get(key) for key in self.by_key}
        stored: dict = {}
        problems: dict[str, list[str]] = {}
        for one in self.fields:
            answer, wrong = kinds.of(one).clean(one, raw.get(one.key))
            if answer is not None:
                stored[one.key] = answer
            if wrong:
                problems[one.key] = wrong
        shown = self._shown(stored)
        if not draft:
            stored = {key: answer for key, answer in stored.items() if key in shown}
        for one in self.fields:
            if one.key in shown and one.key not in problems:
                problem = self._problem(one, stored, shown, draft=draft, ceilings=ceilings or {})
                if problem:
                    problems[one.key] = [problem]
        return Cleaned(
            stored, {one.key: problems[one.key] for one in self.fields if one.key in problems.keys() & shown}
        )

    def visible(self, answers) -> set[str]:
        """The keys of the fields and document slots that these answers show."""
        return self._shown(self._stored(answers))

    def opened(self, only: Collection[str]) -> set[str]:
        """The keys that a correction of these fields must open, so that it can be completed.

        With a field, what hangs on its answer opens too; with a sum, the table that must add up to it; with
        a date, the one that may not lie before it.
        """
        keys = set(only) & (self.by_key.keys() | {slot.key for slot in self.slots})
        grown = True
        while grown:
            hanging = {
                one.key
                for one in [*self.fields, *self.slots]
                if (one.when and one.when.field in keys)
                or getattr(one, "sum_to", "") in keys
                or getattr(one, "not_before", "") in keys
            }
            grown = not hanging <= keys
            keys |= hanging
        return keys

    def missing(
        self, answers, documents: Collection[str], ceilings: Mapping[str, Decimal] | None = None
    ) -> list[Missing]:
        """What is still missing to submit, in the form's order; documents: the keys of the slots handed in.

        ceilings: of a correction, as in `clean`.
        """
        cleaned = self.clean(answers, draft=False, ceilings=ceilings)
        found = []
        for key, messages in cleaned.errors.items():
            one = self.by_key[key]
            kind = (
                "wrong" if key in cleaned.values else "declaration" if one.type == "declaration" else "field"
            )
            found.append(Missing(key, one.label, kind, messages[0]))
        shown = self._shown(cleaned.values)
        for slot in self.slots:
            if slot.required and slot.key in shown and slot.key not in documents:
                found.append(Missing(slot.key, slot.label, "document", _("请上传此项材料")))
        return found

    def inputs(self, answers) -> dict[str, object]:
        """The case's own facts as Python values: Decimal, date (a month: its first day), bool, str.

        A table gives its sum. None, that is unknown, where the answer is missing, wrong or not asked for.
        """
        stored = self._stored(answers)
        shown = self._shown(stored)
        return {
            one.fact: kinds.of(one).value(one, stored[one.key])
            if one.key in stored and one.key in shown
            else None
            for one in self.fields
            if one.fact
        }

    def rows(self, answers, previous=None, remarks: Mapping[str, str] | None = None) -> list[display.Section]:
        """The answers to read, section by section (measures/forms/display.py)."""
        return display.sections(self, answers, previous, remarks)

    def django_form(
        self,
        data=None,
        *,
        initial: Mapping | None = None,
        draft: bool,
        only: Collection[str] | None = None,
        ceilings: Mapping[str, Decimal] | None = None,
        prefix: str | None = None,
    ) -> html.AnswerForm:
        """The HTML form over these answers (measures/forms/html.py); the parameters are those of `clean`."""
        return html.AnswerForm(
            self, data, initial=initial, draft=draft, only=only, ceilings=ceilings, prefix=prefix
        )

    def _stored(self, answers) -> dict:
        return self.clean(answers).values

    def _shown(self, stored: Mapping) -> set[str]:
        """Conditions are evaluated in order, so what hangs on a hidden field is hidden as well."""
        shown: set[str] = set()
        for one in [*self.fields, *self.slots]:
            when = one.when
            if when is None or (
                when.field in shown
                and any(definition.same(stored.get(when.field), value) for value in when.values)
            ):
                shown.add(one.key)
        return shown

    def _problem(
        self, one: Field, stored: Mapping, shown: set[str], *, draft: bool, ceilings: Mapping
    ) -> str | None:
        if one.key not in stored:
            return _REQUIRED.get(one.type, _unanswered)() if one.required and not draft else None
        value = kinds.of(one).value(one, stored[one.key])
        if one.key in ceilings and isinstance(value, Decimal) and value > ceilings[one.key]:
            return _("补正时不得高于原申报的 {ceiling} 元").format(
                ceiling=values.money_text(ceilings[one.key])
            )
        if one.sum_to and one.sum_to in shown:
            return self._sum_problem(one, stored, draft=draft)
        if one.not_before in shown and one.not_before in stored:
            earlier = self.by_key[one.not_before]
            bound = kinds.of(earlier).value(earlier, stored[earlier.key])
            if bound is not None and value < bound:
                return _("不能早于“{label}”，请核对").format(label=earlier.label)
        return None

    def _sum_problem(self, table: Field, stored: Mapping, *, draft: bool) -> str | None:
        total = self.by_key[table.sum_to]
        wanted = kinds.of(total).value(total, stored.get(total.key))
        found = kinds.table_total(table, stored[table.key])
        if wanted is None or found is None or wanted == found:
            return None
        if draft and found < wanted and len(stored[table.key]) < len(table.rows):
            return None  # still being filled in
        return _("各项合计 {found} 元，与“{label}”的 {wanted} 元相差 {gap} 元，请核对后改为一致").format(
            found=values.money_text(found),
            label=total.label,
            wanted=values.money_text(wanted),
            gap=values.money_text(abs(wanted - found)),
        )


def _unanswered() -> str:
    return _("请填写此项")


_REQUIRED = {
    "choice": lambda: _("请选择一项"),
    "yes_no": lambda: _("请选择“是”或“否”"),
    "declaration": lambda: _("请勾选此项声明，否则不能提交"),
    "table": lambda: _("请至少填写一行金额"),
}
