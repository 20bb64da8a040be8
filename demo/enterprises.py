"""Invented enterprises: valid codes, believable names and figures over three years."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from stdnum.cn import uscc

from enterprises.models import CreditCheck, Enterprise, Qualification, StatisticalInclusion, YearlyFigure
from foundation.accounts.models import District, Office
from foundation.clock import clock

COUNT = 200
SOURCE = "演示数据"
MARK = "MADEM"
# One in so many hasn't told of last year yet; one in so many is a high-tech enterprise.
GAP, QUALIFIED = 7, 5

# Districts by how many of the enterprises sit there.
WEIGHTS = {
    "310115": 46,
    "310104": 28,
    "310112": 24,
    "310114": 16,
    "310117": 14,
    "310110": 14,
    "310101": 9,
    "310106": 9,
    "310107": 8,
    "310113": 8,
    "310105": 7,
    "310120": 6,
    "310118": 4,
    "310109": 3,
    "310116": 2,
    "310151": 2,
}
SYLLABLES = "衡澄泓睿启远恒岳翎昱彦朗沃晟骏致瀚拓新凌禾嘉迈维思明瑞诺群峰卓然格清和正知行"
# Kind of business → (registered industry, statistical industry)
BUSINESS = [
    ("检测技术", "M7452", "M7452"),
    ("计量科技", "M7455", "M7455"),
    ("工程设计", "M7484", "M7484"),
    ("生物医药研发", "M7340", "M7340"),
    ("新材料研究", "M7320", "M7320"),
    ("技术转移", "M7512", "M7512"),
    ("科技咨询", "M7519", "M7519"),
    ("知识产权服务", "M7520", "M7520"),
    ("孵化器管理", "M7540", "M7540"),
    ("环境监测", "M7461", "M7461"),
    ("地理信息", "M7441", "M7441"),
    ("创业空间", "M7530", "M7530"),
    ("软件技术", "I6513", "I6513"),
    ("数据服务", "I6550", "M7519"),
]


@dataclass
class Found:
    """What the stories need to know of an enterprise."""

    enterprise: Enterprise
    fit: bool
    base: Decimal


def code(rng: random.Random, district: str, serial: int) -> str:
    """A valid, invented code: 91 (company), the district, nine characters, the check digit.

    The organisation part begins with MARK (demonstration), so that no real enterprise is meant.
    """
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = (
        f"91{district}{MARK}"
        + "".join(alphabet[(serial // 31**power) % 31] for power in (2, 1, 0))
        + alphabet[rng.randrange(31)]
    )
    return body + uscc.calc_check_digit(body)


def load(
    rng: random.Random, since: date, first: int = 0, count: int = COUNT, always_fit: bool = False
) -> list[Found]:
    """Create that many rows of the register and their records, as known on the day `since`; bulk inserts."""
    businesses = [one for one in BUSINESS if one[1].startswith("M7")] if always_fit else BUSINESS
    districts = {row.code: row for row in District.objects.all()}
    offices = {row.district_id: row for row in Office.objects.filter(kind=Office.Kind.DISTRICT)}
    moment = clock.moment_of(since)
    names = set(Enterprise.objects.values_list("name", flat=True)) if first else set()
    rows, plan = [], []
    codes = [code_ for code_, weight in WEIGHTS.items() for _ in range(weight)][:COUNT]
    for serial in range(first, first + count):
        # A prime step: neighbours in the order sit in different districts.
        district = codes[serial if serial < COUNT else serial * 67 % COUNT]
        business, registered, statistical = businesses[serial % len(businesses)]
        while True:
            name = f"上海{''.join(rng.sample(SYLLABLES, 2))}{business}有限公司"
            if name not in names:
                names.add(name)
                break
        # Most qualify; some sit outside of the divisions, some lack data, some have a record.
        kind = "fit" if registered.startswith("M7") else "other"
        if not always_fit and kind == "fit" and serial % 11 == 5:
            kind = "unknown"
        if not always_fit and kind == "fit" and serial % 17 == 9:
            kind = "listed"
        plan.append((kind, statistical, Decimal(rng.randrange(300, 9000)) * 10000))
        rows.append(
            Enterprise(
                uscc=code(rng, district, serial),
                name=name,
                district=districts[district],
                legal_form="company" if always_fit or serial % 23 else "partnership",
                industry=registered,
                established_on=date(rng.randrange(2004, 2023), rng.randrange(1, 13), rng.randrange(1, 28)),
                address=f"上海市{districts[district].name}演示路 {rng.randrange(1, 900)} 号",
                source=SOURCE,
                created_at=moment,
            )
        )
    rows = Enterprise.objects.bulk_create(rows)
    year = since.year
    figures, inclusions, checks, found = [], [], [], []
    for serial, (row, (kind, statistical, base)) in enumerate(zip(rows, plan, strict=True), start=first):
        revenue = base
        for valid_for in range(year - 3, year):
            growth = Decimal(rng.randrange(-8, 38)) / 100
            revenue = (revenue * (1 + growth)).quantize(Decimal("0.01"))
            if valid_for == year - 1 and serial % GAP == 3:
                continue
            figures.append(
                YearlyFigure(
                    enterprise=row,
                    valid_for=valid_for,
                    revenue=revenue,
                    rd_expense=(revenue * Decimal(rng.randrange(4, 22)) / 100).quantize(Decimal("0.01")),
                    employees=max(6, int(revenue / 600000) + rng.randrange(-4, 20)),
                    taxes=(revenue * Decimal(rng.randrange(2, 7)) / 100).quantize(Decimal("0.01")),
                    profit=(revenue * Decimal(rng.randrange(-3, 15)) / 100).quantize(Decimal("0.01")),
                    source=SOURCE,
                    recorded_at=moment,
                )
            )
        if kind != "unknown":
            inclusions.append(
                StatisticalInclusion(
                    enterprise=row,
                    # Who came into the register last year is on the list that demo.proactive tells of.
                    first_period=date(min(rng.randrange(2019, year), year - 2), rng.randrange(1, 13), 1),
                    industry=statistical,
                    confirmed_by=offices.get(row.district_id),
                    source=SOURCE,
                    recorded_at=moment,
                )
            )
        checks.append(
            CreditCheck(
                enterprise=row,
                as_of=since,
                clean_since=since - timedelta(days=rng.randrange(1200, 3000)),
                listed=kind == "listed",
                source=SOURCE,
                recorded_at=moment,
            )
        )
        found.append(Found(row, kind == "fit" and row.legal_form == "company", base))
    Qualification.objects.bulk_create(
        Qualification(
            enterprise=row,
            kind=Qualification.Kind.HIGH_TECH,
            number=f"GR{year - 1}31{serial:06d}",
            valid_from=date(year - 1, 12, 1),
            valid_to=date(year + 2, 11, 30),
            source=SOURCE,
            recorded_at=moment,
        )
        for serial, row in enumerate(rows, start=first)
        if serial % QUALIFIED == 0
    )
    YearlyFigure.objects.bulk_create(figures)
    StatisticalInclusion.objects.bulk_create(inclusions)
    CreditCheck.objects.bulk_create(checks)
    return found
