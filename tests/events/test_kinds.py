"""Every message is of a kind that people understand, said in one table beside the messages."""

from pathlib import Path

import pytest
from django.conf import settings

from foundation.events import kinds, texts
from foundation.events.kinds import Kind
from foundation.events.messages import MissingMessage, require_message

SHIPPED = Path(settings.BASE_DIR) / "templates" / "messages"
VERBS = sorted(folder.name for folder in SHIPPED.iterdir() if folder.is_dir())


@pytest.mark.parametrize("verb", VERBS)
def test_every_message_has_a_kind_and_every_fact_that_it_must_tell_stands_in_it(verb):
    spec = kinds.specs()[verb]
    known = texts.Shipped(verb).placeholders
    assert set(spec.must) <= set(known)
    assert [name for name in known if name not in kinds.labels()] == [], "no label in messages.toml"
    if spec.act_when:
        assert spec.act_when in known


def test_the_table_names_no_verb_without_a_message():
    assert [verb for verb in kinds.specs() if verb not in VERBS and not verb.startswith("trial.")] == []


def test_a_verb_with_words_but_without_a_kind_is_refused_where_it_is_built(settings, tmp_path):
    for name in ("subject", "body"):
        file = tmp_path / "messages" / "trial.new" / f"{name}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("新")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    with pytest.raises(MissingMessage, match=r"messages\.toml"):
        require_message("trial.new")


@pytest.mark.parametrize("entry", ['kind = "urgent"', 'kind = { office = "act" }'])
def test_a_table_that_says_nonsense_stops_the_start(settings, tmp_path, entry):
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "messages.toml").write_text(f'["trial.bad"]\n{entry}\n')
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    with pytest.raises(kinds.UnknownKind, match=r"trial\.bad"):
        kinds.specs()


def test_the_office_whose_turn_it_is_must_act_and_the_enterprise_is_told():
    assert kinds.kind_of("submit", "office", {}) == Kind.ACT
    assert kinds.kind_of("submit", "enterprise", {}) == Kind.PROGRESS


def test_a_decision_that_may_be_answered_by_a_date_is_one_to_act_on():
    answerable = {"defence_due_on": "2026-04-22"}
    assert kinds.kind_of("sign_off", "enterprise", answerable) == Kind.ACT
    assert kinds.kind_of("sign_off", "enterprise", {"defence_due_on": None}) == Kind.PROGRESS


def test_the_message_of_a_verb_that_is_gone_is_still_of_a_kind():
    assert kinds.kind_of("trial.forgotten", "user", {}) == Kind.PROGRESS
