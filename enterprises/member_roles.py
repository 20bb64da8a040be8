"""Who may do what on an enterprise's side, as code: the roles of its members and what each of them carries.

Which *enterprise* a permission reaches is decided on the object: enterprises.access.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MemberRole(models.TextChoices):
    OWNER = "enterprise_owner", _("企业经办人")
    # Inside or outside of the enterprise, for a term: fills in and submits, disposes of nothing.
    AGENT = "enterprise_agent", _("代办人")
    VIEWER = "enterprise_viewer", _("查看人")


class Does(models.TextChoices):
    """What somebody does for an enterprise."""

    READ = "read", _("查看")
    DRAFT = "draft", _("填写申请")
    SUBMIT = "submit", _("提交申请和补正")
    ASK = "ask", _("提出办理请求、申请列入名单、申请回避")
    DEFEND = "defend", _("陈述申辩")
    ACKNOWLEDGE = "acknowledge", _("签收文书")
    SUPPLY = "supply", _("填报年度数据、补充资料")
    WITHDRAW = "withdraw", _("撤回申请")
    CHANGE = "change", _("申请变更")
    ANSWER_OFFER = "answer_offer", _("确认或者放弃免申即享")
    ACCOUNT = "account", _("填写收款账户")
    MEMBERS = "members", _("管理成员")


_FILLS_IN = frozenset(
    {Does.READ, Does.DRAFT, Does.SUBMIT, Does.ASK, Does.DEFEND, Does.ACKNOWLEDGE, Does.SUPPLY}
)

# Giving something up, changing what was promised, and where the money goes stay with the enterprise's own.
MAY: dict[str, frozenset[str]] = {
    MemberRole.OWNER: frozenset(Does),
    MemberRole.AGENT: _FILLS_IN,
    MemberRole.VIEWER: frozenset({Does.READ}),
}


def roles_that(does: str) -> list[str]:
    """The roles that carry it, in the table's order."""
    return [str(role) for role, held in MAY.items() if does in held]
