"""What the database refuses of a case: states without their facts, one person twice, too many, too much money."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from applications.states import MAY_APPLY_AGAIN, State

S = State


def _when(states, **facts):
    """A check: in these states those facts stand."""
    return ~Q(state__in=list(states)) | Q(**facts)


_REVIEWERS = (
    "accepted_by",
    "recommended_by",
    "endorsed_by",
    "proposed_by",
    "waitlisted_by",
    "signed_off_by",
    "approved_by",
)


def _never(first: str, others) -> Q:
    """The person in that column stands in none of the others."""
    found = Q(**{f"{first}__isnull": True})
    apart = Q()
    for other in others:
        apart &= Q(**{f"{other}__isnull": True}) | ~Q(**{other: F(first)})
    return found | apart


_BEFORE_NUMBER = [S.DRAFT, S.DISCARDED]
_AFTER_ACCEPT = [
    S.DISTRICT_REVIEW,
    S.DISTRICT_ENDORSEMENT,
    S.MUNICIPAL_REVIEW,
    S.PROPOSED,
    S.SIGNED_OFF,
    S.PUBLIC_NOTICE,
    S.APPROVED,
    S.PAID,
    S.REFERRED,
    S.CONCLUDED,
    S.COMPLETED,
    S.REVOKED,
]
_SUPPORTED = [S.SIGNED_OFF, S.PUBLIC_NOTICE, S.APPROVED, S.PAID, S.COMPLETED, S.REVOKED]
_NOTICED = [S.PUBLIC_NOTICE, S.APPROVED, S.PAID, S.COMPLETED, S.REVOKED]
_APPROVED = [S.APPROVED, S.PAID, S.COMPLETED, S.REVOKED]

AWARD_WITHIN_CEILING = pgtrigger.Trigger(
    name="award_within_ceiling",
    operation=pgtrigger.Insert | pgtrigger.Update,
    when=pgtrigger.Before,
    declare=[("rate", "numeric"), ("most", "numeric")],
    condition=pgtrigger.Q(new__proposed_amount__isnull=False),
    func="""
        SELECT item.ceiling_rate, item.ceiling_amount INTO rate, most
          FROM measures_callitem line JOIN measures_item item ON item.id = line.item_id
         WHERE line.id = NEW.call_item_id;
        IF most IS NOT NULL AND NEW.proposed_amount > most THEN
            RAISE EXCEPTION 'award % exceeds the ceiling % of the item', NEW.proposed_amount, most
                USING ERRCODE = 'check_violation';
        END IF;
        IF rate IS NOT NULL THEN
            IF NEW.appraised_investment IS NULL OR NEW.appraisal_document_id IS NULL THEN
                RAISE EXCEPTION 'an award by rate needs the appraised investment and its document'
                    USING ERRCODE = 'check_violation';
            END IF;
            IF NEW.proposed_amount > NEW.appraised_investment * rate THEN
                RAISE EXCEPTION 'award % exceeds % of the appraised investment', NEW.proposed_amount, rate
                    USING ERRCODE = 'check_violation';
            END IF;
        END IF;
        RETURN NEW;
    """,
)

_NOT_COUNTED = ", ".join(sorted(f"'{state}'" for state in MAY_APPLY_AGAIN))

# Of one unit no more than the call item, its call and the item's year allow. The unit's row is locked, so that two
# submissions at once see each other; applications.limits says the same in words.
_COUNT_UNIT = f"""
        PERFORM 1 FROM enterprises_enterprise WHERE id = NEW.enterprise_id FOR NO KEY UPDATE;
        SELECT line.per_unit, call.per_unit AS per_call, line.per_unit_year, line.call_id, line.item_id, call.year
          INTO bounds
          FROM measures_callitem line JOIN measures_call call ON call.id = line.call_id
         WHERE line.id = NEW.call_item_id;
        SELECT count(*) FILTER (WHERE line.id = NEW.call_item_id) AS of_line,
               count(*) FILTER (WHERE line.call_id = bounds.call_id) AS of_call,
               count(*) FILTER (WHERE line.item_id = bounds.item_id AND call.year = bounds.year) AS of_year
          INTO found
          FROM applications_application other
          JOIN measures_callitem line ON line.id = other.call_item_id
          JOIN measures_call call ON call.id = line.call_id
         WHERE other.enterprise_id = NEW.enterprise_id AND other.id <> NEW.id
           AND other.state NOT IN ({_NOT_COUNTED});
        IF found.of_line >= bounds.per_unit OR found.of_call >= bounds.per_call
           OR found.of_year >= bounds.per_unit_year THEN
            RAISE EXCEPTION 'within_limits: unit % has % in the call item, % in the call, % in the year',
                NEW.enterprise_id, found.of_line, found.of_call, found.of_year
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """  # noqa: S608  made of the states above


def _limits(name: str, operation, condition: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        operation=operation,
        when=pgtrigger.Before,
        condition=pgtrigger.Condition(condition),
        declare=[("bounds", "record"), ("found", "record")],
        func=_COUNT_UNIT,
    )


WITHIN_LIMITS = _limits(
    "within_limits",
    pgtrigger.UpdateOf("state", "enterprise_id", "call_item_id"),
    f"NEW.state NOT IN ({_NOT_COUNTED}) AND (OLD.state IN ({_NOT_COUNTED})"
    " OR NEW.enterprise_id <> OLD.enterprise_id OR NEW.call_item_id <> OLD.call_item_id)",
)
# What begins as an offer (免申即享) counts from its first row on.
OFFERED_WITHIN_LIMITS = _limits(
    "offered_within_limits", pgtrigger.Insert, f"NEW.state NOT IN ({_NOT_COUNTED})"
)

# What the ledger holds of all cases of a call item stays within its budget. The money was set aside before the case
# is written, under the fund's lock; what was offered stands there when it is confirmed.
WITHIN_BUDGET = pgtrigger.Trigger(
    name="within_budget",
    operation=pgtrigger.UpdateOf("state", "proposed_amount"),
    when=pgtrigger.Before,
    condition=pgtrigger.Condition(
        "NEW.state IN ('proposed', 'signed_off') AND NEW.proposed_amount IS NOT NULL"
    ),
    declare=[("most", "numeric"), ("used", "numeric")],
    func="""
        SELECT budget INTO most FROM measures_callitem WHERE id = NEW.call_item_id;
        IF most IS NOT NULL THEN
            SELECT COALESCE(SUM(CASE WHEN entry.kind = 'set_aside' THEN entry.amount
                                     WHEN entry.kind IN ('release', 'revert') THEN -entry.amount
                                     ELSE 0 END), 0)
              INTO used
              FROM measures_ledgerentry entry
              JOIN applications_application holder ON holder.id = entry.case_id
             WHERE holder.call_item_id = NEW.call_item_id;
            IF used > most THEN
                RAISE EXCEPTION 'within_budget: % of the budget % of call item %', used, most, NEW.call_item_id
                    USING ERRCODE = 'check_violation';
            END IF;
        END IF;
        RETURN NEW;
    """,
)


def refuses_recused(case: str, *people: str, begins: bool = True) -> pgtrigger.Trigger:
    """A trigger that refuses a newly set signature of somebody who keeps out of the case (回避).

    case: the SQL expression of the case's id, over NEW; people: the columns that name who signs; begins: also where the
    row is inserted. A check violation (IntegrityError). The verbs lock the case and so does a recusal: of the two that
    come at once the second is refused.
    """
    signed = " OR ".join(
        f"(kept_out.person_id = NEW.{column} AND (TG_OP = 'INSERT' OR NEW.{column} IS DISTINCT FROM OLD.{column}))"
        for column in people
    )
    operation = pgtrigger.UpdateOf(*people)
    return pgtrigger.Trigger(
        name="refuses_recused",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | operation if begins else operation,
        # Column names of this code alone.
        func=f"""
            IF EXISTS (
                SELECT 1 FROM applications_recusal kept_out
                JOIN applications_application the_case ON the_case.id = {case}
                WHERE kept_out.lifted_at IS NULL
                    AND (kept_out.application_id = the_case.id
                         OR kept_out.enterprise_id = the_case.enterprise_id)
                    AND ({signed})
            ) THEN
                RAISE EXCEPTION '%: somebody who keeps out of case % signed', TG_TABLE_NAME, {case}
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,  # noqa: S608
    )


def two_people(second: str, first: str) -> Q:
    """A check: whoever signed second, and in whose place, is none of those of the first signature.

    Columns by their stem: {stem}_by signed, {stem}_for is whose deputy that was.
    """
    condition = Q(**{f"{second}_by__isnull": True})
    apart = Q()
    for one in (f"{second}_by", f"{second}_for"):
        for other in (f"{first}_by", f"{first}_for"):
            apart &= Q(**{f"{one}__isnull": True}) | Q(**{f"{other}__isnull": True}) | ~Q(**{one: F(other)})
    return condition | apart


CONSTRAINTS = [
    models.UniqueConstraint(name="case_sequence_once", fields=["call_item", "sequence"]),
    models.CheckConstraint(
        name="case_number_from_submit",
        condition=Q(state__in=_BEFORE_NUMBER, number=None, sequence=None, submitted_at=None, identity=None)
        | (
            ~Q(state__in=_BEFORE_NUMBER)
            & Q(number__isnull=False, sequence__isnull=False, identity__isnull=False)
            # What was offered is submitted by its confirmation.
            & (Q(submitted_at__isnull=False) | Q(offered_at__isnull=False, confirmed_at=None))
        ),
    ),
    models.CheckConstraint(
        name="case_accepted_facts",
        condition=_when(_AFTER_ACCEPT, accepted_at__isnull=False, accepted_by__isnull=False)
        | Q(offered_at__isnull=False),
    ),
    models.CheckConstraint(
        name="case_offered_facts",
        condition=_when(
            [S.OFFERED],
            offered_at__isnull=False,
            confirmed_at=None,
            proposal="support",
            proposed_by__isnull=False,
            proposed_at__isnull=False,
            signed_off_by__isnull=False,
            signed_off_at__isnull=False,
        ),
    ),
    # Nothing goes on, and nobody is paid, without the enterprise's own word.
    models.CheckConstraint(
        name="case_confirmed_facts",
        condition=Q(offered_at=None, confirmed_at=None, confirmed_by=None)
        | Q(state__in=[S.OFFERED, S.WITHDRAWN, S.LAPSED], confirmed_at=None, confirmed_by=None)
        | Q(
            offered_at__isnull=False,
            confirmed_at__isnull=False,
            confirmed_by__isnull=False,
            confirmed_at__gte=F("offered_at"),
        ),
    ),
    models.CheckConstraint(
        name="case_recommended_facts",
        condition=_when([S.DISTRICT_ENDORSEMENT], recommended_at__isnull=False, recommended_by__isnull=False)
        & (~Q(state=S.DISTRICT_ENDORSEMENT) | ~Q(recommendation="")),
    ),
    models.CheckConstraint(
        name="case_endorsed_by_second",
        condition=two_people("endorsed", "recommended"),
    ),
    models.CheckConstraint(
        name="case_signed_off_by_second",
        condition=two_people("signed_off", "proposed"),
    ),
    models.CheckConstraint(
        name="case_approved_by_second",
        condition=two_people("approved", "proposed"),
    ),
    models.CheckConstraint(name="case_filer_never_reviews", condition=_never("filed_by", _REVIEWERS)),
    models.CheckConstraint(
        name="case_proposed_facts",
        condition=_when([S.PROPOSED, *_SUPPORTED], proposed_at__isnull=False, proposed_by__isnull=False)
        & (~Q(state__in=_SUPPORTED) | Q(proposal="support", signed_off_at__isnull=False)),
    ),
    models.CheckConstraint(
        name="case_signed_off_facts",
        condition=_when(_SUPPORTED, signed_off_by__isnull=False),
    ),
    models.CheckConstraint(
        name="case_amount_by_proposal",
        # A comparison with null is neither true nor false, and a check lets it pass: each names isnull.
        condition=Q(proposal="support", proposed_amount__isnull=False, proposed_amount__gt=0)
        | (~Q(proposal="support") & Q(proposed_amount__isnull=True)),
    ),
    models.CheckConstraint(
        name="case_noticed_facts",
        condition=_when(_NOTICED, published_at__isnull=False, notice_closes_at__isnull=False),
    ),
    models.CheckConstraint(
        name="case_approved_facts",
        condition=Q(
            state__in=_APPROVED,
            approved_at__isnull=False,
            approved_by__isnull=False,
            approved_amount__isnull=False,
            proposed_amount__isnull=False,
            approved_amount__gt=0,
            approved_amount__lte=F("proposed_amount"),
        )
        | (~Q(state__in=_APPROVED) & Q(approved_at=None, approved_by=None, approved_amount=None)),
    ),
    models.CheckConstraint(
        name="case_approved_after_notice",
        condition=Q(approved_at__isnull=True) | Q(approved_at__gte=F("notice_closes_at")),
    ),
    models.CheckConstraint(
        name="case_paid_facts",
        condition=~Q(state__in=[S.PAID, S.COMPLETED]) | Q(paid_at__isnull=False),
    ),
    models.CheckConstraint(
        name="case_completed_facts",
        condition=_when([S.COMPLETED], ended_at__isnull=False),
    ),
    models.CheckConstraint(
        name="case_declined_facts",
        condition=~Q(state__in=[S.DECLINE_NOTIFIED, S.DECLINED])
        | (Q(decline_notified_at__isnull=False, defence_due_on__isnull=False) & ~Q(reason="")),
    ),
    models.CheckConstraint(
        name="case_defended_after_notice",
        condition=Q(defended_at=None)
        | Q(decline_notified_at__isnull=False, defended_at__gte=F("decline_notified_at")),
    ),
    models.CheckConstraint(
        name="case_waitlisted_facts",
        condition=_when(
            [S.WAITLISTED],
            waitlisted_at__isnull=False,
            waitlisted_by__isnull=False,
            wanted_amount__isnull=False,
            wanted_amount__gt=0,
        ),
    ),
    models.CheckConstraint(
        name="case_refused_with_reason",
        condition=~Q(state__in=[S.NOT_ACCEPTED, S.REVOKED]) | (Q(ended_at__isnull=False) & ~Q(reason="")),
    ),
    models.CheckConstraint(
        name="case_resume_state",
        condition=Q(
            state=S.AWAITING_CORRECTION,
            resume_state__in=[S.SUBMITTED, S.DISTRICT_REVIEW, S.MUNICIPAL_REVIEW],
        )
        | (~Q(state=S.AWAITING_CORRECTION) & Q(resume_state="")),
    ),
    models.CheckConstraint(name="case_concluded_result", condition=~Q(state=S.CONCLUDED) | ~Q(result="")),
]
