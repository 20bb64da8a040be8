import copy
from pathlib import Path

import pytest

from foundation.events import audiences, events


@pytest.fixture(autouse=True)
def words(settings):
    """The message templates of these tests: the verb trial.told has words, trial.mute has none."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [Path(__file__).parent / "templates", *templates[0]["DIRS"]]
    settings.TEMPLATES = templates


@pytest.fixture
def teams(monkeypatch):
    """A kind of audience made of plain sets: {team id: user ids}."""
    known: dict[int, set[int]] = {}
    monkeypatch.setattr(audiences, "_members", {"user": audiences._members["user"]})
    monkeypatch.setattr(audiences, "_of_user", {("user",): audiences._of_user["user",]})
    monkeypatch.setattr(audiences, "_withheld", {})
    events.register_audience(
        "team",
        members=lambda ids: {pk: known[pk] for pk in ids if pk in known},
        of_user=lambda user: {pk for pk, members in known.items() if user.pk in members},
    )
    return known
