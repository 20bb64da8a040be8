from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "foundation.accounts"
    label = "accounts"
    verbose_name = _("账号与机构")

    def ready(self):
        from foundation.accounts import audiences

        audiences.register()
