"""The mobile number of a person: entered by themselves, confirmed by a code, encrypted at rest, never logged.

One number at a time; a new one takes the old one's place once it is confirmed.
"""

import hmac
import re
import secrets
import unicodedata
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from foundation.accounts.fields import fingerprint
from foundation.accounts.models import PhoneCode, User
from foundation.clock import clock
from foundation.events import events, sms

MOBILE = re.compile(r"1[3-9][0-9]{9}")
VALID_FOR = timedelta(minutes=10)
# Between two codes of one person.
PAUSE = timedelta(minutes=1)
A_DAY = timedelta(days=1)
# In a day, for one person and for one number: texts cost money and annoy whoever owns the number.
CODES_A_DAY = 5
ATTEMPTS = 5


class PhoneRefused(Exception):
    """The number or the code can't be taken; `field` names its field, the text says why, in Chinese."""

    def __init__(self, field: str, message: str):
        self.field = field
        super().__init__(message)


def request_code(user: User, phone: str) -> str:
    """Send a code to this number and return the number as it is written.

    Raises PhoneRefused for what is no mainland mobile number, for too many codes, and where the gateway fails.
    """
    phone = normalised(phone)
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        _lock(user)
        # What the limits don't need any more isn't kept.
        PhoneCode.objects.filter(user=user, sent_at__lt=clock.now() - A_DAY).delete()
        _within_limits(user, phone)
        row = PhoneCode.objects.create(
            user=user,
            phone=phone,
            fingerprint=fingerprint(phone),
            digest=_digest(user, phone, code),
            sent_at=clock.now(),
        )
    text = _("验证码 %(code)s，10 分钟内有效。不是本人操作请忽略。") % {"code": code}
    try:
        sms.backend().send(phone, sms.text_of(text))
    except Exception as error:
        # It still counts against the limit, and can't be used.
        PhoneCode.objects.filter(pk=row.pk).update(used_at=clock.now())
        raise PhoneRefused("phone", _("短信没有发出，请稍后再试。")) from error
    return phone


def confirm(user: User, code: str) -> User:
    """Keep the number to which the last code was sent, where this is the code; PhoneRefused otherwise."""
    with transaction.atomic():
        person = _lock(user)
        row = pending(user)
        if row is None:
            raise PhoneRefused("code", _("验证码已失效，请重新获取。"))
        row.attempts += 1
        right = hmac.compare_digest(row.digest, _digest(user, row.phone, "".join(code.split())))
        if right:
            row.used_at = clock.now()
        row.save(update_fields=["attempts", "used_at"])
        if right:
            person.phone, person.phone_fingerprint = row.phone, row.fingerprint
            person.phone_confirmed_at = clock.now()
            person.save(update_fields=["phone", "phone_fingerprint", "phone_confirmed_at"])
            events.record("confirm_number", person, user, fingerprint=row.fingerprint[:12])
    # Outside of the transaction: a wrong attempt stays counted.
    if not right:
        left = ATTEMPTS - row.attempts
        if left:
            raise PhoneRefused("code", _("验证码不对，还可以试 %(left)d 次。") % {"left": left})
        raise PhoneRefused("code", _("验证码错误次数过多，请重新获取。"))
    return person


@transaction.atomic
def remove(user: User) -> bool:
    """Forget the person's number; False where there was none."""
    person = _lock(user)
    if not person.phone:
        return False
    mark = person.phone_fingerprint
    person.phone, person.phone_fingerprint, person.phone_confirmed_at = "", "", None
    person.save(update_fields=["phone", "phone_fingerprint", "phone_confirmed_at"])
    events.record("remove_number", person, user, fingerprint=mark[:12])
    return True


def pending(user: User) -> PhoneCode | None:
    """The last code of this person, where it can still be entered."""
    row = PhoneCode.objects.filter(user=user).order_by("-sent_at", "-pk").first()
    if row is None or row.used_at or row.attempts >= ATTEMPTS or clock.now() - row.sent_at > VALID_FOR:
        return None
    return row


def normalised(phone: str) -> str:
    """13812345678 from 138 1234 5678, +86 138-1234-5678 and full-width digits."""
    digits = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", phone or ""))
    digits = re.sub(r"^(\+86|0086)", "", digits)
    if not MOBILE.fullmatch(digits):
        raise PhoneRefused("phone", _("请填写 11 位手机号码。"))
    return digits


def _lock(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _within_limits(user: User, phone: str) -> None:
    now = clock.now()
    today = PhoneCode.objects.filter(sent_at__gt=now - A_DAY)
    mine = list(today.filter(user=user).order_by("-sent_at").values_list("sent_at", flat=True))
    if mine and now - mine[0] < PAUSE:
        raise PhoneRefused("phone", _("验证码刚刚发过，请一分钟后再试。"))
    theirs = today.filter(fingerprint=fingerprint(phone)).count()
    if len(mine) >= CODES_A_DAY or theirs >= CODES_A_DAY:
        raise PhoneRefused("phone", _("今天发送的验证码已达上限，请明天再试。"))


def _digest(user: User, phone: str, code: str) -> str:
    return fingerprint(f"{user.pk}:{phone}:{code}")
