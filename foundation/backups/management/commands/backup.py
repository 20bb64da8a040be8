"""manage.py backup DIR: database, documents and seals into a folder, with a signed manifest."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from foundation.backups import backups
from foundation.backups.programs import ProgramFailed


class Command(BaseCommand):
    help = _("以库主身份执行：把数据库、文件和封存备份到一个新的文件夹（docs/production.md）")

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="DIR", help=_("新的或空的文件夹"))

    def handle(self, *args, **options):
        try:
            done = backups.backup(options["folder"])
        except (backups.BackupFailed, ProgramFailed) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            str(_("已备份：数据库、%(documents)d 份文件、%(seals)d 份封存，共 %(bytes)d 字节"))
            % {"documents": done.documents, "seals": done.seals, "bytes": done.bytes}
        )
