"""Accounts, posts, deputies and leaving: who may, and that nobody stands above or acts for themselves."""

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from foundation.accounts import workflow
from foundation.accounts.models import Deputyship, Office, Post, User
from foundation.accounts.roles import Permission, Role
from foundation.accounts.workflow import AccountRefused
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event, Notification
from tests.accounts import factories as people
from tests.applications.conftest import monday
from tests.measures.factories import loaded_catalogue

__all__ = ["monday"]
pytestmark = pytest.mark.django_db
P = Permission


@pytest.fixture(autouse=True)
def catalogue(monday):
    loaded_catalogue()


def today(days: int = 0) -> date:
    return clock.today() + timedelta(days=days)


def again(person: User) -> User:
    """The person as the next request sees them."""
    return User.objects.get(pk=person.pk)


def refused(verb, *args, **given) -> AccountRefused:
    before = Event.objects.count()
    with pytest.raises(AccountRefused) as caught:
        verb(*args, **given)
    assert Event.objects.count() == before
    assert caught.value.message
    return caught.value


def verbs_of(person: User) -> list[str]:
    return list(events.timeline(person).values_list("verb", flat=True))


def test_an_account_is_opened_without_a_password_and_its_person_is_told_by_mail():
    keeper = people.system_administrator()
    given = {"username": "wang.li", "full_name": "王莉", "address": "Wang.Li@example.test"}
    person = workflow.open_account(keeper, **given)
    assert not person.has_usable_password() and not person.is_officer and not person.is_staff
    assert EmailAddress.objects.get(user=person).email == "wang.li@example.test"
    assert Notification.objects.get(event__verb="open_account").audience_id == person.pk
    assert refused(workflow.open_account, keeper, **given).field == "email"
    assert refused(workflow.open_account, keeper, **given | {"address": "b@example.test"}).field == "username"
    assert refused(workflow.open_account, keeper, **given | {"username": "wang/li"}).field == "username"
    assert refused(workflow.open_account, keeper, **given | {"full_name": " "}).field == "full_name"
    assert refused(workflow.open_account, keeper, **given | {"address": "b"}).field == "email"
    for other in (people.security_administrator(), people.auditor(), people.district_head(), person):
        assert refused(workflow.open_account, other, **given).code == "forbidden"


def test_posts_are_given_and_ended_with_dates_and_never_to_oneself():
    keeper, second = people.system_administrator(), people.system_administrator("b")
    xuhui, person = Office.objects.get(code="kw-310104"), people.user()
    give = {"office": xuhui, "role": Role.DISTRICT_OFFICER, "since": today(1)}
    post = workflow.give_post(person, keeper, **give)
    assert post.given_by == keeper and verbs_of(person) == ["give_post"]
    assert not again(person).may(P.RECOMMEND, xuhui.pk)
    with clock.at(clock.now() + timedelta(days=1)):
        assert again(person).may(P.RECOMMEND, xuhui.pk)
    # Nobody gives to themselves, and the database holds it too.
    assert refused(workflow.give_post, keeper, keeper, **give).code == "forbidden"
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(
            user=keeper, office=xuhui, role=Role.DISTRICT_HEAD, since=today(), given_by=keeper
        )
    assert refused(workflow.give_post, person, people.district_head(), **give).code == "forbidden"
    assert refused(workflow.give_post, person, keeper, **give).field == "role"
    assert refused(workflow.give_post, person, keeper, **give | {"role": Role.MUNICIPAL_HEAD}).field == "role"
    # Who keeps accounts or reads the log handles no case, and the other way round.
    for watching in (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR):
        assert refused(workflow.give_post, person, keeper, **give | {"role": watching}).field == "role"
    assert refused(workflow.give_post, second, keeper, **give).field == "role"
    # The last of a role at an office is not simply ended.
    with clock.at(clock.now() + timedelta(days=1)):
        assert "移交" in refused(workflow.end_post, post, keeper, today()).message
        people.district_officer()
        assert workflow.end_post(post, keeper, today()).until == today()
        assert refused(workflow.end_post, post, keeper, today()).field == "last_day"
        assert again(person).may(P.RECOMMEND)
    with clock.at(clock.now() + timedelta(days=2)):
        assert not again(person).is_officer
    own = keeper.posts.get()
    assert refused(workflow.end_post, own, keeper, today()).code == "forbidden"


def test_a_locked_account_carries_nothing_and_nobody_locks_themselves():
    keeper, officer = people.system_administrator(), people.district_officer()
    assert refused(workflow.lock_account, keeper, keeper, "试").code == "forbidden"
    assert refused(workflow.lock_account, officer, keeper, " ").field == "reason"
    assert refused(workflow.lock_account, officer, people.auditor(), "调查").code == "forbidden"
    workflow.lock_account(officer, keeper, "调查期间")
    assert not again(officer).is_officer
    refused(workflow.lock_account, officer, keeper, "再次")
    workflow.unlock_account(officer, keeper, "调查结束")
    assert again(officer).may(P.RECOMMEND)
    refused(workflow.unlock_account, officer, keeper, "再次")
    assert verbs_of(officer) == ["lock_account", "unlock_account"]


def test_a_system_administrator_is_always_left():
    keeper, second = people.system_administrator(), people.system_administrator("b")
    over = {"last_day": today(), "successors": {}, "reason": "调离"}
    workflow.end_post(second.posts.get(), keeper, today())
    # The second, still in office today, would leave tomorrow without any.
    for verb, given in (
        (workflow.end_post, (keeper.posts.get(), second, today())),
        (workflow.lock_account, (keeper, second, "调查")),
    ):
        assert "系统管理员" in refused(verb, *given).message
    assert "系统管理员" in refused(workflow.hand_over, keeper, second, **over).message
    people.system_administrator("c")
    workflow.hand_over(keeper, second, **over)


def test_nobody_stands_above_the_rules():
    with pytest.raises(IntegrityError), transaction.atomic():
        people.user(is_superuser=True)
    with pytest.raises(CommandError, match="first_administrator"):
        call_command("createsuperuser", "--noinput", username="root", email="root@example.test")
    call_command("first_administrator", "guanli", "guanli@example.test", name="赵管理")
    person = User.objects.get(username="guanli")
    assert person.may(P.OPERATE) and person.is_staff and not person.has_usable_password()
    with pytest.raises(CommandError, match="已有系统管理员"):
        call_command("first_administrator", "er", "er@example.test", name="二")


def test_signing_in_and_being_refused_stand_in_the_log_without_what_was_typed():
    officer = people.district_officer()
    page = reverse("account_login")
    Client().post(page, {"login": officer.username, "password": "wrong-password-2026"})
    Client().post(page, {"login": "nobody-at-all", "password": "wrong-password-2026"})
    assert Client().post(page, {"login": officer.username, "password": people.PASSWORD}).status_code == 302
    rows = list(events.timeline(officer))
    assert [row.verb for row in rows] == ["refuse_sign_in", "sign_in"]
    assert [row.facts for row in rows] == [{}, {}]


def test_a_deputy_has_the_post_s_permissions_while_the_days_last_and_nothing_is_stored_by_the_clock():
    head, officer = people.district_head(), people.district_officer()
    post = head.posts.get()
    days = {"since": today(1), "until": today(3), "reason": "出差"}
    row = workflow.name_deputy(post, head, deputy=officer, **days)
    assert {one.audience_id for one in Notification.objects.filter(event__verb="name_deputy")} == {
        head.pk,
        officer.pk,
    }
    for day, holds in ((0, False), (1, True), (3, True), (4, False)):
        with clock.at(clock.now() + timedelta(days=day)):
            assert again(officer).may(P.ENDORSE, post.office_id) == holds, day
    with clock.at(clock.now() + timedelta(days=2)):
        acting = again(officer)
        assert acting.in_place_of(P.ENDORSE, post.office_id) == head
        assert acting.in_place_of(P.RECOMMEND, post.office_id) is None
        assert acting.capacities(P.ENDORSE) == {head.pk: {post.office_id}}
        assert acting.posts_now[0].user == officer and acting.actor_label.endswith("区级审核员")
        # Not longer than the holder's account and the deputy's own post.
        workflow.lock_account(head, people.system_administrator(), "调查")
        assert not again(officer).may(P.ENDORSE)
        workflow.unlock_account(head, people.system_administrator(), "结束")
        workflow.end_deputyship(row, again(officer))
        assert not again(officer).may(P.ENDORSE)
        refused(workflow.end_deputyship, row, head)


def test_who_may_name_whom_as_a_deputy():
    head, officer = people.district_head(), people.district_officer()
    third, far = people.district_officer(mark="b"), people.district_officer(people.PUDONG)
    keeper, post = people.system_administrator(), head.posts.get()
    days = {"since": today(), "until": today(3), "reason": "休假"}
    name = workflow.name_deputy
    # Others than the holder, the office's head and the system administrator; themselves; another office; the same role.
    assert refused(name, post, third, deputy=officer, **days).code == "forbidden"
    assert refused(name, post, people.district_head(people.PUDONG), deputy=far, **days).code == "forbidden"
    assert refused(name, officer.posts.get(), head, deputy=head, **days).code == "forbidden"
    assert refused(name, post, head, deputy=head, **days).field == "deputy"
    assert refused(name, post, head, deputy=far, **days).field == "deputy"
    assert refused(name, third.posts.get(), head, deputy=officer, **days).field == "deputy"
    assert refused(name, post, head, deputy=officer, **days | {"reason": ""}).field == "reason"
    assert refused(name, post, head, deputy=officer, **days | {"since": today(-1)}).field == "since"
    assert refused(name, post, head, deputy=officer, **days | {"until": today(-1)}).field == "until"
    assert refused(name, post, head, deputy=officer, **days | {"until": today(400)}).field == "until"
    # Policy, audit and accounts don't pass on: whoever writes a rule can't approve it as a deputy.
    for role in ("policy_administrator", "auditor", "system_administrator", "security_administrator"):
        holder = getattr(people, role)()
        refused(name, holder.posts.get(), holder, deputy=people.municipal_officer(), **days)
    name(post, keeper, deputy=officer, **days)
    assert refused(name, post, head, deputy=third, **days).field == "since"
    with pytest.raises(IntegrityError), transaction.atomic():
        Deputyship.objects.create(
            post=post, holder=head, deputy=head, since=today(), until=today(), reason="-", named_by=head
        )


def test_handing_over_ends_every_post_and_leaves_nothing_to_nobody():
    head, leaver = people.district_head(), people.district_officer()
    colleague, keeper = people.district_officer(mark="b"), people.system_administrator()
    post = leaver.posts.get()
    workflow.name_deputy(head.posts.get(), head, deputy=leaver, since=today(), until=today(30), reason="休假")
    over = {"last_day": today(2), "reason": "调离"}
    hand = workflow.hand_over
    assert refused(hand, leaver, head, successors={}, **over).field == "successors"
    assert refused(hand, leaver, head, successors={post.pk: [head]}, **over).field == "successors"
    assert refused(hand, leaver, leaver, successors={post.pk: [colleague]}, **over).code == "forbidden"
    assert refused(hand, leaver, colleague, successors={post.pk: [head]}, **over).code == "forbidden"
    assert refused(hand, leaver, head, successors={post.pk: [leaver]}, **over).field == "successors"
    far = people.district_head(people.PUDONG)
    assert refused(hand, leaver, far, successors={post.pk: [colleague]}, **over).code == "forbidden"
    hand(leaver, head, successors={post.pk: [colleague]}, **over)
    assert again(leaver).may(P.RECOMMEND) and again(leaver).may(P.ENDORSE)
    assert Notification.objects.get(event__verb="hand_over").audience_id == colleague.pk
    with clock.at(clock.now() + timedelta(days=3)):
        assert not again(leaver).is_officer
        assert again(colleague).may(P.RECOMMEND)
    refused(hand, leaver, head, successors={post.pk: [colleague]}, **over)
    # The system administrator also gives the role, from the next day, to another than themselves.
    post, fresh = head.posts.get(), people.user()
    assert refused(hand, head, keeper, successors={post.pk: [keeper]}, **over).field == "successors"
    hand(head, keeper, successors={post.pk: [fresh]}, **over)
    assert not again(fresh).is_officer
    with clock.at(clock.now() + timedelta(days=3)):
        assert again(fresh).may(P.ENDORSE, post.office_id)
        assert not again(head).is_officer
