"""The house's shape: imports go down only, no leftovers, no file without an act of its own."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)

# Lowest first. A room imports only from floors below; portal and desk share one.
FLOORS = [
    ["foundation.health"],
    ["foundation.clock"],
    ["foundation.events"],
    ["foundation.accounts"],
    ["foundation.workdays"],
    ["foundation.files"],
    ["foundation.documents"],
    ["foundation.jobs"],
    ["foundation.operations"],
    ["foundation.lists"],
    ["foundation.display"],
    ["foundation.backups"],
    ["enterprises"],
    ["measures"],
    ["applications"],
    ["reviews"],
    ["payments"],
    ["tracking"],
    ["portal", "desk"],
    ["demo"],
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
# Tasks bind to the Celery application, which knows nothing of the domain.
ALLOWED_FROM_CONFIG = {"config.celery"}
LEFTOVERS = {"utils.py", "helpers.py", "common.py", "misc.py"}
LONGEST = 420


def room_of(module: str) -> str | None:
    parts = module.split(".")
    name = ".".join(parts[:2]) if parts[0] == "foundation" else parts[0]
    return name if name in LEVEL else None


def sources():
    for room in LEVEL:
        yield from sorted((ROOT / room.replace(".", "/")).rglob("*.py"))


def imported(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def violations(path: Path, module: str) -> list[str]:
    """What a file of that module imports from its own floor's neighbours or from above."""
    own = room_of(module)
    found = []
    for name in imported(path):
        other = room_of(name)
        if other and other != own and LEVEL[other] >= LEVEL[own]:
            found.append(f"{module} imports {name}")
        if name.split(".")[0] == "config" and name not in ALLOWED_FROM_CONFIG | {"config"}:
            found.append(f"{module} imports {name}")
    return found


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path):
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    assert violations(path, module) == []


def test_an_import_that_goes_up_is_found(tmp_path):
    path = tmp_path / "models.py"
    path.write_text("from reviews.workflow import approve\nimport enterprises.models\n")
    assert violations(path, "applications.models") == [
        "applications.models imports reviews.workflow",
        "applications.models imports reviews.workflow.approve",
    ]


def test_there_are_no_leftover_modules():
    assert [path for path in sources() if path.name in LEFTOVERS] == []


def test_files_are_split_by_act_before_they_grow_too_long():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if "migrations" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_states_are_never_assigned_outside_of_a_transition():
    """`.state = …` and `.update(state=…)` would slip past the verbs."""
    found = []
    for path in sources():
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign):
                targets = [t for t in node.targets if isinstance(t, ast.Attribute) and t.attr == "state"]
                found += [f"{path.relative_to(ROOT)}:{node.lineno}" for _ in targets]
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "update"
                and any(keyword.arg == "state" for keyword in node.keywords)
            ):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []
