"""The verbs of screenings: asked for (a job, for it takes a while), and done.

job = screening_workflow.request_screening(call_item, by)    # or the one that is under way
screening = screening_workflow.screen(call_item, by)         # what the job does
"""

from datetime import date

from django.db import connection, transaction
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.jobs import workflow as jobs
from foundation.jobs.models import Job
from measures import screening, stored_screening
from measures.compiler import Statement
from measures.models import CallItem, RuleVersion, Screening, ScreeningRow
from measures.workflow import Refused

KIND = "screen"


def may_screen(user) -> bool:
    return user.may(Permission.SCREEN)


@transaction.atomic
def request_screening(call_item: CallItem, by) -> tuple[Job, bool]:
    """Ask for a screening; returns the job and whether it is new: while one of this call item is under way,
    everybody is led to that one. Refused without an approved rule."""
    if not may_screen(by):
        raise NotAllowed
    # Two who ask at once: the second finds the first one's job.
    call_item = CallItem.objects.select_for_update(no_key=True).get(pk=call_item.pk)
    if call_item.rule_on() is None:
        raise Refused(_("这个专题还没有核准的规则，不能筛选。请先核准规则。"))
    under_way = Job.objects.filter(
        kind=KIND, state__in=[Job.State.WAITING, Job.State.RUNNING], parameters__call_item=call_item.pk
    )
    if job := under_way.order_by("pk").first():
        return job, False
    return jobs.request(KIND, by, call_item=call_item.pk), True


@transaction.atomic
def screen(call_item: CallItem, by, on: date | None = None) -> Screening:
    """Ask the rule in force of every enterprise, and store the list: `on` is the day that is asked about (today),
    with what is known now. Refused without an approved rule.

    One INSERT … SELECT: it sees one state of the database, and its memory doesn't grow with the enterprises.
    """
    if not may_screen(by):
        raise NotAllowed
    moment = clock.now()
    try:
        rule = screening.rule_for(call_item, at=moment, on=on)
    except screening.NoRule:
        raise Refused(_("这个专题还没有核准的规则，不能筛选。请先核准规则。")) from None
    with connection.cursor() as cursor:
        # The id first: the list is told of by it, and its sums can only be told when it stands.
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [Screening._meta.db_table])
        [screening_id] = cursor.fetchone()
        asking = screening.statement(rule, at=moment, on=on)
        cursor.execute(*insertion(rule, asking, screening_id))
    rows = ScreeningRow.objects.filter(screening_id=screening_id)
    found = stored_screening.figures(rows, len(rule.conditions.all()), kept(asking))
    stored = Screening.objects.create(
        pk=screening_id,
        call_item_id=call_item.pk,
        rule=rule,
        on=on or clock.local(moment).date(),
        at=moment,
        by=by,
        columns=kept(asking),
        **vars(found),
    )
    events.record(
        "screen",
        stored,
        by,
        call_item=rule.call_item.code,
        rule_number=rule.number,
        on=stored.on,
        enterprises=stored.enterprises,
        yes=stored.yes,
        no=stored.no,
        unknown=stored.unknown,
        to_fill=stored.to_fill,
        total=stored.total,
        unpriced=stored.unpriced,
    )
    return stored


def kept(asking: Statement) -> list[str]:
    """The columns of the rule's statement that a row keeps as its values: facts and the parts of the award."""
    return [name for name in asking.columns if name.startswith(("fact_", "award"))]


def insertion(rule: RuleVersion, asking: Statement, screening_id: int) -> tuple[str, tuple]:
    """The statement that stores the list, with its parameters."""
    quoted = connection.ops.quote_name
    met = ", ".join(f"answer.condition_{n}" for n in range(len(rule.conditions.all())))
    values = ", ".join(f"answer.{quoted(name)}::text" for name in kept(asking))
    amount = (
        "CASE WHEN answer.eligible THEN answer.award END" if "award" in asking.columns else "NULL::numeric"
    )
    return (
        f"""
        INSERT INTO {ScreeningRow._meta.db_table}
            (screening_id, enterprise_id, uscc, name, district_id, eligible, ready, amount, met, "values")
        SELECT %s, enterprise.id, enterprise.uscc, enterprise.name, enterprise.district_id,
            answer.eligible, answer.ready, {amount}, ARRAY[{met}]::boolean[], jsonb_build_array({values})
        FROM ({asking.sql} OFFSET 0) AS answer
        JOIN {Enterprise._meta.db_table} AS enterprise ON enterprise.id = answer.enterprise_id
        """,  # noqa: S608  made of names and of the ORM's SQL; values are parameters
        (screening_id, *asking.params),
    )
