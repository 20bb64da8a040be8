"""Two requests at once on the same case: one wins, the other gets the page that says so."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from applications.models import Application
from foundation.events import events
from tests.accounts import factories as people
from tests.applications import factories as cases


@pytest.mark.django_db(transaction=True)
def test_one_wins_and_the_other_gets_a_clear_409():
    case = cases.submitted()
    officers = [people.district_officer(), people.district_officer(mark="2")]
    address = reverse("desk:accept", args=[case.pk])
    together = threading.Barrier(len(officers))
    answers = {}

    def press(officer):
        try:
            client = Client()
            client.force_login(officer)
            together.wait(timeout=30)
            answers[officer.pk] = client.post(address, {"accept-version": case.version, "accept-text": ""})
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[officer]) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answer.status_code for answer in answers.values()) == [302, 409]
    late = next(answer for answer in answers.values() if answer.status_code == 409)
    assert "这件事刚刚有了变化" in late.content.decode()
    assert reverse("desk:case", args=[case.pk]) in late.content.decode()
    case = Application.objects.get(pk=case.pk)
    assert case.state == "district_review"
    assert [event.verb for event in events.timeline(case)].count("accept") == 1
