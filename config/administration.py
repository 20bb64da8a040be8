"""The admin's look: our name and colours (static/css/tokens.css), a sidebar by rooms, and who sees what of it."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# App labels under their heading, in this order; models within an app as they are listed here, others after them.
GROUPS = [
    (_("政策与申报"), ["measures", "applications", "reviews"]),
    (_("资金"), ["funds", "payments"]),
    (_("企业"), ["enterprises"]),
    (_("审计"), ["events", "documents", "files"]),
    (_("运行"), ["accounts", "workdays", "jobs", "tracking", "account", "django_celery_beat"]),
]
# Models that stand under another heading than their room.
ELSEWHERE = {"measures.specialfund": "funds", "measures.ledgerentry": "funds"}
FIRST = [
    "call",
    "ruleversion",
    "formversion",
    "measure",
    "item",
    "application",
    "enterprise",
    "event",
    "user",
    "office",
]
ICONS = {
    "measures": "description",
    "applications": "folder_open",
    "reviews": "campaign",
    "funds": "account_balance",
    "payments": "payments",
    "enterprises": "domain",
    "events": "history",
    "documents": "picture_as_pdf",
    "files": "attach_file",
    "accounts": "person",
    "workdays": "calendar_month",
    "jobs": "pending_actions",
    "tracking": "monitoring",
}


def sidebar(request) -> list[dict]:
    """Every model that this person may open, under its room; a room that nobody listed comes under the last one."""
    groups = [
        {"title": title, "separator": True, "collapsible": False, "items": []} for title, _labels in GROUPS
    ]
    place = {label: number for number, (_title, labels) in enumerate(GROUPS) for label in labels}
    order = [label for _title, labels in GROUPS for label in labels]
    found = []
    for model, model_admin in admin.site._registry.items():
        meta = model._meta
        if not model_admin.has_view_permission(request):
            continue
        label = ELSEWHERE.get(meta.label_lower, meta.app_label)
        rank = FIRST.index(meta.model_name) if meta.model_name in FIRST else len(FIRST)
        where = order.index(label) if label in order else len(order)
        found.append(
            (
                where,
                rank,
                {
                    "title": meta.verbose_name_plural,
                    "icon": ICONS.get(label, "settings"),
                    "link": reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"),
                },
                place.get(label, len(GROUPS) - 1),
            )
        )
    for _where, _rank, item, group in sorted(found, key=lambda one: one[:2]):
        groups[group]["items"].append(item)
    overview = {
        "title": "",
        "separator": False,
        "items": [{"title": _("等您办理"), "icon": "inbox", "link": reverse("admin:index")}],
    }
    return [overview, *(group for group in groups if group["items"])]


UNFOLD = {
    "SITE_TITLE": _("科服直达 · 管理"),
    "SITE_HEADER": _("科服直达 · 管理"),
    "SITE_SUBHEADER": _("政策、申报通知与规则"),
    "SITE_URL": "/desk/",
    "SITE_ICON": lambda request: static("img/mark.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")}
    ],
    "THEME": "light",
    "BORDER_RADIUS": "8px",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("css/tokens.css"), lambda request: static("css/admin.css")],
    "DASHBOARD_CALLBACK": "measures.admin.dashboard.waiting",
    "SIDEBAR": {
        "show_search": True,
        "command_search": False,
        "show_all_applications": False,
        "navigation": sidebar,
    },
    "COLORS": {
        # From --ground to --ink.
        "base": {
            "50": "#f6f7f9",
            "100": "#eef0f3",
            "200": "#e3e6ea",
            "300": "#cdd3da",
            "400": "#7f8b9a",
            "500": "#5b6a7d",
            "600": "#46566b",
            "700": "#33445b",
            "800": "#22344c",
            "900": "#14243a",
            "950": "#0c1728",
        },
        # Around --brand.
        "primary": {
            "50": "#e8f1fb",
            "100": "#d3e4f7",
            "200": "#a9caef",
            "300": "#7bade3",
            "400": "#428bd2",
            "500": "#0b5cad",
            "600": "#0b5cad",
            "700": "#09498a",
            "800": "#083f78",
            "900": "#062f5a",
            "950": "#041f3c",
        },
        "font": {
            "subtle-light": "#5b6a7d",
            "subtle-dark": "#cdd3da",
            "default-light": "#33445b",
            "default-dark": "#e3e6ea",
            "important-light": "#14243a",
            "important-dark": "#ffffff",
        },
    },
}
