"""Production refuses what is meant for a newcomer's machine; manage.py starts nothing there."""

import subprocess
import sys

import pytest

from config.local.places import ROOT

GOOD = {
    "APP_ENV": "production",
    "SECRET_KEY": "Qw3_vN8-zL5xT1cYb7RkJ2mHs9PdGf4UaEo6ViXyZtBnMqWeLrKjHgFdSaPoIuYt",
    "HMAC_KEY": "gT5_nB2-wX8yQ1zLc4VkM7jHr9SdPf3U",
    "SEAL_KEY": "pV6_kD3-yM9wR2xQh8LcTzJb4NsGf7Ae",
    "FIELD_KEYS": "UrfjfW3R1cehmFyuSbHEKWr9nJQhoTH6MddtmQ163A0=",
    "DATABASE_URL": "postgres://kefu_app@db.example/kefu",
    "REDIS_URL": "redis://broker.example/0",
    "SITE_URL": "https://kefu.example",
    "ALLOWED_HOSTS": "kefu.example",
    "DATA_DIR": "/srv/kefu",
}


def load(**changes: str) -> subprocess.CompletedProcess:
    """Load the settings in a process of their own; an empty value is the same as none."""
    return subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env=GOOD | changes,
        capture_output=True,
        text=True,
        check=False,
    )


def test_complete_production_settings_load():
    done = load()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("DEBUG", "1", "DEBUG"),
        ("DEMO", "1", "DEMO"),
        ("SECRET_KEY", "", "SECRET_KEY"),
        ("SECRET_KEY", "django-insecure-" + "0123456789" * 5, "SECRET_KEY"),
        ("SECRET_KEY", "short", "SECRET_KEY"),
        ("HMAC_KEY", "", "HMAC_KEY"),
        ("SEAL_KEY", "", "SEAL_KEY"),
        ("SEAL_KEY", "short", "SEAL_KEY"),
        ("SEAL_KEY", "gT5_nB2-wX8yQ1zLc4VkM7jHr9SdPf3U", "SEAL_KEY"),
        ("FIELD_KEYS", "", "FIELD_KEYS"),
        ("DATABASE_URL", "", "DATABASE_URL"),
        ("DATABASE_URL", "sqlite:///kefu.sqlite3", "PostgreSQL"),
        ("REDIS_URL", "", "REDIS_URL"),
        ("SITE_URL", "http://kefu.example", "https://"),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS"),
        ("DATA_DIR", "", "DATA_DIR"),
        ("APP_ENV", "staging", "APP_ENV"),
    ],
)
def test_what_production_needs_or_refuses_stops_the_start(variable, value, reason):
    done = load(**{variable: value})
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert reason in done.stderr.splitlines()[-1]


def test_the_demo_room_is_not_installed_in_production():
    done = subprocess.run(
        [sys.executable, "-c", "from config import settings; print('demo' in settings.INSTALLED_APPS)"],
        cwd=ROOT,
        env=GOOD,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


def test_manage_starts_nothing_in_production(folder):
    done = folder.python("import manage; manage.prepare_environment('check')", APP_ENV="production")
    assert done.returncode == 0, done.stderr
    assert not folder.local.exists()


def test_commands_that_change_the_schema_run_as_the_owner():
    code = "import os, manage\nmanage.prepare_environment({command!r})\nprint(os.environ['DATABASE_URL'])\n"
    urls = {}
    for command in ("migrate", "grant_runtime", "shell", "runserver"):
        done = subprocess.run(
            [sys.executable, "-c", code.format(command=command)],
            cwd=ROOT,
            env=GOOD | {"DATABASE_OWNER_URL": "postgres://kefu_owner@db.example/kefu"},
            capture_output=True,
            text=True,
            check=True,
        )
        urls[command] = done.stdout.strip().partition("@")[0]
    assert urls == {
        "migrate": "postgres://kefu_owner",
        "grant_runtime": "postgres://kefu_owner",
        "shell": "postgres://kefu_app",
        "runserver": "postgres://kefu_app",
    }
