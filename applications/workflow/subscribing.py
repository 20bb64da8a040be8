"""The verbs of being told: subscribe, unsubscribe, and telling those who can apply now and couldn't before.

A person is told of a call item once for an enterprise: what the page showed on the day of the subscription, and what
was told already, isn't told again, whatever becomes of data and rules.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from applications.models import Application, EligibilityNotice, Subscription
from applications.verbs import Refused
from enterprises.models import Enterprise, Member
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience, Entry
from measures import screening
from measures.models import CallItem, Item, RuleVersion

# Enterprises asked about in one statement.
AT_ONCE = 2000


def subscribe(by, enterprise: Enterprise, item: Item | None = None) -> Subscription:
    """Be told when the enterprise can apply for the item, or for anything; done already, nothing happens.

    Refused to who isn't a verified member: what is told says what the register knows of the enterprise.
    """
    with transaction.atomic():
        # Held against tell_newly_eligible at the same time.
        enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
        if not Member.objects.live().filter(user=by, enterprise=enterprise).exists():
            raise Refused("forbidden", _("身份核验通过后才能订阅。"))
        if item is not None and item.acts != Item.Acts.ENTERPRISE:
            raise Refused("invalid", _("“%s”不由企业申请，不能订阅。") % item.name)
        live = Subscription.objects.filter(user=by, enterprise=enterprise, item=item, ended_at=None)
        if found := live.order_by("pk").first():
            return found
        found = Subscription.objects.create(user=by, enterprise=enterprise, item=item, since=clock.now())
        events.record("subscribe", found, by, enterprise=enterprise.name, item=item.code if item else None)
        _note_what_the_page_shows(found)
    return found


def unsubscribe(by, enterprise: Enterprise, item: Item | None = None) -> None:
    """Be told no longer; done already, nothing happens."""
    with transaction.atomic():
        live = Subscription.objects.select_for_update().filter(
            user=by, enterprise=enterprise, item=item, ended_at=None
        )
        for found in live.order_by("pk"):
            found.ended_at = clock.now()
            found.save(update_fields=["ended_at"])
            events.record(
                "unsubscribe", found, by, enterprise=enterprise.name, item=item.code if item else None
            )


def _note_what_the_page_shows(subscription: Subscription) -> None:
    lines = to_apply_for()
    if subscription.item_id:
        lines = lines.filter(item=subscription.item_id)
    notices = []
    for rule in rules_of(lines):
        one = Enterprise.objects.order_by().filter(pk=subscription.enterprise_id)
        if screening.ready(rule, enterprises=one):
            notices.append(_notice(subscription.user_id, subscription.enterprise_id, rule, told=False))
    EligibilityNotice.objects.bulk_create(notices, ignore_conflicts=True)


def tell_newly_eligible() -> int:
    """Tell every subscriber of the open call items that their enterprise can apply for now, once; returns how many.

    By the system, on the beat: whatever changed (figures, register, rules, the day) is seen by asking again. Safe
    to run at any time, by several.
    """
    return sum(_tell(rule) for rule in rules_of(to_apply_for()))


def to_apply_for() -> QuerySet[CallItem]:
    """The open call items that somebody applies for: who is on a list of 免申即享 is asked anyway."""
    return CallItem.objects.open().exclude(route=CallItem.Route.PROACTIVE)


def rules_of(lines: QuerySet[CallItem]) -> list[RuleVersion]:
    """The rules in force of these call items."""
    found = RuleVersion.objects.with_rows().approved().filter(call_item__in=lines)
    return list(found.order_by("call_item_id", "-approved_at", "-number").distinct("call_item_id"))


def _tell(rule: RuleVersion) -> int:
    told, after = 0, 0
    while True:
        waiting = _waiting(rule).filter(enterprise__gt=after)
        enterprises = list(
            waiting.order_by("enterprise_id").values_list("enterprise_id", flat=True).distinct()[:AT_ONCE]
        )
        if not enterprises:
            return told
        told += _tell_some(rule, enterprises)
        after = enterprises[-1]


def _waiting(rule: RuleVersion) -> QuerySet[Subscription]:
    """Subscriptions that this call item may concern, and whose person doesn't know of it yet."""
    line = rule.call_item
    same = {"enterprise": OuterRef("enterprise"), "call_item": line}
    return (
        Subscription.objects.filter(
            Q(item=None) | Q(item=line.item_id), ended_at=None, enterprise__state=Enterprise.State.VERIFIED
        )
        .filter(
            Exists(Member.objects.live().filter(user=OuterRef("user"), enterprise=OuterRef("enterprise")))
        )
        .exclude(Exists(EligibilityNotice.objects.filter(user=OuterRef("user"), **same)))
        .exclude(Exists(Application.objects.standing().filter(**same)))
    )


@transaction.atomic
def _tell_some(rule: RuleVersion, enterprises: list[int]) -> int:
    # Whoever else tells the same waits here, and then finds the notices.
    list(Enterprise.objects.select_for_update(no_key=True).filter(pk__in=enterprises).order_by("pk"))
    asked = Enterprise.objects.order_by().filter(pk__in=enterprises)
    ready = dict(screening.ready(rule, enterprises=asked))
    waiting = _waiting(rule).filter(enterprise__in=list(ready)).order_by("enterprise_id", "user_id")
    people = list(waiting.values_list("enterprise_id", "enterprise__name", "user_id").distinct())
    written = EligibilityNotice.objects.bulk_create(
        _notice(user, enterprise, rule, told=True) for enterprise, _name, user in people
    )
    events.record_many("tell_eligible", list(_entries(rule, people, written, ready)), SYSTEM)
    return len(written)


def _notice(user: int, enterprise: int, rule: RuleVersion, told: bool) -> EligibilityNotice:
    return EligibilityNotice(
        user_id=user,
        enterprise_id=enterprise,
        call_item=rule.call_item,
        rule=rule,
        told=told,
        at=clock.now(),
    )


def _entries(rule: RuleVersion, people, written, ready: dict) -> Iterable[Entry]:
    line = rule.call_item
    for (enterprise, name, user), notice in zip(people, written, strict=True):
        yield Entry(
            notice,
            {
                "enterprise": name,
                "item": line.item.name,
                "item_code": line.item.code,
                "call_item": line.code,
                "rule": rule.number,
                "amount": ready[enterprise],
                "closes_at": line.call.closes_at,
            },
            [Audience("user", user)],
        )
