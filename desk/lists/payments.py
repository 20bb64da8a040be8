"""The lists of finance: what waits for an order, and the payments by their state."""

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from foundation.lists.columns import Column
from foundation.lists.lists import List


class PayableList(List):
    title = _("待提出拨付")
    default_sort = "due"
    columns = (
        Column("due", _("期限"), "due_on", sort="due_on"),
        Column("number", _("申请编号"), "number", sort="number", width=26),
        Column("enterprise", _("收款企业"), "enterprise.name", width=34),
        Column("item", _("事项"), "call_item.item.name", width=22),
        Column("amount", _("批复金额（元）"), "approved_amount", sort="approved_amount", align="end"),
    )


class PaymentList(List):
    """Accounts stay out of lists and files."""

    title = _("拨付")
    default_sort = "-ordered"
    columns = (
        Column("number", _("拨付编号"), "number", width=30),
        Column("case", _("申请编号"), "application.number", sort=F("application__number"), width=26),
        Column("payee", _("收款户名"), "payee_name", width=34),
        Column("item", _("事项"), "application.call_item.item.name", width=22),
        Column("amount", _("金额（元）"), "amount", sort="amount", align="end"),
        Column("state", _("状态"), "get_state_display"),
        Column("ordered", _("提出时间"), "ordered_at", sort="ordered_at"),
        Column("paid_on", _("支付日期"), "paid_on", sort="paid_on"),
        Column("reference", _("支付凭证号"), "reference", width=24),
    )
