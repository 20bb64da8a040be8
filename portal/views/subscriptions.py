"""Being told when one's enterprise can apply: switched on and off from the first page and from an item's."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications import workflow
from applications.workflow import Refused
from foundation.accounts.access import NotAllowed, enterprise_side
from measures.models import Item
from portal import acting


@enterprise_side
@require_POST
def subscribe(request):
    """Be told of one item (its code is posted), or of any."""
    item = _item(request)
    try:
        workflow.subscribe(request.user, _enterprise(request), item)
    except Refused as refused:
        if refused.code == "forbidden":
            raise NotAllowed(refused.message) from refused
        messages.error(request, refused.message)
    else:
        messages.success(
            request,
            _("已订阅“%s”：贵企业可以申请时，会告诉您一次。") % item.name
            if item
            else _("已订阅：贵企业有新的事项可以申请时，会告诉您一次。"),
        )
    return _back(item)


@enterprise_side
@require_POST
def unsubscribe(request):
    """Be told no longer."""
    item = _item(request)
    workflow.unsubscribe(request.user, _enterprise(request), item)
    messages.success(request, _("已退订。"))
    return _back(item)


def _item(request) -> Item | None:
    code = request.POST.get("item", "")
    return get_object_or_404(Item, code=code) if code else None


def _enterprise(request):
    unit = acting.standing(request).current
    if unit is None or not unit.verified:
        raise NotAllowed(_("身份核验通过后才能订阅。"))
    return unit.enterprise


def _back(item: Item | None):
    return redirect("item", item.code) if item else redirect("home")
