from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.accounts.roles import SYSTEM
from foundation.events import events, hashing
from foundation.events.models import Event
from tests.events.factories import subject

# What PostgreSQL can keep as text: no NUL, no half of a surrogate pair.
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
keys = texts.filter(lambda key: not hashing.PERSONAL.search(key))
facts = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | texts
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


def test_facts_become_plain_json():
    assert hashing.plain(
        {
            "amount": Decimal("1E+6"),
            "due": date(2026, 5, 1),
            "at": datetime(2026, 5, 1, 1, 2, 3, 4, tzinfo=UTC),
            "file": UUID(int=1),
            "title": gettext_lazy("申请"),
            "items": (1, True, None),
        }
    ) == {
        "amount": "1000000",
        "due": "2026-05-01",
        "at": "2026-05-01T09:02:03.000004+08:00",
        "file": "00000000-0000-0000-0000-000000000001",
        "title": "申请",
        "items": [1, True, None],
    }


def test_a_key_that_is_no_text_is_refused():
    with pytest.raises(TypeError):
        hashing.plain({1: "x"})


def test_the_canonical_form_is_fixed_to_the_byte():
    assert hashing.canonical({"b": 1, "a": "受理 é"}) == '{"a":"受理 é","b":1}'.encode()


def test_a_known_event_has_a_known_hash():
    """A change here breaks every stored chain: it must never happen by accident."""
    known = {
        "kind": "applications.application",
        "subject_id": 7,
        "seq": 2,
        "verb": "accept",
        "actor_id": 3,
        "actor_label": "徐汇区科委 · 区级审核员",
        "at": datetime(2026, 3, 2, 1, 2, 3, 40, tzinfo=UTC),
        "facts": {"number": "KJFW-2026-0801-1-000123", "amount": "500000.00"},
        "previous": "ab" * 32,
    }
    assert hashing.event_hash(**known) == "84cfc346d9edc6d23ab540b61d61d3d68e48440925f9939673a3f427faf630a4"
    elsewhere = known["at"].astimezone(timezone(timedelta(hours=8)))
    assert hashing.event_hash(**{**known, "at": elsewhere}) == hashing.event_hash(**known)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "payments.disbursement"},
        {"subject_id": 8},
        {"seq": 3},
        {"verb": "decline"},
        {"actor_id": None},
        {"actor_label": "系统"},
        {"at": datetime(2026, 3, 2, 1, 2, 3, 41, tzinfo=UTC)},
        {"facts": {"number": "KJFW-2026-0801-1-000124"}},
        {"previous": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_part_of_an_event_is_in_its_hash(change):
    event = {
        "kind": "applications.application",
        "subject_id": 7,
        "seq": 2,
        "verb": "accept",
        "actor_id": 3,
        "actor_label": "某区 · 审核员",
        "at": datetime(2026, 3, 2, 1, 2, 3, 40, tzinfo=UTC),
        "facts": {"number": "KJFW-2026-0801-1-000123"},
        "previous": "ab" * 32,
    }
    assert hashing.event_hash(**event) != hashing.event_hash(**{**event, **change})


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(keys, facts, max_size=4))
def test_whatever_is_recorded_is_read_back_with_its_hash(some_facts):
    entry = events.Entry(subject(), some_facts)
    recorded = events.record_many("trial.done", [entry], by=SYSTEM)[0]
    read = Event.objects.select_related("chain").get(pk=recorded.pk)
    assert read.facts == recorded.facts
    assert events.hash_of(read, read.chain) == recorded.hash == read.hash
