"""manage.py rotate_field_keys: encrypt every encrypted column again with the first of FIELD_KEYS."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from foundation.accounts import rotation


class Command(BaseCommand):
    help = _("用 FIELD_KEYS 的第一把密钥重新加密全部加密列；可在运行中执行，中断后再执行即可")

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help=_("只统计仍用旧密钥的行，不改动"))

    def handle(self, *args, **options):
        write, left = not options["check"], 0
        for model, field in rotation.columns():
            try:
                seen, old = rotation.rotate(model, field, write)
            except rotation.Undecryptable as error:
                raise CommandError(str(_("FIELD_KEYS 中没有能解开它的密钥：%s")) % error) from error
            left += old
            self.stdout.write(
                str(_("%(column)s：%(seen)d 行，其中旧密钥 %(old)d 行"))
                % {"column": f"{model._meta.label}.{field.name}", "seen": seen, "old": old}
            )
        if write:
            self.stdout.write(str(_("已重新加密 %d 行；确认后可从 FIELD_KEYS 移去旧密钥")) % left)
        else:
            self.stdout.write(str(_("仍用旧密钥：%d 行")) % left)
