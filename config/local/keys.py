"""The generated secrets of this working copy, made once and kept in .local/environment.json (0600)."""

import base64
import json
import os
import secrets

from config.local.places import LOCAL, LocalError

FILE = LOCAL / "environment.json"
NAMES = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(64),
    # A Fernet key is 32 random bytes in url-safe base64.
    "FIELD_KEYS": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "HMAC_KEY": lambda: secrets.token_urlsafe(48),
    "SEAL_KEY": lambda: secrets.token_urlsafe(48),
    "superuser_password": lambda: secrets.token_urlsafe(32),
    "owner_password": lambda: secrets.token_urlsafe(32),
    "runtime_password": lambda: secrets.token_urlsafe(32),
    "broker_password": lambda: secrets.token_urlsafe(32),
}


def read() -> dict[str, str] | None:
    """The stored secrets, or None if there are none yet. A damaged file raises LocalError."""
    try:
        stored = json.loads(FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise LocalError(f"{FILE} 已损坏，请恢复它，或执行 make reset 重新开始。") from error
    if not isinstance(stored, dict):
        raise LocalError(f"{FILE} 已损坏，请恢复它，或执行 make reset 重新开始。")
    return stored


def read_or_make(database_exists: bool) -> dict[str, str]:
    """The stored secrets; made if there are none. Called under the services lock.

    Without its keys an existing database cannot be opened and its encrypted columns cannot be read,
    so new keys are never made beside it.
    """
    stored = read()
    if stored is None and database_exists:
        raise LocalError(f"{FILE} 不见了，而数据库还在：请恢复该文件，或执行 make reset 重新开始。")
    known = stored or {}
    if missing := [name for name in NAMES if not known.get(name)]:
        known.update({name: NAMES[name]() for name in missing})
        write_json(FILE, known)
    return known


def write_json(path, content: dict) -> None:
    """Write a small private file so that a kill at any moment leaves the old one or the new one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
