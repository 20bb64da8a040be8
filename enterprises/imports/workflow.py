"""The verb of the import: check every row, then write the good ones; or only say what would come of it.

The register's word counts for name, district, industry, day and form, also where somebody already acts for the
enterprise; each such change is an event of the enterprise, told to its people. Figures are only ever appended.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises import history
from enterprises.imports import checking, loading, reading
from enterprises.imports.checking import Checker, Problem
from enterprises.imports.loading import Change, Counts
from enterprises.imports.reading import Table, UnusableFile
from enterprises.imports.report import BadRows
from enterprises.models import SELF_REPORTED, Enterprise, ImportRun, LegalForm
from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience, Entry

__all__ = ["Outcome", "UnusableFile", "import_enterprises"]

# Rows that are checked and written in one step.
STEP = 10_000
# Problems kept for a page or a screen; all of them stand in the workbook.
KEPT = 100
# A change of these is told to those who act for the enterprise.
TOLD = {"name", "district", "legal_form"}

Progress = Callable[[int, int], None]
Good = tuple[int, list[Any]]


@dataclass(slots=True)
class Outcome:
    """What came of a file; `run` is None for a dry run and where nothing changed."""

    enterprises: Counts = field(default_factory=Counts)
    figures: Counts = field(default_factory=Counts)
    problems: list[Problem] = field(default_factory=list)
    bad_rows: int = 0
    run: ImportRun | None = None

    @property
    def writes(self) -> int:
        """Rows that are new or changed."""
        return sum(part.new + part.changed for part in (self.enterprises, self.figures))

    def counts(self) -> dict[str, dict[str, int]]:
        return {"enterprises": asdict(self.enterprises), "figures": asdict(self.figures)}


def import_enterprises(
    register: Path,
    figures: Path | None = None,
    *,
    by,
    commit: bool = False,
    bad: Path | None = None,
    progress: Progress | None = None,
    names: tuple[str, str] | None = None,
) -> Outcome:
    """Bring the register up to date with a file; without `commit` nothing is written (a dry run).

    register, figures: XLSX (figures may be its second sheet) or CSV; bad: where the bad rows go as XLSX; names:
    what the files are called, where the paths don't tell. progress(done, total) is called now and then.
    One transaction: either all good rows are in, or none. Raises UnusableFile for a file that can't be taken as
    a whole, NotAllowed for anybody but the system and the policy administrator.
    """
    if not getattr(by, "is_system", False) and not by.may(Permission.CONFIGURE):
        raise NotAllowed
    names = names or (register.name, figures.name if figures else "")
    first, second = reading.tables(register, figures, names)
    rejected = _rejected(bad, [register, figures]) if bad is not None else None
    try:
        with transaction.atomic():
            importing = _Import(by, commit, reading.digest(register), rejected, progress)
            importing.total = first.length + (second.length if second else 0)
            if commit:
                loading.lock()
            importing.enterprises(first)
            if second:
                importing.figures(second)
            outcome = importing.outcome
            if commit and outcome.writes:
                outcome.run = _record(outcome, by, names, importing.sha256, figures)
            if rejected:
                rejected.close()
    except BaseException:
        if rejected:
            rejected.discard()
        raise
    return outcome


def _rejected(bad: Path, inputs: list[Path | None]) -> BadRows:
    if bad.resolve() in {path.resolve() for path in inputs if path}:
        raise UnusableFile(_("不合格的行不能写进要导入的文件 %(path)s") % {"path": bad})
    try:
        return BadRows(bad)
    except OSError as error:
        raise UnusableFile(_("不合格的行无法写到 %(path)s") % {"path": bad}) from error


class _Import:
    """One pass over both tables, in steps, so that memory holds the codes and one step's rows."""

    def __init__(self, by, commit: bool, sha256: str, rejected: BadRows | None, progress: Progress | None):
        self.by, self.commit, self.sha256 = by, commit, sha256
        self.rejected, self.progress = rejected, progress
        self.at, self.today = clock.now(), clock.today()
        self.outcome = Outcome()
        self.total = self.done = 0
        self.lines: dict[str, int] = {}

    def enterprises(self, table: Table) -> None:
        checker = checking.enterprises(self.today)
        for good in self._steps(table, checker, self._code_problem, self.outcome.enterprises):
            rows = [values for _line, values in good]
            if self.commit:
                new, changes = loading.write_enterprises(rows, SELF_REPORTED, self.at)
                self._record_changes(changes)
            else:
                registered, changes = loading.compare_enterprises(rows, SELF_REPORTED)
                new = len(rows) - registered
            self.outcome.enterprises.add(new, len(changes), len(rows) - new - len(changes))

    def figures(self, table: Table) -> None:
        self.seen: dict[str, int] = {}
        write = (
            (lambda rows: loading.write_figures(rows, self.by.pk, self.at))
            if self.commit
            else loading.compare_figures
        )
        checker = checking.figures(self.today)
        for good in self._steps(table, checker, self._figure_problem, self.outcome.figures):
            self.outcome.figures.add(*write([values for _line, values in good]))

    def _steps(self, table: Table, checker: Checker, further, counts: Counts) -> Iterator[list[Good]]:
        """The good rows of each step; bad ones are counted and written away, in the order of their lines."""
        rows = table.rows()
        start = self.done
        while step := list(islice(rows, STEP)):
            checked = [(line, cells, *checker.check(line, cells)) for line, cells in step]
            further(checked)
            good = []
            for line, cells, values, problems in checked:
                if problems:
                    self._reject(line, cells, problems, counts)
                else:
                    good.append((line, values))
            if good:
                yield good
            self.done = start + min(step[-1][0], table.length)
            if self.progress:
                self.progress(self.done, self.total)
        self.done = start + table.length

    def _reject(self, line: int, cells: Sequence[Any], problems: list[Problem], counts: Counts) -> None:
        counts.bad += 1
        self.outcome.bad_rows += 1
        room = KEPT - len(self.outcome.problems)
        if room > 0:
            self.outcome.problems += problems[:room]
        if self.rejected:
            self.rejected.add(line, cells, problems)

    def _code_problem(self, checked: list) -> None:
        """A code stands once in a file, is nobody's former one, and of no parent that would become a branch."""
        sound = [values for _line, _cells, values, problems in checked if not problems]
        gone = history.superseded([values[0] for values in sound])
        parents = loading.with_branches([values[0] for values in sound if values[5] == LegalForm.BRANCH])
        for line, cells, values, problems in checked:
            if problems:
                continue
            if now := gone.get(values[0]):
                problems.append(Problem("enterprises", line, "uscc", checking.quoted(cells[0]), now.text))
            elif values[0] in parents:
                reason = _("该企业是其他分支机构的上级法人，不能改为分支机构")
                problems.append(Problem("enterprises", line, "legal_form", checking.quoted(cells[5]), reason))
            elif earlier := self.lines.get(values[0]):
                reason = _("与第 %(line)d 行的代码重复，以第 %(line)d 行为准") % {"line": earlier}
                problems.append(Problem("enterprises", line, "uscc", checking.quoted(cells[0]), reason))
            else:
                self.lines[values[0]] = line

    def _figure_problem(self, checked: list) -> None:
        """Figures need a registered enterprise, a value, and a year and source of their own."""
        elsewhere = {row[2][0] for row in checked if not row[3]} - self.lines.keys()
        known = set(loading.registered(sorted(elsewhere))) if elsewhere else set()
        gone = history.superseded(elsewhere - known) if elsewhere - known else {}
        for line, cells, values, problems in checked:
            if problems:
                continue
            code, year, *amounts, source = values
            key = f"{code}{year}{source}"
            if code not in self.lines and code not in known:
                reason = gone[code].text if code in gone else _("没有登记这家企业，企业表中也没有它的有效行")
                problems.append(Problem("figures", line, "uscc", code, reason))
            elif all(amount is None for amount in amounts):
                problems.append(Problem("figures", line, "", "", _("没有任何数据")))
            elif earlier := self.seen.get(key):
                reason = _("与第 %d 行的企业、年度、来源相同") % earlier
                problems.append(Problem("figures", line, "year", checking.quoted(cells[1]), reason))
            else:
                self.seen[key] = line

    def _record_changes(self, changes: list[Change]) -> None:
        entries = [
            Entry(
                Enterprise(pk=change.id),
                {
                    "enterprise": change.name,
                    "changed": change.fields,
                    "what": "、".join(_label(name) for name in change.fields),
                    "file_sha256": self.sha256,
                },
                [Audience("enterprise", change.id)]
                if change.state != Enterprise.State.REGISTERED and TOLD & change.fields.keys()
                else [],
            )
            for change in changes
        ]
        events.record_many("update_from_register", entries, self.by)


def _label(name: str) -> str:
    return str(Enterprise._meta.get_field(name).verbose_name)


def _record(outcome: Outcome, by, names: tuple[str, str], sha256: str, figures: Path | None) -> ImportRun:
    run = ImportRun.objects.create(
        file_name=names[0][:150],
        sha256=sha256,
        figures_name=names[1][:150],
        figures_sha256=reading.digest(figures) if figures else "",
        counts=outcome.counts(),
        by_id=by.pk,
        at=clock.now(),
    )
    events.record("import_enterprises", run, by, file=run.file_name, sha256=sha256, counts=run.counts)
    return run
