"""The migration operation that adds many triggers at once.

makemigrations writes one AddTrigger a trigger, and Django draws all related models anew for each of them: with
some 140 triggers that was most of the time of a new database. A migration with many gathers them in one of these.
"""

from collections.abc import Iterable, Sequence

from django.db.migrations.operations.base import Operation, OperationCategory
from pgtrigger import compiler


class AddTriggers(Operation):
    """Add `triggers`, each a pair of (name of the model, compiled trigger), to models of the migration's room.

    A trigger takes the place of one with the same name on the same model.
    """

    category = OperationCategory.ALTERATION

    def __init__(self, triggers: Sequence[tuple[str, compiler.Trigger]]) -> None:
        self.triggers = list(triggers)

    def deconstruct(self):
        return self.__class__.__name__, [], {"triggers": self.triggers}

    def state_forwards(self, app_label, state):
        for name, trigger in self.triggers:
            options = state.models[app_label, name.lower()].options
            options["triggers"] = [*_others(options.get("triggers", []), trigger), trigger]
        state.reload_models({(app_label, name.lower()) for name, _trigger in self.triggers}, delay=True)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for _name, trigger in self.triggers:
            # Without parameters: the SQL holds percent signs of its own.
            schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for name, trigger in reversed(self.triggers):
            schema_editor.execute(trigger.uninstall_sql, params=None)
            for earlier in to_state.models[app_label, name.lower()].options.get("triggers", []):
                if earlier.name == trigger.name:
                    schema_editor.execute(earlier.install_sql, params=None)

    def describe(self) -> str:
        return f"Create {len(self.triggers)} triggers"


def _others(triggers: Iterable[compiler.Trigger], trigger: compiler.Trigger) -> list[compiler.Trigger]:
    return [other for other in triggers if other.name != trigger.name]
