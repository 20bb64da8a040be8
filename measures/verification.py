"""Are the ledgers right? Every entry recomputed from the one before it, in one stream, and every case's share.

Finds what was changed, removed or inserted by somebody who went around the door and the triggers. What the
entries stand for is compared by the checks that upper rooms add to funds.CHECKS.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from django.utils.translation import gettext as _

from measures import funds
from measures.funds import Balances, Difference
from measures.models.funds import BUCKETS, FLOW, LedgerEntry, SpecialFund

CHUNK = 2000


def verify(counts: dict[str, int]) -> Iterator[Difference]:
    """Everything that differs, ledger by ledger; adds to counts: entries and cases that were looked at.

    After a wrong entry its own balances count, so that one change is reported where it was made.
    """
    codes = dict(SpecialFund.objects.values_list("pk", "code"))
    entries = LedgerEntry.objects.order_by("fund_id", "seq").iterator(chunk_size=CHUNK)
    for fund_id, ledger in groupby(entries, key=attrgetter("fund_id")):
        yield from _check_ledger(codes[fund_id], ledger, counts)
    for check in funds.CHECKS:
        yield from check()


def _check_ledger(fund: str, entries: Iterator[LedgerEntry], counts: dict[str, int]) -> Iterator[Difference]:
    seq, before = 0, Balances()
    cases: dict[int, Balances] = {}
    for entry in entries:
        counts["entries"] = counts.get("entries", 0) + 1
        yield from _check_entry(fund, entry, seq + 1, before)
        if entry.case_id is not None and entry.kind in FLOW:
            yield from _check_case(fund, entry, cases)
        seq, before = entry.seq, Balances(**{bucket: getattr(entry, bucket) for bucket in BUCKETS})
    counts["cases"] = counts.get("cases", 0) + len(cases)


def _check_entry(fund: str, entry: LedgerEntry, seq: int, before: Balances) -> Iterator[Difference]:
    if entry.seq != seq:
        yield Difference(fund, entry.seq, _("序号"), seq, entry.seq)
    if entry.kind not in FLOW:
        yield Difference(fund, entry.seq, _("种类"), "/".join(FLOW), entry.kind)
        return
    if entry.amount <= 0:
        yield Difference(fund, entry.seq, _("金额"), _("正数"), entry.amount)
    source, _target = FLOW[entry.kind]
    if (entry.case_id is None) != (source == ""):
        yield Difference(fund, entry.seq, _("申请"), _("无") if source == "" else _("有"), entry.case_id)
    expected = before.after(entry.kind, entry.amount)
    for bucket in BUCKETS:
        wanted, found = getattr(expected, bucket), getattr(entry, bucket)
        if wanted != found:
            yield Difference(fund, entry.seq, _name(bucket), wanted, found)
        if found < 0:
            yield Difference(fund, entry.seq, _name(bucket), _("不小于 0"), found)


def _check_case(fund: str, entry: LedgerEntry, cases: dict[int, Balances]) -> Iterator[Difference]:
    """A case never gives more out of a bucket than it holds there."""
    after = cases.get(entry.case_id, Balances()).after(entry.kind, entry.amount)
    source, _target = FLOW[entry.kind]
    left = Decimal(0) if source in {"", "available"} else getattr(after, source)
    if left < 0:
        column = _("申请 %(number)s 的%(bucket)s") % {"number": entry.case_number, "bucket": _name(source)}
        yield Difference(fund, entry.seq, column, _("不小于 0"), left)
    cases[entry.case_id] = after


def _name(bucket: str) -> str:
    return str(LedgerEntry._meta.get_field(bucket).verbose_name)
