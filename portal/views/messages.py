"""The inbox. Opening it by GET marks nothing as read: that is a POST."""

from django.contrib import messages as flash
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_filters import ChoiceFilter, FilterSet

from foundation.accounts.access import enterprise_side, signed_in
from foundation.events import events
from foundation.events.models import Notification
from foundation.lists.columns import Column
from foundation.lists.lists import List


class InboxFilter(FilterSet):
    unread = ChoiceFilter(
        label=gettext_lazy("显示"),
        choices=[("1", gettext_lazy("只看未读"))],
        empty_label=gettext_lazy("全部"),
        method="only_unread",
    )

    class Meta:
        model = Notification
        fields = []

    def only_unread(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(is_read=False)


class Inbox(List):
    title = gettext_lazy("消息")
    filterset_class = InboxFilter
    columns = (Column("at", gettext_lazy("时间"), "created_at", sort="created_at"),)
    default_sort = "-at"
    page_size = 20


@enterprise_side
@require_safe
def inbox(request):
    """What this person was told, newest first."""
    listing = Inbox(events.inbox(request.user), request)
    shown = list(listing.page.rows)
    rows = [
        {"told": told, "message": message}
        for told, message in zip(shown, events.render_many(shown), strict=True)
    ]
    context = {"list": listing, "rows": rows, "waiting": events.unread_count(request.user)}
    return render(request, "portal/messages.html", context)


@enterprise_side
@require_POST
def mark_all_read(request):
    """Mark everything that the person was told as read."""
    unread = events.inbox(request.user).filter(is_read=False).values_list("pk", flat=True)
    count = events.mark_read(request.user, list(unread))
    flash.success(request, _("%d 条消息已标为已读。") % count)
    return redirect("messages")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def message(request, pk):
    """Where a mail's link leads: on to what the message is about. By POST it also marks it as read."""
    told = get_object_or_404(events.inbox(request.user), pk=pk)
    if request.method == "POST":
        events.mark_read(request.user, [told.pk])
    fallback = "desk:home" if request.user.is_officer else "messages"
    return redirect(events.url_of(told.event, request.user) or reverse(fallback))
