"""The first system administrator of an installation; every other account is opened by one."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from foundation.accounts.models import Office, Post
from foundation.accounts.roles import SYSTEM, Role
from foundation.accounts.workflow.accounts import create
from foundation.accounts.workflow.posts import appoint
from foundation.accounts.workflow.refusal import AccountRefused, locked
from foundation.clock import clock


class Command(BaseCommand):
    help = "开通第一个系统管理员账号：本人用“忘记密码”设置密码；已有系统管理员时拒绝。"

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument("--office", default="kw", help="机构代码，默认 kw")

    def handle(self, *args, username, email, name, office, **options):
        try:
            with transaction.atomic():
                # One at a time, so that two of them can't both be the first.
                place = Office.objects.select_for_update().filter(code=office).first()
                if place is None:
                    raise CommandError(f"没有代码为 {office} 的机构；先执行 load_catalogue。")
                if (
                    Post.objects.held_on(clock.today())
                    .filter(role=Role.SYSTEM_ADMINISTRATOR, user__is_active=True)
                    .exists()
                ):
                    raise CommandError("已有系统管理员；其他账号由系统管理员在“人员”页开通。")
                person = create(SYSTEM, username=username, full_name=name, address=email)
                (person,) = locked(person)
                appoint(
                    person,
                    SYSTEM,
                    office=place,
                    role=Role.SYSTEM_ADMINISTRATOR,
                    since=clock.today(),
                )
        except AccountRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"已开通系统管理员 {person.username}。请本人打开登录页，用“忘记密码”设置密码。")
