"""manage.py restore DIR: a backup into an empty database and empty data folders, proved afterwards."""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext_lazy as _

from foundation.backups import backups
from foundation.backups.programs import ProgramFailed

# What proves that the history and the money are those of the backup.
PROOFS = ("verify_events", "verify_ledger")


class Command(BaseCommand):
    help = _("以库主身份执行：把备份恢复到空库和空文件夹，随后核验事件与资金台账（docs/production.md）")

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="DIR", help=_("manage.py backup 写成的文件夹"))
        parser.add_argument("--check", action="store_true", help=_("只核对备份是否完整，不恢复"))

    def handle(self, *args, **options):
        folder = options["folder"]
        try:
            if options["check"]:
                content = backups.check(folder)
                self.stdout.write(str(_("备份完整，做于 %s")) % content["made_at"])
                return
            done = backups.restore(folder)
        except (backups.BackupFailed, ProgramFailed) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            str(_("已恢复：数据库、%(documents)d 份文件、%(seals)d 份封存"))
            % {"documents": done.documents, "seals": done.seals}
        )
        if _has_role(settings.RUNTIME_ROLE):
            call_command("grant_runtime", stdout=self.stdout)
        else:
            self.stdout.write(
                str(_("没有运行角色 %s：请先创建，再执行 grant_runtime")) % settings.RUNTIME_ROLE
            )
        seals = {"seals": Path(settings.SEAL_ROOT)} if done.seals else {}
        for proof in PROOFS:
            call_command(proof, stdout=self.stdout, **(seals if proof == "verify_events" else {}))


def _has_role(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        return cursor.fetchone() is not None
