"""The table of science-and-technology-service classes, taken whole from an official file or not at all."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.imports.columns import Column, Layout
from enterprises.imports.reading import UnusableFile, table_of
from enterprises.models import ServiceClass, ServiceClassLine, ServiceClassTable
from foundation.events import events

CODE = Column("code", gettext_lazy("行业代码"))
CLASS = Column("class", gettext_lazy("类别"))
LAYOUT = Layout("service_classes", gettext_lazy("科技服务业类别"), (CODE, CLASS))
NAMES = {str(one.label): one.value for one in ServiceClass}
# A number in a spreadsheet has lost its leading zeros; only one of four digits can't have had any.
FOUR_DIGITS = 1000
LOCK = 0x5C1C1A55  # one import of this table at a time


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one cell: the line as the spreadsheet numbers it, the heading, the value, the reason."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class Outcome:
    """lines: {code: (class, partial)}; written: the new table, None in a dry run, with bad rows, or unchanged."""

    lines: dict[str, tuple[str, bool]]
    problems: list[Problem]
    changed: bool = False
    written: ServiceClassTable | None = None


def import_service_classes(path: Path, in_force_from: date, source: str, *, by, commit: bool) -> Outcome:
    """Read and check the file; with commit, and without a bad row, store the table and record it.

    A table that stands already, with the same date, source and lines, is not stored again. Raises UnusableFile.
    """
    source = source.strip()
    longest = ServiceClassTable._meta.get_field("source").max_length
    if not 0 < len(source) <= longest:
        raise UnusableFile(_("请写明来源，不超过 %d 字") % longest)
    outcome = _read(path)
    digest = hashlib.sha256(json.dumps(sorted(outcome.lines.items())).encode()).hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            # The same file twice at once is stored once: the second waits here and then sees the first.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = ServiceClassTable.objects.filter(in_force_from=in_force_from).first()
        outcome.changed = last is None or (last.digest, last.source) != (digest, source)
        if not commit or outcome.problems or not outcome.changed:
            return outcome
        table = ServiceClassTable.objects.create(in_force_from=in_force_from, source=source, digest=digest)
        ServiceClassLine.objects.bulk_create(
            ServiceClassLine(table=table, code=code, service_class=number, partial=partial)
            for code, (number, partial) in outcome.lines.items()
        )
        events.record(
            "import_service_classes",
            table,
            by,
            in_force_from=in_force_from,
            source=source,
            lines=len(outcome.lines),
            partial=sum(partial for _number, partial in outcome.lines.values()),
            sha256=digest,
        )
    outcome.written = table
    return outcome


def _read(path: Path) -> Outcome:
    found = Outcome({}, [])
    for line, cells in table_of(path, LAYOUT).rows():
        code, number = cells
        problems = [
            Problem(line, str(column.label), str(value), reason)
            for column, value, reason in (
                (CODE, code, _problem_of_code(code, found.lines)),
                (CLASS, number, _problem_of_class(number)),
            )
            if reason
        ]
        found.problems += problems
        if not problems:
            text = _plain(code)
            found.lines[text.rstrip("*")] = (_class(number), text.endswith("*"))
    if not found.lines and not found.problems:
        raise UnusableFile(_("%(name)s 只有表头，没有数据") % {"name": path.name})
    return found


def _plain(cell) -> str:
    """7452.0 → 7452; a full-width asterisk as the plain one."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip().replace("＊", "*")


def _problem_of_code(cell, taken: dict) -> str:
    if isinstance(cell, int | float) and cell < FOUR_DIGITS:
        return _("请把代码列设为文本，以免丢失前面的 0")
    text = _plain(cell)
    if not re.fullmatch(r"[0-9]{2,4}\*?", text):
        return _("应为 2 至 4 位数字，只有一部分属于的在后面加 *")
    return _("该代码在上面已经出现") if text.rstrip("*") in taken else ""


def _class(cell) -> str:
    text = _plain(cell)
    return NAMES.get(text, text)


def _problem_of_class(cell) -> str:
    return "" if _class(cell) in ServiceClass.values else _("应为 1 至 7 或类别的全称")
