"""Who is told: audiences, whose members upper rooms resolve, and where a message leads.

Upper rooms register in AppConfig.ready; the kind "user" (one person) is known from the start.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, Q


@dataclass(frozen=True, slots=True, order=True)
class Audience:
    """An enterprise, an office or a person: kind ("enterprise", "office", "user") and id."""

    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class _Resolver:
    members: Callable[[set[int]], Mapping[int, set[int]]]
    of_user: Callable[[object], Iterable[int] | Mapping[int, datetime | None]]


_resolvers: dict[str, _Resolver] = {
    "user": _Resolver(
        members=lambda ids: {pk: {pk} for pk in ids},
        of_user=lambda user: {user.pk},
    )
}


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An audience that is no person with an account: the address of its mail, and the lines that end it."""

    address: Callable[[int], str]
    closing: Callable[[int], str]


_mailboxes: dict[str, Mailbox] = {}
_urls: dict[str, Callable[[int, object], str]] = {}


def register_audience(
    kind: str,
    members: Callable[[set[int]], Mapping[int, set[int]]],
    of_user: Callable[[object], Iterable[int] | Mapping[int, datetime | None]],
) -> None:
    """Make a kind of audience known.

    members(ids) → {audience id: user ids}, at most a query for any number of ids. of_user(user) → ids of
    the audiences this user belongs to now; a mapping {id: since} hides what was told before that moment
    (None: shows everything).
    """
    _resolvers[kind] = _Resolver(members, of_user)


def register_mailbox(kind: str, address: Callable[[int], str], closing: Callable[[int], str]) -> None:
    """Make known an audience that is told by mail alone: address(id) and the closing(id) of the mail.

    Both are asked as the mail goes out, so that what must not be stored (a token) is in neither event nor outbox.
    """
    _resolvers[kind] = _Resolver(members=lambda ids: {}, of_user=lambda user: ())
    _mailboxes[kind] = Mailbox(address, closing)


def mailbox(kind: str) -> Mailbox | None:
    """The mailbox of such an audience; None for those that are people with accounts."""
    return _mailboxes.get(kind)


def register_subject(model: type[Model], url: Callable[[int, object], str]) -> None:
    """Make known where a message about this model leads: url(subject id, user)."""
    _urls[model._meta.label_lower] = url


def known(kind: str) -> bool:
    return kind in _resolvers


def members(audiences: Iterable[Audience]) -> dict[Audience, set[int]]:
    """The user ids behind each audience, asked once per kind."""
    by_kind: dict[str, set[int]] = {}
    for audience in audiences:
        by_kind.setdefault(audience.kind, set()).add(audience.id)
    found = {}
    for kind, ids in by_kind.items():
        resolved = _resolvers[kind].members(ids)
        found.update({Audience(kind, pk): set(resolved.get(pk, ())) for pk in ids})
    return found


def addressed_to(user) -> Q:
    """The condition on Notification for what is told to this user."""
    condition = Q(pk__in=())
    for kind, resolver in _resolvers.items():
        mine = resolver.of_user(user)
        since = mine if isinstance(mine, Mapping) else dict.fromkeys(mine)
        always = [pk for pk, moment in since.items() if moment is None]
        if always:
            condition |= Q(audience_kind=kind, audience_id__in=always)
        for pk, moment in since.items():
            if moment is not None:
                condition |= Q(audience_kind=kind, audience_id=pk, created_at__gte=moment)
    return condition


def url_of(kind: str, subject_id: int, user) -> str | None:
    """Where a message about this subject leads; None where no room has said so."""
    url = _urls.get(kind)
    return url(subject_id, user) if url else None
