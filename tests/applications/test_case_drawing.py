"""docs/case.md says what the code does."""

from applications.management.commands.draw_case import TARGET, drawn
from applications.models import Application
from applications.states import VERBS, State, transitions
from foundation.events.triggers import transitions_of


def test_the_drawing_in_docs_is_the_one_that_the_code_makes(settings):
    assert (settings.BASE_DIR / TARGET).read_text(encoding="utf-8") == drawn()


def test_the_models_transitions_are_those_of_the_table():
    declared = {t.name for t in Application._meta.get_field("state").get_all_transitions(Application)}
    assert declared == set(VERBS)
    for name, verb in VERBS.items():
        sources = {
            t.source
            for t in Application._meta.get_field("state").get_all_transitions(Application)
            if t.name == name
        }
        assert sources == {str(source) for source in verb.sources}


def test_no_transition_of_the_model_leads_where_the_table_does_not():
    table = transitions()
    for source, targets in transitions_of(Application).items():
        # What a verb begins is stored in its target at once: no stored case goes that way.
        verbs = [verb for verb in VERBS.values() if not verb.begins]
        reached = {target for verb in verbs for target in verb.leads.get(State(source), ())}
        assert set(table[source]) == {str(target) for target in reached}
        assert set(table[source]) <= set(targets)
