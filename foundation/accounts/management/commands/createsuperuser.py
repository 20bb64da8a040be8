"""Nobody stands above the rules: Django's command is refused, and says what to do instead."""

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "本系统没有超级用户；见 first_administrator。"

    def add_arguments(self, parser):
        # Django's own options are taken, so that scripts that call it read the reason and not a usage text.
        parser.add_argument("rest", nargs="*")
        for option in ("--username", "--email", "--database"):
            parser.add_argument(option)
        parser.add_argument("--noinput", "--no-input", action="store_true")

    def handle(self, *args, **options):
        raise CommandError(
            "本系统没有超级用户。第一个系统管理员：manage.py first_administrator 用户名 邮箱 --name 姓名"
        )
