"""What was given up is seen, masked, and sent again by who operates the system."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.urls import reverse

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import delivery, events
from foundation.events.models import Delivery
from foundation.operations import reading, workflow
from tests.accounts import factories as people
from tests.events.factories import person, reachable_by_phone, subject
from tests.measures.factories import loaded_catalogue

LIST = "admin:operations_deadletter_changelist"
RESEND = "admin:operations_deadletter_resend"


@pytest.fixture
def operator(db):
    loaded_catalogue()
    user = people.system_administrator()
    user.is_staff = True
    user.save()
    return user


def given_up(someone=None) -> Delivery:
    someone = someone or person(email=f"wang.wu@{subject().code}.test")
    with transaction.atomic():
        tell = [events.Audience("user", someone.pk)]
        event = events.record("finish_job", subject(), by=SYSTEM, tell=tell, label="数数")
    delivery.resolve([event.notifications.get().pk])
    row = Delivery.objects.get(notification__event=event, channel="mail")
    Delivery.objects.filter(pk=row.pk).update(
        attempts=8, next_try_at=None, given_up_at=clock.now(), last_error="SMTPRecipientsRefused"
    )
    row.refresh_from_db()
    return row


def test_a_dead_letter_is_taken_up_with_all_its_attempts_and_its_event(operator):
    row = given_up()
    assert workflow.resend([row.pk], operator) == 1
    row.refresh_from_db()
    assert (row.attempts, row.given_up_at) == (0, None)
    event = events.timeline(row).get()
    assert (event.verb, event.actor) == ("resend_delivery", operator)
    assert row.user.email not in str(event.facts)
    delivery.sweep()
    assert [sent.to for sent in mail.outbox] == [[row.user.email]]


def test_what_is_not_given_up_is_left_alone(operator):
    sent, waiting = given_up(), given_up()
    Delivery.objects.filter(pk=sent.pk).update(given_up_at=None, sent_at=clock.now())
    Delivery.objects.filter(pk=waiting.pk).update(given_up_at=None, next_try_at=clock.now())
    assert workflow.resend([sent.pk, waiting.pk, 0], operator) == 0
    assert not events.timeline(sent).exists()


@pytest.mark.parametrize("role", [people.auditor, people.policy_administrator, people.municipal_head])
def test_nobody_else_sends_again(operator, role):
    row = given_up()
    with pytest.raises(NotAllowed):
        workflow.resend([row.pk], role())
    row.refresh_from_db()
    assert row.given_up_at


def test_the_page_shows_masked_recipients_and_resends_one_or_many(operator, client):
    rows = [given_up() for _ in range(3)]
    client.force_login(operator)
    page = client.get(reverse(LIST)).content.decode()
    assert "有 3 份投递已放弃" in page
    assert "w***@" in page and "SMTPRecipientsRefused" in page and "finish_job" in page
    assert not any(row.user.email in page for row in rows)
    answer = client.post(
        reverse(RESEND), {"one": rows[0].pk, "chosen": [row.pk for row in rows]}, follow=True
    )
    assert "1 份投递已重新排入" in answer.content.decode()
    client.post(reverse(RESEND), {"chosen": [rows[1].pk, rows[2].pk, "x", "-1"]})
    assert Delivery.objects.filter(given_up_at__isnull=False).count() == 0
    answer = client.post(reverse(RESEND), {}, follow=True)
    assert "请先勾选" in answer.content.decode()
    assert client.get(reverse(RESEND)).status_code == 405


def test_the_auditor_reads_the_page_and_is_refused_the_button(operator, client):
    row = given_up()
    auditor = people.auditor()
    auditor.is_staff = True
    auditor.save()
    client.force_login(auditor)
    assert "重新投递所选" not in client.get(reverse(LIST)).content.decode()
    assert client.post(reverse(RESEND), {"one": row.pk}).status_code == 403


def test_people_whom_nothing_reaches_are_seen(operator, client):
    nowhere = person(email="")
    person(email="", is_active=False)
    reachable_by_phone(email="")
    refused, recovered = given_up().user, given_up().user
    Delivery.objects.filter(user=recovered).update(given_up_at=clock.now() - timedelta(hours=1))
    later = given_up(recovered)
    Delivery.objects.filter(pk=later.pk).update(given_up_at=None, sent_at=clock.now())
    assert set(reading.people_without_channel()) == {nowhere, refused}
    client.force_login(operator)
    assert nowhere.username in client.get(reverse(LIST)).content.decode()


def test_the_system_administrator_sees_accounts_and_the_system_and_no_case(operator, client):
    client.force_login(operator)
    for name in ("accounts_user", "accounts_office", "operations_alarm", "operations_deadletter"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200, name
    for name in ("applications_application", "enterprises_enterprise", "events_event", "measures_call"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403, name
    assert client.get(reverse("admin:operations_wording_changelist")).status_code == 404
    assert client.get(reverse("desk:queue")).status_code == 403
    with transaction.atomic():
        office = operator.posts.get().office_id
        tell = [events.Audience("office", office), events.Audience("operators", 1)]
        event = events.record("submit", subject(), by=SYSTEM, tell=tell)
    delivery.resolve(list(event.notifications.order_by("pk").values_list("pk", flat=True)))
    assert {told.audience_kind for told in events.inbox(operator)} == {"operators"}
    assert Delivery.objects.get(user=operator).notification.audience_kind == "operators"
    assert client.get(reverse("desk:home")).url == reverse("admin:operations_alarm_changelist")


def test_the_admin_gives_no_post_and_sets_no_password(client, operator):
    client.force_login(operator)
    someone = person()
    change = reverse("admin:accounts_user_change", args=[someone.pk])
    assert client.get(change).status_code == 200
    for address in (change, reverse("admin:accounts_user_add")):
        assert client.post(address, {"username": "x", "is_superuser": "on"}).status_code == 403
    assert client.get(f"/admin/accounts/user/{someone.pk}/password/").status_code in {302, 404}
    assert not someone.posts.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_send_once(operator):
    row = given_up()
    start, counts = threading.Barrier(2), []

    def press():
        try:
            start.wait(10)
            counts.append(workflow.resend([row.pk], operator))
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(counts) == [0, 1]
    assert events.timeline(row).count() == 1
