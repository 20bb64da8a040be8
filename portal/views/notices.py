"""Public notices (公示): only within their days, without personal data."""

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications.states import State
from foundation.accounts.access import public
from foundation.clock import clock
from reviews.models import PublicNotice


def open_notices() -> QuerySet[PublicNotice]:
    """Notices within their days, to the hour, the newest first."""
    now = clock.now()
    return (
        PublicNotice.objects.filter(published_at__lte=now, closes_at__gt=now)
        .select_related("call_item__item", "office")
        .annotate(count=Count("lines"))
        .order_by("-published_at", "-pk")
    )


@public
@require_safe
def notices(request):
    """What is on public notice now."""
    return render(request, "portal/notices.html", {"notices": open_notices()})


@public
@require_safe
def notice(request, number):
    """One list within its days; afterwards only that it has ended (410)."""
    found = get_object_or_404(PublicNotice.objects.select_related("call_item__item", "office"), number=number)
    if not found.is_open():
        return render(request, "portal/notice_ended.html", {"notice": found}, status=410)
    lines = found.lines.select_related("application").order_by("position")
    context = {
        "notice": found,
        # A line is void once its case left the notice: withdrawn, or taken back for review.
        "lines": [(line, line.application.state == State.PUBLIC_NOTICE) for line in lines],
    }
    return render(request, "portal/notice.html", context)
