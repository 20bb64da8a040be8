from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    label = "payments"
    verbose_name = _("拨付")

    def ready(self):
        from applications.audiences import withhold
        from payments import checks
        from payments.models import Disbursement, RecoveryOrder

        checks.register()
        withhold(Disbursement)
        withhold(RecoveryOrder)
