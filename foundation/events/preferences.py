"""How each person wishes to be told: kept per kind of message, read for many people at once."""

from collections.abc import Collection, Mapping

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from foundation.events import events
from foundation.events.kinds import DEFAULTS, MUST_REACH, Choice, Kind, Timing
from foundation.events.models import Preference


class PreferenceRefused(Exception):
    """A choice that can't stand: `kind` names its row, the text says why, in Chinese."""

    def __init__(self, kind: str, message: str):
        self.kind = kind
        super().__init__(message)


def of(user) -> dict[str, Choice]:
    """What this person chose for every kind, or what stands unless they choose."""
    stored = chosen([user.pk])
    return {kind: stored.get((user.pk, kind), DEFAULTS[kind]) for kind in Kind}


def chosen(user_ids: Collection[int]) -> dict[tuple[int, str], Choice]:
    """What these people chose: (user id, kind) → choice; who isn't there keeps DEFAULTS. One query."""
    rows = Preference.objects.filter(user__in=user_ids).order_by("pk")
    return {(row.user_id, row.kind): Choice(row.timing, row.mail, row.sms) for row in rows}


@transaction.atomic
def choose(user, wanted: Mapping[str, Choice]) -> list[str]:
    """Keep a person's own choices; returns the kinds that differ from before.

    Raises PreferenceRefused for a message to act on by a date that would stay in the inbox alone.
    """
    for kind, choice in wanted.items():
        _check(kind, choice)
    # One writer a person: two windows that save at once don't mix their answers.
    get_user_model().objects.select_for_update(no_key=True).get(pk=user.pk)
    before = of(user)
    changed = {kind: choice for kind, choice in wanted.items() if choice != before[kind]}
    for kind, choice in changed.items():
        values = {"timing": choice.timing, "mail": choice.mail, "sms": choice.sms}
        Preference.objects.update_or_create(user_id=user.pk, kind=kind, defaults=values)
    if changed:
        told = {
            kind: {"timing": choice.timing, "by_letter": choice.mail, "by_text": choice.sms}
            for kind, choice in changed.items()
        }
        events.record("choose_notifications", user, user, kinds=told)
    return list(changed)


def _check(kind: str, choice: Choice) -> None:
    if choice.timing == Timing.NOW and not (choice.mail or choice.sms):
        raise PreferenceRefused(kind, _("即时发送至少要选一种方式；只想在站内看，请选“只在站内”。"))
    if kind in MUST_REACH and choice.timing == Timing.INBOX:
        raise PreferenceRefused(kind, _("这类事有期限，不能只在站内告知，请选“即时发送”或“每日汇总”。"))
