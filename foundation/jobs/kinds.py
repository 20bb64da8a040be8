"""What jobs there are: each upper room registers its kinds when it is ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from foundation.files.models import Document


class JobFailed(Exception):
    """The work can't be done, and trying again wouldn't help; the text says why in Chinese."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a job leaves: facts as JSON for its page, and a file where there is one."""

    outcome: Mapping[str, Any] = field(default_factory=dict)
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    run(job, progress) does the work, in one transaction with the job's end, so that a killed worker leaves
    nothing half-done and a finished job is never done twice; progress(done, total) may be called as often as one
    likes. may(user): who may ask for it and see it. template: shows the outcome of a finished job, with the
    context of the page and what context(job, user) adds.
    """

    name: str
    label: str
    run: Callable[[Any, Callable[[int, int], None]], Result]
    may: Callable[[Any], bool]
    template: str
    context: Callable[[Any, Any], dict] = lambda job, user: {}


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; once for each name (ValueError)."""
    if kind.name in _kinds:
        raise ValueError(f"a second kind of job named {kind.name!r}")
    _kinds[kind.name] = kind


def get(name: str) -> Kind:
    """The kind of that name; LookupError where no room has registered it."""
    return _kinds[name]


def those_of(user) -> list[str]:
    """The names of the kinds that this person may ask for."""
    return sorted(name for name, kind in _kinds.items() if kind.may(user))
