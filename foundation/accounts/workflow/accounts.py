"""Accounts of officials: opened, locked, unlocked by the system administrator, never by its own person."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from foundation.accounts.models import User
from foundation.accounts.roles import Permission
from foundation.accounts.workflow.refusal import (
    AccountRefused,
    locked,
    reason_of,
    refuse_no_administrator,
    require_operator,
)
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience

LONGEST_USERNAME, LONGEST_NAME = 150, User._meta.get_field("full_name").max_length


def open_account(by, *, username: str, full_name: str, address: str) -> User:
    """开通账号 for an official. Nobody knows its password: the person sets it by the link of 忘记密码.

    address: the person's mail address, which is told that the account stands.
    """
    require_operator(by)
    return create(by, username=username, full_name=full_name, address=address)


def create(by, *, username: str, full_name: str, address: str) -> User:
    """The account with its event; `by` is the system where the first administrator is made."""
    username, full_name = "".join((username or "").split()), " ".join((full_name or "").split())
    address = (address or "").strip().lower()
    try:
        User.username_validator(username)
    except ValidationError as error:
        raise AccountRefused(_("用户名只能含字母、数字和 @ . + - _"), "username") from error
    if not username or len(username) > LONGEST_USERNAME:
        raise AccountRefused(_("请填写用户名"), "username")
    if not full_name or len(full_name) > LONGEST_NAME:
        raise AccountRefused(_("请填写姓名"), "full_name")
    try:
        validate_email(address)
    except ValidationError as error:
        raise AccountRefused(_("请填写有效的电子邮箱：本人凭它设置密码"), "email") from error
    with transaction.atomic():
        if EmailAddress.objects.filter(email__iexact=address).exists():
            raise AccountRefused(_("该邮箱已有账号"), "email")
        person = User(username=username, full_name=full_name, email=address)
        person.set_unusable_password()
        try:
            with transaction.atomic():
                person.save(force_insert=True)
        except IntegrityError as error:
            raise AccountRefused(_("该用户名已有人使用"), "username") from error
        EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
        events.record(
            "open_account", person, by, tell=[Audience("user", person.pk)], username=person.username
        )
    return person


def lock_account(person: User, by: User, reason: str) -> User:
    """停用账号 with the reason: nobody signs in with it, its posts and deputyships carry nothing meanwhile."""
    require_operator(by, [person])
    reason = reason_of(reason)
    with transaction.atomic():
        (row,) = locked(person)
        if not row.is_active:
            raise AccountRefused(_("该账号已停用"))
        if row.may(Permission.OPERATE):
            # Tomorrow too: whoever locks it may leave today.
            refuse_no_administrator(clock.today() + timedelta(days=1), but=row.pk)
        row.is_active = False
        row.save(update_fields=["is_active"])
        events.record("lock_account", row, by, username=row.username, reason=reason)
    return row


def unlock_account(person: User, by: User, reason: str) -> User:
    """恢复账号 with the reason."""
    require_operator(by, [person])
    reason = reason_of(reason)
    with transaction.atomic():
        (row,) = locked(person)
        if row.is_active:
            raise AccountRefused(_("该账号没有停用"))
        row.is_active = True
        row.save(update_fields=["is_active"])
        events.record("unlock_account", row, by, username=row.username, reason=reason)
    return row
