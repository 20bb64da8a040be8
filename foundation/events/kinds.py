"""Kinds of message that people understand, and how each is told unless a person chose otherwise.

Which verb's message is of which kind stands beside the messages: templates/messages/messages.toml.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

OTHERS = "others"


class Kind(TextChoices):
    ACT = "act", _("需要我办理")
    DEADLINE = "deadline", _("期限提醒")
    RESULT = "result", _("决定与拨付")
    PROGRESS = "progress", _("办理进度")
    ACCOUNT = "account", _("系统与账号")


class Timing(TextChoices):
    NOW = "now", _("即时发送")
    DIGEST = "digest", _("每日汇总")
    INBOX = "inbox", _("只在站内")


HINTS = {
    Kind.ACT: _("补正、陈述申辩、审核、核验、拨付：轮到您办、有期限的事。"),
    Kind.DEADLINE: _("期限将到、草稿将清理。"),
    Kind.RESULT: _("公示、批复、不予支持、拨付到账。"),
    Kind.PROGRESS: _("申请走到了哪一步，您暂时不用做什么。"),
    Kind.ACCOUNT: _("身份核验、企业账户、后台任务、系统运行。"),
}
# What must be acted on by a date reaches the person outside of the inbox too.
MUST_REACH = frozenset({Kind.ACT, Kind.DEADLINE})


@dataclass(frozen=True, slots=True)
class Choice:
    """How one kind is told: when, and (at once) by which channels."""

    timing: str = Timing.NOW
    mail: bool = True
    sms: bool = False


# Text messages count only once a telephone number is confirmed.
DEFAULTS = {
    Kind.ACT: Choice(sms=True),
    Kind.DEADLINE: Choice(sms=True),
    Kind.RESULT: Choice(sms=True),
    Kind.PROGRESS: Choice(),
    Kind.ACCOUNT: Choice(),
}


@dataclass(frozen=True, slots=True)
class Spec:
    """What is known of a verb's message.

    kinds: kind by audience ("office", "enterprise" …, "others" for the rest). act_when: a fact that, where it
    is told, makes the message one to act on for all but offices. must: facts that its words may never leave
    out. fixed: its words depend on the outcome and can't be edited; what they are called is `title` then.
    """

    verb: str
    kinds: Mapping[str, str]
    must: tuple[str, ...] = ()
    act_when: str = ""
    fixed: bool = False
    title: str = ""

    def kind(self, audience_kind: str, facts: Mapping) -> str:
        if self.act_when and audience_kind != "office" and facts.get(self.act_when):
            return Kind.ACT
        return self.kinds.get(audience_kind) or self.kinds[OTHERS]


class UnknownKind(ValueError):
    """messages.toml says something that isn't a kind, or leaves the other audiences out."""


def kind_of(verb: str, audience_kind: str, facts: Mapping) -> str:
    """The kind of a message for one sort of audience; progress for a verb that no table knows any more."""
    found = specs().get(verb)
    return found.kind(audience_kind, facts) if found else Kind.PROGRESS


def specs() -> dict[str, Spec]:
    """Every verb that tells somebody, in order of the table."""
    return _read(_folders())[0]


def labels() -> dict[str, str]:
    """What each fact of a message is called, in Chinese."""
    return _read(_folders())[1]


def _folders() -> tuple[str, ...]:
    return tuple(str(folder) for folder in settings.TEMPLATES[0]["DIRS"])


@lru_cache(maxsize=8)
def _read(folders: tuple[str, ...]) -> tuple[dict[str, Spec], dict[str, str]]:
    found, named = {}, {}
    for folder in reversed(folders):
        table = Path(folder) / "messages" / "messages.toml"
        if not table.is_file():
            continue
        content = tomllib.loads(table.read_text(encoding="utf-8"))
        named.update(content.pop("labels", {}))
        found.update({verb: _spec(verb, **entry) for verb, entry in content.items()})
    return found, named


def _spec(verb: str, kind: str | dict, must: list = (), **more) -> Spec:
    kinds = {OTHERS: kind} if isinstance(kind, str) else dict(kind)
    if OTHERS not in kinds or not set(kinds.values()) <= set(Kind.values):
        raise UnknownKind(f"messages.toml: {verb}: {kind!r}")
    return Spec(verb, kinds, tuple(must), **more)
