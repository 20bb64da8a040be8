"""Columns that are encrypted at rest, and the keyed digest that lets them be matched."""

import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


class EncryptedTextField(models.TextField):
    """Text that the database only ever sees encrypted (Fernet; the first key of FIELD_KEYS encrypts, all decrypt)."""

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        if not value:
            return value
        return _cipher(tuple(settings.FIELD_KEYS)).encrypt(value.encode()).decode()

    def from_db_value(self, value, expression, connection):
        if not value:
            return value
        return _cipher(tuple(settings.FIELD_KEYS)).decrypt(value.encode()).decode()


def fingerprint(value: str) -> str:
    """A keyed digest (HMAC-SHA-256, 64 hex digits) by which an encrypted value can be looked up."""
    return hmac.new(settings.HMAC_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()
