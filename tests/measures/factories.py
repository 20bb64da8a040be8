"""What the tests of this room stand on, named by state."""

from datetime import date

from foundation.accounts.models import Office, Post, User
from foundation.accounts.roles import SYSTEM, Role
from foundation.clock import clock
from measures import rule_workflow
from measures.models import Call, CallItem, Condition, FormVersion, Item, RuleVersion, SpecialFund
from tests.plugins.shipped import load_catalogue

SMALL_FORM = {"sections": [{"title": "项目", "fields": [{"key": "name", "label": "名称", "type": "text"}]}]}


def loaded_catalogue() -> None:
    load_catalogue(with_calls=False)


def loaded_catalogue_with_calls() -> None:
    """As of the clock's moment; each command of its own, as a start is."""
    load_catalogue(with_calls=True)


def policy_administrator(username="administrator") -> User:
    """Somebody who may configure, with the right to enter the admin."""
    user = User.objects.create_user(username, is_staff=True)
    Post.objects.create(
        user=user,
        office=Office.objects.get(code="kw"),
        role=Role.POLICY_ADMINISTRATOR,
        since=date(2024, 1, 1),
    )
    return user


def person_without_post(username="somebody") -> User:
    return User.objects.create_user(username)


def form_of(item: Item) -> FormVersion:
    return FormVersion.objects.create(item=item, number=item.forms.count() + 1, definition=SMALL_FORM)


def fund(year: int) -> SpecialFund:
    """A fund without any money yet."""
    return SpecialFund.objects.create(
        code=f"sample-{year}",
        name=f"示例专项资金（{year}）",
        year=year,
        office=Office.objects.get(code="kw"),
        paid_by=Office.objects.get(code="czj"),
    )


def ready_call(opens_at, closes_at, code="03-10", route="refer", serial=1, rule=True, **fields) -> Call:
    """A draft with one item; with an approved rule of one condition, and then ready to be published."""
    office = Office.objects.get(code="kw")
    item = Item.objects.get(code=code)
    call = Call.objects.create(
        title="示例申报通知",
        year=clock.local(opens_at).year,
        opens_at=opens_at,
        closes_at=closes_at,
        office=office,
    )
    one = CallItem.objects.create(
        call=call, item=item, serial=serial, route=route, form=form_of(item), decided_by=office, **fields
    )
    if rule:
        draft = RuleVersion.objects.create(call_item=one, number=1)
        Condition.objects.create(
            rule=draft, position=1, fact="legal_person", operator="is_true", label="具有独立法人资格"
        )
        rule_workflow.approve_rule(draft, SYSTEM)
    return call
