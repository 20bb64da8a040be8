"""Why a verb of accounts did not happen, and the locks that all of them take."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from foundation.accounts.models import Post, User
from foundation.accounts.roles import Permission, Role

LONGEST_REASON = 200


class AccountRefused(Exception):
    """`field` names the input that it belongs to ("" for none); code "forbidden": this person may not."""

    def __init__(self, message: str, field: str = "", code: str = "invalid"):
        self.message, self.field, self.code = str(message), field, code
        super().__init__(self.message)


def locked(*people: User) -> list[User]:
    """These people as they are now, locked in the order of their ids; returned in the order asked."""
    ids = {person.pk for person in people}
    rows = {
        row.pk: row for row in User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    }
    return [rows[person.pk] for person in people]


def require_operator(by: User, of: Iterable[User] = ()) -> None:
    """Refuse who is no system administrator, and one who acts on their own account."""
    if not by.may(Permission.OPERATE):
        raise AccountRefused(_("只有系统管理员可以管理账号"), code="forbidden")
    if any(person.pk == by.pk for person in of):
        raise AccountRefused(_("不能办理自己的账号和任职，须由另一名系统管理员办理"), code="forbidden")


def refuse_no_administrator(day: date, but: int) -> None:
    """Refuse what would leave the system without an administrator on that day; but: the id of who goes.

    Locks all posts of the role: of two who end each other's at once, the second is refused.
    """
    posts = Post.objects.filter(role=Role.SYSTEM_ADMINISTRATOR).order_by("pk")
    list(posts.select_for_update(no_key=True).values_list("pk", flat=True))
    if not posts.held_on(day).filter(user__is_active=True).exclude(user=but).exists():
        raise AccountRefused(_("此后不再有系统管理员；请先由另一名系统管理员接任"))


def reason_of(text: str, field: str = "reason") -> str:
    text = " ".join((text or "").split())
    if not text:
        raise AccountRefused(_("请写明事由"), field)
    if len(text) > LONGEST_REASON:
        raise AccountRefused(_("不能超过 %d 个字") % LONGEST_REASON, field)
    return text
