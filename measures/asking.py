"""How the commands assess, screen and simulate are asked, and how they answer: shared so that they agree.

A wrong question ends with one Chinese line on stderr and status 2.
"""

import json
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext as _

from measures import fact_types, screening
from measures.facts import INPUTS
from measures.models import Call, CallItem, RuleVersion
from measures.screening import NoRule

YES_NO = {
    "true": True,
    "yes": True,
    "1": True,
    "是": True,
    "false": False,
    "no": False,
    "0": False,
    "否": False,
}


class AskingCommand(BaseCommand):
    """A command about a call item's rule."""

    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--on", metavar="DATE", help=_("核对哪一日的情况（缺省为今天），如 2026-03-01"))
        parser.add_argument(
            "--case", nargs="+", action="extend", default=[], metavar="NAME=VALUE", help=_("申请自身的数据")
        )
        parser.add_argument("--json", action="store_true", help=_("输出 JSON"))

    def day(self, text: str | None) -> date | None:
        if text is None:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise refused(_("--on %s：请填写日期，例如 2026-03-01") % text) from None

    def rule(self, call_item: CallItem, on: date | None) -> RuleVersion:
        try:
            return screening.rule_for(call_item, on=on)
        except NoRule:
            raise refused(_("%s 还没有核准的规则") % call_item.code) from None

    def print_json(self, answer: dict) -> None:
        self.stdout.write(json.dumps(answer, ensure_ascii=False, default=plain))


def refused(reason: str) -> CommandError:
    return CommandError(reason, returncode=2)


def plain(value):
    """A value without a type in JSON: amounts and ratios as text, dates in ISO form."""
    if isinstance(value, Decimal):
        return f"{value if value.as_tuple().exponent >= -2 else value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def pairs(given: list[str], option: str) -> dict[str, str]:
    """NAME=VALUE words."""
    found = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise refused(_("%(option)s %(word)s：请写成 名称=值") % {"option": option, "word": word})
        found[name] = value
    return found


def case_values(given: list[str]) -> dict:
    """The case's own values, by the names of facts.INPUTS."""
    found = {}
    for name, text in pairs(given, "--case").items():
        if name not in INPUTS:
            raise refused(
                _("--case %(name)s：没有这一项，可用的有 %(names)s")
                % {"name": name, "names": "、".join(INPUTS)}
            )
        fact = INPUTS[name]
        value = YES_NO.get(text.strip().lower(), text) if fact.type is fact_types.BOOLEAN else text
        try:
            found[name] = fact.read_input(value) if text else None
        except ValueError as wrong:
            raise refused(f"--case {wrong}") from None
    return found


def line_of_code(code: str) -> CallItem:
    """The call item of that code, e.g. 2026-0903-1."""
    found = _lines().filter(code=code).first()
    if found is None:
        raise refused(_("没有代码为 %s 的申报专题") % code)
    return found


def line_of_item(item: str) -> CallItem:
    """The call item that answers for an item: with a rule, published before in preparation, the latest first."""
    lines = _lines().filter(item__code=item)
    found = lines.filter(rules__approved_at__isnull=False).first() or lines.first()
    if found is None:
        raise refused(_("事项 %s 没有申报专题（代码写作 09-03 的形式）") % item)
    return found


def _lines():
    published = Case(
        When(call__state=Call.State.PUBLISHED, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return CallItem.objects.select_related("item", "call").order_by(published, "-call__opens_at", "-pk")


def first_line(wrong: ValidationError) -> str:
    return wrong.messages[0]
