"""Who is told: audiences, whose members upper rooms resolve, and where a message leads.

Upper rooms register in AppConfig.ready; the kind "user" (one person) is known from the start.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model, Q, QuerySet


@dataclass(frozen=True, slots=True, order=True)
class Audience:
    """An enterprise, an office or a person: kind ("enterprise", "office", "user") and id."""

    kind: str
    id: int


Members = Callable[[set[int]], Mapping[int, set[int]]]
Memberships = Iterable[int] | Mapping[int, datetime | None]

_members: dict[str, Members] = {"user": lambda ids: {pk: {pk} for pk in ids}}
# Each answers for the kinds that it was registered with.
_of_user: dict[tuple[str, ...], Callable[[object], Mapping[str, Memberships]]] = {
    ("user",): lambda user: {"user": {user.pk}}
}


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An audience that is no person with an account: the address of its mail, and the lines that end it."""

    address: Callable[[int], str]
    closing: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class _Withheld:
    people: Callable[[set[int]], Mapping[int, set[int]]]
    subjects: Callable[[object], QuerySet]


_mailboxes: dict[str, Mailbox] = {}
# What is kept from some members of an audience, by its kind and the subject's.
_withheld: dict[str, dict[str, _Withheld]] = {}
_urls: dict[str, Callable[[int, object], str]] = {}


def register_audience(kind: str, members: Members, of_user: Callable[[object], Memberships]) -> None:
    """Make a kind of audience known.

    members(ids) → {audience id: user ids}, at most a query for any number of ids. of_user(user) → ids of
    the audiences this user belongs to now; a mapping {id: since} hides what was told before that moment
    (None: shows everything).
    """
    register_audiences({kind: members}, lambda user: {kind: of_user(user)})


def register_audiences(
    members: Mapping[str, Members], of_user: Callable[[object], Mapping[str, Memberships]]
) -> None:
    """The same for kinds that are found together: of_user(user) → {kind: as in register_audience}."""
    _members.update(members)
    _of_user[tuple(members)] = of_user


def register_mailbox(kind: str, address: Callable[[int], str], closing: Callable[[int], str]) -> None:
    """Make known an audience that is told by mail alone: address(id) and the closing(id) of the mail.

    Both are asked as the mail goes out, so that what must not be stored (a token) is in neither event nor outbox.
    """
    _members[kind] = lambda ids: {}
    _mailboxes[kind] = Mailbox(address, closing)


def mailbox(kind: str) -> Mailbox | None:
    """The mailbox of such an audience; None for those that are people with accounts."""
    return _mailboxes.get(kind)


def register_subject(model: type[Model], url: Callable[[int, object], str]) -> None:
    """Make known where a message about this model leads: url(subject id, user)."""
    _urls[model._meta.label_lower] = url


def register_withheld(
    kind: str,
    model: type[Model],
    people: Callable[[set[int]], Mapping[int, set[int]]],
    subjects: Callable[[object], QuerySet],
) -> None:
    """Make known which members of this kind of audience are not told about which subjects of this model.

    people(subject ids) → {subject id: user ids}, a fixed number of queries for any number; subjects(user) → the
    ids of subjects kept from this user, as a query that isn't run by itself. What was told before is hidden too.
    """
    _withheld.setdefault(kind, {})[model._meta.label_lower] = _Withheld(people, subjects)


def known(kind: str) -> bool:
    return kind in _members


def members(audiences: Iterable[Audience]) -> dict[Audience, set[int]]:
    """The user ids behind each audience, asked once per kind."""
    by_kind: dict[str, set[int]] = {}
    for audience in audiences:
        by_kind.setdefault(audience.kind, set()).add(audience.id)
    found = {}
    for kind, ids in by_kind.items():
        resolved = _members[kind](ids)
        found.update({Audience(kind, pk): set(resolved.get(pk, ())) for pk in ids})
    return found


def kept_out(told: Iterable[tuple[Audience, str, int]]) -> dict[tuple[str, str, int], set[int]]:
    """{(audience kind, subject's kind, subject id): user ids} who are members but not told of that subject."""
    wanted: dict[tuple[str, str], set[int]] = {}
    for audience, kind, subject_id in told:
        if kind in _withheld.get(audience.kind, ()):
            wanted.setdefault((audience.kind, kind), set()).add(subject_id)
    return {
        (audience_kind, kind, pk): set(people)
        for (audience_kind, kind), ids in wanted.items()
        for pk, people in _withheld[audience_kind][kind].people(ids).items()
    }


def _kept_from(user, audience_kind: str) -> Q:
    found = Q()
    for kind, withheld in _withheld.get(audience_kind, {}).items():
        found |= Q(event__chain__kind=kind, event__chain__subject_id__in=withheld.subjects(user))
    return found


def addressed_to(user) -> Q:
    """The condition on Notification for what is told to this user."""
    condition = Q(pk__in=())
    for of_user in _of_user.values():
        for kind, mine in of_user(user).items():
            condition |= _told(user, kind, mine)
    return condition


def _told(user, kind: str, mine: Memberships) -> Q:
    since = mine if isinstance(mine, Mapping) else dict.fromkeys(mine)
    told = Q(audience_id__in=[pk for pk, moment in since.items() if moment is None])
    for pk, moment in since.items():
        if moment is not None:
            told |= Q(audience_id=pk, created_at__gte=moment)
    told &= Q(audience_kind=kind)
    kept = _kept_from(user, kind)
    return told & ~kept if since and kept else told


def url_of(kind: str, subject_id: int, user) -> str | None:
    """Where a message about this subject leads; None where no room has said so."""
    url = _urls.get(kind)
    return url(subject_id, user) if url else None
