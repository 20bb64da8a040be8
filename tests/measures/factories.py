"""What the tests of this room stand on, named by state."""

from datetime import timedelta

from django.core.management import call_command

from foundation.accounts.models import Office, Post, User
from foundation.accounts.roles import Role
from foundation.clock import clock
from measures.models import Call, CallItem, FormVersion, Item

SMALL_FORM = {"sections": [{"title": "项目", "fields": [{"key": "name", "label": "名称", "type": "text"}]}]}


def loaded_catalogue() -> None:
    call_command("load_catalogue", "--without-calls", verbosity=0)


def policy_administrator(username="administrator") -> User:
    """Somebody who may configure, with the right to enter the admin."""
    user = User.objects.create_user(username, is_staff=True)
    Post.objects.create(user=user, office=Office.objects.get(code="kw"), role=Role.POLICY_ADMINISTRATOR)
    return user


def person_without_post(username="somebody") -> User:
    return User.objects.create_user(username)


def form_of(item: Item) -> FormVersion:
    return FormVersion.objects.create(item=item, number=item.forms.count() + 1, definition=SMALL_FORM)


def draft_call(code="03-10", route="refer", opens_at=None, closes_at=None, **fields) -> Call:
    """A call with one item, its rule approved: ready to be published."""
    opens_at = opens_at or clock.now()
    office = Office.objects.get(code="kw")
    item = Item.objects.get(code=code)
    call = Call.objects.create(
        title="示例申报通知",
        year=clock.local(opens_at).year,
        opens_at=opens_at,
        closes_at=closes_at or opens_at + timedelta(days=30),
        office=office,
    )
    CallItem.objects.create(
        call=call, item=item, serial=1, route=route, form=form_of(item), decided_by=office, **fields
    )
    return call
