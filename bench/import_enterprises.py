"""How long, and in how much memory, a register of 100,000 enterprises and 300,000 figures is imported.

    .venv/bin/python bench/import_enterprises.py [ENTERPRISES]

Works in a database of its own, as the role that the web has, and drops it afterwards. Each run is a process of
its own: a dry run, the import, the same import again, and one in which every name has changed.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402
import xlsxwriter  # noqa: E402

from config.local import environment  # noqa: E402
from enterprises.imports.uscc import ALPHABET, WEIGHTS  # noqa: E402

DATABASE = "bench_kefu_import"
YEARS = (2022, 2023, 2024)
DISTRICTS = ("徐汇区", "浦东新区", "310112", "黄浦区")
SECONDS, MEGABYTES = 60, 500


def code(number: int) -> str:
    base = f"91310104MA{number:07d}"
    total = sum(ALPHABET.index(c) * weight for c, weight in zip(base, WEIGHTS, strict=False))
    return base + ALPHABET[-total % 31]


def write(path: Path, count: int, mark: str) -> None:
    chance = random.Random(20241010)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet, further = book.add_worksheet("企业"), book.add_worksheet("年度数据")
        sheet.write_row(0, 0, ["uscc", "name", "district", "industry", "established_on", "legal_form"])
        further.write_row(
            0, 0, ["uscc", "year", "revenue", "rd_expense", "employees", "taxes", "profit", "source"]
        )
        line = 0
        for number in range(1, count + 1):
            day = f"{chance.randint(1995, 2023)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
            name = f"上海示例{mark}第{number}检验检测技术有限公司"
            row = [code(number), name, chance.choice(DISTRICTS), "M7452", day, "company"]
            sheet.write_row(number, 0, row)
            for year in YEARS:
                line += 1
                revenue = chance.randint(10**7, 10**11) / 100
                amounts = [revenue, revenue / 16, chance.randint(3, 900), revenue / 32, revenue / 8 - 10**5]
                figures = [round(amount, 2) for amount in amounts]
                further.write_row(line, 0, [row[0], year, *figures, "市统计局"])


def of_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def manage(env: dict, *arguments: str) -> tuple[float, float, float, str]:
    """Seconds, those of its own processor time, megabytes at the peak, and what it said.

    The database's time and memory are its own. A failure ends the benchmark.
    """
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )
    said = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"manage.py {' '.join(arguments)}: {process.returncode}\n{said}")
    peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return time.monotonic() - begun, usage.ru_utime + usage.ru_stime, peak, said


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    env = {**os.environ, **environment.ensure(), "DEMO": "0"}
    owner = env["DATABASE_OWNER_URL"]
    with psycopg.connect(owner, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{DATABASE}"')
    try:
        env["DATABASE_URL"] = of_database(env["DATABASE_URL"], DATABASE)
        env["DATABASE_OWNER_URL"] = of_database(owner, DATABASE)
        for command in (["migrate"], ["createcachetable"], ["grant_runtime"], ["load_catalogue"]):
            manage(env, *command, "--verbosity", "0")
        with tempfile.TemporaryDirectory() as folder:
            return _measure(env, count, Path(folder))
    finally:
        with psycopg.connect(owner, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')


def _measure(env: dict, count: int, folder: Path) -> int:
    first, renamed = folder / "register.xlsx", folder / "renamed.xlsx"
    write(first, count, "")
    write(renamed, count, "新")
    print(
        f"| {count:,} enterprises, {count * len(YEARS):,} figures | seconds | of these on the processor | peak MB | enterprises | figures |"
    )
    print("|---|---:|---:|---:|---|---|")
    good = True
    for label, path, options in (
        ("dry run", first, []),
        ("import", first, ["--commit"]),
        ("the same again", first, ["--commit"]),
        ("every name changed (an event each)", renamed, ["--commit"]),
    ):
        seconds, busy, peak, said = manage(env, "import_enterprises", str(path), *options)
        lines = " | ".join(line.partition("：")[2] for line in said.splitlines()[:2])
        print(f"| {label} | {seconds:.1f} | {busy:.1f} | {peak:.0f} | {lines} |", flush=True)
        good = good and seconds < SECONDS and peak < MEGABYTES
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
