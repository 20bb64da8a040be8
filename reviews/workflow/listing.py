"""列入申请: an enterprise that a checked list left out asks to be included; the officer includes it or says why not."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import Application
from applications.verbs import Refused, refuse_inactive
from enterprises.access import may
from enterprises.member_roles import Does
from enterprises.models import Enterprise
from foundation.accounts.models import User
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.files.models import Document
from foundation.workdays import workdays
from measures import eligibility
from measures.models import CallItem, Screening
from reviews import remedies
from reviews.models import ListingRequest, ProactiveList, ProactiveRow
from reviews.workflow.opinions import required

# Working days for the answer. No clause of the policy names a term; assumed, as that of an objection.
ANSWER_DAYS = 10
DOCUMENTS_AT_MOST = 5

S = ListingRequest.State


def ask_listing(
    line: CallItem, enterprise: Enterprise, by: User, reason: str, documents: Sequence[Document] = ()
) -> ListingRequest:
    """申请列入名单, by a member, once a list of the call item was checked and while the call is open.

    The rule's answer of now is frozen with it. Raises Refused: while another request of the unit waits, a case of it
    stands, or it is on a list that waits for its check.
    """
    reason = required(reason, "reason", _("请写明为什么应当列入名单"))
    if len(documents) > DOCUMENTS_AT_MOST:
        message = _("材料最多 %d 份") % DOCUMENTS_AT_MOST
        raise Refused("invalid", message, {"documents": [message]})
    with transaction.atomic():
        at = clock.now()
        line = locked_line(line.pk)
        if not may(by, enterprise, Does.ASK):
            raise Refused("forbidden", _("只有该企业经核验的经办人可以申请列入"))
        refuse_inactive(enterprise)
        if problem := why_not_ask(line, enterprise, at):
            raise Refused("state", problem)
        answer = eligibility.explain(line, enterprise, at=at)
        count = ListingRequest.objects.filter(call_item=line).count() + 1
        row = ListingRequest(
            number=f"LR-{line.code}-{count:04d}",
            call_item=line,
            enterprise=enterprise,
            office=line.decided_by,
            reason=reason,
            rule_id=answer.rule_id,
            answer=answer.frozen(),
            asked_at=at,
            asked_by=by,
            due_on=workdays.due(clock.local(at).date(), ANSWER_DAYS),
        )
        row.save()
        row.documents.set(documents)
        _record(
            "ask_listing",
            row,
            by,
            [Audience("office", row.office_id), Audience("enterprise", enterprise.pk)],
            reason=reason,
            eligible=answer.eligible,
            documents=[{"sha256": one.sha256} for one in documents],
        )
        return row


def why_not_ask(line: CallItem, enterprise: Enterprise, at=None) -> str:
    """What stands in the way of a request of this enterprise now, in words; "" where nothing does."""
    if not line.is_proactive:
        return _("这个专题由企业申报，不需要申请列入名单")
    if not line.call.is_open(at):
        return _("现在不在办理时间内")
    if not line.lists.filter(state=ProactiveList.State.CHECKED, screening__isnull=False).exists():
        return _("名单尚未复核确定，确定之后才能申请列入")
    case = Application.objects.standing().filter(call_item=line, enterprise=enterprise).first()
    if case is not None:
        return _("贵单位已列入名单，编号 %s") % case.number
    if line.listing_requests.filter(enterprise=enterprise, state=S.ASKED).exists():
        return _("贵单位已经提出申请，请等待答复")
    on_list = ProactiveRow.objects.filter(
        list__call_item=line, list__state=ProactiveList.State.DRAWN, enterprise=enterprise, struck_at=None
    )
    return _("贵单位在待复核的名单上，请等待复核") if on_list.exists() else ""


def grant_listing(request: ListingRequest, by: User, text: str) -> ListingRequest:
    """列入: the rule, asked again now, says yes; the enterprise goes on a supplementary list, which another person
    checks. Raises Refused where the rule doesn't say yes."""
    text = required(text, "text", _("请写明核实了什么"))
    with transaction.atomic():
        at = clock.now()
        line = locked_line(request.call_item_id)
        row = _locked(request, by)
        enterprise = Enterprise.objects.select_related("district").get(pk=row.enterprise_id)
        answer = eligibility.explain(line, enterprise, at=at)
        if answer.eligible is not True or not answer.amount:
            standing = [*answer.unmet, *answer.unknown]
            told = "；".join(f"{one.label}（{one.actual_text}）" for one in standing)
            raise Refused("invalid", _("按现在的数据不能列入：%s。数据有误的，请先更正数据") % told)
        if Application.objects.standing().filter(call_item=line, enterprise=enterprise).exists():
            raise Refused("state", _("该企业已列入名单"))
        drawn = supplementary(line, by, at)
        last = drawn.rows.order_by("-position").values_list("position", flat=True).first() or 0
        if drawn.rows.filter(enterprise=enterprise).exists():
            raise Refused("state", _("该企业曾在补充名单 %s 上被划去，请先复核或者作废该名单") % drawn.number)
        ProactiveRow.objects.create(
            list=drawn,
            position=last + 1,
            enterprise=enterprise,
            request=row,
            uscc=enterprise.uscc,
            name=enterprise.name,
            district=enterprise.district,
            amount=answer.amount,
        )
        drawn.version += 1
        drawn.save(update_fields=["version"])
        events.record(
            "add_row",
            drawn,
            by,
            tell=[Audience("office", drawn.office_id)],
            number=drawn.number,
            item=line.item.name,
            enterprise=enterprise.name,
            request=row.number,
            amount=answer.amount,
        )
        row.include(by=by, at=at, reply=text)
        return _answered("grant_listing", row, by, list=drawn.number)


def refuse_listing(request: ListingRequest, by: User, text: str) -> ListingRequest:
    """不予列入, with the grounds and the remedies that the enterprise reads."""
    text = required(text, "text", _("请写明不予列入的理由"))
    with transaction.atomic():
        row = _locked(request, by)
        row.refuse(by=by, at=clock.now(), reply=text)
        return _answered("refuse_listing", row, by, remedies=remedies.against_decision(row.office))


def supplementary(line: CallItem, by: User, at) -> ProactiveList:
    """The supplementary list of this call item that this officer has drawn and nobody has checked, or a new one."""
    waiting = ProactiveList.objects.select_for_update(no_key=True).filter(
        call_item=line, state=ProactiveList.State.DRAWN, screening=None, drawn_by=by
    )
    return waiting.order_by("pk").first() or new_list(line, by, at, None)


def new_list(line: CallItem, by: User, at, screening: Screening | None, already: int = 0) -> ProactiveList:
    count = ProactiveList.objects.filter(call_item=line).count() + 1
    drawn = ProactiveList(
        number=f"MD-{line.code}-{count:02d}",
        call_item=line,
        screening=screening,
        office=line.decided_by,
        already=already,
        drawn_at=at,
        drawn_by=by,
    )
    drawn.save()
    return drawn


def put_back(rows: Iterable[ProactiveRow], by: User, why: str) -> None:
    """Requests whose row came to nothing wait for their answer again, with a new day; both sides are told why.

    Within the list's own transaction.
    """
    wanted = [row.request_id for row in rows if row.request_id]
    asked = (
        ListingRequest.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=wanted, state=S.INCLUDED)
        .select_related("call_item__item", "enterprise", "office")
        .order_by("pk")
    )
    for row in asked:
        row.put_back(due_on=workdays.due(clock.today(), ANSWER_DAYS))
        row.version += 1
        row.save()
        tell = [Audience("office", row.office_id), Audience("enterprise", row.enterprise_id)]
        _record("put_back_listing", row, by, tell, reason=why)


def _answered(verb: str, row: ListingRequest, by: User, **facts) -> ListingRequest:
    row.version += 1
    row.save()
    _record(verb, row, by, [Audience("enterprise", row.enterprise_id)], answer=row.reply, **facts)
    return row


def locked_line(pk: int) -> CallItem:
    """The call item, locked, with all that its lists and their cases read."""
    return (
        CallItem.objects.select_for_update(of=("self",), no_key=True)
        .select_related("call__office", "item", "fund", "form", "decided_by")
        .get(pk=pk)
    )


def _locked(asked: ListingRequest, by: User) -> ListingRequest:
    row = (
        ListingRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("call_item__item", "enterprise", "office")
        .get(pk=asked.pk)
    )
    if not by.may(Permission.DRAW_LIST, row.office_id):
        raise Refused("forbidden", _("您没有办理此事的权限"))
    if row.version != asked.version:
        raise Refused("stale", _("刚刚已被他人办理，请刷新后再看"))
    if row.state != S.ASKED:
        raise Refused("state", _("这件申请已经答复"))
    return row


def _record(verb: str, row: ListingRequest, by: User, tell: Iterable[Audience], **facts) -> None:
    events.record(
        verb,
        row,
        by,
        tell=tell,
        number=row.number,
        item=row.call_item.item.name,
        enterprise=row.enterprise.name,
        due_on=row.due_on,
        office=str(row.office),
        **facts,
    )
