"""The ledger: money moves bucket by bucket, never further than it reaches, and a wrong row can't be written."""

import threading
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import SYSTEM
from foundation.events import events
from measures import funds, verification
from measures.funds import Balances, Difference, Move
from measures.models import LedgerEntry
from measures.models.funds import BUCKETS, FLOW, Kind
from tests.measures.factories import loaded_catalogue, person_without_post, policy_administrator
from tests.measures.ledgers import empty_fund, funded, move, posted, walked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_ledger_alone(monkeypatch):
    """Ledgers here stand for no cases; what upper rooms compare is tested in their own rooms."""
    monkeypatch.setattr(funds, "CHECKS", [])


VERBS = {
    Kind.SET_ASIDE: funds.set_aside,
    Kind.RELEASE: funds.release,
    Kind.COMMIT: funds.commit,
    Kind.REVERT: funds.revert,
    Kind.ORDER: funds.order,
    Kind.RETURN_ORDER: funds.return_order,
    Kind.RELEASE_PAYMENT: funds.release_payment,
    Kind.RETURN_PAYMENT: funds.return_payment,
    Kind.SPEND: funds.spend,
}
MAIN_WAY = [funds.set_aside, funds.commit, funds.order, funds.release_payment, funds.spend]
# How a case gets to hold something in a bucket.
WAY_TO = {bucket: MAIN_WAY[:length] for length, bucket in enumerate(BUCKETS)}


def yuan(text) -> Decimal:
    return Decimal(text)


# --- appropriation --------------------------------------------------------------------------------------


def test_an_appropriation_makes_money_available_and_is_an_event_of_the_fund():
    fund = funded("1000.00")
    assert funds.balance(fund) == Balances(available=yuan("1000.00"))
    [event] = events.timeline(fund)
    assert event.verb == "appropriate_fund"
    assert event.facts == {"fund": "测试专项", "entry": 1, "amount": "1000.00", "note": "测试下达"}


def test_only_a_policy_administrator_appropriates():
    loaded_catalogue()
    fund = empty_fund()
    with pytest.raises(NotAllowed):
        funds.appropriate(fund, yuan("1.00"), person_without_post(), "x")
    assert not LedgerEntry.objects.filter(fund=fund).exists()
    funds.appropriate(fund, yuan("1.00"), policy_administrator(), "沪财〔2026〕1号")
    assert funds.balance(fund).available == yuan("1.00")


def test_an_appropriation_names_its_ground():
    with pytest.raises(funds.LedgerRefused, match="请写明下达预算的依据"):
        funds.appropriate(empty_fund(), yuan("1.00"), SYSTEM, "  ")


def test_a_fund_without_entries_is_empty():
    assert funds.balance(empty_fund()) == Balances()


# --- moves ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", VERBS)
def test_each_kind_moves_between_its_two_buckets(kind):
    fund = funded("1000.00")
    source, target = FLOW[kind]
    walked(fund, *WAY_TO[source])
    before = funds.balance(fund)
    [entry] = posted(VERBS[kind], fund, move(1, "40.00"))
    after = funds.balance(fund)
    assert getattr(after, source) == getattr(before, source) - yuan("40.00")
    assert getattr(after, target) == getattr(before, target) + yuan("40.00")
    assert after.total == before.total == yuan("1000.00")
    assert (entry.kind, entry.case_number, entry.actor_label) == (kind, "KJFW-2026-0801-1-000001", "系统")


def test_the_main_way_ends_with_the_money_spent():
    fund = funded("1000.00")
    walked(fund, *MAIN_WAY)
    assert funds.balance(fund) == Balances(available=yuan("900.00"), spent=yuan("100.00"))
    assert funds.held([1]) == {1: Balances(spent=yuan("100.00"))}
    assert list(LedgerEntry.objects.filter(fund=fund).order_by("seq").values_list("seq", flat=True)) == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]


def test_a_fund_that_does_not_reach_refuses_before_anything_is_written():
    fund = funded("100.00")
    with pytest.raises(funds.Insufficient) as refused:
        posted(funds.set_aside, fund, move(1, "60.00"), move(2, "60.00"))
    assert refused.value.missing == yuan("20.00")
    assert refused.value.messages == ["“测试专项”可用资金 100.00 元，还差 20.00 元"]
    assert LedgerEntry.objects.filter(fund=fund).count() == 1


@pytest.mark.parametrize("kind", [kind for kind in VERBS if kind != Kind.SET_ASIDE])
def test_a_case_gives_no_more_than_it_holds(kind):
    fund = funded("1000.00")
    source, _target = FLOW[kind]
    walked(fund, *WAY_TO[source], case_id=1, amount="50.00")
    walked(fund, *WAY_TO[source], case_id=2, amount="50.00")
    with pytest.raises(funds.NotHeld) as refused:
        posted(VERBS[kind], fund, move(1, "30.00"), move(2, "50.00"), move(1, "30.00"))
    assert (refused.value.bucket, refused.value.held) == (source, yuan("20.00"))
    assert "KJFW-2026-0801-1-000001" in refused.value.messages[0] and "20.00" in refused.value.messages[0]
    assert funds.held([1])[1] == Balances(**{source: yuan("50.00")})


def test_money_that_a_case_holds_in_one_fund_is_not_there_in_another():
    first, second = funded(code="a"), funded(code="b")
    walked(first, funds.set_aside)
    with pytest.raises(funds.NotHeld):
        posted(funds.commit, second, move(1, "100.00"))
    walked(second, funds.set_aside, amount="5.00")
    assert funds.held([1, 7]) == {1: Balances(set_aside=yuan("105.00")), 7: Balances()}


def test_fits_names_those_that_reach_in_order_and_one_too_large_blocks_no_other():
    fund = funded("100.00")
    moves = [move(1, "70.00"), move(2, "40.00"), move(3, "30.00"), move(4, "0.01")]
    with transaction.atomic():
        reached = funds.fits(fund, moves)
        funds.set_aside(fund, reached, SYSTEM)
    assert [one.case_id for one in reached] == [1, 3]


def test_no_moves_write_nothing():
    fund = funded()
    assert posted(funds.set_aside, fund) == []


@pytest.mark.parametrize("amount", [Decimal(0), Decimal("-1.00"), Decimal("0.001"), Decimal(10) ** 14])
def test_an_amount_that_is_none_is_a_programming_error(amount):
    with pytest.raises(ValueError):
        posted(funds.set_aside, funded(), Move(1, "x", amount))


@pytest.mark.parametrize("amount", [1, 1.0, "1.00", Decimal("NaN")])
def test_an_amount_that_is_no_exact_decimal_is_a_programming_error(amount):
    with pytest.raises(TypeError):
        posted(funds.set_aside, funded(), Move(1, "x", amount))


def test_the_number_of_statements_does_not_grow_with_the_moves():
    fund = funded("100000.00")

    def statements(verb, moves):
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            verb(fund, moves, SYSTEM)
        return len(captured)

    one, many = [move(1, "1.00")], [move(case_id, "1.00") for case_id in range(2, 102)]
    for verb in MAIN_WAY:
        assert statements(verb, one) == statements(verb, many) <= 4


@pytest.mark.django_db(transaction=True)
def test_the_door_is_shut_outside_of_a_transaction():
    fund = funded()
    with pytest.raises(RuntimeError):
        funds.set_aside(fund, [move(1, "1.00")], SYSTEM)
    with pytest.raises(RuntimeError):
        funds.fits(fund, [])


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_take_more_than_there_is():
    fund = funded("1000.00")
    barrier = threading.Barrier(2)
    outcomes = []

    def propose(case_id):
        try:
            with transaction.atomic():
                barrier.wait(timeout=20)
                funds.set_aside(fund, [move(case_id, "600.00")], SYSTEM)
            outcomes.append("written")
        except funds.Insufficient as refused:
            outcomes.append(refused.missing)
        finally:
            connection.close()

    threads = [threading.Thread(target=propose, args=[case_id]) for case_id in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes, key=str) == [yuan("200.00"), "written"]
    assert funds.balance(fund) == Balances(available=yuan("400.00"), set_aside=yuan("600.00"))


# --- what the database itself refuses -------------------------------------------------------------------


def entry_after(fund, kind, amount, /, **wrong) -> LedgerEntry:
    """The entry that would follow, with these columns forged."""
    last = LedgerEntry.objects.filter(fund=fund).order_by("-seq").first()
    after = funds.balance(fund).after(kind, yuan(amount))
    columns = {bucket: getattr(after, bucket) for bucket in BUCKETS}
    columns |= {"kind": kind, "amount": yuan(amount), "seq": last.seq + 1, "case_id": 1, "actor_label": "x"}
    return LedgerEntry(fund=fund, **(columns | wrong))


def test_an_entry_that_follows_is_taken():
    fund = funded()
    entry_after(fund, Kind.SET_ASIDE, "10.00").save(force_insert=True)
    assert funds.balance(fund).set_aside == yuan("10.00")


@pytest.mark.parametrize(
    "wrong",
    [
        {"seq": 2},
        {"seq": 4},
        {"available": yuan("999.00")},
        {"set_aside": yuan("111.00")},
        {"committed": yuan("1.00")},
        {"spent": yuan("1.00")},
        {"amount": yuan("11.00")},
        {"kind": "gift"},
        {"kind": "commit"},
        {"case_id": None},
        {"case_id": 2, "kind": "release", "available": yuan("910.00"), "set_aside": yuan("90.00")},
    ],
    ids=str,
)
def test_a_wrong_entry_is_refused_by_the_database(wrong):
    fund = funded()
    walked(fund, funds.set_aside)
    with pytest.raises(IntegrityError), transaction.atomic():
        entry_after(fund, Kind.SET_ASIDE, "10.00", **wrong).save(force_insert=True)


def test_an_overdraft_is_refused_by_the_database():
    fund = funded("100.00")
    with pytest.raises(IntegrityError), transaction.atomic():
        entry_after(fund, Kind.SET_ASIDE, "100.01").save(force_insert=True)


def test_entries_are_never_changed_or_removed():
    fund = funded()
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerEntry.objects.filter(fund=fund).update(note="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        LedgerEntry.objects.filter(fund=fund).delete()


def test_the_role_of_the_web_moves_money_through_the_door_and_rewrites_nothing(runtime_role):
    call_command("grant_runtime", stdout=StringIO())
    fund = funded()
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {runtime_role}")
        walked(fund, *MAIN_WAY)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            cursor.execute("UPDATE measures_ledgerentry SET amount = 1")
    assert funds.balance(fund).spent == yuan("100.00")


# --- verification ---------------------------------------------------------------------------------------


def verified() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_ledger", stdout=out, no_color=True)
    except SystemExit as stop:
        return stop.code, out.getvalue()
    return 0, out.getvalue()


def tampered(sql) -> None:
    """What the table's owner could do, triggers switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE measures_ledgerentry DISABLE TRIGGER USER")
        cursor.execute(sql)
        assert cursor.rowcount == 1
        cursor.execute("ALTER TABLE measures_ledgerentry ENABLE TRIGGER USER")


FORGED_PAYMENT = """
    INSERT INTO measures_ledgerentry (fund_id, seq, kind, amount, case_id, case_number, note, at, actor_label,
        available, set_aside, committed, ordered, released, spent)
    SELECT fund_id, 7, 'spend', 50, 2, 'x', '', at, '', 950, 0, 0, ordered, 0, 50
    FROM measures_ledgerentry WHERE seq = 6
"""


def walked_fund():
    fund = funded("1000.00")
    walked(fund, *MAIN_WAY[:3])
    walked(fund, funds.set_aside, funds.release, case_id=2, amount="7.00")
    return fund


def test_a_sound_ledger_is_shown_with_its_balances():
    walked_fund()
    empty_fund("nothing-yet")
    code, text = verified()
    assert code == 0
    assert "相符：台账 6 笔，涉及申请 2 件" in text
    lines = text.splitlines()
    assert lines[0].split() == ["专项资金", "可用", "预占", "已批复", "待复核", "支付中", "已拨付"]
    assert ["nothing-yet", *["0.00"] * 6] in [line.split() for line in lines]
    assert ["test-2026", "900.00", "0.00", "0.00", "100.00", "0.00", "0.00"] in [
        line.split() for line in lines
    ]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        (
            "UPDATE measures_ledgerentry SET amount = 999 WHERE seq = 2",
            "test-2026 #2：可用应为 1.00，实为 900.00",
        ),
        (
            "UPDATE measures_ledgerentry SET available = 901 WHERE seq = 6",
            "test-2026 #6：可用应为 900.00，实为 901.00",
        ),
        (
            "UPDATE measures_ledgerentry SET spent = 5 WHERE seq = 3",
            "test-2026 #3：已拨付应为 0.00，实为 5.00",
        ),
        ("UPDATE measures_ledgerentry SET kind = 'gift' WHERE seq = 2", "test-2026 #2：种类应为"),
        ("UPDATE measures_ledgerentry SET seq = 9 WHERE seq = 6", "test-2026 #9：序号应为 6，实为 9"),
        ("DELETE FROM measures_ledgerentry WHERE seq = 4", "test-2026 #5：序号应为 4，实为 5"),
        ("UPDATE measures_ledgerentry SET case_id = 3 WHERE seq = 3", "的预占应为 不小于 0，实为 -100.00"),
        (
            FORGED_PAYMENT,
            "test-2026 #7：支付中应为 -50.00，实为 0.00",
        ),
    ],
)
def test_what_was_forged_is_found(sql, found):
    walked_fund()
    tampered(sql)
    code, text = verified()
    assert code == 1
    assert found in text


def test_checks_of_upper_rooms_are_asked_too(monkeypatch):
    fund = funded()
    monkeypatch.setattr(
        funds, "CHECKS", [lambda: [Difference(fund.code, None, "已拨付", yuan("1.00"), yuan("2.00"))]]
    )
    code, text = verified()
    assert code == 1
    assert "test-2026：已拨付应为 1.00，实为 2.00" in text


# --- properties -----------------------------------------------------------------------------------------

steps = st.lists(
    st.tuples(
        st.sampled_from([Kind.APPROPRIATE, *VERBS]),
        st.lists(st.tuples(st.integers(1, 3), st.integers(1, 12_000)), min_size=1, max_size=3),
    ),
    max_size=14,
)


class Reference:
    """The ledger as plain arithmetic: fen per bucket and case."""

    def __init__(self):
        self.fund = dict.fromkeys(BUCKETS, 0)
        self.cases = {(case, bucket): 0 for case in (1, 2, 3) for bucket in BUCKETS}

    def take(self, kind, moves) -> bool:
        source, target = FLOW[kind]
        fund, cases = dict(self.fund), dict(self.cases)
        for case, fen in moves:
            if source:
                fund[source] -= fen
                if source != "available":
                    cases[case, source] -= fen
            fund[target] += fen
            if target != "available":
                cases[case, target] += fen
        if min(fund.values()) < 0 or min(cases.values()) < 0:
            return False
        self.fund, self.cases = fund, cases
        return True


@given(steps)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_moves_agrees_with_plain_arithmetic(sequence):
    with transaction.atomic():
        fund, reference = empty_fund(), Reference()
        for kind, raw in sequence:
            if kind == Kind.APPROPRIATE:
                raw = raw[:1]
                reference.take(kind, raw)
                funds.appropriate(fund, Decimal(raw[0][1]) / 100, SYSTEM, "x")
                continue
            moves = [move(case, f"{Decimal(fen) / 100:.2f}") for case, fen in raw]
            try:
                VERBS[kind](fund, moves, SYSTEM)
                written = True
            except funds.LedgerRefused:
                written = False
            assert written == reference.take(kind, raw)
        found = funds.balance(fund)
        assert {bucket: getattr(found, bucket) * 100 for bucket in BUCKETS} == reference.fund
        for case, holds in funds.held([1, 2, 3]).items():
            assert {b: getattr(holds, b) * 100 for b in BUCKETS} == {
                b: reference.cases[case, b] for b in BUCKETS
            }
        assert list(verification.verify({})) == []
        transaction.set_rollback(True)
