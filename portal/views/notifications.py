"""通知设置 of people of enterprises; what it does stands in foundation.accounts.notifying."""

from django.views.decorators.http import require_http_methods, require_POST

from foundation.accounts.access import enterprise_side
from foundation.accounts.notifying import Pages

_pages = Pages("portal/notifications.html")

settings = enterprise_side(require_http_methods(["GET", "HEAD", "POST"])(_pages.settings))
send_code = enterprise_side(require_POST(_pages.send_code))
confirm = enterprise_side(require_POST(_pages.confirm))
remove = enterprise_side(require_POST(_pages.remove))
