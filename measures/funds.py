"""The ledger's only door: money moves from bucket to bucket for a case, and never further than it reaches.

    with transaction.atomic():
        ...                                                 # batch → cases → call locked before
        funds.set_aside(fund, [Move(case.pk, case.number, award)], by=officer)

Every function that writes runs inside the verb's own transaction and locks the fund's row, the last lock of
the order batch → cases → call → fund (several funds: in order of their id). A call writes all of its moves or
none, in the same number of statements for any number of moves. Amounts are Decimals in yuan, two places.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from measures.models.funds import BUCKETS, FLOW, Kind, LedgerEntry, SpecialFund

ZERO = Decimal("0.00")
FEN = Decimal("0.01")
# The widest amount that the column holds is below this.
LIMIT = Decimal(10) ** 14


@dataclass(frozen=True, slots=True)
class Move:
    """An amount of one case (its id and number), in yuan with two places, above zero."""

    case_id: int | None
    case_number: str
    amount: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Balances:
    """Yuan in each bucket: of a fund, or of one case (which holds nothing in `available`)."""

    available: Decimal = ZERO
    set_aside: Decimal = ZERO
    committed: Decimal = ZERO
    ordered: Decimal = ZERO
    released: Decimal = ZERO
    spent: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """What was ever appropriated; of a case, what it holds and was paid."""
        return sum((getattr(self, bucket) for bucket in BUCKETS), ZERO)

    def after(self, kind: str, amount: Decimal) -> "Balances":
        """These balances after one move of that kind; they may come out negative."""
        source, target = FLOW[kind]
        changes = {target: getattr(self, target) + amount}
        if source:
            changes[source] = getattr(self, source) - amount
        return replace(self, **changes)


class LedgerRefused(ValidationError):
    """The ledger takes no such move; `messages` say why, in Chinese."""


class Insufficient(LedgerRefused):
    """The fund doesn't reach: `missing` yuan. Nothing was written."""

    def __init__(self, fund: SpecialFund, missing: Decimal, available: Decimal):
        self.fund, self.missing, self.available = fund, missing, available
        super().__init__(
            _("“%(fund)s”可用资金 %(available)s 元，还差 %(missing)s 元")
            % {"fund": fund.name, "available": f"{available:,.2f}", "missing": f"{missing:,.2f}"}
        )


class NotHeld(LedgerRefused):
    """The case doesn't hold that much in the bucket that the move takes from. Nothing was written."""

    def __init__(self, move: Move, bucket: str, held: Decimal):
        self.move, self.bucket, self.held = move, bucket, held
        super().__init__(
            _("申请 %(number)s 的%(bucket)s资金为 %(held)s 元，不足 %(amount)s 元")
            % {
                "number": move.case_number,
                "bucket": LedgerEntry._meta.get_field(bucket).verbose_name,
                "held": f"{held:,.2f}",
                "amount": f"{move.amount:,.2f}",
            }
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in a ledger, or between it and what it stands for, that isn't as it must be.

    fund: its code; seq: the entry, None for the ledger as a whole; column: what differs, in Chinese.
    """

    fund: str
    seq: int | None
    column: str
    expected: object
    found: object

    def __str__(self):
        place = self.fund if self.seq is None else f"{self.fund} #{self.seq}"
        return _("%(place)s：%(column)s应为 %(expected)s，实为 %(found)s") % {
            "place": place,
            "column": self.column,
            "expected": self.expected,
            "found": self.found,
        }


# Further checks of verify_ledger: upper rooms append theirs in AppConfig.ready, for what they know stands
# behind the entries (payments: disbursements). Each yields Differences.
CHECKS: list[Callable[[], Iterable[Difference]]] = []


def balance(fund: SpecialFund) -> Balances:
    """What stands in each bucket of the fund now; one query."""
    return _last(fund)[1]


def balances() -> dict[int, Balances]:
    """The balances of every fund that has entries, by fund id; one query."""
    last = LedgerEntry.objects.order_by("fund_id", "-seq").distinct("fund_id")
    return {row.pop("fund_id"): Balances(**row) for row in last.values("fund_id", *BUCKETS)}


def held(case_ids: Collection[int]) -> dict[int, Balances]:
    """What each of these cases holds in each bucket, all funds together; one query. Zero where nothing."""
    return _held(LedgerEntry.objects.filter(case_id__in=case_ids), case_ids)


def fits(fund: SpecialFund, moves: Iterable[Move]) -> list[Move]:
    """Those of the moves, in their order, that the available sum reaches; one that doesn't blocks no other.

    Locks the fund, so that set_aside in the same transaction finds what was found here.
    """
    left = _locked(fund)[1].available
    reached = []
    for move in _checked(moves):
        if move.amount <= left:
            left -= move.amount
            reached.append(move)
    return reached


@transaction.atomic
def appropriate(fund: SpecialFund, amount: Decimal, by, note: str) -> LedgerEntry:
    """Enter a budget (预算下达) with the document that grants it; an event of the fund tells it.

    A policy administrator does it, or the system for a shipped catalogue; others raise NotAllowed.
    """
    if not (by.is_system or by.may(Permission.CONFIGURE)):
        raise NotAllowed
    if not note.strip():
        raise LedgerRefused(_("请写明下达预算的依据"))
    seq, before = _locked(fund)
    after = before.after(Kind.APPROPRIATE, _exact(amount))
    [entry] = LedgerEntry.objects.bulk_create(
        [_entry(fund, seq + 1, Kind.APPROPRIATE, Move(None, "", amount, note.strip()), after, by)]
    )
    events.record(
        "appropriate_fund", fund, by, fund=fund.name, entry=entry.seq, amount=amount, note=entry.note
    )
    return entry


def set_aside(fund: SpecialFund, moves: Sequence[Move], by) -> list[LedgerEntry]:
    """预占, when support is proposed: available → set aside. Raises Insufficient."""
    return _post(fund, Kind.SET_ASIDE, moves, by)


def release(fund: SpecialFund, moves: Sequence[Move], by) -> list[LedgerEntry]:
    """释放预占, on send-back, decline or withdrawal: set aside → available. Raises NotHeld."""
    return _post(fund, Kind.RELEASE, moves, by)


def commit(fund: SpecialFund, moves: Sequence[Move], by) -> list[LedgerEntry]:
    """批复占用: set aside → committed. Raises NotHeld."""
    return _post(fund, Kind.COMMIT, moves, by)


def revert(fund: SpecialFund, moves: Sequence[Move], by) -> list[LedgerEntry]:
    """收回批复占用, when an approval is revoked: committed → available. Raises NotHeld."""
    return _post(fund, Kind.REVERT, moves, by)


def order(fund: SpecialFund, moves: Sequence[Move], by) -> list[LedgerEntry]:
    """提出拨付, by the maker: committed → ordered. Raises NotHeld."""
    return _post(fund, Kind.ORDER, moves, by)


def return_order(fund: SpecialFund, moves: Sequence[Move], by) -> list[LedgerEntry]:
    """退回拨付, by the checker: ordered → committed. Raises NotHeld."""
    return _post(fund, Kind.RETURN_ORDER, moves, by)


def release_payment(fund: SpecialFund, moves: Sequence[Move], by) -> list[LedgerEntry]:
    """复核拨付, by the checker: ordered → released. Raises NotHeld."""
    return _post(fund, Kind.RELEASE_PAYMENT, moves, by)


def return_payment(fund: SpecialFund, moves: Sequence[Move], by) -> list[LedgerEntry]:
    """支付退回, when the bank sends it back: released → committed. Raises NotHeld."""
    return _post(fund, Kind.RETURN_PAYMENT, moves, by)


def spend(fund: SpecialFund, moves: Sequence[Move], by) -> list[LedgerEntry]:
    """拨付完成, when the payment is confirmed: released → spent. Raises NotHeld."""
    return _post(fund, Kind.SPEND, moves, by)


def _post(fund: SpecialFund, kind: Kind, moves: Sequence[Move], by) -> list[LedgerEntry]:
    moves = _checked(moves)
    if not moves:
        return []
    seq, current = _locked(fund)
    source, _target = FLOW[kind]
    if source == "available":
        needed = sum((move.amount for move in moves), ZERO)
        if needed > current.available:
            raise Insufficient(fund, needed - current.available, current.available)
    else:
        _check_held(fund, moves, source)
    entries = []
    for number, move in enumerate(moves, start=seq + 1):
        current = current.after(kind, move.amount)
        entries.append(_entry(fund, number, kind, move, current, by))
    return LedgerEntry.objects.bulk_create(entries)


def _check_held(fund: SpecialFund, moves: Sequence[Move], bucket: str) -> None:
    case_ids = {move.case_id for move in moves}
    entries = LedgerEntry.objects.filter(fund=fund, case_id__in=case_ids)
    left = {case_id: getattr(found, bucket) for case_id, found in _held(entries, case_ids).items()}
    for move in moves:
        if move.amount > left[move.case_id]:
            raise NotHeld(move, bucket, left[move.case_id])
        left[move.case_id] -= move.amount


def _held(entries, case_ids: Collection[int]) -> dict[int, Balances]:
    found = dict.fromkeys(case_ids, Balances())
    sums = entries.order_by().values("case_id", "kind").annotate(total=Sum("amount"))
    for row in sums:
        found[row["case_id"]] = found[row["case_id"]].after(row["kind"], row["total"])
    # What came from the fund at large is the fund's, not the case's.
    return {case_id: replace(one, available=ZERO) for case_id, one in found.items()}


def _entry(fund: SpecialFund, seq: int, kind: Kind, move: Move, after: Balances, by) -> LedgerEntry:
    return LedgerEntry(
        fund=fund,
        seq=seq,
        kind=kind,
        amount=move.amount,
        case_id=move.case_id,
        case_number=move.case_number,
        note=move.note,
        at=clock.now(),
        actor_label=str(by.actor_label),
        **{bucket: getattr(after, bucket) for bucket in BUCKETS},
    )


def _locked(fund: SpecialFund) -> tuple[int, Balances]:
    """The fund's row locked for this transaction, with its last number and balances."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("the ledger moves money only within a verb's transaction")
    SpecialFund.objects.select_for_update(no_key=True).get(pk=fund.pk)
    return _last(fund)


def _last(fund: SpecialFund) -> tuple[int, Balances]:
    row = LedgerEntry.objects.filter(fund=fund).order_by("-seq").values("seq", *BUCKETS).first()
    return (row.pop("seq"), Balances(**row)) if row else (0, Balances())


def _checked(moves: Iterable[Move]) -> list[Move]:
    moves = list(moves)
    for move in moves:
        _exact(move.amount)
    return moves


def _exact(amount: Decimal) -> Decimal:
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise TypeError(f"an amount is a Decimal in yuan, not {amount!r}")
    if not 0 < amount < LIMIT or amount != amount.quantize(FEN):
        raise ValueError(f"an amount is above zero, below 10^14 and whole in fen, not {amount}")
    return amount
