"""What the enterprises need of their specialist now: what they must do themselves, and what they could apply for.

States, items and days only. What a draft says, documents and accounts are not read here.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import (
    Case,
    CharField,
    DateField,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from applications.states import State
from applications.workflow.subscribing import rules_of, to_apply_for
from enterprises.models import Enterprise, Member
from foundation.clock import clock
from measures import screening
from measures.models import CallItem
from tracking.models import ServiceContact, SpecialistAssignment

# A draft is of concern when its call closes within so many days.
CLOSING_DAYS = 14
# Nobody was in touch for so many days.
SILENT_DAYS = 30


class Need(TextChoices):
    CORRECTION = "correction", _("补正待提交")
    OFFER = "offer", _("免申即享待确认")
    DEFENCE = "defence", _("可以陈述申辩")
    DRAFT = "draft", _("草稿即将截止")
    ACCOUNT = "account", _("已批复，缺收款账户")


def _needs() -> dict[str, tuple[Q, object]]:
    """For each need: which cases have it, and by which day."""
    today = clock.today()
    colleague = Member.objects.filter(user=OuterRef("created_by"), enterprise=OuterRef("enterprise"))
    soon = Q(call_item__in=CallItem.objects.open().order_by().values("pk"))
    soon &= Q(call_item__call__closes_at__lt=clock.now() + timedelta(days=CLOSING_DAYS))
    return {
        Need.CORRECTION: (Q(state=State.AWAITING_CORRECTION), F("due_on")),
        Need.OFFER: (Q(state=State.OFFERED), F("due_on")),
        Need.DEFENCE: (
            Q(state=State.DECLINE_NOTIFIED, defended_at=None, defence_due_on__gte=today),
            F("defence_due_on"),
        ),
        Need.DRAFT: (
            Q(state=State.DRAFT) & soon & Exists(colleague),
            TruncDate("call_item__call__closes_at", tzinfo=clock.SHANGHAI),
        ),
        Need.ACCOUNT: (Q(state=State.APPROVED, enterprise__bank_account_fingerprint=""), Value(None)),
    }


def waiting(*needs: str) -> QuerySet[Application]:
    """The cases in which the enterprise itself must act (in one of these ways, if any is named), the most urgent
    first, each with its `need`, `need_by` (a day or None) and `term`: the same, but for an offer, whose day is only
    proposed and never overdue, None."""
    found = _needs()
    chosen = [found[need] for need in needs or found]
    concerned = Q(pk__in=())
    for which, _by in chosen:
        concerned |= which
    return (
        Application.objects.filter(concerned)
        .annotate(
            need=Case(
                *(When(which, then=Value(str(need))) for need, (which, _by) in found.items()),
                output_field=CharField(),
            ),
            need_by=Case(*(When(which, then=by) for which, by in found.values()), output_field=DateField()),
        )
        .annotate(
            term=Case(When(need=Need.OFFER, then=Value(None)), default=F("need_by"), output_field=DateField())
        )
        .order_by(F("term").asc(nulls_last=True), "pk")
    )


def needing(rows: QuerySet[Enterprise], *needs: str) -> QuerySet[Enterprise]:
    """Those of the enterprises that have one of these needs (any, if none is named)."""
    return rows.filter(pk__in=waiting(*needs).order_by().values("enterprise"))


def with_needs(rows: QuerySet[Enterprise], user) -> QuerySet[Enterprise]:
    """Enterprises that this person serves, each with what a list shows; two queries for any number.

    term: the nearest day by which it must act, or None; urgency: a date to sort by, None where it needn't act;
    served_since; contacted_on: the last day on which anybody of the office was in touch; waiting_cases: see `waiting`.
    """
    mine = SpecialistAssignment.objects.standing().filter(specialist=user, enterprise=OuterRef("pk"))
    concerned = waiting().filter(enterprise=OuterRef("pk"))
    contacts = ServiceContact.objects.filter(
        assignment__enterprise=OuterRef("pk"), assignment__office=OuterRef("serving_office")
    )
    undated = Case(When(Exists(concerned), then=Value(date.max)), output_field=DateField())
    return rows.annotate(
        serving_office=Subquery(mine.order_by("pk").values("office")[:1]),
        served_since=Subquery(mine.order_by("pk").values("since")[:1]),
        term=Subquery(concerned.values("term")[:1]),
        urgency=Coalesce(F("term"), undated),
        contacted_on=Subquery(contacts.order_by("-on", "-pk").values("on")[:1]),
    ).prefetch_related(
        Prefetch(
            "applications",
            waiting().select_related("call_item__item").defer("answers", "identity", "title"),
            to_attr="waiting_cases",
        )
    )


def can_apply(enterprises: Iterable[int]) -> dict[int, list[CallItem]]:
    """For each of these enterprises (ids, a bounded number) the open call items that nothing known speaks against and
    that it has no application for; one query for each rule in force, and two more."""
    asked = Enterprise.objects.order_by().filter(pk__in=set(enterprises), state=Enterprise.State.VERIFIED)
    ids = set(asked.values_list("pk", flat=True))
    found: dict[int, list[CallItem]] = defaultdict(list)
    if not ids:
        return found
    applied = Application.objects.standing().filter(enterprise__in=ids).order_by()
    taken = set(applied.values_list("enterprise_id", "call_item_id"))
    for rule in rules_of(to_apply_for()):
        for enterprise, _amount in screening.ready(rule, enterprises=asked):
            if (enterprise, rule.call_item_id) not in taken:
                found[enterprise].append(rule.call_item)
    return found


def specialists_of(enterprise: Enterprise) -> list[SpecialistAssignment]:
    """Who serves the enterprise today, the district's first: one query."""
    rows = SpecialistAssignment.objects.standing().filter(enterprise=enterprise)
    return list(rows.select_related("office", "specialist").order_by("office__kind", "pk"))


def silent_since() -> date:
    """Who was in touch last before this day hasn't been for long."""
    return clock.today() - timedelta(days=SILENT_DAYS)
