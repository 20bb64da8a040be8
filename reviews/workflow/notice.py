"""The public notice and the decision: publish a list, approve after it closed, reopen."""

from collections import defaultdict
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import consortium, deadlines
from applications.models import Application, Submission
from applications.verbs import Act, Outcome, Outcomes, Refused, unit_of
from foundation.accounts.roles import Permission
from foundation.display import money
from foundation.events import events
from measures import funds
from measures.models import CallItem
from reviews.models import Letter, NoticeLine, Objection, Opinion, PublicNotice
from reviews.workflow import letters
from reviews.workflow.opinions import Opined, required
from reviews.workflow.turning import Releasing


class Publish(Act):
    title = ""

    verb = "publish"
    permission = Permission.PUBLISH

    def prepare(self, cases):
        # Locked after the cases: two lists of one call item get different numbers.
        line = (
            CallItem.objects.select_for_update(of=("self",), no_key=True)
            .select_related("call", "item", "decided_by")
            .get(pk=cases[0].call_item_id)
        )
        count = PublicNotice.objects.filter(call_item=line).count() + 1
        self.notice = PublicNotice(
            number=f"GS-{line.code}-{count:02d}",
            title=self.title,
            call_item=line,
            office=line.decided_by,
            published_at=self.at,
            closes_at=deadlines.notice_closes(line, self.at),
            published_by=self.by,
        )

    def apply(self, case):
        case.publish(at=self.at, closes_at=self.notice.closes_at)

    def finish(self, cases):
        self.notice.save()
        self.partners = {
            pk: consortium.names(kept)
            for pk, kept in Submission.objects.filter(application__in=cases)
            .order_by("round")
            .values_list("application_id", "consortium")
        }
        NoticeLine.objects.bulk_create(
            NoticeLine(
                notice=self.notice,
                application=case,
                position=position,
                enterprise_name=unit_of(case.identity),
                partners=self.partners.get(case.pk, ""),
                project=case.title or case.call_item.item.name,
                district=case.identity["district"],
                amount=case.proposed_amount,
            )
            for position, case in enumerate(sorted(cases, key=lambda case: case.number), start=1)
        )
        events.record(
            "publish_notice",
            self.notice,
            self.by,
            number=self.notice.number,
            title=self.notice.title,
            closes_at=self.notice.closes_at,
            lines=len(cases),
        )

    def facts(self, case):
        return {
            "notice": self.notice.number,
            "closes_at": self.notice.closes_at,
            "amount": case.proposed_amount,
        }


def publish(cases, by, title: str) -> Outcomes:
    """公示: put signed-off cases of one call item on a list that is public for its working days.

    Each case gets its own result; the list holds those that were not refused. Refused altogether where the
    cases belong to several call items.
    """
    asked = [cases] if isinstance(cases, Application) else list(cases)
    title = required(title, "title", _("请填写公示标题"))[:160]
    lines = {case.call_item_id for case in asked}
    if len(lines) != 1:
        refusal = Refused("invalid", _("一份公示只能包含同一专题的申请"))
        return Outcomes(Outcome(case, refusal) for case in asked)
    act = Publish(by)
    act.title = title
    return act.run(asked)


class Approve(Opined):
    verb = "approve"
    permission = Permission.APPROVE
    rechecks = True
    verdict = Opinion.Verdict.APPROVE

    def check(self, case):
        super().check(case)
        if self.at < case.notice_closes_at:
            raise Refused(
                "state", _("公示期未满，%s 后方可批复") % deadlines.hour_text(case.notice_closes_at)
            )
        self.refuse_same(case, _("拟定人与批复人不能是同一人"), case.proposed_by_id, case.proposed_for_id)

    def apply(self, case):
        if case.pk in self.objected:
            raise Refused("state", _("公示期间的异议尚未答复，答复后方可批复"))
        self.note_check(case)
        answer = self.checked[case.pk].answer
        if answer.eligible is False:
            unmet = "；".join(c.label for c in answer.unmet)
            raise Refused("invalid", _("批复前规则核对不符合，应退回重审：%s") % unmet)
        if answer.amount is None:
            raise Refused("invalid", _("按现行规则算不出支持金额，应退回重审"))
        if case.proposed_amount > answer.amount:
            raise Refused("invalid", _("按现行规则最多 %s 元，应退回重审") % f"{answer.amount:,.2f}")
        case.approve(
            by=self.by,
            at=self.at,
            office=case.call_item.fund.paid_by,
            in_place_of=self.in_place_of(case),
        )

    def amount_of(self, case):
        return case.approved_amount

    def prepare(self, cases):
        super().prepare(cases)
        # select_related for the paying office of each fund, in one query
        payers = CallItem.objects.filter(pk__in={c.call_item_id for c in cases})
        paid_by = {line.pk: line for line in payers.select_related("fund__paid_by").order_by("pk")}
        for case in cases:
            case.call_item.fund = paid_by[case.call_item_id].fund
        self.objected = set(
            Objection.objects.standing()
            .filter(application__in=cases)
            .order_by("pk")
            .values_list("application_id", flat=True)
        )

    def finish(self, cases):
        super().finish(cases)
        moves = defaultdict(list)
        for case in cases:
            moves[case.call_item.fund].append(funds.Move(case.pk, case.number, case.approved_amount))
        for fund, some in sorted(moves.items(), key=lambda pair: pair[0].pk):
            funds.commit(fund, some, self.by)
        self.letters = letters.issue(
            [
                letters.Draft(case, Letter.Kind.APPROVAL, self._stage[case.pk][1], self._says(case))
                for case in cases
            ],
            self.by,
            self.at,
        )

    def _says(self, case):
        lines = "；".join(
            f"{row['text']} {money.plain(Decimal(row['amount']))} 元" for row in case.award_lines
        )
        return [
            (_("决定"), _("同意支持 %s 元") % money.plain(case.approved_amount)),
            (_("金额构成"), lines),
            (_("拨付"), _("由%s拨付到企业登记的收款账户。") % case.office),
        ]

    def facts(self, case):
        return super().facts(case) | {
            "amount": case.approved_amount,
            "lines": case.award_lines,
            "letter": self.letters[case.pk].number,
        }


class Reopen(Releasing):
    verb = "reopen"
    permission = Permission.APPROVE
    verdict = Opinion.Verdict.REOPEN
    note = gettext_lazy("退回重审，释放预占")

    def apply(self, case):
        case.reopen()


def approve(cases, by, text: str = "") -> Outcomes:
    """批复, by the head after the notice closed: the rule is checked again, the money committed."""
    act = Approve(by)
    act.text = text.strip()
    return act.run(cases)


def reopen(cases, by, text: str) -> Outcomes:
    """退回重审 from the notice to the commission's review; money set aside is released."""
    act = Reopen(by)
    act.text = required(text, "text", _("请写明退回重审的理由"))
    return act.run(cases)
