"""manage.py load_catalogue: districts, offices, the ten measures and the 74 entries; may run at every start."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Office
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from measures.catalogue import calls, load
from measures.models import Call


class Command(BaseCommand):
    help = _("装入政策目录：16 个区、各机构、10 条措施、74 个条目（已有的不改动，可重复执行）")

    def add_arguments(self, parser):
        parser.add_argument(
            "--update", action="store_true", help=_("把被改动过的条目恢复为随附的内容（留有记录）")
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--with-calls",
            dest="calls",
            action="store_true",
            default=None,
            help=_("同时开出两份示例申报通知"),
        )
        which.add_argument("--without-calls", dest="calls", action="store_false", help=_("不开示例申报通知"))

    @transaction.atomic
    def handle(self, *args, **options):
        self.silent = options["verbosity"] == 0
        with_calls = settings.DEMO if options["calls"] is None else options["calls"]
        hours = calls.hours_around(clock.today()) if with_calls else None
        # The example calls opened weeks ago; what they stand on was there before them.
        with clock.at(hours.prepared_at if hours else clock.now()):
            loaded = load.load(SYSTEM, update=options["update"])
        for kind, count in loaded.counts.items():
            self._say(_("%(kind)s：共 %(count)d，新增 %(new)d"), kind=kind, count=count, new=loaded.new[kind])
        if loaded.new[str(Office._meta.verbose_name)]:
            self._say(_("各区主管部门的名称是默认值，请在管理后台逐一核对。"))
        if loaded.brought_back:
            self._say(_("恢复为随附内容：%(count)d"), count=loaded.brought_back)
        for line in loaded.differing:
            self._say(_("与随附目录不同，未改动：%(line)s"), line=line)
        if hours:
            opened = calls.open_calls(hours, SYSTEM)
            for call in opened:
                if call.state != Call.State.PUBLISHED:
                    self._say(_("申报通知：%(call)s，未发布，规则可以测算"), call=call)
                    continue
                self._say(
                    _("申报通知：%(call)s，%(opens)s 至 %(closes)s"),
                    call=call,
                    opens=f"{clock.local(call.opens_at):%Y-%m-%d %H:%M}",
                    closes=f"{clock.local(call.closes_at):%Y-%m-%d %H:%M}",
                )
        elif with_calls:
            self._say(_("政策不在有效期内，不开示例申报通知。"))

    def _say(self, text, **values) -> None:
        if not self.silent:
            self.stdout.write(str(text) % values)
