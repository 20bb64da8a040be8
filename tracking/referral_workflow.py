"""The verbs of 转办单: an enterprise asks about an item, the responsible unit answers, the result is recorded.

Days are our own rule, taken from the "1-5-15" practice of service requests (contact within one working day, an answer
within fifteen); the policy's text names none.
"""

import re
import unicodedata

from django.db import transaction
from django.utils.translation import gettext as _

from applications.access import acts_for
from applications.verbs import Refused
from enterprises.member_roles import Does
from enterprises.models import Enterprise
from foundation.accounts.models import Office, User
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.files import files
from foundation.workdays import workdays
from measures.models import CallItem, Item
from reviews.workflow.opinions import required
from tracking import access, units
from tracking.models import Referral

CONTACT_DAYS = 1
ANSWER_DAYS = 15
LONGEST_TEXT = Referral._meta.get_field("text").max_length
LONGEST_RESULT = Referral._meta.get_field("result").max_length
LONGEST_REFERENCE = Referral._meta.get_field("reference").max_length
LONGEST_CONTACT = 60
LONGEST_REASON = 200
_PHONE = re.compile(r"(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,6})?|\d{8})")


@transaction.atomic
def refer_item(
    item: Item, enterprise: Enterprise, by: User, *, text: str, contact: str, document=None
) -> Referral:
    """Hand a request to the item's unit; it is told, with the day by which it gets in touch.

    contact: who to reach, with a telephone number. document: an uploaded file or None (files.RefusedFile for one that
    can't be taken). Refused to who doesn't act for the verified enterprise, for an item that isn't referred or is open
    for application, and while a request about the same item is open.
    """
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
    if not acts_for(by, enterprise, Does.ASK):
        raise Refused("forbidden", _("只有已核验企业的经办人可以提出办理请求"))
    if item.treatment != Item.Treatment.REFERRAL or not item.measure.in_force():
        raise Refused("state", _("这个事项现在不接受办理请求"))
    if CallItem.objects.open().filter(item=item).exists():
        raise Refused("state", _("这个事项正在申报，请直接申请"))
    if Referral.objects.open().filter(enterprise=enterprise, item=item).exists():
        raise Refused("state", _("这个事项已有一件办理请求还没有办结"))
    text = required(text, "text", _("请写明希望得到什么"), LONGEST_TEXT)
    contact = _contact(contact)
    office = units.first_unit(item, enterprise)
    if office is None:
        raise Refused("state", _("还没有确定受理单位，请联系市科委"))
    today = clock.today()
    row = Referral.objects.create(
        item=item,
        enterprise=enterprise,
        office=office,
        text=text,
        contact=contact,
        document=files.store(document, by) if document else None,
        by=by,
        at=clock.now(),
        received_on=today,
        due_on=workdays.due(today, CONTACT_DAYS),
    )
    events.record("refer_item", row, by, tell=units.audiences(office), **_facts(row))
    return row


@transaction.atomic
def take_referral(row: Referral, by: User) -> Referral:
    """接收: the unit has got in touch and works on it; from now on the answer has its day."""
    row = _locked(row, by)
    if row.state != Referral.State.WAITING:
        raise Refused("stale", _("这件转办单已经接收"))
    row.take(by=by, at=clock.now(), due_on=workdays.due(row.received_on, ANSWER_DAYS))
    return _saved("take_referral", row, by, [Audience("enterprise", row.enterprise_id)])


@transaction.atomic
def pass_referral(row: Referral, by: User, office: Office, reason: str) -> Referral:
    """转送: another responsible unit has it; its days begin anew, and the enterprise is told who and why."""
    row = _locked(row, by)
    reason = required(reason, "reason", _("请写明转送的理由"), LONGEST_REASON)
    if office.pk == row.office_id:
        raise _wrong("office", _("已经由该单位办理，请选择其他单位"))
    if not units.candidates(row.item, row.enterprise).filter(pk=office.pk).exists():
        raise _wrong("office", _("该单位不是这个事项的责任单位"))
    before, today = row.office, clock.today()
    row.pass_on(office=office, received_on=today, due_on=workdays.due(today, CONTACT_DAYS))
    told = [Audience("enterprise", row.enterprise_id), *units.audiences(office)]
    return _saved("pass_referral", row, by, told, reason=reason, before=str(before))


@transaction.atomic
def conclude_referral(row: Referral, by: User, *, outcome: str, result: str, reference: str = "") -> Referral:
    """办结 with what came of it, which the enterprise reads word for word; by the unit, or for it."""
    row = _locked(row, by)
    if outcome not in Referral.Outcome.values:
        raise _wrong("outcome", _("请选择结果"))
    result = required(result, "result", _("请写明办理结果"), LONGEST_RESULT)
    reference = " ".join((reference or "").split())
    if len(reference) > LONGEST_REFERENCE:
        raise _wrong("reference", _("不能超过 %d 个字") % LONGEST_REFERENCE)
    row.conclude(by=by, at=clock.now(), outcome=outcome, result=result, reference=reference)
    told = [Audience("enterprise", row.enterprise_id)]
    return _saved(
        "conclude_referral",
        row,
        by,
        told,
        outcome=str(row.get_outcome_display()),
        result=result,
        reference=reference,
        on_time=clock.today() <= row.due_on,
    )


@transaction.atomic
def withdraw_referral(row: Referral, by: User) -> Referral:
    """撤回 by the enterprise, before it is concluded; the unit is told."""
    seen = row.version
    row = _row(row)
    if not acts_for(by, row.enterprise, Does.ASK):
        raise Refused("forbidden", _("只有已核验企业的经办人可以撤回"))
    _as_seen(row, seen)
    row.withdraw(by=by, at=clock.now())
    return _saved("withdraw_referral", row, by, units.audiences(row.office))


@transaction.atomic
def see_contact(row: Referral, by: User) -> Referral:
    """Read who to reach at the enterprise; each look is an event."""
    row = _row(row)
    if not access.may_answer(by, row):
        raise Refused("forbidden", _("只有办理单位可以查看联系方式"))
    events.record("see_contact", row, by, number=row.number)
    return row


def _row(row: Referral) -> Referral:
    return (
        Referral.objects.select_for_update(of=("self",), no_key=True)
        .select_related("item__measure", "item__lead_unit", "enterprise", "office", "document")
        .get(pk=row.pk)
    )


def _locked(row: Referral, by: User) -> Referral:
    """The row, if this person answers it for its unit and the page saw it as it is."""
    seen = row.version
    row = _row(row)
    if not access.may_answer(by, row):
        raise Refused("forbidden", _("只有办理单位可以办理"))
    if row.by_id == by.pk:
        raise Refused("forbidden", _("不能办理本人提出的请求"))
    _as_seen(row, seen)
    return row


def _as_seen(row: Referral, seen: int) -> None:
    if row.version != seen:
        raise Refused("stale", _("这件转办单刚刚已被他人办理，请刷新后再看"))
    if not row.is_open:
        raise Refused("stale", _("这件转办单已经结束"))


def _saved(verb: str, row: Referral, by: User, tell: list[Audience], **facts) -> Referral:
    row.version += 1
    row.save()
    events.record(verb, row, by, tell=tell, **_facts(row), **facts)
    return row


def _facts(row: Referral) -> dict:
    return {
        "number": row.number,
        "item": row.item.name,
        "enterprise": row.enterprise.name,
        "office": str(row.office),
        "due_on": row.due_on,
        "state": str(row.get_state_display()),
    }


def _contact(typed: str) -> str:
    """A name and a telephone number, as typed, with single blanks."""
    plain = " ".join(unicodedata.normalize("NFKC", typed or "").split())
    if not plain:
        raise _wrong("contact", _("请填写联系人和电话"))
    if len(plain) > LONGEST_CONTACT:
        raise _wrong("contact", _("不能超过 %d 个字") % LONGEST_CONTACT)
    if not _PHONE.search(plain):
        raise _wrong("contact", _("请写上电话，如“王工 13800138000”或“王工 021-12345678”"))
    return plain


def _wrong(name: str, message: str) -> Refused:
    return Refused("invalid", message, {name: [message]})
