"""What stands in the portal's header, for everybody, for people of enterprises, for officers."""

from functools import partial

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from foundation.events import events
from portal import acting


def entries(request: HttpRequest) -> list[dict]:
    """The navigation's entries (see foundation.display.surfaces)."""
    catalogue = {"label": _("措施目录"), "url": reverse("catalogue")}
    calls = {"label": _("申报通知"), "url": reverse("calls")}
    notices = {"label": _("公示"), "url": reverse("notices")}
    if not request.user.is_authenticated:
        return [{"label": _("首页"), "url": reverse("home")}, calls, catalogue, notices]
    if request.user.is_officer:
        return [{"label": _("审核台"), "url": reverse("desk:home")}, calls, catalogue, notices]
    unit = acting.standing(request).current
    mine = (_("企业信息"), "enterprise") if unit and unit.verified else (_("身份核验"), "claims")
    return [
        {"label": _("我能享受什么"), "url": reverse("home")},
        {"label": _("我的申请"), "url": reverse("my_cases")}
        | ({"active": True} if request.path_info.startswith(("/referrals/", "/parts/")) else {}),
        {"label": mine[0], "url": reverse(mine[1])},
        calls,
        catalogue,
        notices,
        {"label": _("消息"), "url": reverse("messages"), "count": unread(request)},
    ]


def under_way(active: str) -> list[dict]:
    """What people of an enterprise have under way: applications to calls, requests about items without one."""
    return [
        {"label": label, "url": reverse(name), "active": name == active, "count": None}
        for name, label in (
            ("my_cases", _("申请")),
            ("parts", _("参与的联合体")),
            ("referrals", _("办理请求")),
        )
    ]


def unread(request: HttpRequest):
    """How many messages wait, asked only where a page shows it."""
    return SimpleLazyObject(partial(events.unread_count, request.user))


# What every company's name ends in says nothing in a menu.
_ENDINGS = ("有限责任公司", "股份有限公司", "有限公司")


def short(name: str) -> str:
    """示例检测技术有限公司 → 示例检测技术."""
    return next((name[: -len(end)] for end in _ENDINGS if name.endswith(end)), name) or name


def account_label(request: HttpRequest) -> str:
    """示例检测技术有限公司 · 经办人."""
    if request.user.is_officer:
        return request.user.actor_label
    unit = acting.standing(request).current
    if unit is None:
        return _("尚未登记企业")
    return _("%(name)s · %(role)s") % {
        "name": short(unit.name),
        "role": unit.role if unit.verified else _("待核验"),
    }


def switch(request: HttpRequest) -> list[dict]:
    """The other enterprises that the person may act for here: {id, name, role}."""
    if not request.user.is_authenticated or request.user.is_officer:
        return []
    return [
        {
            "id": unit.enterprise.pk,
            "name": short(unit.name),
            "role": unit.role if unit.verified else _("待核验"),
        }
        for unit in acting.standing(request).others
    ]


def barred(request: HttpRequest) -> str:
    """Why nothing can be done for the enterprise in view."""
    if request.user.is_officer:
        return ""
    unit = acting.standing(request).current
    return unit.barred if unit is not None else ""
