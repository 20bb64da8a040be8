"""manage.py seal_day: seal yesterday's events now (the beat does so shortly after midnight)."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from foundation.events import exports, seals


class Command(BaseCommand):
    help = _("封存到目前为止的全部事件，记为昨天（或 --day 所给的日子）的封存，并导出文件")

    def add_arguments(self, parser):
        parser.add_argument("--day", type=date.fromisoformat, metavar="YYYY-MM-DD", help=_("要封存的日子"))

    def handle(self, *args, **options):
        try:
            seal = seals.seal_day(options["day"])
        except seals.SealRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            str(_("%(day)s 已封存：%(lines)d 条链，摘要 %(digest)s，导出至 %(path)s"))
            % {
                "day": seal.day,
                "lines": seal.lines.count(),
                "digest": seal.digest,
                "path": exports.export_path(seal.day),
            }
        )
