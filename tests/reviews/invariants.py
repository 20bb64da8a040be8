"""What holds of every case at every moment, whoever did what; each check gives what is wrong, in words."""

from collections import defaultdict
from collections.abc import Iterator

from applications.models import Application, Correction, Step, Submission
from applications.states import ENDED, NEVER_SUBMITTED, VERBS, State, transitions
from foundation.events.models import Event, Notification
from foundation.events.verification import Broken
from foundation.events.verification import verify as verify_chains
from measures.models import CallItem
from measures.verification import verify as verify_ledgers
from payments.models import Disbursement

KIND = "applications.application"
# Pairs of signatures that must be two people's.
APART = (
    ("recommended_by_id", "endorsed_by_id"),
    ("proposed_by_id", "signed_off_by_id"),
    ("proposed_by_id", "approved_by_id"),
)
# Who has signed before money leaves.
SIGNED = (
    "submitted_by_id",
    "accepted_by_id",
    "recommended_by_id",
    "endorsed_by_id",
    "proposed_by_id",
    "signed_off_by_id",
    "approved_by_id",
)


def broken() -> list[str]:
    """Everything that is wrong now; empty when all is well."""
    cases = {case.pk: case for case in Application.objects.select_related("call_item__item").order_by("pk")}
    return [
        *_chains(),
        *_ledgers(),
        *_histories(cases),
        *_steps(cases),
        *_signatures(cases.values()),
        *_payments(cases),
        *_numbers(cases.values()),
        *_papers(cases),
        *_messages(cases),
    ]


def _chains() -> Iterator[str]:
    try:
        verify_chains()
    except Broken as wrong:
        yield str(wrong)


def _ledgers() -> Iterator[str]:
    """Entry after entry, and each case against what its state and its payment say it must hold."""
    for difference in verify_ledgers({}):
        yield str(difference)


def _histories(cases: dict[int, Application]) -> Iterator[str]:
    """One event per change of state, each along the machine, the last one into where the case is."""
    allowed = transitions()
    history: dict[int, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(chain__kind=KIND).select_related("chain").order_by("chain", "seq"):
        history[event.chain.subject_id].append(event)
    for pk, case in cases.items():
        at, version = State.DRAFT, 0
        for event in history[pk]:
            if event.verb not in VERBS:
                continue
            version += 1
            before, after = event.facts["from"], event.facts["to"]
            begun = VERBS[event.verb].begins and (before, version) == ("", 1)
            before = at if begun else before
            if before != at or not (begun or after in allowed[before]):
                yield f"{case}: {event.verb} from {before} to {after}, stood in {at}"
            if after not in VERBS[event.verb].leads.get(before, ()):
                yield f"{case}: {event.verb} does not lead from {before} to {after}"
            if event.facts["version"] != version:
                yield f"{case}: {event.verb} is number {version}, says {event.facts['version']}"
            at = State(after)
        if (case.state, case.version) != (at, version):
            yield f"{case}: is {case.state} v{case.version}, its history says {at} v{version}"


def _steps(cases: dict[int, Application]) -> Iterator[str]:
    """A live case is in exactly one place, an ended one in none; its stays follow one another."""
    steps: dict[int, list[Step]] = defaultdict(list)
    for step in Step.objects.order_by("application_id", "pk"):
        steps[step.application_id].append(step)
    for pk, case in cases.items():
        standing = [step for step in steps[pk] if step.left_at is None]
        expected = [] if case.state in ENDED else [(case.state, case.office_id, case.due_on)]
        if [(step.state, step.office_id, step.due_on) for step in standing] != expected:
            yield f"{case}: open steps {standing}"
        for step, following in zip(steps[pk], steps[pk][1:], strict=False):
            if step.left_at != following.entered_at:
                yield f"{case}: left {step.state} at {step.left_at}, next at {following.entered_at}"
        # A completed case has no stay that a revocation could end.
        late = case.state == State.REVOKED and bool(steps[pk]) and steps[pk][-1].left_by_verb == "complete"
        # One that a list began never stood in the draft.
        begun = case.call_item.is_proactive
        if len(steps[pk]) != case.version + (case.state not in ENDED) - late - begun:
            yield f"{case}: {len(steps[pk])} steps after {case.version} verbs"


def _signatures(cases) -> Iterator[str]:
    for case in cases:
        for first, second in APART:
            if getattr(case, first) and getattr(case, first) == getattr(case, second):
                yield f"{case}: {first} and {second} are one person"
        if case.state in {State.APPROVED, State.PAID, State.COMPLETED, State.REVOKED}:
            if not all(getattr(case, name) for name in SIGNED):
                yield f"{case}: {case.state} without every signature"
            if case.approved_at < case.notice_closes_at:
                yield f"{case}: approved before its notice closed"
        ceiling, rate = case.call_item.item.ceiling_amount, case.call_item.item.ceiling_rate
        if case.proposed_amount and (
            case.proposed_amount > ceiling or case.proposed_amount > case.appraised_investment * rate
        ):
            yield f"{case}: {case.proposed_amount} is beyond the policy"


def _payments(cases: dict[int, Application]) -> Iterator[str]:
    for row in Disbursement.objects.order_by("pk"):
        case = cases[row.application_id]
        if row.ordered_by_id == row.released_by_id:
            yield f"{row}: ordered and released by one person"
        was_paid = case.paid_at is not None
        if (row.state == "confirmed") != was_paid and row.state != "returned":
            yield f"{row}: {row.state} while its case is {case.state}"
        if row.amount != case.approved_amount:
            yield f"{row}: {row.amount}, approved {case.approved_amount}"


def _numbers(cases) -> Iterator[str]:
    given: dict[int, list[int]] = defaultdict(list)
    for case in cases:
        if (case.number is None) != (case.state in NEVER_SUBMITTED):
            yield f"{case}: number {case.number} in {case.state}"
        if case.sequence:
            given[case.call_item_id].append(case.sequence)
    for line in CallItem.objects.order_by("pk"):
        if sorted(given[line.pk]) != list(range(1, line.last_sequence + 1)):
            yield f"{line}: sequences {sorted(given[line.pk])}, last {line.last_sequence}"


def _papers(cases: dict[int, Application]) -> Iterator[str]:
    """As many submissions as were handed in; a question is open only while its case waits for the answer."""
    rounds: dict[int, list[int]] = defaultdict(list)
    for pk, number in Submission.objects.order_by("round").values_list("application_id", "round"):
        rounds[pk].append(number)
    handed_in: dict[int, int] = defaultdict(int)
    for event in Event.objects.filter(
        chain__kind=KIND, verb__in=["submit", "resubmit", "confirm_offer"]
    ).select_related("chain"):
        handed_in[event.chain.subject_id] += 1
    for pk, case in cases.items():
        if rounds[pk] != list(range(1, handed_in[pk] + 1)):
            yield f"{case}: rounds {rounds[pk]} after {handed_in[pk]} submissions"
    waiting = {pk for pk, case in cases.items() if case.state == State.AWAITING_CORRECTION}
    asked = set(Correction.objects.filter(answered_at=None).values_list("application_id", flat=True))
    if lost := waiting - asked:
        yield f"waiting without a question: {lost}"
    for pk in asked - waiting:
        if cases[pk].state not in ENDED:
            yield f"{cases[pk]}: {cases[pk].state} with an open question"


def _messages(cases: dict[int, Application]) -> Iterator[str]:
    """A case is told of to its enterprise, to the offices on its way, to its writer, and to nobody else."""
    for told in Notification.objects.filter(event__chain__kind=KIND).select_related("event__chain"):
        case = cases[told.event.chain.subject_id]
        offices = {
            case.office_id,
            case.district_office_id,
            case.municipal_office_id,
            case.call_item.decided_by_id,
        }
        known = {"enterprise": {case.enterprise_id}, "user": {case.created_by_id}, "office": offices}
        if told.audience_id not in known[told.audience_kind]:
            yield f"{case}: {told.event.verb} told to {told.audience_kind} {told.audience_id}"
