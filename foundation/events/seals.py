"""The daily seal: the heads of all chains that grew, under one digest that is chained to the last one.

It is exported as a file (exports.py); a copy kept on another host shows what a chain alone can't: a tail that was
cut, a chain that is gone, a history that was written anew from its beginning.
"""

from datetime import date, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from foundation.clock import clock
from foundation.events import exports
from foundation.events.hashing import SealDigest
from foundation.events.models import DailySeal

# One seal at a time ("seal" in ASCII).
LOCK = 0x7365616C


class SealRefused(Exception):
    """This day can't be sealed; the text says why, in Chinese."""


def seal_day(day: date | None = None) -> DailySeal:
    """Seal a past day (yesterday) over everything committed until now, export it, and return it.

    A day that is sealed already is returned as it is, its export written again where the file is missing.
    Raises SealRefused for a day that isn't over, or lies before the last seal.
    """
    day = day or clock.today() - timedelta(days=1)
    if day >= clock.today():
        raise SealRefused(_("%(day)s 尚未结束，不能封存。") % {"day": day.isoformat()})
    seal = _sealed(day)
    exports.write(seal)
    return seal


@transaction.atomic
def _sealed(day: date) -> DailySeal:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = DailySeal.objects.order_by("-day").first()
        if last and last.day == day:
            return last
        if last and last.day > day:
            if sealed := DailySeal.objects.filter(day=day).first():
                return sealed
            raise SealRefused(_("已有更晚的封存（%(day)s），不能补封。") % {"day": last.day.isoformat()})
        # The foreign key to the seal is checked at the commit; the digest needs the lines first.
        cursor.execute(
            """
            INSERT INTO events_sealline (seal_id, kind, subject_id, seq, head)
            SELECT %s, chain.kind, chain.subject_id, chain.seq, chain.head FROM events_chain chain
            WHERE chain.seq > 0 AND NOT EXISTS (
                SELECT 1 FROM events_sealline line
                WHERE line.kind = chain.kind AND line.subject_id = chain.subject_id AND line.seq = chain.seq
            )
            """,
            [day],
        )
    sealed_at, previous = clock.now(), last.digest if last else ""
    digest = SealDigest(day, sealed_at, previous).feed(exports.lines_of(day)).hexdigest()
    return DailySeal.objects.create(day=day, previous_digest=previous, digest=digest, sealed_at=sealed_at)
