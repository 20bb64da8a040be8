"""manage.py draw_case: the way of a case as Markdown with a diagram, made from applications.states.

docs/case.md is this command's output; --check exits 1 where the file is out of date.
"""

import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from applications.states import ENDED, VERBS, State

TARGET = Path("docs/case.md")


def drawn() -> str:
    """The document's text."""
    lines = [
        "# The way of a case",
        "",
        "Made by `manage.py draw_case` from `applications/states.py`; edit that, not this.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    direction TB",
        "    [*] --> draft",
    ]
    lines += [f"    {state.value}: {state.label}" for state in State]
    lines += [
        f"    [*] --> {target.value}: {verb.name} {name}"
        for name, verb in VERBS.items()
        if verb.begins
        for target in verb.targets
    ]
    arrows: dict[tuple[str, str], list[str]] = {}
    for name, verb in VERBS.items():
        if name == "withdraw" or verb.begins:
            continue
        for source, targets in verb.leads.items():
            for target in targets:
                arrows.setdefault((source.value, target.value), []).append(f"{verb.name} {name}")
    lines += [f"    {source} --> {target}: {' / '.join(names)}" for (source, target), names in arrows.items()]
    lines += [f"    {state.value} --> [*]" for state in State if state in ENDED]
    lines += [
        "```",
        "",
        "`withdraw` 撤回 leads to `withdrawn` from: "
        + ", ".join(f"`{state.value}`" for state in VERBS["withdraw"].sources)
        + ".",
        "",
        "| verb | 中文 | from | to |",
        "|---|---|---|---|",
    ]
    for name, verb in VERBS.items():
        for source, targets in verb.leads.items():
            reached = "、".join(f"{target.label} `{target.value}`" for target in targets)
            start = "—" if verb.begins else f"{source.label} `{source.value}`"
            lines.append(f"| `{name}` | {verb.name} | {start} | {reached} |")
    reached = {target for verb in VERBS.values() for targets in verb.leads.values() for target in targets}
    later = [state for state in State if state not in reached and state != State.DRAFT]
    if later:
        names = ", ".join(f"{state.label} `{state.value}`" for state in later)
        lines += ["", f"States that no verb reaches yet: {names}."]
    lines.append("")
    return "\n".join(lines)


class Command(BaseCommand):
    help = "由状态表生成 docs/case.md；--check 只检查是否最新"

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true")

    def handle(self, *args, check, **options):
        target = settings.BASE_DIR / TARGET
        text = drawn()
        if check:
            if not target.exists() or target.read_text(encoding="utf-8") != text:
                self.stderr.write(f"{TARGET} 不是最新，请运行 manage.py draw_case")
                sys.exit(1)
            return
        target.write_text(text, encoding="utf-8")
        self.stdout.write(f"已写入 {TARGET}")
