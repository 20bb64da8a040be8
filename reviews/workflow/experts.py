"""专家评审, the commission's side: the pool of experts, who is asked to review a case, and requests taken back.

The published flows of the commission have reviews by experts between the review and the decision (通讯评审). They bind
nobody: they stand in the dossier beside the officer's own opinion. The case does not wait; its officer is warned while a
review is missing.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Application, Submission
from applications.verbs import Beside, Refused, kept_out, refuse_kept_out
from foundation.accounts.models import Office, Post, User
from foundation.accounts.roles import Permission, Role
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from measures.models import ReviewCriterion
from reviews import conflicts
from reviews.models import Expert, ExpertReview
from reviews.models.experts import ASKABLE
from reviews.workflow.consultations import LONGEST_REASON, LONGEST_TERM
from reviews.workflow.opinions import LONGEST_TEXT, required

# How many experts may be asked about one case at once, and how many fields one is entered with.
MOST_EXPERTS = 15
MOST_FIELDS = 12
LONGEST_EMPLOYER = 120
LONGEST_FIELD = 40


def enter_expert(
    person: User,
    by: User,
    office: Office,
    *,
    fields: Sequence[str],
    employer: str,
    employer_code: str = "",
    until: date | None = None,
) -> Expert:
    """入库: a person whose account has the expert's role, from today to a day (None: until they are taken out).

    employer_code: a checked 统一社会信用代码, or "". Raises Refused.
    """
    if not by.may(Permission.ARRANGE_EXPERTS, office.pk):
        raise Refused("forbidden", _("您没有办理此事的权限"))
    employer = required(employer, "employer", _("请填写工作单位"), LONGEST_EMPLOYER)
    known = list(dict.fromkeys(text.strip() for text in fields if text.strip()))
    if not known:
        _wrong("fields", _("请至少选择一个专业领域"))
    if len(known) > MOST_FIELDS or any(len(text) > LONGEST_FIELD for text in known):
        _wrong(
            "fields",
            _("专业领域不超过 %(most)d 个，每个不超过 %(longest)d 个字")
            % {"most": MOST_FIELDS, "longest": LONGEST_FIELD},
        )
    today = clock.today()
    if until is not None and until < today:
        _wrong("until", _("有效期不得早于今天"))
    with transaction.atomic():
        row = User.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
        if row.pk == by.pk:
            _wrong("person", _("不能把自己列入专家库"))
        held = Post.objects.held_on(today).filter(user=row, office=office, role=Role.EXPERT)
        if not row.is_active or not held.exists():
            _wrong("person", _("此人的账号还没有本单位的“专家”任职，请先由系统管理员开通"))
        try:
            with transaction.atomic():
                entry = Expert.objects.create(
                    person=row,
                    office=office,
                    fields=known,
                    employer=employer,
                    employer_code=employer_code,
                    since=today,
                    until=until,
                    entered_by=by,
                )
        except IntegrityError as error:
            message = _("此人已在专家库内；单位或领域有变的，请先出库再重新入库")
            raise Refused("invalid", message, {"person": [message]}) from error
        events.record(
            "enter_expert",
            entry,
            by,
            tell=[Audience("user", row.pk)],
            office=str(office),
            fields=known,
            since=entry.since,
            until=until,
        )
        return entry


def end_expert(expert: Expert, by: User, because: str) -> Expert:
    """出库, at once, with the reason. Reviews that they were asked for stay with them. Raises Refused."""
    because = required(because, "because", _("请写明出库的理由"), LONGEST_REASON)
    with transaction.atomic():
        row = Expert.objects.select_for_update(of=("self",), no_key=True).get(pk=expert.pk)
        if not by.may(Permission.ARRANGE_EXPERTS, row.office_id):
            raise Refused("forbidden", _("您没有办理此事的权限"))
        if row.ended_at is not None:
            raise Refused("state", _("此人已经出库"))
        row.ended_at, row.ended_by, row.ended_because = clock.now(), by, because
        row.save(update_fields=["ended_at", "ended_by", "ended_because"])
        events.record("end_expert", row, by, tell=[Audience("user", row.person_id)], office=str(row.office))
        return row


class AskExperts(Beside):
    experts: list[Expert]
    due_on: date
    note = ""

    verb = "ask_experts"
    called = gettext_lazy("邀请专家评审")
    states = frozenset(ASKABLE)
    permission = Permission.ARRANGE_EXPERTS

    def prepare(self, cases):
        self.against = {case.pk: conflicts.against(self.experts, case) for case in cases}
        self.latest = {
            row.application_id: row
            for row in Submission.objects.filter(application__in=cases).order_by("application", "round")
        }
        self.criteria: dict[int, list] = {}
        lines = {case.call_item_id for case in cases}
        for row in ReviewCriterion.objects.filter(call_item__in=lines).order_by("call_item", "position"):
            self.criteria.setdefault(row.call_item_id, []).append(
                {"name": row.name, "looks_at": row.looks_at, "weight": row.weight}
            )

    def apply(self, case):
        if not self.experts:
            _wrong("experts", _("请选择专家"))
        if len(self.experts) > MOST_EXPERTS:
            _wrong("experts", _("一次最多邀请 %d 位专家") % MOST_EXPERTS)
        if not clock.today() < self.due_on <= clock.today() + timedelta(days=LONGEST_TERM):
            _wrong("due_on", _("评审期限应在明天以后、%d 天之内") % LONGEST_TERM)
        if any(one.office_id != case.office_id for one in self.experts):
            _wrong("experts", _("只能邀请本单位专家库的专家"))
        if against := self.against[case.pk]:
            _wrong(
                "experts",
                "；".join(
                    _("%(expert)s不能评审：%(why)s") % {"expert": one.person, "why": against[one.pk]}
                    for one in self.experts
                    if one.pk in against
                ),
            )

    def finish(self, cases):
        rows = ExpertReview.objects.bulk_create(
            ExpertReview(
                application=case,
                expert=expert,
                person_id=expert.person_id,
                submission=self.latest[case.pk],
                criteria=self.criteria.get(case.call_item_id, []),
                note=self.note,
                asked_by=self.by,
                asked_from=case.office,
                asked_at=self.at,
                due_on=self.due_on,
            )
            for case in cases
            for expert in self.experts
        )
        self.rows = rows
        events.record_many(
            "ask_review",
            [
                events.Entry(row, told(row, row.application), [Audience("user", row.person_id)])
                for row in rows
            ],
            self.by,
        )

    def facts(self, case):
        # How many, never who: the enterprise may read it.
        return {"experts": len(self.experts), "review_by": self.due_on}

    def tell(self, case):
        return []


def ask_experts(
    case: Application, by: User, experts: Sequence[Expert], due_on: date, note: str = ""
) -> list[ExpertReview]:
    """邀请 experts of the office's pool to review a case under the commission's review, by a day. The criteria of its
    call item and its latest submission are frozen with each request. All are asked or none. Raises Refused."""
    act = AskExperts(by)
    chosen = {one.pk for one in experts}
    act.experts = list(Expert.objects.filter(pk__in=chosen).select_related("person").order_by("pk"))
    act.due_on = due_on
    note = (note or "").strip()
    act.note = required(note, "note", "", LONGEST_TEXT) if note else ""
    act.run(case).one()
    return act.rows


def withdraw_request(review: ExpertReview, by: User, because: str) -> ExpertReview:
    """撤回邀请, while the review isn't there; the expert is told, and can be asked again. Raises Refused."""
    because = required(because, "because", _("请写明撤回的理由"), LONGEST_REASON)
    with transaction.atomic():
        row, case = locked(review)
        if not by.may(Permission.ARRANGE_EXPERTS, row.asked_from_id):
            raise Refused("forbidden", _("您没有办理此事的权限"))
        refuse_kept_out(case, kept_out(by, [case]))
        standing(row, review)
        row.withdraw(at=clock.now(), because=because)
        row.version += 1
        row.save()
        events.record(
            "withdraw_request",
            row,
            by,
            tell=[Audience("user", row.person_id)],
            **told(row, case),
            because=because,
        )
        return row


def locked(review: ExpertReview) -> tuple[ExpertReview, Application]:
    """The case first, as everywhere, then what hangs on it."""
    case = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("call_item__item")
        .get(pk=review.application_id)
    )
    row = (
        ExpertReview.objects.select_for_update(of=("self",), no_key=True)
        .select_related("asked_from", "expert")
        .get(pk=review.pk)
    )
    row.application = case
    return row, case


def standing(row: ExpertReview, asked: ExpertReview) -> None:
    """Refuse a stale page, and a request that has ended or is no longer wanted."""
    if row.version != asked.version:
        raise Refused("stale", _("刚刚已被办理，请刷新后再看"))
    if row.state != ExpertReview.State.OPEN:
        raise Refused("state", _("这件评审已经办结"))
    if not row.is_waiting:
        raise Refused("state", _("该申请已不在审核中，不必再评审"))


def told(row: ExpertReview, case: Application) -> dict:
    """What a message to the expert says: the case is named by its item and applicant alone."""
    return {
        "item": case.call_item.item.name,
        "enterprise": case.identity["name"],
        "asked_from": str(row.asked_from),
        "review_by": row.due_on,
    }


def _wrong(name: str, message: str):
    raise Refused("invalid", message, {name: [message]})
