"""The environment, read in one place and loudly: a missing or malformed value stops the start."""

import os

from django.core.exceptions import ImproperlyConfigured

_UNSET = object()


def text(name: str, default=_UNSET) -> str:
    """The value of an environment variable; without a default an unset one raises ImproperlyConfigured."""
    value = os.environ.get(name, "")
    if value:
        return value
    if default is _UNSET:
        raise ImproperlyConfigured(f"环境变量 {name} 未设置 (environment variable {name} is not set)")
    return default


def flag(name: str, default: bool = False) -> bool:
    """A yes/no variable: 1/true/yes/on or 0/false/no/off; anything else raises."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"环境变量 {name} 只能是 1 或 0，现在是 {value!r}")


def number(name: str, default: int) -> int:
    """A whole number; anything else raises."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"环境变量 {name} 应为整数，现在是 {value!r}") from error


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]
