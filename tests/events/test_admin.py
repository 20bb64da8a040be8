"""The admin shows what happened and lets nobody touch it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import delivery, events, seals
from foundation.events.models import Event
from foundation.files import files
from tests.events.factories import person, subject, with_role
from tests.files.factories import pdf, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(settings, tmp_path):
    """Lists and single pages of everything the rooms keep: (list, row) by admin name."""
    settings.SEAL_ROOT, settings.DOCUMENT_ROOT = tmp_path / "seals", tmp_path / "documents"
    reader = person()
    with clock.at(date(2026, 3, 2)):
        event = events.record("trial.told", subject(), by=SYSTEM, tell=[events.Audience("user", reader.pk)])
    message = event.notifications.get()
    delivery.resolve([message.pk])
    with clock.at(date(2026, 3, 2) + timedelta(days=1)):
        seal = seals.seal_day()
    return {
        "events_event": event.pk,
        "events_chain": event.chain_id,
        "events_notification": message.pk,
        "events_delivery": message.deliveries.get().pk,
        "events_dailyseal": seal.pk,
        "events_sealline": seal.lines.get().pk,
        "files_document": files.store(upload(pdf()), by=reader).pk,
    }


def test_everything_is_found_and_read(pages, client):
    client.force_login(with_role("auditor"))
    for name, pk in pages.items():
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200, name
        assert client.get(reverse(f"admin:{name}_change", args=[pk])).status_code == 200, name


def test_nothing_is_added_changed_or_removed(pages, client):
    client.force_login(with_role("auditor"))
    for name, pk in pages.items():
        assert client.get(reverse(f"admin:{name}_add")).status_code == 403, name
        assert client.post(reverse(f"admin:{name}_change", args=[pk]), {}).status_code == 403, name
        assert client.post(reverse(f"admin:{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403, (
            name
        )
    assert Event.objects.filter(pk=pages["events_event"]).exists()
