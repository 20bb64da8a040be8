"""What an officer is told: their own messages and those of their offices."""

from django.contrib import messages as flash
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from desk import nav
from foundation.accounts.access import officers
from foundation.events import events
from foundation.lists.columns import Column
from foundation.lists.lists import List


class MessageList(List):
    title = gettext_lazy("消息")
    default_sort = "-at"
    columns = (Column("at", gettext_lazy("时间"), "created_at", sort="created_at"),)


@officers(*nav.ANYTHING)
@require_safe
def messages(request):
    """All messages, or with ?tab=unread those not read yet."""
    unread = events.unread_count(request.user)
    chosen = "unread" if request.GET.get("tab") == "unread" else "all"
    told = events.inbox(request.user)
    if chosen == "unread":
        told = told.filter(is_read=False)
    listing = MessageList(told.order_by(), request)
    shown = list(listing.page.rows)
    rows = [
        {
            "told": one,
            "message": message,
            "leads": bool(events.url_of(one.event, request.user)),
        }
        for one, message in zip(shown, events.render_many(shown), strict=True)
    ]
    tabs = [
        {"label": _("全部"), "url": "?tab=all", "active": chosen == "all"},
        {"label": _("未读"), "url": "?tab=unread", "active": chosen == "unread", "count": unread},
    ]
    context = {"list": listing, "rows": rows, "unread_messages": unread, "tabs": tabs, "chosen": chosen}
    return render(request, "desk/messages.html", context)


@officers(*nav.ANYTHING)
@require_POST
def message_open(request, pk: int):
    """Mark a message as read and go where it leads."""
    told = events.inbox(request.user).filter(pk=pk).first()
    if told is None:
        raise Http404
    events.mark_read(request.user, [told.pk])
    url = events.url_of(told.event, request.user)
    if url and url_has_allowed_host_and_scheme(url, allowed_hosts=None):
        return redirect(url)
    return redirect("desk:messages")


@officers(*nav.ANYTHING)
@require_POST
def messages_read(request):
    """Mark everything as read that stands there now."""
    unread = events.inbox(request.user).filter(is_read=False).order_by("-pk").values_list("pk", flat=True)
    marked = events.mark_read(request.user, list(unread[:5000]))
    flash.success(request, _("已将 %d 条消息标为已读") % marked)
    return redirect("desk:messages")
