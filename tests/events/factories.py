"""People, subjects and a tampering hand for the tests of the room."""

from itertools import count

from django.contrib.auth import get_user_model

from foundation.accounts.fields import fingerprint
from foundation.accounts.models import Office, Post
from foundation.clock import clock

_numbers = count(1)


def person(email: str | None = None, **fields):
    """Somebody with an account; an address unless told otherwise."""
    number = next(_numbers)
    address = f"person{number}@example.test" if email is None else email
    return get_user_model().objects.create(username=f"person{number}", email=address, **fields)


def subject() -> Office:
    """Something that has a history; any row with a whole number as key would do."""
    number = next(_numbers)
    return Office.objects.create(
        code=f"unit-{number}", name=f"第{number}处", short_name=f"{number}处", kind=Office.Kind.MUNICIPAL
    )


def reachable_by_phone(phone: str | None = None, **fields):
    """Somebody with an address and a confirmed mobile number."""
    phone = phone or f"139{next(_numbers):08d}"
    fields.setdefault("email", None)
    return person(phone=phone, phone_fingerprint=fingerprint(phone), phone_confirmed_at=clock.now(), **fields)


def with_role(role: str):
    """Somebody who holds that role at an office of its own and opens the admin."""
    one = person(is_staff=True)
    Post.objects.create(user=one, office=subject(), role=role, since=clock.today())
    return one
