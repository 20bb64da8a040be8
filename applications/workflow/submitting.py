"""Submit and resubmit: the case gets its number, what was said is kept as it was, the rule is checked."""

from collections import defaultdict
from decimal import Decimal

from django.utils.translation import gettext as _

from applications import checks, deadlines, limits
from applications.bigrams import bigrams
from applications.models import Application, ApplicationDocument, Correction, Submission
from applications.states import State
from applications.verbs import (
    Act,
    Outcomes,
    Refused,
    identity_of,
    refuse_not_open,
    require_member,
    store_checks,
)
from applications.workflow import counter
from enterprises import access
from enterprises.member_roles import Does
from enterprises.models import Enterprise, Member
from foundation.accounts.models import Office
from foundation.accounts.roles import Permission
from foundation.workdays import workdays
from measures.forms import Form
from measures.models import Call, CallItem


def declared_ceilings(case: Application, last: Submission) -> dict[str, Decimal]:
    """In a correction no declared amount may rise: field key → what was submitted last (yuan)."""
    found = {}
    for field in Form(case.form.definition).fields:
        answer = last.answers.get(field.key)
        if field.type == "money" and answer:
            found[field.key] = Decimal(answer)
    return found


class _Handing(Act):
    """What submit and resubmit share: members only, complete papers, a frozen copy, a rule check."""

    reviews = False

    def is_stale(self, case, asked):
        # What another tab has typed since was not what this page showed.
        return super().is_stale(case, asked) or case.draft_revision != asked.draft_revision

    def prepare(self, cases):
        self.roles = access.roles([self.by.pk], [case.enterprise_id for case in cases])
        self.papers = defaultdict(list)
        for paper in (
            ApplicationDocument.objects.filter(application__in=cases, removed_at=None)
            .select_related("document")
            .order_by("pk")
        ):
            self.papers[paper.application_id].append(paper)
        self.rounds: dict[int, int] = defaultdict(int)
        for pk, number in (
            Submission.objects.filter(application__in=cases)
            .order_by("application_id", "round")
            .values_list("application_id", "round")
        ):
            self.rounds[pk] = number
        self.checked = checks.check(cases, self.verb, self.at)
        self.copies: dict[int, Submission] = {}

    def hand_in(self, case: Application, identity: dict, ceilings=None) -> None:
        """Refuse what is incomplete; otherwise take the frozen copy and the check's result."""
        if case.filed_by_id is not None and case.filed_by_id == self.by.pk:
            if not self.by.may(Permission.FILE_AT_COUNTER):
                raise Refused("forbidden", _("您没有办理此事的权限"))
            counter.refuse_unfit(case.enterprise)
        elif (case.enterprise_id, self.by.pk) not in self.roles:
            raise Refused("forbidden", _("提交前，须由所在区核验您代表该企业的授权委托书；草稿会为您保留"))
        else:
            require_member(self.roles, case, self.by, Does.SUBMIT)
        form = Form(case.form.definition)
        cleaned = form.clean(case.answers, draft=False, ceilings=ceilings)
        problems: dict[str, list[str]] = {key: list(found) for key, found in cleaned.errors.items()}
        present = {paper.slot for paper in self.papers[case.pk]}
        for missing in form.missing(cleaned.values, present):
            if missing.kind == "document":
                problems[missing.key] = [missing.message]
        if problems:
            raise Refused("invalid", _("还有 %d 处需要填写或更正") % len(problems), problems)
        answer = self.checked[case.pk].answer
        if answer.eligible is False:
            raise Refused(
                "invalid",
                _("不符合申报条件：%s") % "；".join(c.label for c in answer.unmet),
                {"": [f"{c.label}（{c.actual_text}）" for c in answer.unmet]},
            )
        case.answers = cleaned.values
        case.eligible, case.estimate = answer.eligible, answer.amount
        case.declared_investment = self.checked[case.pk].inputs.get("declared_investment")
        self.copies[case.pk] = Submission(
            application=case,
            round=self.rounds[case.pk] + 1,
            form=case.form,
            answers=cleaned.values,
            documents=[
                {
                    "slot": paper.slot,
                    "document": str(paper.document_id),
                    "name": paper.document.name,
                    "size": paper.document.size,
                    "sha256": paper.document.sha256,
                }
                for paper in self.papers[case.pk]
            ],
            identity=identity,
            submitted_at=self.at,
            submitted_by=self.by,
        )

    def finish(self, cases):
        Submission.objects.bulk_create(self.copies[case.pk] for case in cases)
        store_checks(self.checked[case.pk].row for case in cases)

    def facts(self, case):
        copy = self.copies[case.pk]
        return {
            "round": copy.round,
            "documents": [{"slot": paper["slot"], "sha256": paper["sha256"]} for paper in copy.documents],
            "eligible": case.eligible,
            "estimate": case.estimate,
        }


class Submit(_Handing):
    verb = "submit"

    def check(self, case):
        refuse_not_open(case.call_item.call, self.at)

    def prepare(self, cases):
        lines = sorted({case.call_item_id for case in cases})
        calls = {case.call_item.call_id for case in cases}
        # The call against being suspended, cancelled or closed meanwhile; its item for the numbers (gapless); the
        # units for their limits.
        calls = Call.objects.select_for_update(no_key=True).filter(pk__in=calls).order_by("pk")
        self.calls = {call.pk: call for call in calls}
        items = CallItem.objects.select_for_update(no_key=True, of=("self",)).select_related("item")
        self.lines = {line.pk: line for line in items.filter(pk__in=lines).order_by("pk")}
        for line in self.lines.values():
            line.call = self.calls[line.call_id]
        units = sorted({case.enterprise_id for case in cases})
        list(Enterprise.objects.select_for_update(no_key=True).filter(pk__in=units).order_by("pk"))
        super().prepare(cases)
        # Who acts for the enterprise, or did when they wrote it.
        self.writers = set(
            Member.objects.filter(
                user__in={case.created_by_id for case in cases},
                enterprise__in={case.enterprise_id for case in cases},
            )
            .order_by("pk")
            .values_list("enterprise_id", "user_id")
        )
        self.standing = limits.standing(self.lines.values(), units)
        self.offices = {
            office.district_id: office
            for office in Office.objects.filter(
                kind=Office.Kind.DISTRICT, district__in={case.enterprise.district_id for case in cases}
            ).order_by("pk")
        }

    def apply(self, case):
        line, enterprise = self.lines[case.call_item_id], case.enterprise
        identity = identity_of(enterprise)
        writer = (case.enterprise_id, case.created_by_id)
        known = case.created_by_id == self.by.pk or case.filed_by_id or writer in self.writers
        if not known:
            raise Refused("forbidden", _("草稿的填写人尚未通过身份核验，不能提交这份草稿"))
        refuse_not_open(line.call, self.at)
        if too_many := self.standing.refusal(line, case.enterprise_id):
            raise Refused("invalid", too_many)
        self.hand_in(case, identity)
        full = case.call_item.route == CallItem.Route.FULL
        district_office = self.offices.get(enterprise.district_id) if full else None
        if full and district_office is None:
            raise Refused("invalid", _("%s尚未设置受理部门，请联系市级主管部门") % enterprise.district)
        receiver = district_office or case.call_item.call.office
        case.submit(
            by=self.by,
            at=self.at,
            sequence=line.last_sequence + 1,
            identity=identity,
            district=enterprise.district,
            district_office=district_office,
            municipal_office=case.call_item.decided_by
            if case.call_item.route != CallItem.Route.REFER
            else case.call_item.call.office,
            office=receiver,
        )
        case.search = bigrams(case.number, enterprise.name, enterprise.uscc, case.title)
        line.last_sequence += 1
        self.standing.cases.append(case)

    def finish(self, cases):
        CallItem.objects.bulk_update(self.lines.values(), ["last_sequence"])
        super().finish(cases)


class Resubmit(_Handing):
    verb = "resubmit"

    def check(self, case):
        if case.due_on and deadlines.day_of(self.at) > case.due_on:
            raise Refused("state", _("补正期限已过"))

    def prepare(self, cases):
        super().prepare(cases)
        self.asked = {
            asked.application_id: asked
            for asked in Correction.objects.filter(application__in=cases, answered_at=None).order_by("pk")
        }
        self.last = {
            copy.application_id: copy
            for copy in Submission.objects.filter(application__in=cases).order_by("round")
        }

    def apply(self, case):
        asked, last = self.asked[case.pk], self.last[case.pk]
        self.hand_in(case, last.identity, declared_ceilings(case, last))
        asked.answered_at = self.at
        back = State(case.resume_state)
        case.resubmit(to=back)
        start = deadlines.day_of(case.stage_started_at)
        limit = getattr(case.call_item, deadlines.LIMITS[back])
        pause = (deadlines.day_of(asked.asked_at), deadlines.day_of(self.at))
        case.due_on = workdays.due(start, limit, [pause])

    def finish(self, cases):
        done = {case.pk for case in cases}
        Correction.objects.bulk_update(
            [asked for pk, asked in self.asked.items() if pk in done], ["answered_at"]
        )
        super().finish(cases)


def submit(cases, by) -> Outcomes:
    """Hand drafts in: numbers are given, gapless per call item; the receiving office is told.

    Refused while the claim is not verified, the call is not open (closed, suspended, cancelled), anything is missing,
    the unit has as many applications as it may (applications.limits), or a condition of the rule is unmet (an unknown
    one passes).
    """
    return Submit(by).run(cases)


def resubmit(cases, by) -> Outcomes:
    """Answer a correction: the case returns to the stage that asked, whose time runs on."""
    return Resubmit(by).run(cases)
