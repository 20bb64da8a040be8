"""The quarter's report: cases and amounts by item × district × state, and how long each step took.

All of it is a function of a moment (`as_of`): the state of a case then is replayed from its steps, so the
report of a past quarter, compiled again, says the same.
"""

from datetime import datetime
from decimal import Decimal

from django.db import connection

from applications.states import ENDED, State
from foundation.clock import clock
from tracking import activity
from tracking.quarters import Quarter

# The states that steps are measured in, in the order of the way.
MEASURED = [
    State.SUBMITTED,
    State.AWAITING_CORRECTION,
    State.DISTRICT_REVIEW,
    State.DISTRICT_ENDORSEMENT,
    State.MUNICIPAL_REVIEW,
    State.PROPOSED,
    State.SIGNED_OFF,
    State.PUBLIC_NOTICE,
    State.APPROVED,
    State.REFERRED,
]

# A case counts from its submission. Its state at the moment: the step it stood in then, else how it ended.
_STANDING = """
WITH standing AS (
    SELECT a.id, a.district_id, item.code AS item_code, item.name AS item_name,
           COALESCE(
               (SELECT s.state FROM applications_step s
                 WHERE s.application_id = a.id AND s.entered_at <= %(as_of)s
                   AND (s.left_at IS NULL OR s.left_at > %(as_of)s)
                 ORDER BY s.id DESC LIMIT 1),
               a.state) AS state,
           COALESCE(a.estimate, 0) AS estimate,
           CASE WHEN a.approved_at <= %(as_of)s AND (a.state <> 'revoked' OR a.ended_at > %(as_of)s)
                THEN a.approved_amount ELSE 0 END AS approved,
           CASE WHEN a.paid_at <= %(as_of)s THEN a.approved_amount ELSE 0 END AS paid
      FROM applications_application a
      JOIN measures_callitem line ON line.id = a.call_item_id
      JOIN measures_item item ON item.id = line.item_id
     WHERE a.submitted_at <= %(as_of)s AND (a.ended_at IS NULL OR a.ended_at >= %(starts)s)
       AND NOT (a.paid_at IS NOT NULL AND a.paid_at < %(starts)s)
)
SELECT item_code, item_name, COALESCE(d.code, ''), COALESCE(d.name, '市级'), state,
       count(*), sum(estimate), sum(approved), sum(paid)
  FROM standing LEFT JOIN accounts_district d ON d.code = standing.district_id
 GROUP BY 1, 2, 3, 4, 5
 ORDER BY 1, 3, 5
"""

_FLOWS = """
SELECT
    count(*) FILTER (WHERE a.submitted_at BETWEEN %(starts)s AND %(as_of)s),
    count(*) FILTER (WHERE a.accepted_at BETWEEN %(starts)s AND %(as_of)s),
    count(*) FILTER (WHERE a.approved_at BETWEEN %(starts)s AND %(as_of)s AND NOT gone.already),
    COALESCE(sum(a.approved_amount) FILTER (
        WHERE a.approved_at BETWEEN %(starts)s AND %(as_of)s AND NOT gone.already), 0),
    count(*) FILTER (WHERE a.paid_at BETWEEN %(starts)s AND %(as_of)s),
    COALESCE(sum(a.approved_amount) FILTER (WHERE a.paid_at BETWEEN %(starts)s AND %(as_of)s), 0),
    COALESCE(sum(a.appraised_investment) FILTER (WHERE a.paid_at BETWEEN %(starts)s AND %(as_of)s), 0),
    count(*) FILTER (WHERE a.state = 'declined' AND a.ended_at BETWEEN %(starts)s AND %(as_of)s),
    count(*) FILTER (WHERE a.state = 'withdrawn' AND a.ended_at BETWEEN %(starts)s AND %(as_of)s),
    count(*) FILTER (WHERE gone.already AND a.ended_at >= %(starts)s),
    COALESCE(sum(a.approved_amount) FILTER (WHERE gone.already AND a.ended_at >= %(starts)s), 0),
    count(DISTINCT a.enterprise_id) FILTER (WHERE a.submitted_at BETWEEN %(starts)s AND %(as_of)s)
  FROM applications_application a
  -- Revoked by the moment: no longer an approval of the quarter, and told as what it is.
  CROSS JOIN LATERAL (SELECT a.state = 'revoked' AND a.ended_at <= %(as_of)s AS already) gone
 WHERE a.number IS NOT NULL
   AND (%(district)s::text IS NULL OR a.district_id = %(district)s)
"""

_STEPS = """
SELECT s.state, count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY s.workdays)::numeric,
       count(*) FILTER (WHERE s.due_on IS NOT NULL),
       count(*) FILTER (WHERE s.due_on IS NOT NULL
                          AND (s.left_at AT TIME ZONE 'Asia/Shanghai')::date <= s.due_on)
  FROM applications_step s
  JOIN applications_application a ON a.id = s.application_id
 WHERE s.left_at BETWEEN %(starts)s AND %(as_of)s AND s.state = ANY(%(states)s)
   AND (%(district)s::text IS NULL OR a.district_id = %(district)s)
 GROUP BY s.state
"""

_FLOW_NAMES = (
    "submitted",
    "accepted",
    "approved",
    "approved_amount",
    "paid",
    "paid_amount",
    "paid_appraised",
    "declined",
    "withdrawn",
    "revoked",
    "revoked_amount",
    "enterprises",
)


def compute(quarter: Quarter, as_of: datetime | None = None, district: str | None = None) -> dict:
    """The report's data at a moment. Amounts are yuan as text with two places.

    {"cells": [{"item", "item_name", "district", "district_name", "state", "cases", "estimate", "approved",
    "paid"}], "flows": {…}, "steps": [{"state", "count", "median" (working days), "timed", "on_time"}],
    "actions", "referrals": as tracking.activity gives them}. district: a code, to see that district's cases alone.
    """
    moment = min(as_of or clock.now(), quarter.ends)
    given = {
        "starts": quarter.starts,
        "as_of": moment,
        "district": district,
        "states": [str(state) for state in MEASURED],
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, given)
        cells = [
            {
                "item": item,
                "item_name": item_name,
                "district": code,
                "district_name": name,
                "state": state,
                "cases": cases,
                "estimate": _yuan(estimate),
                "approved": _yuan(approved),
                "paid": _yuan(paid),
            }
            for item, item_name, code, name, state, cases, estimate, approved, paid in cursor
            if district is None or code == district
        ]
        cursor.execute(_FLOWS, given)
        flows = {
            name: _yuan(value) if isinstance(value, Decimal) else value
            for name, value in zip(_FLOW_NAMES, cursor.fetchone(), strict=True)
        }
        cursor.execute(_STEPS, given)
        timed = {row[0]: row[1:] for row in cursor}
    steps = [
        {
            "state": str(state),
            "count": timed[state][0],
            "median": f"{timed[state][1]:.1f}",
            "timed": timed[state][2],
            "on_time": timed[state][3],
        }
        for state in MEASURED
        if state in timed
    ]
    return {
        "cells": cells,
        "flows": flows,
        "steps": steps,
        "actions": activity.actions(quarter, moment, district),
        "referrals": activity.referrals(quarter, moment, district),
    }


def live_states() -> set[str]:
    """States in which a case still waits for somebody."""
    return set(State.values) - {str(state) for state in ENDED}


def _yuan(value) -> str:
    return f"{Decimal(value or 0):.2f}"
