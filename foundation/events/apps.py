from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "foundation.events"
    label = "events"
    verbose_name = _("事件与消息")

    def ready(self):
        import config.celery  # noqa: F401  tasks bind to our app in every process, the web's too
        from foundation.events import append_only, checks

        append_only.register_triggers()
        checks.register()
