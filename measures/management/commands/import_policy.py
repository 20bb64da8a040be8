"""manage.py import_policy FILE: check the catalogue against the official text, then store the text.

Exit status: 0 stored (or already there), 1 the text and the catalogue differ, 2 the file cannot be used.
Whatever is wrong, nothing is stored.
"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from foundation.accounts.roles import SYSTEM
from measures import policy_check, policy_text, workflow
from measures.catalogue import shipped
from measures.models import Measure

DIFFERS = 1
UNUSABLE = 2


class Command(BaseCommand):
    help = _("读入正式文本：与目录逐项核对（条数、标题、责任单位、有效期、每个数字），一致才存入各条原文")

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE", help=_("UTF-8 纯文本文件"))

    @transaction.atomic
    def handle(self, *args, **options):
        if Measure.objects.count() < len(shipped.measures()):
            raise CommandError(_("目录还没有装入，请先执行 manage.py load_catalogue"), returncode=UNUSABLE)
        try:
            text = policy_text.parse(policy_text.read_file(options["file"]))
            found = policy_check.differences(text)
        except (policy_text.Unreadable, policy_check.OtherPolicy) as reason:
            raise CommandError(str(reason), returncode=UNUSABLE) from reason
        if found:
            for line in found:
                self.stdout.write(line)
            raise CommandError(
                str(_("正文与目录有 %(count)d 处不同，没有存入任何内容。")) % {"count": len(found)},
                returncode=DIFFERS,
            )
        changed = workflow.import_texts({one.number: one.text for one in text.measures}, SYSTEM)
        self.stdout.write(
            str(_("核对一致：%(measures)d 条措施、%(figures)d 个数字；存入原文 %(changed)d 条。"))
            % {
                "measures": len(text.measures),
                "figures": sum(len(c.rates) + len(c.amounts) for one in text.measures for c in one.clauses),
                "changed": len(changed),
            }
        )
