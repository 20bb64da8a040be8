"""Access is denied by default: a view without a rule answers nobody.

Each view carries one rule, set by a decorator of this module. The rule decides who may come in at all;
which object they reach is decided by the querysets in each room's access.py (another's case is a 404).
"""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

# Views of packages that bring their own checks; every one of them is named here.
PACKAGES_WITH_OWN_RULES = ("allauth.account.", "django.contrib.admin.", "unfold.", "whitenoise.")
PATHS_WITH_OWN_RULES = ("/admin/", "/static/")


class NotAllowed(PermissionDenied):
    """This person may not do this; `message` says why in Chinese."""

    def __init__(self, message=""):
        self.message = message or _("您没有办理此事的权限")
        super().__init__(self.message)


def _ruled(view, rule, check):
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if check is not None:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not check(request.user):
                raise NotAllowed(_("您的账号不能打开此页面"))
        return view(request, *args, **kwargs)

    guarded.access_rule = rule
    return guarded


def public(view):
    """Anybody, signed in or not."""
    return _ruled(view, "public", None)


def signed_in(view):
    """Anybody with an account; the view itself narrows to the person's own objects."""
    return _ruled(view, "signed_in", lambda user: user.is_active)


def enterprise_side(view):
    """People of enterprises (and newcomers who have no enterprise yet): everyone without a post."""
    return _ruled(view, "enterprise_side", lambda user: not user.is_officer)


def enterprise_side_or(*permissions):
    """People of enterprises, and officers who do the same for them by one of the permissions (at the counter)."""

    def decorate(view):
        return _ruled(
            view,
            "enterprise_side_or:" + ",".join(permissions),
            lambda user: not user.is_officer or any(user.may(permission) for permission in permissions),
        )

    return decorate


def officers(*permissions):
    """People who hold a post that carries one of the permissions."""

    def decorate(view):
        return _ruled(
            view,
            "officers:" + ",".join(permissions),
            lambda user: any(user.may(permission) for permission in permissions),
        )

    return decorate


def rule_of(callback) -> str | None:
    """The rule that a resolved view carries, or None."""
    rule = getattr(callback, "access_rule", None)
    if rule:
        return rule
    view_class = getattr(callback, "view_class", None)
    module = (view_class.__module__ if view_class else getattr(callback, "__module__", "")) + "."
    return "own" if module.startswith(PACKAGES_WITH_OWN_RULES) else None


class DenyByDefaultMiddleware:
    """Refuses any view that carries no rule, so that a forgotten decorator is a closed door."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, callback, args, kwargs):
        if request.path.startswith(PATHS_WITH_OWN_RULES) or rule_of(callback):
            return
        raise NotAllowed(_("此页面没有开放"))
