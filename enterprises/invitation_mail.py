"""How an invitation reaches somebody who may have no account: its address, and the link that opens it.

The token stands nowhere: neither in the row, nor in the event, nor in the outbox. Each mail makes it as it goes out.
"""

import hashlib
import hmac

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from enterprises.models import Invitation


def token_of(invitation: Invitation) -> str:
    """The token of the last sending (HMAC-SHA-256 with the system's own key, 64 hex digits)."""
    said = f"invitation {invitation.pk} {invitation.address_fingerprint} {invitation.sending}"
    return hmac.new(settings.HMAC_KEY.encode(), said.encode(), hashlib.sha256).hexdigest()


def opens(invitation: Invitation, token: str) -> bool:
    """Whether this is the token of the invitation's last mail; compared in constant time."""
    return hmac.compare_digest(token_of(invitation).encode(), token.encode())


def address(pk: int) -> str:
    """Where the mail of this invitation goes."""
    return Invitation.objects.get(pk=pk).address


def closing(pk: int) -> str:
    """The mail's last lines, with the link. The token is a query, which request logs don't carry."""
    invitation = Invitation.objects.get(pk=pk)
    link = f"{settings.SITE_URL}{reverse('invitation', args=[pk])}?token={token_of(invitation)}"
    return _("请用这个邮箱的账号登录（没有账号可以先注册），打开下面的链接接受或谢绝：\n%(link)s") % {
        "link": link
    }
