"""Is the system well? Each room registers what it knows how to check; what is wrong is told with what to do.

    health.register("files", _("材料存放"), check, serving=True)

in AppConfig.ready. A check reads and writes nothing; it gives a Problem for each thing that is wrong, none where all
is well. foundation.operations shows them (manage.py doctor, the page, /health/) and raises alarms.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that has been wrong for longer than it should.

    code: stays the same while the problem lasts (an alarm is raised once for it). text: what is wrong; todo: what the
    system administrator does about it. Both in Chinese, without personal data.
    """

    code: str
    text: str
    todo: str


@dataclass(frozen=True, slots=True)
class Check:
    """label: what is looked at. serving: where it fails, this host can't answer requests at all."""

    name: str
    label: str
    run: Callable[[], Iterable[Problem]]
    serving: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    check: Check
    problems: tuple[Problem, ...]


_checks: dict[str, Check] = {}


def register(name: str, label: str, run: Callable[[], Iterable[Problem]], serving: bool = False) -> None:
    """Make a check known; another one of that name raises ValueError."""
    if name in _checks and _checks[name].run is not run:
        raise ValueError(f"a second check named {name!r}")
    _checks[name] = Check(name, label, run, serving)


def examine(serving_only: bool = False) -> list[Result]:
    """Run the checks in the order of the rooms; one that fails to run is itself a problem, and stops no other."""
    wanted = [check for check in _checks.values() if check.serving or not serving_only]
    return [Result(check, _problems(check)) for check in wanted]


def is_well(results: Iterable[Result]) -> bool:
    return not any(result.problems for result in results)


def _problems(check: Check) -> tuple[Problem, ...]:
    try:
        # A savepoint: a statement that fails spoils no other check.
        with transaction.atomic():
            return tuple(check.run())
    except Exception as error:
        text = _("“%(label)s”无法检查（%(error)s）") % {"label": check.label, "error": type(error).__name__}
        todo = _("先看数据库与日志是否正常，再重新执行 manage.py doctor。")
        return (Problem(f"{check.name}.failed", text, todo),)
