"""A new key: everything is encrypted again, while the values stay what they are."""

import base64
import secrets

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from applications.models import CounterFiling
from applications.workflow import begin_at_counter
from enterprises.invitation_workflow import invite
from enterprises.models import Enterprise
from foundation.accounts import rotation
from foundation.accounts.models import User
from tests.accounts import factories as people
from tests.applications.factories import open_call_item
from tests.enterprises.factories import ACCOUNT, owner_of, pdf, verified_enterprise, with_account

pytestmark = pytest.mark.django_db


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def stored(table: str, column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {column} <> '' ORDER BY id")
        return [token for (token,) in cursor.fetchall()]


def test_after_the_rotation_the_old_key_is_not_needed(settings, monkeypatch, capsys):
    monkeypatch.setattr(rotation, "BATCH", 2)
    open_call_item()
    for number in range(5):
        people.user(phone=f"1380000000{number}")
    enterprise = with_account(verified_enterprise())
    invite(enterprise, owner_of(enterprise), address="new@example.test", role="enterprise_viewer")
    begin_at_counter(
        open_call_item(),
        enterprise,
        people.district_officer(),
        requester="王建国",
        identity_shown="居民身份证原件",
        scan=pdf(),
    )
    before = stored("accounts_user", "phone")
    fingerprints = list(Enterprise.objects.order_by("pk").values_list("bank_account_fingerprint", flat=True))
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = [new_key(), *old]
    call_command("rotate_field_keys", "--check")
    assert "仍用旧密钥：8 行" in capsys.readouterr().out
    assert stored("accounts_user", "phone") == before
    call_command("rotate_field_keys")
    assert "已重新加密 8 行" in capsys.readouterr().out
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert set(User.objects.exclude(phone="").values_list("phone", flat=True)) >= {
        f"1380000000{number}" for number in range(5)
    }
    enterprise.refresh_from_db()
    assert enterprise.bank_account == ACCOUNT
    assert enterprise.invitations.get().address == "new@example.test"
    assert CounterFiling.objects.get().requester == "王建国"
    assert (
        list(Enterprise.objects.order_by("pk").values_list("bank_account_fingerprint", flat=True))
        == fingerprints
    )
    call_command("rotate_field_keys")
    assert "已重新加密 0 行" in capsys.readouterr().out


def test_a_value_that_no_key_opens_is_named(settings):
    person = people.user(phone="13800000000")
    settings.FIELD_KEYS = [new_key()]
    with pytest.raises(CommandError, match=rf"accounts.User.phone #{person.pk}"):
        call_command("rotate_field_keys")


def test_every_encrypted_column_is_found():
    assert {(model._meta.label, field.name) for model, field in rotation.columns()} == {
        ("accounts.PhoneCode", "phone"),
        ("accounts.User", "phone"),
        ("applications.CounterFiling", "requester"),
        ("applications.Recusal", "reason"),
        ("applications.RecusalRequest", "about"),
        ("applications.RecusalRequest", "grounds"),
        ("enterprises.Enterprise", "bank_account"),
        ("enterprises.Invitation", "address"),
        ("payments.Disbursement", "payee_account"),
        ("reviews.Objection", "name"),
        ("reviews.Objection", "phone"),
        ("reviews.OfferContact", "person"),
        ("tracking.Referral", "contact"),
    }
