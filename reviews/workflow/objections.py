"""Objections to a notice and leads: raised by the public, answered or looked into by the municipal officer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from applications import deadlines
from applications.models import Application
from applications.states import State
from applications.verbs import Refused, kept_out, refuse_kept_out
from foundation.accounts.roles import PUBLIC, Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.files.models import Document
from foundation.workdays import workdays
from reviews.models import Lead, Objection, PublicNotice
from reviews.workflow.notice import Reopen
from reviews.workflow.opinions import required

# Working days for the answer. No clause of the policy names a term; assumed, twice that of the approval.
ANSWER_DAYS = 10
DOCUMENTS_AT_MOST = 5
LONGEST_NAME = 80
PHONE = re.compile(r"\+?[0-9][0-9 -]{5,18}[0-9]")


@dataclass(frozen=True)
class Statement:
    """Who objects and why. A unit sends a document that bears its stamp."""

    kind: str
    name: str
    phone: str
    text: str
    documents: Sequence[Document] = ()


def raise_objection(notice: PublicNotice, case: Application, said: Statement) -> Objection:
    """提出异议 to one line of a notice within its days, by a name. Raises Refused."""
    wrong: dict[str, list[str]] = {}
    name, phone = " ".join(said.name.split()), said.phone.strip()
    if said.kind not in Objection.Kind.values:
        wrong["kind"] = [_("请选择个人或者单位")]
    if not 2 <= len(name) <= LONGEST_NAME:
        wrong["name"] = [_("请填写真实姓名或者单位全称")]
    if not PHONE.fullmatch(phone):
        wrong["phone"] = [_("请填写能联系到您的电话，如 13800138000 或 021-12345678")]
    if said.kind == Objection.Kind.UNIT and not said.documents:
        wrong["documents"] = [_("单位提出异议的，请上传加盖公章的异议书")]
    if wrong:
        raise Refused("invalid", _("请更正后再提交"), wrong)
    text = required(said.text, "text", _("请写明事实和理由"))
    with transaction.atomic():
        at = clock.now()
        case = _on_notice(notice, case, at)
        count = Objection.objects.filter(notice=notice).count() + 1
        row = Objection(
            number=f"YY-{notice.number}-{count:03d}",
            notice=notice,
            application=case,
            kind=said.kind,
            name=name,
            phone=phone,
            text=text,
            raised_at=at,
            due_on=workdays.due(deadlines.day_of(at), ANSWER_DAYS),
        )
        row.save()
        row.documents.set(_few(said.documents))
        # Nothing of who objects, or in their words: an event is read by many.
        events.record(
            "raise_objection",
            row,
            PUBLIC,
            tell=[Audience("office", notice.office_id)],
            number=row.number,
            notice=notice.number,
            case=case.number,
            enterprise=case.identity["name"],
            due_on=row.due_on,
            documents=[{"sha256": one.sha256} for one in said.documents],
        )
        return row


def send_lead(notice: PublicNotice, case: Application, text: str, documents: Sequence[Document] = ()) -> Lead:
    """A lead without a name, on one line of a notice within its days. Raises Refused."""
    text = required(text, "text", _("请写明事实和理由"))
    with transaction.atomic():
        at = clock.now()
        case = _on_notice(notice, case, at)
        row = Lead(notice=notice, application=case, text=text, received_at=at)
        row.save()
        row.documents.set(_few(documents))
        events.record(
            "send_lead",
            row,
            PUBLIC,
            tell=[Audience("office", notice.office_id)],
            notice=notice.number,
            case=case.number,
            enterprise=case.identity["name"],
        )
        return row


def _few(documents: Sequence[Document]) -> Sequence[Document]:
    if len(documents) > DOCUMENTS_AT_MOST:
        message = _("材料最多 %d 份") % DOCUMENTS_AT_MOST
        raise Refused("invalid", message, {"documents": [message]})
    return documents


def _on_notice(notice: PublicNotice, case: Application, at) -> Application:
    """The case, locked, still on this notice within its days; no approval can come between."""
    case = Application.objects.select_for_update(no_key=True).get(pk=case.pk)
    # For the numbers, gapless within a notice.
    PublicNotice.objects.select_for_update(no_key=True).get(pk=notice.pk)
    if not notice.is_open(at):
        raise Refused("state", _("公示已于 %s 结束") % deadlines.hour_text(notice.closes_at))
    if case.state != State.PUBLIC_NOTICE or case.published_at != notice.published_at:
        raise Refused("state", _("该项目已退出公示"))
    return case


@dataclass(frozen=True)
class Answer:
    """What the officer found, and how and when who objected was told."""

    upheld: bool
    text: str
    told_by: str
    told_on: date


class _ReopenUpheld(Reopen):
    """The case's own way back; the officer who answers the objection does it, and the enterprise reads why."""

    permission = Permission.ANSWER_OBJECTION

    def facts(self, case):
        return super().facts(case) | {"reason": self.text}


def answer_objection(objection: Objection, by, answer: Answer) -> Objection:
    """答复异议. Upheld: the case goes back to the review in the same transaction. Raises Refused.

    The answer's text is for who objected; when upheld it is also the reason that the enterprise is told, so
    it must not say who objected.
    """
    text = required(answer.text, "text", _("请写明答复和理由"))
    if answer.told_by not in Objection.Told.values:
        _wrong("told_by", _("请选择告知方式"))
    with transaction.atomic():
        at = clock.now()
        row, case = _locked(Objection, objection, by)
        if row.state != Objection.State.OPEN:
            raise Refused("state", _("这件异议已经答复"))
        if not row.is_standing:
            raise Refused("state", _("该申请已退出公示，异议不必再答复"))
        if not deadlines.day_of(row.raised_at) <= answer.told_on <= clock.today():
            _wrong("told_on", _("告知日期应在提出异议之日和今天之间"))
        if answer.upheld and row.name in text:
            _wrong("text", _("异议成立的理由会告知企业，请不要写异议人的姓名或者单位名称"))
        move = row.uphold if answer.upheld else row.turn_down
        move(by=by, at=at, answer=text, told_by=answer.told_by, told_on=answer.told_on)
        row.version += 1
        row.save()
        if answer.upheld:
            act = _ReopenUpheld(by)
            act.text = _("公示期间的异议成立：%s") % text
            act.run(case).one()
        events.record(
            "answer_objection",
            row,
            by,
            number=row.number,
            case=case.number,
            upheld=answer.upheld,
            told_by=str(row.get_told_by_display()),
            told_on=row.told_on,
        )
        return row


def see_objector(objection: Objection, by) -> Objection:
    """Read who objects and how to reach them; each look is an event."""
    with transaction.atomic():
        row = Objection.objects.select_related("notice", "application").get(pk=objection.pk)
        if not by.may(Permission.VIEW_OBJECTIONS, row.notice.office_id):
            raise Refused("forbidden", _("您没有办理此事的权限"))
        refuse_kept_out(row.application, kept_out(by, [row.application]))
        events.record("see_objector", row, by, number=row.number)
        return row


def note_lead(lead: Lead, by, note: str, *, close: bool) -> Lead:
    """Write down what was found of a lead; close: nothing more is to be done. Raises Refused."""
    note = required(note, "note", _("请写明核查情况"))
    with transaction.atomic():
        row, _case = _locked(Lead, lead, by)
        if row.state != Lead.State.OPEN:
            raise Refused("state", _("这条线索已经处理"))
        if close:
            row.close(by=by, at=clock.now(), note=note)
        else:
            row.noted_by, row.note = by, note
        row.version += 1
        row.save()
        events.record("close_lead" if close else "note_lead", row, by, note=note)
        return row


def _locked(model, asked, by):
    """The row and its case, both locked: the case first, as everywhere; a recusal locks it too."""
    case = Application.objects.select_for_update(no_key=True).get(pk=asked.application_id)
    row = (
        model.objects.select_for_update(of=("self",), no_key=True)
        .select_related("notice", "application")
        .get(pk=asked.pk)
    )
    if not by.may(Permission.ANSWER_OBJECTION, row.notice.office_id):
        raise Refused("forbidden", _("您没有办理此事的权限"))
    refuse_kept_out(case, kept_out(by, [case]))
    if row.version != asked.version:
        raise Refused("stale", _("刚刚已被他人办理，请刷新后再看"))
    return row, case


def _wrong(name: str, message: str):
    raise Refused("invalid", message, {name: [message]})
