"""通知设置 of officers; what it does stands in foundation.accounts.notifying."""

from django.views.decorators.http import require_http_methods, require_POST

from desk import nav
from foundation.accounts.access import officers
from foundation.accounts.notifying import Pages

_pages = Pages("desk/notifications.html", "desk:")
_anybody = officers(*nav.ANYTHING)

settings = _anybody(require_http_methods(["GET", "HEAD", "POST"])(_pages.settings))
send_code = _anybody(require_POST(_pages.send_code))
confirm = _anybody(require_POST(_pages.confirm))
remove = _anybody(require_POST(_pages.remove))
