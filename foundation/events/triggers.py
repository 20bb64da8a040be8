"""Database guards of a state column, for what would slip past the verbs (.update(), a constructor, SQL).

    @guard_states(initial=["draft"])
    class Application(FSMModelMixin, models.Model): ...

derives both guards from the model's django-fsm transitions; the factories below serve other columns.
"""

from collections.abc import Callable, Iterable, Mapping

import pgtrigger
from django.db import models
from django_fsm import ANY_OTHER_STATE, ANY_STATE


def guard_states(
    initial: Iterable[str], column: str = "state", event: bool = True
) -> Callable[[type[models.Model]], type[models.Model]]:
    """Class decorator: the column follows the model's transitions, and (event) each change has its event."""

    def decorate(model: type[models.Model]) -> type[models.Model]:
        for trigger in state_machine(transitions_of(model, column), initial, column):
            trigger.register(model)
        if event:
            requires_event(model._meta.label_lower, column).register(model)
        return model

    return decorate


def transitions_of(model: type[models.Model], column: str = "state") -> dict[str, list[str]]:
    """The table of transitions that a model's django-fsm methods declare: {source: [targets]}."""
    field = model._meta.get_field(column)
    states = [value for value, _label in field.flatchoices]
    table: dict[str, set[str]] = {}
    for transition in field.get_all_transitions(model):
        targets = {str(state) for state in _targets(transition)}
        anywhere = transition.source in {ANY_STATE, ANY_OTHER_STATE}
        sources = states if anywhere else [transition.source]
        for source in sources:
            table.setdefault(str(source), set()).update(targets - {str(source)})
    return {source: sorted(targets) for source, targets in sorted(table.items()) if targets}


def _targets(transition) -> list:
    if transition.target is None:
        return []
    # RETURN_VALUE and GET_STATE name the states that they may lead to.
    allowed = getattr(transition.target, "allowed_states", None)
    if hasattr(transition.target, "get_state") and not allowed:
        raise TypeError(f"{transition.name}: name the allowed states of its target")
    return list(allowed or [transition.target])


def state_machine(
    transitions: Mapping[str, Iterable[str]], initial: Iterable[str], column: str = "state"
) -> list[pgtrigger.Trigger]:
    """Triggers that refuse rows beginning elsewhere than in `initial` and changes not in the table.

    transitions: {source: [targets]} (an end has none); staying in the same state is always allowed. Refusals are
    check violations (IntegrityError). What is right is told by the triggers' conditions, without calling a function,
    so that bulk work doesn't pay for them.
    """
    allowed = " OR ".join(
        f'(OLD."{column}" = {_quoted(source)} AND NEW."{column}" IN ({_list(targets)}))'
        for source, targets in sorted(transitions.items())
        if targets
    )
    return [
        pgtrigger.Trigger(
            name=f"{column}_begins",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            condition=pgtrigger.Condition(f'NEW."{column}" NOT IN ({_list(initial)})'),
            func=f"""
                RAISE EXCEPTION '%: a row may not begin in state %', TG_TABLE_NAME, NEW."{column}"
                    USING ERRCODE = 'check_violation';
            """,
        ),
        pgtrigger.Trigger(
            name=f"{column}_machine",
            when=pgtrigger.Before,
            operation=pgtrigger.UpdateOf(column),
            condition=pgtrigger.Condition(
                f'NEW."{column}" IS DISTINCT FROM OLD."{column}" AND NOT ({allowed or "FALSE"})'
            ),
            func=f"""
                RAISE EXCEPTION '% %: no transition from % to %',
                    TG_TABLE_NAME, NEW.id, OLD."{column}", NEW."{column}"
                    USING ERRCODE = 'check_violation';
            """,
        ),
    ]


def requires_event(kind: str, column: str = "state") -> pgtrigger.Trigger:
    """A trigger that refuses the commit of a new or changed state without an event of its transaction.

    kind: the subject's kind, its model's label_lower. Checked at the commit (a check violation,
    IntegrityError); tests within one transaction: connection.check_constraints().

    The chain's last event is asked for, by its place: events are only appended, and a chain's row is locked
    until the commit, so an event of this transaction is the last one. A session keeps the plan of these two
    lookups from when the tables were small; unlike a join's, it stays right when they have grown.
    """
    return pgtrigger.Trigger(
        name=f"{column}_has_event",
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(column),
        declare=[("its_chain", "bigint"), ("last_tx", "bigint")],
        func=f"""
            IF TG_OP = 'UPDATE' THEN
                IF NEW."{column}" IS NOT DISTINCT FROM OLD."{column}" THEN
                    RETURN NULL;
                END IF;
            END IF;
            SELECT id INTO its_chain FROM events_chain WHERE kind = {_quoted(kind)} AND subject_id = NEW.id;
            SELECT tx INTO last_tx FROM events_event WHERE chain_id = its_chain ORDER BY seq DESC LIMIT 1;
            IF last_tx IS DISTINCT FROM (pg_current_xact_id()::text)::bigint THEN
                RAISE EXCEPTION '% %: state % without an event of the same transaction',
                    TG_TABLE_NAME, NEW.id, NEW."{column}"
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,  # noqa: S608  the kind is a model's label, quoted
    )


def _quoted(text: str) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _list(states: Iterable[str]) -> str:
    return ", ".join(sorted(_quoted(state) for state in states))
