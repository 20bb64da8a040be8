"""manage.py import_enterprises FILE: bring the register up to date with a file; a dry run without --commit.

Exit status: 0 every row is good, 1 some rows are bad (the good ones are in, with --commit), 2 the file cannot be
used and nothing was done.
"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from enterprises.imports import columns, workflow
from foundation.accounts.roles import SYSTEM

SOME_BAD = 1
UNUSABLE = 2
ON_SCREEN = 20
TITLES = {layout.key: layout.title for layout in (columns.ENTERPRISES, columns.FIGURES)}


class Command(BaseCommand):
    help = _("导入企业与年度数据（XLSX，或 UTF-8、GBK 的 CSV）；不带 --commit 时只检查、不写入")

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE", help=_("企业；xlsx 的第二个工作表是年度数据"))
        parser.add_argument("--figures", type=Path, metavar="FILE2", help=_("年度数据在另一个文件里"))
        parser.add_argument("--commit", action="store_true", help=_("写入合格的行"))
        parser.add_argument(
            "--bad", type=Path, metavar="FILE.xlsx", help=_("把不合格的行写到这里，改正后可再导入")
        )

    def handle(self, *args, **options):
        bad = options["bad"]
        try:
            outcome = workflow.import_enterprises(
                options["file"], options["figures"], by=SYSTEM, commit=options["commit"], bad=bad
            )
        except workflow.UnusableFile as reason:
            raise CommandError(str(reason), returncode=UNUSABLE) from reason
        self._tell(outcome, options["commit"])
        if outcome.bad_rows:
            where = (
                _("，已写入 %s，改正后可再导入") % bad if bad else _("；加 --bad FILE.xlsx 可存成文件改正")
            )
            raise CommandError(
                str(_("%(count)d 行不合格%(where)s。")) % {"count": outcome.bad_rows, "where": where},
                returncode=SOME_BAD,
            )

    def _tell(self, outcome: workflow.Outcome, commit: bool) -> None:
        for title, counts in (
            (columns.ENTERPRISES.title, outcome.enterprises),
            (columns.FIGURES.title, outcome.figures),
        ):
            self.stdout.write(
                str(_("%(title)s：新增 %(new)d，变更 %(changed)d，不变 %(unchanged)d，不合格 %(bad)d"))
                % {
                    "title": title,
                    "new": counts.new,
                    "changed": counts.changed,
                    "unchanged": counts.unchanged,
                    "bad": counts.bad,
                }
            )
        for problem in outcome.problems[:ON_SCREEN]:
            self.stdout.write(
                str(_("  %(table)s 第 %(line)d 行 %(column)s “%(value)s”：%(reason)s"))
                % {
                    "table": TITLES[problem.table],
                    "line": problem.line,
                    "column": problem.column,
                    "value": problem.value[:60],
                    "reason": problem.reason,
                }
            )
        if outcome.bad_rows > ON_SCREEN or len(outcome.problems) > ON_SCREEN:
            self.stdout.write(str(_("  …… 其余略")))
        if not commit:
            self.stdout.write(str(_("这是试运行，没有写入任何内容；加 --commit 写入。")))
        elif not outcome.writes:
            self.stdout.write(str(_("没有变化。")))
