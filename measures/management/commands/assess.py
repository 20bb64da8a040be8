"""manage.py assess --item 09-03 --uscc CODE [--on DATE] [--case NAME=VALUE …] [--json]: one enterprise, one item."""

from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from measures import asking, eligibility

MET = {True: "✓", False: "✗", None: "?"}
VERDICT = {True: _("符合"), False: _("不符合"), None: _("无法判断")}


class Command(asking.AskingCommand):
    help = _("核对一家企业是否符合一个事项，逐条说明原因，并测算金额")

    def add_arguments(self, parser):
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--item", help=_("事项代码，如 09-03"))
        which.add_argument("--call", help=_("申报专题代码，如 2026-0903-1"))
        parser.add_argument("--uscc", required=True, help=_("统一社会信用代码"))
        super().add_arguments(parser)

    def handle(self, *args, **options):
        line = (
            asking.line_of_item(options["item"]) if options["item"] else asking.line_of_code(options["call"])
        )
        on, inputs = self.day(options["on"]), asking.case_values(options["case"])
        enterprise = Enterprise.objects.filter(uscc=options["uscc"].strip().upper()).first()
        if enterprise is None:
            raise asking.refused(_("没有统一社会信用代码为 %s 的企业") % options["uscc"])
        answer = eligibility.explain(line, enterprise, inputs, rule=self.rule(line, on), on=on)
        self._json(answer) if options["json"] else self._words(answer)

    def _json(self, answer) -> None:
        self.print_json(
            {
                "eligible": answer.eligible,
                "amount": answer.amount,
                "conditions": [
                    {
                        "label": one.label,
                        "fact": one.fact,
                        "actual": one.actual,
                        "op": one.operator,
                        "threshold": one.threshold,
                        "met": one.met,
                        "clause": one.clause,
                        "supply": one.supply if one.met is None else "",
                    }
                    for one in answer.conditions
                ],
                "lines": [{"text": line.text, "amount": line.amount} for line in answer.lines],
                "rule_version": answer.rule_number,
            }
        )

    def _words(self, answer) -> None:
        self.stdout.write(str(VERDICT[answer.eligible]))
        for one in answer.conditions:
            self.stdout.write(f"  {MET[one.met]} {one.label}：{one.actual_text}")
            if one.met is None:
                self.stdout.write(f"      {one.supply}")
        for line in answer.lines:
            self.stdout.write(f"  {line.text}")
