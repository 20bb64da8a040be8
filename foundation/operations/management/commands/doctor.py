"""manage.py doctor: is the system well? One line for each thing that isn't, with what to do; then exit 1."""

from django.core.management.base import BaseCommand
from django.utils.translation import gettext_lazy as _

from foundation.health import health


class Command(BaseCommand):
    help = _("自查：数据库、队列、投递、封存、日历、磁盘等；有问题逐行说明原因与办法，并以 1 退出")
    # A database that lacks migrations, or doesn't answer, is one of the things to tell.
    requires_migrations_checks = False
    requires_system_checks = ()

    def handle(self, *args, **options):
        results = health.examine()
        problems = [problem for result in results for problem in result.problems]
        for problem in problems:
            self.stdout.write(self.style.ERROR(f"✗ {problem.text}。{problem.todo}"))
        if problems:
            raise SystemExit(1)
        for result in results:
            self.stdout.write(f"✓ {result.check.label}")
