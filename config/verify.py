"""Settings for a host that only checks: manage.py verify_events --seals DIR needs a database and SEAL_KEY.

    APP_ENV=production DJANGO_SETTINGS_MODULE=config.verify DATABASE_URL=… SEAL_KEY=… manage.py verify_events --seals DIR

What the check doesn't use is filled with random values of this process; with it nothing can be served or sent.
Every session with the database is read-only, whatever role the URL names.
"""

import os
import secrets

from cryptography.fernet import Fernet

for _name, _value in {
    "SECRET_KEY": secrets.token_urlsafe(64),
    "HMAC_KEY": secrets.token_urlsafe(48),
    "FIELD_KEYS": Fernet.generate_key().decode(),
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SITE_URL": "https://verify.invalid",
    "ALLOWED_HOSTS": "verify.invalid",
    "DATA_DIR": os.devnull,
}.items():
    os.environ.setdefault(_name, _value)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES  # noqa: E402

DATABASES["default"]["OPTIONS"]["options"] = "-c default_transaction_read_only=on"
