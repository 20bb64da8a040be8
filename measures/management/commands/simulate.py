"""manage.py simulate --call CODE --set NAME=VALUE … [--json]: before and after; nothing is stored."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from measures import asking, simulation
from measures.simulation import CLASS, DISTRICT, Sides


class Command(asking.AskingCommand):
    help = _("换一个阈值或金额，比较前后的家数和金额（不保存）")

    def add_arguments(self, parser):
        parser.add_argument("--call", required=True, help=_("申报专题代码，如 2026-0904-1"))
        parser.add_argument(
            "--set",
            nargs="+",
            action="extend",
            default=[],
            dest="values",
            metavar="NAME=VALUE",
            help=_("参数名=新值，如 min_growth=0.15"),
        )
        super().add_arguments(parser)

    def handle(self, *args, **options):
        line = asking.line_of_code(options["call"])
        on, inputs = self.day(options["on"]), asking.case_values(options["case"])
        values = asking.pairs(options["values"], "--set")
        rule = self.rule(line, on)
        try:
            found = simulation.simulate(rule, values, on=on, inputs=inputs)
        except ValidationError as wrong:
            raise asking.refused(f"--set {asking.first_line(wrong)}") from None
        if options["json"]:
            self.print_json(
                {
                    **_sides(found.whole),
                    "set": values,
                    "by_district": _named(DISTRICT, found.by_district),
                    "by_class": _named(CLASS, found.by_class),
                    "rule_version": rule.number,
                }
            )
            return
        for name, side in ((_("调整前"), found.whole.before), (_("调整后"), found.whole.after)):
            self.stdout.write(
                _("%(name)s：符合 %(yes)d，不符合 %(no)d，无法判断 %(unknown)d；测算合计 %(total)s 元")
                % ({"name": name} | _counts(side))
            )


def _counts(counts) -> dict:
    return {"yes": counts.yes, "no": counts.no, "unknown": counts.unknown, "total": counts.total}


def _sides(sides: Sides) -> dict:
    return {
        "before": _counts(sides.before),
        "after": _counts(sides.after),
        "gained": sides.gained,
        "lost": sides.lost,
    }


def _named(fact: str, groups: dict) -> list[dict]:
    return [
        {"code": code, "name": simulation.named(fact, code), **_sides(sides)}
        for code, sides in groups.items()
    ]
