"""What the database refuses of a case, whoever gets past the verbs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from applications.models import Application, ApplicationDocument, RuleCheck, Submission
from applications.states import ENDED, State, transitions
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event
from measures.models import LedgerEntry
from reviews.models import NoticeLine, Opinion
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import verified_enterprise

pytestmark = pytest.mark.django_db
REFUSED = (IntegrityError, ProgrammingError)


@pytest.fixture(autouse=True)
def catalogue(db):
    cases.open_call_item()


def update(case, **values):
    """As somebody would who goes past the verbs."""
    with transaction.atomic():
        Application.objects.filter(pk=case.pk).update(**values)


@pytest.mark.parametrize("state", [state for state in State if state not in (State.DRAFT, *ENDED)])
def test_a_draft_does_not_jump(state):
    case = cases.draft()
    if state not in transitions()[State.DRAFT]:
        with pytest.raises(IntegrityError, match="no transition"):
            update(case, state=state)
    else:
        # Where the machine would allow it, the facts are missing.
        with pytest.raises(IntegrityError, match="case_number_from_submit"):
            update(case, state=state)


@pytest.mark.parametrize("state", sorted(ENDED))
def test_nothing_leaves_an_end_but_a_completed_case_can_still_be_revoked(state):
    assert transitions()[state] == ([State.REVOKED] if state == State.COMPLETED else [])


def test_a_row_begins_as_a_draft():
    case = cases.draft()
    with pytest.raises(IntegrityError, match="may not begin"), transaction.atomic():
        Application.objects.create(
            call_item=case.call_item,
            enterprise=verified_enterprise(),
            created_by=case.created_by,
            form=case.form,
            state=State.APPROVED,
        )


def test_the_columns_state_is_not_assigned():
    case = cases.draft()
    with pytest.raises(AttributeError):
        case.state = State.SUBMITTED


@pytest.mark.parametrize(
    ("made", "values", "constraint"),
    [
        ("submitted", {"number": None}, "case_number_from_submit"),
        ("draft", {"number": "KJFW-2026-0801-1-000009"}, "case_number_from_submit"),
        ("accepted", {"accepted_at": None}, "case_accepted_facts"),
        ("recommended", {"recommendation": ""}, "case_recommended_facts"),
        ("proposed", {"proposed_by": None}, "case_proposed_facts"),
        ("proposed", {"proposed_amount": None}, "case_amount_by_proposal"),
        ("proposed", {"proposed_amount": Decimal("0.00")}, "case_amount_by_proposal"),
        ("endorsed", {"proposed_amount": Decimal("1.00")}, "case_amount_by_proposal|appraised"),
        ("signed_off", {"signed_off_by": None}, "case_signed_off_facts"),
        ("published", {"notice_closes_at": None}, "case_noticed_facts"),
        ("approved", {"approved_amount": Decimal("3200000.01")}, "case_approved_facts"),
        ("approved", {"approved_by": None}, "case_approved_facts"),
        ("approved", {"approved_amount": None}, "case_approved_facts"),
        ("approved", {"proposed_amount": None}, "case_a"),
        ("published", {"approved_amount": Decimal("1.00")}, "case_approved_facts"),
        ("decline_notified", {"reason": ""}, "case_declined_facts"),
        ("awaiting_correction", {"resume_state": ""}, "case_resume_state"),
        ("awaiting_correction", {"resume_state": "approved"}, "case_resume_state"),
        ("submitted", {"resume_state": "submitted"}, "case_resume_state"),
        ("concluded", {"result": ""}, "case_concluded_result"),
    ],
)
def test_a_state_does_not_stand_without_its_facts(made, values, constraint):
    case = getattr(cases, made)()
    with pytest.raises(IntegrityError, match=constraint):
        update(case, **values)


@pytest.mark.parametrize(
    ("made", "second", "first"),
    [
        ("endorsed", "endorsed_by", "recommended_by"),
        ("signed_off", "signed_off_by", "proposed_by"),
        ("approved", "approved_by", "proposed_by"),
    ],
)
def test_one_person_does_not_sign_twice(made, second, first):
    case = getattr(cases, made)()
    with pytest.raises(IntegrityError, match="by_second"):
        update(case, **{second: getattr(case, first)})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"proposed_amount": Decimal("5000000.01")}, "exceeds the ceiling"),
        ({"proposed_amount": Decimal("3200000.01")}, "of the appraised investment"),
        ({"appraised_investment": Decimal("31999999.99")}, "of the appraised investment"),
        ({"appraised_investment": None}, "needs the appraised investment"),
        ({"appraisal_document": None}, "needs the appraised investment"),
    ],
)
def test_an_award_stays_within_ceiling_rate_and_appraisal(values, message):
    case = cases.proposed()
    with pytest.raises(IntegrityError, match=message):
        update(case, **values)


def test_nothing_is_approved_before_its_notice_closes():
    case = cases.approved()
    with pytest.raises(IntegrityError, match="case_approved_after_notice"):
        update(case, approved_at=case.notice_closes_at - timedelta(seconds=1))


def test_one_unit_has_one_live_case_per_call():
    case = cases.submitted()
    other = cases.draft(enterprise=case.enterprise)
    with pytest.raises(IntegrityError, match="within_limits"):
        update(
            other,
            state=State.SUBMITTED,
            number="KJFW-2026-0801-1-000009",
            sequence=9,
            submitted_at=clock.now(),
            identity={},
        )


def test_a_number_and_a_sequence_are_given_once():
    first, second = cases.submitted(), cases.submitted()
    for values in ({"number": first.number}, {"sequence": first.sequence}):
        with pytest.raises(IntegrityError):
            update(second, **values)


def test_a_slot_holds_one_document():
    case = cases.draft()
    paper = case.papers.get(slot="report")
    with pytest.raises(IntegrityError, match="paper_one_per_slot"), transaction.atomic():
        ApplicationDocument.objects.create(
            application=case, slot="report", document=paper.document, added_by=case.created_by
        )


def test_a_case_is_in_one_place_at_a_time():
    case = cases.submitted()
    with pytest.raises(IntegrityError, match="step_one_open"), transaction.atomic():
        case.steps.create(state=State.APPROVED, entered_at=clock.now())


def test_a_document_that_a_case_holds_is_not_deleted():
    case = cases.submitted()
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=case.pk).delete()


# --- without an event: checked at the commit ---------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_changed_state_needs_an_event_of_its_transaction():
    case = cases.submitted()
    ended = {"state": State.WITHDRAWN, "ended_at": clock.now(), "reason": "past the verbs"}
    with pytest.raises(IntegrityError, match="without an event"):
        update(case, **ended)
    with pytest.raises(IntegrityError, match="without an event"), transaction.atomic():
        # An event of another case, or of another transaction, says nothing of this one.
        update(case, **ended)
        events.record("trial", cases.empty_draft(), SYSTEM)
    case.refresh_from_db()
    assert (case.state, case.version) == (State.SUBMITTED, 1)


@pytest.mark.django_db(transaction=True)
def test_a_new_case_needs_an_event_of_its_transaction():
    case = cases.draft()
    with pytest.raises(IntegrityError, match="without an event"):
        Application.objects.create(
            call_item=case.call_item, enterprise=case.enterprise, created_by=case.created_by, form=case.form
        )
    assert Application.objects.count() == 1


# --- what is only ever added --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "model"),
    [
        ("submitted", Event),
        ("submitted", Submission),
        ("submitted", RuleCheck),
        ("accepted", Opinion),
        ("proposed", LedgerEntry),
        ("published", NoticeLine),
    ],
)
def test_what_was_written_down_stays(made, model):
    getattr(cases, made)()
    table, column = model._meta.db_table, model._meta.pk.column
    assert model.objects.exists()
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(REFUSED), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_people_stay_as_long_as_something_names_them():
    case = cases.accepted()
    officer = people.district_officer()
    assert case.accepted_by == officer
    with pytest.raises(IntegrityError), transaction.atomic():
        officer.delete()
