"""The database refuses a state that slipped past the verbs."""

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps
from django_fsm import RETURN_VALUE, FSMField, transition

from foundation.accounts.roles import SYSTEM
from foundation.events import events, triggers


@pytest.fixture
def case_model(transactional_db):
    """A table of cases of this test alone, guarded by the transitions of its methods."""
    with isolate_apps("foundation.events"):

        @triggers.guard_states(initial=["draft"])
        class TrialCase(models.Model):  # noqa: DJ008
            state = FSMField(
                default="draft",
                choices=[(s, s) for s in ("draft", "submitted", "waiting", "approved", "withdrawn")],
            )
            note = models.CharField(max_length=20, default="")

            class Meta:
                app_label = "events"

            @transition(field=state, source="draft", target="submitted")
            def submit(self):
                pass

            @transition(field=state, source="submitted", target="waiting")
            def ask(self):
                pass

            @transition(field=state, source="waiting", target=RETURN_VALUE("submitted", "approved"))
            def answer(self, to):
                return to

            @transition(field=state, source=["draft", "submitted", "waiting"], target="withdrawn")
            def withdraw(self):
                pass

            @transition(field=state, source="submitted", target=None)
            def look(self):
                pass

        with connection.schema_editor() as editor:
            editor.create_model(TrialCase)
        yield TrialCase
        with connection.schema_editor() as editor:
            editor.delete_model(TrialCase)
        for trigger in list(TrialCase._meta.triggers):
            trigger.unregister(TrialCase)


def made(model):
    with transaction.atomic():
        case = model.objects.create()
        events.record("trial.begun", case, by=SYSTEM)
    return case


def set_state(case, state, event=True):
    """What no verb does: write a state directly."""
    with transaction.atomic():
        if event:
            events.record("trial.done", case, by=SYSTEM)
        type(case).objects.filter(pk=case.pk).update(state=state)


def test_the_table_of_transitions_is_read_from_the_methods(case_model):
    assert triggers.transitions_of(case_model) == {
        "draft": ["submitted", "withdrawn"],
        "submitted": ["waiting", "withdrawn"],
        "waiting": ["approved", "submitted", "withdrawn"],
    }


def test_a_way_of_the_machine_is_open(case_model):
    case = made(case_model)
    for state in ("submitted", "waiting", "submitted", "waiting", "approved"):
        set_state(case, state)
        case.refresh_from_db()
        assert case.state == state


@pytest.mark.parametrize("state", ["waiting", "approved", "nowhere"])
def test_a_step_outside_of_the_machine_is_refused(case_model, state):
    case = made(case_model)
    with pytest.raises(IntegrityError, match=f"no transition from draft to {state}"):
        set_state(case, state)


def test_an_end_has_no_way_out(case_model):
    case = made(case_model)
    set_state(case, "withdrawn")
    with pytest.raises(IntegrityError, match="no transition from withdrawn"):
        set_state(case, "submitted")


def test_a_row_begins_where_the_machine_begins(case_model):
    with pytest.raises(IntegrityError, match="may not begin in state approved"), transaction.atomic():
        case = case_model.objects.create(state="approved")
        events.record("trial.begun", case, by=SYSTEM)
    with pytest.raises(IntegrityError, match="may not begin"), transaction.atomic():
        case_model.objects.bulk_create([case_model(state="submitted")])


def test_a_change_of_state_without_an_event_fails_at_the_commit(case_model):
    case = made(case_model)
    with pytest.raises(IntegrityError, match="without an event"):
        set_state(case, "submitted", event=False)
    case.refresh_from_db()
    assert case.state == "draft"


def test_a_new_row_without_an_event_fails_at_the_commit(case_model):
    with pytest.raises(IntegrityError, match="without an event"):
        case_model.objects.create()
    assert not case_model.objects.exists()


def test_the_event_may_come_after_the_change(case_model):
    case = made(case_model)
    with transaction.atomic():
        case_model.objects.filter(pk=case.pk).update(state="submitted")
        events.record("trial.done", case, by=SYSTEM)
    assert case_model.objects.get().state == "submitted"


def test_an_event_of_an_earlier_transaction_does_not_count(case_model):
    case = made(case_model)
    with transaction.atomic():
        events.record("trial.done", case, by=SYSTEM)
    with pytest.raises(IntegrityError, match="without an event"):
        set_state(case, "submitted", event=False)


def test_an_event_of_another_case_does_not_count(case_model):
    case, other = made(case_model), made(case_model)
    with pytest.raises(IntegrityError, match="without an event"), transaction.atomic():
        events.record("trial.done", other, by=SYSTEM)
        case_model.objects.filter(pk=case.pk).update(state="submitted")


def test_staying_in_a_state_and_changing_something_else_needs_no_event(case_model):
    case = made(case_model)
    case.note = "x"
    case.save()
    case_model.objects.update(note="y")
    case_model.objects.filter(pk=case.pk).update(state="draft")
    assert case_model.objects.get().note == "y"


def test_a_dynamic_target_must_name_its_states(case_model):
    with isolate_apps("foundation.events"):

        class Vague(models.Model):  # noqa: DJ008
            state = FSMField(default="draft", choices=[("draft", "draft")])

            class Meta:
                app_label = "events"

            @transition(field=state, source="draft", target=RETURN_VALUE())
            def go(self):
                return "draft"

        with pytest.raises(TypeError, match="allowed states"):
            triggers.transitions_of(Vague)
