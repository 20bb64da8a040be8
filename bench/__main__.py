"""python -m bench: how long a rule takes over many enterprises, against the same rule written by hand.

BENCH_SIZE enterprises (1,000,000) with three years of figures. Each ratio is the median of seven runs, one of
ours and one by hand in turn. Prints a table and writes bench/RESULTS.md.
"""

import os
import platform
import resource
import sys
import time
from datetime import date
from pathlib import Path
from statistics import median

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
RUNS = 7
SIZE = int(os.environ.get("BENCH_SIZE", "1000000"))
LIMIT = 1.5


def timed(run) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def alternating(ours, by_hand) -> tuple[float, float, float]:
    """Medians in seconds, and the median of the ratios."""
    pairs = []
    for _ in range(RUNS):
        pairs.append((timed(ours), timed(by_hand)))
    return (
        median(one for one, _ in pairs),
        median(other for _, other in pairs),
        median(one / other for one, other in pairs),
    )


def measure() -> list[tuple[str, float, float | None, float | None]]:
    from django.db import connection

    from bench import by_hand, seeding
    from enterprises.models import Enterprise
    from foundation.clock import clock
    from measures import eligibility, screening, screening_workflow
    from measures.models import CallItem, ScreeningRow

    line = CallItem.objects.get(item__code="09-04")
    rule = screening.rule_for(line)
    moment = clock.now()
    params = {"moment": moment, "day": clock.today(), "year": line.call.year}

    def execute(sql, given=()):
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            return cursor.fetchone() if cursor.description else None

    counts = screening.counts(rule, at=moment)
    found = execute(by_hand.COUNTS, params)
    if (counts.yes, counts.no, counts.unknown, counts.total) != found:
        sys.exit(f"the answers differ: {counts} {found}")
    print(f"yes {counts.yes:,} · no {counts.no:,} · unknown {counts.unknown:,} · total {counts.total:,}")
    asking = screening.statement(rule, at=moment)

    kept = screening_workflow.screen(line, seeding.officer())
    rows = ScreeningRow._meta.db_table

    def stored_ours():
        execute(f"TRUNCATE {rows}")
        execute(*screening_workflow.insertion(rule, asking, kept.pk))

    def stored_by_hand():
        execute(f"TRUNCATE {rows}")
        execute(by_hand.STORE, params | {"screening": kept.pk})

    results = [
        (
            "counts and total",
            *alternating(lambda: screening.counts(rule, at=moment), lambda: execute(by_hand.COUNTS, params)),
        ),
        ("screen, the list stored with conditions and facts", *alternating(stored_ours, stored_by_hand)),
    ]
    one = Enterprise.objects.order_by("pk").first()
    explained = [timed(lambda: eligibility.explain(line, one, rule=rule)) for _ in range(RUNS)]
    results.append(("explain one (one query)", median(explained), None, None))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    listed = timed(lambda: sum(1 for _ in screening.rows(rule, at=moment)))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    results.append((f"list streamed (memory grew by {grown:.0f} MB)", listed, None, None))
    return results


def table(results) -> str:
    lines = ["| what | ours, s | by hand, s | ratio |", "|---|---:|---:|---:|"]
    for what, ours, hand, ratio in results:
        other = "" if hand is None else f"{hand:.3f}"
        lines.append(f"| {what} | {ours:.3f} | {other} | {'' if ratio is None else f'{ratio:.2f}'} |")
    return "\n".join(lines)


def cpu() -> str:
    path = Path("/proc/cpuinfo")
    names = (
        [line.split(":", 1)[1].strip() for line in path.read_text().splitlines() if "model name" in line]
        if path.exists()
        else []
    )
    return names[0] if names else platform.processor() or platform.machine()


def main() -> None:
    from manage import prepare_environment

    prepare_environment("migrate")
    import django

    django.setup()
    from django.db import connection

    from bench import seeding

    with seeding.scratch_database():
        seconds = timed(lambda: seeding.seed(SIZE))
        print(f"seeded {SIZE:,} enterprises in {seconds:.0f} s")
        results = measure()
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            [postgres] = cursor.fetchone()
    printed = table(results)
    print(printed)
    text = f"""# Results of `make bench`

{date.today().isoformat()} · {cpu()}, {os.cpu_count()} cores, {platform.system()} · Python {platform.python_version()},
Django {django.get_version()}, PostgreSQL {postgres} · {SIZE:,} enterprises with three years of figures · load average
before and during the runs is the machine's own ({os.getloadavg()[0]:.1f} at the end).

The shipped rule of 09-04, compiled and by hand (bench/by_hand.py); medians of {RUNS} alternating runs; the aim is a
ratio of at most {LIMIT}.

{printed}
"""  # noqa: DTZ011
    (Path(__file__).parent / "RESULTS.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
