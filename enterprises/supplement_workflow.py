"""The verbs of 补充资料: an enterprise hands in a paper, its district enters what the paper shows or says why not."""

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.member_roles import Does
from enterprises.models import Enterprise, Supplement
from enterprises.workflow import ClaimRefused, require
from foundation.accounts.models import Office, User
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.files import files
from foundation.workdays import workdays

# Working days within which the district enters it (our own rule; the text names none).
RECORD_DAYS = 5
LONGEST_NOTE = Supplement._meta.get_field("note").max_length
LONGEST_ANSWER = Supplement._meta.get_field("answer").max_length


@transaction.atomic
def supply(enterprise: Enterprise, by: User, *, topic: str, note: str, document) -> Supplement:
    """Hand in a paper about a topic; the district of the enterprise is told.

    document: the uploaded file (RefusedFile for one that is none of the accepted kinds). ClaimRefused to who isn't a
    member, for a suspended enterprise, and while a paper about the same topic waits.
    """
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
    require(enterprise, by, Does.SUPPLY)
    note = " ".join((note or "").split())
    if topic not in Supplement.Topic.values:
        raise ClaimRefused(_("请选择补充哪方面的资料"), "topic")
    if not note:
        raise ClaimRefused(_("请写明材料说明什么"), "note")
    if len(note) > LONGEST_NOTE:
        raise ClaimRefused(_("说明不能超过 %d 个字") % LONGEST_NOTE, "note")
    if waiting := enterprise.supplements.pending().filter(topic=topic).first():
        raise ClaimRefused(
            _("这方面的资料已经提交，应于 %s 前登记，请等待结果") % waiting.due_on.isoformat(), "topic"
        )
    row = Supplement.objects.create(
        enterprise=enterprise,
        topic=topic,
        note=note,
        document=files.store(document, by),
        by=by,
        at=clock.now(),
        due_on=workdays.due(clock.today(), RECORD_DAYS),
    )
    events.record("supply", row, by, tell=_district_of(enterprise), **_facts(row))
    return row


def record_supplement(row: Supplement, by: User, answer: str) -> Supplement:
    """已登记: what the paper shows stands in the records now; the answer says what was entered."""
    return _decide("record", row, by, answer, _("请写明登记了什么"))


def refuse_supplement(row: Supplement, by: User, answer: str) -> Supplement:
    """未采用, with the reason; another paper may follow."""
    return _decide("refuse", row, by, answer, _("请写明未采用的理由"))


@transaction.atomic
def _decide(verb: str, row: Supplement, by: User, answer: str, missing: str) -> Supplement:
    seen, answer = row.version, " ".join((answer or "").split())
    row = (
        Supplement.objects.select_for_update(of=("self",), no_key=True)
        .select_related("enterprise__district")
        .get(pk=row.pk)
    )
    mine = Office.objects.filter(pk__in=by.offices_where(Permission.RECORD_ENTERPRISE))
    if not mine.filter(district=row.enterprise.district_id).exists():
        raise ClaimRefused(_("只有企业注册区的人员可以登记"), code="forbidden")
    if row.by_id == by.pk:
        raise ClaimRefused(_("不能办理本人提交的资料"), code="forbidden")
    if row.version != seen:
        raise ClaimRefused(_("这份资料刚刚已被他人办理，请刷新后再看"), code="stale")
    if row.state != Supplement.State.PENDING:
        raise ClaimRefused(_("这份资料已经办结"), code="stale")
    if not answer:
        raise ClaimRefused(missing, "answer")
    if len(answer) > LONGEST_ANSWER:
        raise ClaimRefused(_("答复不能超过 %d 个字") % LONGEST_ANSWER, "answer")
    getattr(row, verb)(by=by, at=clock.now(), answer=answer)
    row.version += 1
    row.save()
    tell = [Audience("enterprise", row.enterprise_id)]
    events.record(f"{verb}_supplement", row, by, tell=tell, answer=row.answer, **_facts(row))
    return row


def _facts(row: Supplement) -> dict:
    return {
        "enterprise": row.enterprise.name,
        "topic": str(row.get_topic_display()),
        "note": row.note,
        "due_on": row.due_on,
        "document_sha256": row.document.sha256,
        "state": str(row.get_state_display()),
    }


def _district_of(enterprise: Enterprise) -> list[Audience]:
    office = Office.objects.filter(kind=Office.Kind.DISTRICT, district=enterprise.district_id).first()
    return [Audience("office", office.pk)] if office else []
