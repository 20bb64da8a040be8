"""The password that the demo accounts share must never open a real account."""

from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

DEMO_PASSWORD = "kefu-demo-2026"  # noqa: S105  printed by `make run`; refused wherever DEMO is off


class LongEnough(MinimumLengthValidator):
    """Django's rule, said in Chinese: its own words are not translated."""

    def get_error_message(self):
        return _("密码太短，至少需要 %(min_length)d 个字符。")

    def validate(self, password, user=None):
        if len(password) < self.min_length:
            raise ValidationError(
                self.get_error_message() % {"min_length": self.min_length}, code="password_too_short"
            )

    def get_help_text(self):
        return _("至少 %d 个字符。") % self.min_length


class NotADemoPassword:
    """Refuses the demo password outside the demo."""

    def validate(self, password, user=None):
        if password == DEMO_PASSWORD and not settings.DEMO:
            raise ValidationError(_("这是演示环境的公开密码，不能使用"), code="demo_password")

    def get_help_text(self):
        return _("不能使用演示环境的公开密码")
