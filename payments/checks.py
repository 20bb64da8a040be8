"""Does the ledger say of each case what the case and its payments say? Joins verify_ledger."""

from collections.abc import Iterator

from django.db import connection
from django.utils.translation import gettext as _

from measures import funds
from measures.funds import Difference
from measures.models.funds import BUCKETS, FLOW, LedgerEntry

# What each case must hold by its state and its live payment, beside what its entries sum up to. A case that
# was paid has spent its approved amount; an offered or proposed one holds what is proposed; all others hold nothing.
_SQL = """
WITH due AS (
    SELECT a.id, fund.code AS fund, a.number,
           CASE WHEN a.state IN ('offered', 'proposed', 'signed_off', 'public_notice')
                THEN a.proposed_amount END AS set_aside,
           CASE WHEN a.state = 'approved' AND d.id IS NULL THEN a.approved_amount END AS committed,
           CASE WHEN d.state = 'ordered' THEN d.amount END AS ordered,
           CASE WHEN d.state = 'released' THEN d.amount END AS released,
           CASE WHEN d.state = 'confirmed' THEN d.paid_amount END AS spent
      FROM applications_application a
      JOIN measures_callitem line ON line.id = a.call_item_id
      JOIN measures_specialfund fund ON fund.id = line.fund_id
      LEFT JOIN payments_disbursement d ON d.application_id = a.id AND d.state <> 'returned'
     WHERE a.number IS NOT NULL
), held AS (
    SELECT entry.case_id, flow.bucket, sum(flow.sign * entry.amount) AS amount
      FROM measures_ledgerentry entry
      JOIN (VALUES {flows}) AS flow (kind, bucket, sign) ON flow.kind = entry.kind
     WHERE entry.case_id IS NOT NULL
     GROUP BY 1, 2
)
SELECT COALESCE(due.fund, '?'), COALESCE(due.number, held.case_id::text), COALESCE(wanted.bucket, held.bucket),
       COALESCE(wanted.amount, 0), COALESCE(held.amount, 0)
  FROM due
 CROSS JOIN LATERAL (VALUES ('set_aside', due.set_aside), ('committed', due.committed),
       ('ordered', due.ordered), ('released', due.released), ('spent', due.spent)) AS wanted (bucket, amount)
  FULL JOIN held ON held.case_id = due.id AND held.bucket = wanted.bucket
 WHERE COALESCE(wanted.amount, 0) <> COALESCE(held.amount, 0)
   AND COALESCE(held.bucket, wanted.bucket) <> 'available'
 ORDER BY 2, 3
"""


LABELS = {bucket: LedgerEntry._meta.get_field(bucket).verbose_name for bucket in BUCKETS}


def _flows() -> str:
    """The ledger's kinds as rows (kind, bucket, sign)."""
    rows = []
    for kind, (source, target) in FLOW.items():
        rows += [(kind, source, -1)] if source else []
        rows.append((kind, target, 1))
    return ", ".join(f"('{kind}', '{bucket}', {sign})" for kind, bucket, sign in rows)


def ledger_against_cases() -> Iterator[Difference]:
    """Every bucket of every case in which the ledger and the case (with its live payment) disagree; yuan."""
    with connection.cursor() as cursor:
        # Kinds and buckets are names of our own code, never anybody's input.
        cursor.execute(_SQL.format(flows=_flows()))
        for fund, number, bucket, expected, found in cursor.fetchall():
            yield Difference(
                fund,
                None,
                _("申请 %(number)s 的%(bucket)s") % {"number": number, "bucket": LABELS[bucket]},
                expected,
                found,
            )


def register() -> None:
    funds.CHECKS.append(ledger_against_cases)
