from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnterprisesConfig(AppConfig):
    name = "enterprises"
    label = "enterprises"
    verbose_name = _("企业")

    def ready(self):
        from enterprises import audiences
        from enterprises.imports import job

        audiences.register()
        job.register()
