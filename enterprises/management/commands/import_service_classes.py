"""manage.py import_service_classes FILE --from DATE --source TEXT: the official table of science-service classes.

A dry run without --commit. Exit status: 0 every row is good, 1 some rows are bad and nothing was written, 2 the
file can't be used.
"""

from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from enterprises.imports import service_classes
from enterprises.imports.reading import UnusableFile
from foundation.accounts.roles import SYSTEM

SOME_BAD = 1
UNUSABLE = 2
ON_SCREEN = 20


class Command(BaseCommand):
    help = _(
        "导入科技服务业类别对照表（XLSX，或 UTF-8、GBK 的 CSV；列：行业代码、类别）；不带 --commit 时只检查、不写入"
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE", help=_("官方对照表"))
        parser.add_argument("--from", required=True, metavar="DATE", help=_("启用日，如 2018-12-17"))
        parser.add_argument("--source", required=True, metavar="TEXT", help=_("来源，如文件名称与文号"))
        parser.add_argument("--commit", action="store_true", help=_("写入"))

    def handle(self, *args, **options):
        try:
            day = date.fromisoformat(options["from"])
        except ValueError as wrong:
            reason = str(_("--from %s：请填写日期，例如 2018-12-17")) % options["from"]
            raise CommandError(reason, returncode=UNUSABLE) from wrong
        try:
            outcome = service_classes.import_service_classes(
                options["file"], day, options["source"], by=SYSTEM, commit=options["commit"]
            )
        except UnusableFile as reason:
            raise CommandError(str(reason), returncode=UNUSABLE) from reason
        for problem in outcome.problems[:ON_SCREEN]:
            self.stdout.write(
                str(_("  第 %(line)d 行 %(column)s “%(value)s”：%(reason)s"))
                % {
                    "line": problem.line,
                    "column": problem.column,
                    "value": problem.value[:60],
                    "reason": problem.reason,
                }
            )
        if outcome.problems:
            count = len({problem.line for problem in outcome.problems})
            raise CommandError(
                str(_("%d 行不合格，没有写入任何内容；请改正后再导入。")) % count, returncode=SOME_BAD
            )
        partial = sum(one for _class, one in outcome.lines.values())
        self.stdout.write(
            str(_("行业代码 %(all)d 个，其中只有一部分属于的 %(partial)d 个。"))
            % {"all": len(outcome.lines), "partial": partial}
        )
        if not outcome.changed:
            self.stdout.write(str(_("没有变化。")))
        elif outcome.written is None:
            self.stdout.write(str(_("这是试运行，没有写入任何内容；加 --commit 写入。")))
        else:
            self.stdout.write(str(_("已写入。")))
