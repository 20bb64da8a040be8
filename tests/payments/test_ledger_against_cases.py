"""verify_ledger compares the ledger with the cases and payments that it stands for."""

import pgtrigger
import pytest
from django.db import connection

from payments.checks import ledger_against_cases
from tests.applications import factories as cases

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "state",
    ["submitted", "proposed", "signed_off", "published", "approved", "ordered", "released", "paid"],
)
def test_the_ledger_agrees_with_a_case_in_each_state(state):
    getattr(cases, state)()
    assert list(ledger_against_cases()) == []


def test_a_ledger_whose_tail_was_cut_off_is_found():
    case = cases.proposed()
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM measures_ledgerentry WHERE case_id = %s", [case.pk])
    (difference,) = ledger_against_cases()
    assert (difference.expected, difference.found) == (case.proposed_amount, 0)
    assert case.number in str(difference)


def test_money_held_for_a_case_that_ended_is_found():
    case = cases.proposed()
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE applications_application SET state = 'withdrawn', proposal = '', proposed_amount = NULL"
            " WHERE id = %s",
            [case.pk],
        )
    (difference,) = ledger_against_cases()
    assert (difference.expected, difference.found) == (0, case.proposed_amount)
