"""The verbs of the room: send dead letters again, and edit the words of messages."""

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import delivery, events, texts
from foundation.events.models import Delivery, MessageText


class TextRefused(Exception):
    """Words that can't be taken: `errors` says why beside each field, in Chinese."""

    def __init__(self, errors: dict[str, list[str]]):
        self.errors = errors
        super().__init__("；".join(message for found in errors.values() for message in found))


@transaction.atomic
def resend(delivery_ids: Collection[int], by) -> int:
    """Take up deliveries again that were given up, with all their attempts; returns how many.

    What was sent, taken up or removed in the meantime is left alone, so that two who press at once send once.
    """
    if not by.may(Permission.OPERATE):
        raise NotAllowed
    rows = list(
        Delivery.objects.select_for_update(of=("self",))
        .filter(pk__in=list(delivery_ids), given_up_at__isnull=False)
        .order_by("pk")
    )
    now = clock.now()
    for row in rows:
        row.attempts, row.next_try_at, row.given_up_at = 0, now, None
    Delivery.objects.bulk_update(rows, ["attempts", "next_try_at", "given_up_at"])
    entries = [
        events.Entry(row, {"channel": row.channel, "last_error": row.last_error, "user": row.user_id})
        for row in rows
    ]
    events.record_many("resend_delivery", entries, by)
    ids = [row.pk for row in rows]
    if ids:
        transaction.on_commit(lambda: delivery.enqueue(ids), robust=True)
    return len(rows)


@transaction.atomic
def set_text(verb: str, by, *, subject: str, body: str, seen_version: int) -> MessageText:
    """Put these words in force for a verb's messages, as a new version.

    seen_version: the version that the page showed (0: the shipped words). Raises TextRefused for words that are not
    good, for a verb whose words are fixed, and where somebody else was faster.
    """
    subject, body = check_text(verb, by, subject, body)
    return _save(verb, by, subject, body, seen_version)


def check_text(verb: str, by, subject: str, body: str) -> tuple[str, str]:
    """The words as they would be kept; TextRefused where they are not good. Writes nothing."""
    _may(by, verb)
    subject, body = subject.strip(), _lines(body)
    if errors := texts.check(verb, subject, body):
        raise TextRefused(errors)
    return subject, body


@transaction.atomic
def restore_text(verb: str, by, *, seen_version: int) -> MessageText:
    """Put the shipped words in force again, as a new version."""
    _may(by, verb)
    return _save(verb, by, "", "", seen_version)


def version_of(verb: str) -> int:
    """The number of the last version; 0 where nobody ever edited the words."""
    last = (
        MessageText.objects.filter(verb=verb).order_by("-version").values_list("version", flat=True).first()
    )
    return last or 0


def _may(by, verb: str) -> None:
    if not by.may(Permission.CONFIGURE):
        raise NotAllowed
    if verb not in texts.editable():
        raise TextRefused({"body": [_("这条消息的内容随办理结果而定，不能修改。")]})


def _save(verb: str, by, subject: str, body: str, seen_version: int) -> MessageText:
    faster = TextRefused({"body": [_("别人刚刚改过这条消息，请重新打开，核对后再保存。")]})
    if version_of(verb) != seen_version:
        raise faster
    try:
        with transaction.atomic():
            text = MessageText.objects.create(
                verb=verb,
                version=seen_version + 1,
                subject=subject,
                body=body,
                entered_by=by,
                entered_at=clock.now(),
            )
    except IntegrityError as error:
        raise faster from error
    events.record("set_message_text", text, by, message=verb, version=text.version, title=subject, words=body)
    return text


def _lines(body: str) -> str:
    return "\n".join(line.rstrip() for line in body.replace("\r\n", "\n").split("\n")).strip()
