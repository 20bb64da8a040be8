"""manage.py verify_events: is the recorded history whole?"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from foundation.events import comparison, verification


class Command(BaseCommand):
    help = _("核验全部事件链与每日封存；发现第一处损坏即输出并以 1 退出")

    def add_arguments(self, parser):
        parser.add_argument(
            "--seals",
            type=Path,
            metavar="FILE",
            help=_("另外核对导出的封存：一个文件，或存放它们的文件夹（最好取自别的主机）"),
        )

    def handle(self, *args, **options):
        try:
            counts = verification.verify(_exports(options["seals"]))
        except comparison.Differing as differing:
            self._tell(differing, differing.found[1:])
        except verification.Broken as broken:
            self._tell(broken, [])
        except ValueError as unreadable:
            raise CommandError(
                str(_("导出的封存无法读取：%(error)s")) % {"error": unreadable}
            ) from unreadable
        self.stdout.write(str(_("完整：%(counts)s")) % {"counts": counts})

    def _tell(self, first: Exception, others: list[Exception]) -> None:
        self.stdout.write(self.style.ERROR(str(_("第一处损坏：%(row)s")) % {"row": first}))
        for other in others:
            self.stdout.write(str(_("另有不符：%(row)s")) % {"row": other})
        raise SystemExit(1)


def _exports(given: Path | None) -> list[Path]:
    if given is None:
        return []
    if given.is_dir():
        found = sorted(given.glob("*.json"))
        if not found:
            raise CommandError(str(_("文件夹 %(path)s 里没有导出的封存")) % {"path": given})
        return found
    if not given.is_file():
        raise CommandError(str(_("没有这个文件：%(path)s")) % {"path": given})
    return [given]
