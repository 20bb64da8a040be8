from django.contrib import admin

from foundation.events.readonly import ReadOnlyAdmin
from payments.models import Disbursement


@admin.register(Disbursement)
class DisbursementAdmin(ReadOnlyAdmin):
    list_display = ["number", "payee_name", "amount", "state", "paid_on", "reference"]
    list_filter = ["state", "fund"]
    search_fields = ["number", "reference", "payee_name"]
    # The account stands on the payment's own page of the desk, masked.
    exclude = ["payee_account", "payee_fingerprint"]
