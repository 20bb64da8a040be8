"""The verbs of the policy: what people decide about measures and calls. Each locks, checks, changes, records."""

import hashlib
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Model
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from measures.facts import FACTS, Kind
from measures.models import Call, CallItem, Item, Measure
from measures.models.criteria import FULL_MARKS


class Refused(ValidationError):
    """The verb may not be done now; `messages` say why, in Chinese, each reason one line."""


def _may(by, permission: str) -> None:
    """The system acts for the shipped catalogue; people need the permission."""
    if not (by.is_system or by.may(permission)):
        raise NotAllowed


@transaction.atomic
def publish_measure(measure: Measure, by) -> Measure:
    """Put a measure on show. Refused unless it is a draft; returns the locked row."""
    _may(by, Permission.CONFIGURE)
    measure = Measure.objects.select_for_update().get(pk=measure.pk)
    if not can_proceed(measure.publish):
        raise Refused(_("%(measure)s已经发布过。") % {"measure": measure})
    measure.publish(at=clock.now())
    measure.save()
    events.record("publish_measure", measure, by, number=measure.number, title=measure.title)
    return measure


@transaction.atomic
def repeal_measure(measure: Measure, by, reason: str) -> Measure:
    """Take a measure back before its term. Refused without a reason, or while one of its calls is open or to come."""
    _may(by, Permission.CONFIGURE)
    measure = Measure.objects.select_for_update().get(pk=measure.pk)
    if not can_proceed(measure.repeal):
        raise Refused(_("%(measure)s不在已发布状态，不能废止。") % {"measure": measure})
    reason = reason.strip()
    if not reason:
        raise Refused(_("请写明废止的理由。"))
    running = Call.objects.running().filter(items__item__measure=measure)
    if call := running.first():
        raise Refused(_("“%(call)s”尚未截止，不能废止所依据的措施。") % {"call": call})
    measure.repeal(at=clock.now())
    measure.save()
    events.record("repeal_measure", measure, by, number=measure.number, title=measure.title, reason=reason)
    return measure


@transaction.atomic
def publish_call(call: Call, by) -> Call:
    """Publish a call: from its first hour on it is open. Refused with everything that is still missing."""
    _may(by, Permission.CONFIGURE)
    call = Call.objects.select_for_update().get(pk=call.pk)
    if not can_proceed(call.publish):
        raise Refused(_("“%(call)s”已经发布过。") % {"call": call})
    # Held against a repeal at the same time.
    measures = call.items.values("item__measure")
    list(Measure.objects.select_for_update().filter(pk__in=measures).order_by("pk"))
    items = list(
        call.items.select_related("item__measure", "form", "fund").prefetch_related("criteria").order_by("pk")
    )
    if problems := [
        *_problems_of_call(call, items),
        *(p for one in items for p in _problems_of_item(call, one)),
    ]:
        raise Refused(problems)
    call.publish(at=clock.now())
    call.save()
    events.record(
        "publish_call",
        call,
        by,
        title=call.title,
        year=call.year,
        opens_at=call.opens_at,
        closes_at=call.closes_at,
        items=[one.code for one in items],
    )
    return call


def _problems_of_call(call: Call, items: list[CallItem]) -> list[str]:
    problems = []
    if not items:
        problems.append(_("至少要有一个专题。"))
    if call.closes_at <= clock.now():
        problems.append(_("截止时间已过，请改到以后。"))
    return problems


def _problems_of_item(call: Call, one: CallItem) -> list[str]:
    """What keeps this item from being applied for, each line naming the item."""
    item, measure = one.item, one.item.measure
    checks = [
        (item.acts == Item.Acts.ENTERPRISE, _("不是由企业申请的事项")),
        (item.kind != Item.Kind.TAX, _("税收事项由税务机关决定，不在本系统申报")),
        (measure.in_force(clock.local(call.opens_at).date()), _("所依据的措施在开始申报当日没有生效")),
        (measure.in_force(clock.local(call.closes_at).date()), _("所依据的措施在截止申报当日已失效")),
        (one.form.item_id == one.item_id, _("申报表是另一个事项的")),
        (not (one.is_proactive and one.form.form.slots), _("免申即享由企业确认，申报表不能要求上传材料")),
    ]
    rule = one.rule_on()
    checks.append((rule is not None, _("还没有经核准的规则")))
    if one.is_proactive and rule is not None:
        # Nobody fills in anything before the list is drawn.
        asked = any(FACTS[row.fact].kind == Kind.CASE for row in rule.conditions.all())
        checks.append((not asked, _("免申即享的规则不能有看申请填写内容的条件")))
    if one.route != CallItem.Route.REFER:
        pays = item.kind == Item.Kind.MONEY
        checks.append((one.fund is not None or not pays, _("发放资金的事项要指定专项资金")))
        checks.append((one.fund is None or one.fund.year == call.year, _("专项资金与申报通知的年度不同")))
        awards = one.fund is None or rule is None or rule.award_rows.exists()
        checks.append((awards, _("规则里没有金额算法")))
    if weights := [row.weight for row in one.criteria.all()]:
        full = _("评审指标合计 %(sum)d 分，应为 %(full)d 分") % {"sum": sum(weights), "full": FULL_MARKS}
        checks.append((sum(weights) == FULL_MARKS, full))
        checks.append((one.route != CallItem.Route.REFER, _("转办的专题不由市级评审，不设评审指标")))
    if call.per_unit is not None:
        checks.append((one.per_unit <= call.per_unit, _("专题的限项大于整个申报的限项")))
    return [_("%(item)s：%(problem)s。") % {"item": item, "problem": text} for ok, text in checks if not ok]


@transaction.atomic
def import_texts(texts: Mapping[int, str], by) -> list[Measure]:
    """Store the official text of measures, {number: text}; returns those whose text changed.

    Only import_policy calls it, with a text that it has checked against the catalogue.
    """
    _may(by, Permission.CONFIGURE)
    changed = []
    for measure in Measure.objects.select_for_update().filter(number__in=texts).order_by("pk"):
        text = texts[measure.number]
        if measure.full_text == text:
            continue
        measure.full_text = text
        measure.save(update_fields=["full_text"])
        changed.append(measure)
    events.record_many(
        "import_policy",
        [
            events.Entry(
                measure,
                {
                    "number": measure.number,
                    "legal_basis": measure.legal_basis,
                    "characters": len(measure.full_text),
                    "sha256": hashlib.sha256(measure.full_text.encode()).hexdigest(),
                },
            )
            for measure in changed
        ],
        by,
    )
    return changed


@transaction.atomic
def note_configuration(obj: Model, by, changes: list, *, created: bool = False) -> None:
    """Record that somebody entered or edited a part of the catalogue: which fields, not what stood in them."""
    _may(by, Permission.CONFIGURE)
    events.record("create" if created else "configure", obj, by, object=str(obj), changes=changes)


def next_serial(item: Item, year: int) -> int:
    """How many times this item has been called for in that year, plus one."""
    called = CallItem.objects.filter(item=item, code__startswith=f"{year}-")
    return (called.aggregate(last=Max("serial"))["last"] or 0) + 1
