"""manage.py screen --call CODE [--json] [--csv FILE]: who qualifies, how many, and what it would cost."""

import csv
import time
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from measures import asking, screening
from measures.facts import FACTS

VERDICT = {True: gettext_lazy("符合"), False: gettext_lazy("不符合"), None: gettext_lazy("无法判断")}
# A spreadsheet takes a text that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Command(asking.AskingCommand):
    help = gettext_lazy("按一个申报专题的规则筛查全部企业")

    def add_arguments(self, parser):
        parser.add_argument("--call", required=True, help=gettext_lazy("申报专题代码，如 2026-0903-1"))
        parser.add_argument("--csv", metavar="FILE", help=gettext_lazy("把名单写入文件"))
        super().add_arguments(parser)

    def handle(self, *args, **options):
        line = asking.line_of_code(options["call"])
        on, inputs = self.day(options["on"]), asking.case_values(options["case"])
        rule = self.rule(line, on)
        began = time.monotonic()
        counts = screening.counts(rule, on=on, inputs=inputs)
        seconds = round(time.monotonic() - began, 3)
        if options["csv"]:
            self._write(Path(options["csv"]), rule, on, inputs)
        found = {
            "yes": counts.yes,
            "no": counts.no,
            "unknown": counts.unknown,
            "total": counts.total,
            "seconds": seconds,
            "rule_version": rule.number,
        }
        if options["json"]:
            self.print_json(found)
            return
        self.stdout.write(
            _("符合 %(yes)d，不符合 %(no)d，无法判断 %(unknown)d；测算合计 %(total)s 元；%(seconds)s 秒")
            % found
        )

    def _write(self, path: Path, rule, on, inputs) -> None:
        conditions = list(rule.conditions.all())
        texts = [FACTS[row.fact].texts() for row in conditions]
        district = FACTS["district_code"].texts()
        try:
            # With the mark by which Excel knows UTF-8.
            file = path.open("w", encoding="utf-8-sig", newline="")
        except OSError as wrong:
            raise asking.refused(
                _("不能写入 %(path)s：%(reason)s") % {"path": path, "reason": wrong.strerror}
            ) from None
        with file:
            writer = csv.writer(file)
            heads = [_("统一社会信用代码"), _("名称"), _("注册区"), _("结论"), _("测算金额（元）")]
            for row in conditions:
                heads += [row.label, _("实际情况")]
            writer.writerow(heads)
            for row in screening.rows(rule, on=on, inputs=inputs):
                amount = "" if row.amount is None else f"{row.amount:.2f}"
                cells = [row.uscc, row.name, district(row.district), VERDICT[row.eligible], amount]
                for text, met, actual in zip(texts, row.conditions, row.actuals, strict=True):
                    cells += [VERDICT[met], text(actual)]
                writer.writerow(_safe(str(cell)) for cell in cells)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
