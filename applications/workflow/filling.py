"""Writing a draft, or answering a correction: nothing here changes a state."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from applications import access
from applications.models import Application, ApplicationDocument, Correction
from applications.states import State
from applications.verbs import Refused, base_facts, move_steps, refuse_inactive, refuse_not_open
from enterprises import access as enterprises
from enterprises import history
from enterprises.member_roles import Does
from enterprises.models import Department, Enterprise
from foundation.accounts.models import User
from foundation.clock import clock
from foundation.events import events
from foundation.files import files
from foundation.files.models import Document
from measures.forms import Form
from measures.models import CallItem

# Cases that one person may keep as unsent drafts of one call item.
DRAFTS_AT_ONCE = 5


@dataclass(frozen=True)
class Carried:
    """What a new draft takes over from an earlier case, and what of it didn't fit (labels, in the form's order)."""

    case: Application
    answers: dict
    left_behind: list[str]


def carry(earlier: Application, call_item: CallItem) -> Carried:
    """The answers of an earlier case of the same item that this call item's form still takes: the field exists and
    the answer is one it allows. Declarations are given anew each time; documents are handed in anew."""
    old, new = Form(earlier.form.definition), Form(call_item.form.definition)
    asked = {field.key: field for field in new.fields}
    kept, left = {}, []
    for field in old.fields:
        answer = earlier.answers.get(field.key)
        if answer in ("", None, [], {}) or field.type == "declaration":
            continue
        if field.key in asked and asked[field.key].type == field.type:
            cleaned = new.clean({**kept, field.key: answer}, draft=True)
            if field.key not in cleaned.errors and field.key in cleaned.values:
                kept[field.key] = cleaned.values[field.key]
                if kept[field.key] == answer:
                    continue
        left.append(field.label)
    return Carried(earlier, kept, left)


def start(
    call_item: CallItem,
    enterprise: Enterprise,
    by: User,
    answers: dict | None = None,
    carried: Carried | None = None,
) -> Application:
    """Begin a draft, with known answers or what is carried over from an earlier case of the same enterprise and item.

    A pending claim is enough; the call must be open. Raises Refused.
    """
    at = clock.now()
    refuse_not_open(call_item.call, at)
    if call_item.is_proactive:
        raise Refused("state", _("本事项免申即享，无需申报：列入名单的企业会收到通知，请其确认"))
    if carried and (carried.case.enterprise_id, carried.case.call_item.item_id) != (
        enterprise.pk,
        call_item.item_id,
    ):
        raise Refused("invalid", _("只能带入本企业同一事项的内容"))
    if carried and not access.own(by).filter(pk=carried.case.pk).exists():
        raise Refused("forbidden", _("您不能查看要带入的申请"))
    if not access.may_begin(by, enterprise):
        raise Refused("forbidden", _("请先登记您所代表的企业，或请企业经办人给您填写申请的权限"))
    # Who waits for their claim may write meanwhile, unless the account has ended.
    ended = enterprise.state in {Enterprise.State.SUSPENDED, Enterprise.State.CLOSED}
    if ended or enterprises.may(by, enterprise, Does.DRAFT):
        refuse_inactive(enterprise)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        drafts = Application.objects.filter(
            call_item=call_item, enterprise=enterprise, created_by=by, state=State.DRAFT
        )
        if drafts.count() >= DRAFTS_AT_ONCE:
            raise Refused("invalid", _("该事项的草稿已有 %d 份，请先提交或废弃") % DRAFTS_AT_ONCE)
        case = Application(
            call_item=call_item,
            enterprise=enterprise,
            created_by=by,
            created_at=at,
            form=call_item.form,
            answers=(answers or {}) | (carried.answers if carried else {}),
            carried_from=carried.case if carried else None,
            left_behind=carried.left_behind if carried else [],
            stage_started_at=at,
        )
        case.title = str(case.answers.get("project_name", ""))[:120]
        case.save()
        move_steps([case], "start", at)
        more = {"carried_from": carried.case.pk} if carried else {}
        events.record("start", case, by, **base_facts(case, ""), **more)
        return case


def open_fields(case: Application) -> set[str] | None:
    """The fields and slots that may be edited now: None means all, an empty set none."""
    if case.state == State.DRAFT:
        return None
    if case.state == State.AWAITING_CORRECTION:
        asked = open_correction(case)
        return Form(case.form.definition).opened(asked.remarks) if asked else set()
    return set()


def open_correction(case: Application) -> Correction | None:
    """The question that the enterprise has to answer now."""
    return case.corrections.filter(answered_at=None).order_by("-pk").first()


def _editable(case: Application, by: User) -> Application:
    case = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("form", "call_item__call", "call_item__item", "enterprise")
        .get(pk=case.pk)
    )
    if case.state not in {State.DRAFT, State.AWAITING_CORRECTION}:
        raise Refused("state", _("申请已提交，不能再修改"))
    # A draft under a claim that isn't verified is its writer's alone, as in access.own.
    if not access.may_write(by, case):
        raise Refused("forbidden", _("您不能修改这份申请"))
    return case


def save_draft(case: Application, by: User, answers: dict, revision: int) -> Application:
    """Keep what was typed (the whole page, JSON values as measures.forms made them): an open field without an
    answer is emptied; unknown and closed fields are dropped.

    `revision` is the draft_revision that the page saw; another tab's newer text is never overwritten
    (Refused "stale").
    """
    with transaction.atomic():
        case = _editable(case, by)
        if case.draft_revision != revision:
            raise Refused("stale", _("这份申请已在别处修改，请刷新后继续"))
        opened = open_fields(case)
        known = {field.key for field in Form(case.form.definition).fields}
        kept = {key: value for key, value in case.answers.items() if opened is not None and key not in opened}
        kept.update(
            {
                key: value
                for key, value in answers.items()
                if key in known and (opened is None or key in opened)
            }
        )
        case.answers = {key: value for key, value in kept.items() if value not in ("", None, [], {})}
        case.draft_revision += 1
        if case.state == State.DRAFT:
            case.title = str(case.answers.get("project_name", ""))[:120]
        case.save(update_fields=["answers", "draft_revision", "title"])
        return case


def name_department(case: Application, by: User, department: Department | None) -> Application:
    """Say for which of the applicant's departments a draft is, or for none; the applicant stays the legal person."""
    with transaction.atomic():
        case = _editable(case, by)
        if case.state != State.DRAFT:
            raise Refused("state", _("提交后不能更换内设机构"))
        if department and department not in history.departments(case.enterprise):
            raise Refused("invalid", _("请选择本企业的内设机构"))
        case.department = department
        # Who has read the whole draft to submit it reads it again.
        case.draft_revision += 1
        case.save(update_fields=["department", "draft_revision"])
        return case


def _slot(case: Application, key: str):
    opened = open_fields(case)
    for slot in Form(case.form.definition).slots:
        if slot.key == key and (opened is None or key in opened):
            return slot
    raise Refused("invalid", _("这项材料现在不能更改"))


def attach(case: Application, by: User, key: str, upload) -> ApplicationDocument:
    """Put a document into a slot, in place of the one there; checked by content (files.RefusedFile)."""
    with transaction.atomic():
        case = _editable(case, by)
        slot = _slot(case, key)
        document: Document = files.store(upload, by, accept=tuple(slot.types), max_bytes=slot.max_mb * 2**20)
        case.papers.filter(slot=key, removed_at=None).update(removed_at=clock.now())
        return ApplicationDocument.objects.create(
            application=case, slot=key, document=document, added_by=by, added_at=clock.now()
        )


def detach(case: Application, by: User, key: str) -> None:
    """Take the document out of a slot; what was submitted with it keeps it."""
    with transaction.atomic():
        case = _editable(case, by)
        _slot(case, key)
        case.papers.filter(slot=key, removed_at=None).update(removed_at=clock.now())
