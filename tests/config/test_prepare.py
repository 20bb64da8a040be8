"""What the supervisor prints of the demo: the accounts that are really there."""

import json

import pytest

from config.local import prepare
from demo.accounts import ACCOUNTS
from tests.accounts.factories import user

pytestmark = pytest.mark.django_db


def test_accounts_that_an_earlier_versions_data_lacks_are_not_promised(tmp_path, monkeypatch):
    monkeypatch.setattr(prepare, "ACCOUNTS", tmp_path / "accounts.json")
    for name, *_rest in ACCOUNTS[1:]:
        user(name)
    prepare.note_accounts()
    noted = json.loads(prepare.ACCOUNTS.read_text(encoding="utf-8"))
    assert noted["missing"] == 1
    assert [row[0] for row in noted["accounts"]] == [row[0] for row in ACCOUNTS[1:]]
