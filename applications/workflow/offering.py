"""免申即享: the case that a checked list begins, and the enterprise's own word on it.

Nothing here is forfeited by silence: the clock only reminds. Ending an offer is an official's verb (reviews).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from applications import checks, deadlines
from applications.bigrams import bigrams
from applications.models import Application, RuleCheck, Submission
from applications.states import State
from applications.verbs import (
    Act,
    Outcomes,
    Refused,
    base_facts,
    identity_of,
    move_steps,
    refuse_inactive,
    store_checks,
)
from enterprises import access as enterprises
from enterprises.member_roles import MAY, Does
from enterprises.models import Enterprise
from foundation.accounts.models import Office, User
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.workdays import workdays
from measures import funds
from measures.eligibility import Answer
from measures.models import CallItem

LONGEST_REASON = 300


@dataclass(frozen=True)
class Chosen:
    """An enterprise of a list, and what the rule says of it at the check."""

    enterprise: Enterprise
    answer: Answer


@dataclass(frozen=True)
class Signed:
    """Who drew the list and when, who checks it and at which moment: two persons."""

    drawn_by: User
    drawn_at: datetime
    by: User
    at: datetime


def offer(
    line: CallItem,
    chosen: Sequence[Chosen],
    signed: Signed,
    list_number: str,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Application]:
    """One case *offered* for each, in their order, with number, frozen check and money set aside.

    Only the check of a list calls it, in its transaction, with the call item (call__office, item, fund, form,
    decided_by) locked. The number of statements doesn't grow with the list. Raises funds.Insufficient.
    """
    offices = {
        office.district_id: office
        for office in Office.objects.filter(kind=Office.Kind.DISTRICT, district__isnull=False).order_by("pk")
    }
    cases = []
    for place, one in enumerate(chosen, start=line.last_sequence + 1):
        enterprise = one.enterprise
        case = Application(
            call_item=line,
            enterprise=enterprise,
            created_by=signed.drawn_by,
            created_at=signed.at,
            form=line.form,
            eligible=one.answer.eligible,
            estimate=one.answer.amount,
        )
        case.offer(
            at=signed.at,
            drawn_by=signed.drawn_by,
            drawn_at=signed.drawn_at,
            by=signed.by,
            sequence=place,
            identity=identity_of(enterprise),
            district=enterprise.district,
            district_office=offices.get(enterprise.district_id),
            municipal_office=line.decided_by,
            amount=one.answer.amount,
            lines=[{"text": row.text, "amount": str(row.amount)} for row in one.answer.lines],
        )
        case.search = bigrams(case.number, enterprise.name, enterprise.uscc)
        case.version = 1
        deadlines.enter_state(case, "offer", signed.at)
        cases.append(case)
        progress(len(cases), 2 * len(chosen))
    line.last_sequence += len(cases)
    line.save(update_fields=["last_sequence"])
    Application.objects.bulk_create(cases)
    move_steps(cases, "offer", signed.at)
    store_checks(
        RuleCheck(
            application=case,
            verb="offer",
            at=signed.at,
            rule_id=one.answer.rule_id,
            eligible=one.answer.eligible,
            amount=one.answer.amount,
            answer=one.answer.frozen(),
            inputs={},
        )
        for case, one in zip(cases, chosen, strict=True)
    )
    moves = [funds.Move(case.pk, case.number, case.proposed_amount, list_number) for case in cases]
    funds.set_aside(line.fund, moves, signed.by)
    progress(3, 4)
    reached = enterprises.acted_for(case.enterprise_id for case in cases)
    events.record_many(
        "offer",
        [
            events.Entry(
                case,
                base_facts(case, "")
                | {
                    "list": list_number,
                    "amount": case.proposed_amount,
                    "lines": case.award_lines,
                    "eligible": case.eligible,
                    "drawn_by": str(signed.drawn_by.actor_label),
                },
                # Whom nobody acts for reads of it once somebody does; its district is told with the list.
                [Audience("enterprise", case.enterprise_id)] if case.enterprise_id in reached else [],
            )
            for case in cases
        ],
        signed.by,
    )
    return cases


class _Answering(Act):
    """What the enterprise's two answers share: who may give something up; money that is held may be released."""

    def prepare(self, cases):
        self.roles = enterprises.roles([self.by.pk], {case.enterprise_id for case in cases})
        self.held = funds.held([case.pk for case in cases])
        self.released: dict[int, funds.Move] = {}

    def refuse_others(self, case: Application) -> None:
        role = self.roles.get((case.enterprise_id, self.by.pk))
        if role is None or Does.ANSWER_OFFER not in MAY[role]:
            raise Refused("forbidden", _("只有该企业经核验的经办人可以确认或者放弃"))
        refuse_inactive(case.enterprise)

    def give_back(self, case: Application, note: str) -> None:
        held = self.held[case.pk]
        if held.set_aside:
            self.released[case.pk] = funds.Move(case.pk, case.number, held.set_aside, note)

    def finish(self, cases):
        for case in cases:
            if case.pk in self.released:
                funds.release(case.call_item.fund, [self.released[case.pk]], self.by)


class ConfirmOffer(_Answering):
    verb = "confirm_offer"
    answers: Mapping = {}

    def prepare(self, cases):
        super().prepare(cases)
        self.cleaned = {}
        for case in cases:
            self.cleaned[case.pk] = case.form.form.clean(self.answers, draft=False)
            case.answers = self.cleaned[case.pk].values
        self.checked = checks.check(cases, self.verb, self.at)
        self.copies: dict[int, Submission] = {}

    def apply(self, case):
        self.refuse_others(case)
        problems = {key: list(found) for key, found in self.cleaned[case.pk].errors.items()}
        if not (case.enterprise.bank_name and case.enterprise.bank_account):
            problems["bank_account"] = [_("请填写收款账户，没有账户无法拨付")]
        if problems:
            raise Refused("invalid", _("还有 %d 处需要填写或更正") % len(problems), problems)
        checked = self.checked[case.pk]
        answer = checked.answer
        if answer.eligible is False:
            told = "；".join(f"{one.label}（{one.actual_text}）" for one in answer.unmet)
            raise Refused(
                "invalid",
                _("按现在的数据核对不符合：%s。数据有误的，请先补充资料；有疑问的，请联系办理单位") % told,
            )
        case.eligible, case.estimate = answer.eligible, answer.amount
        self.copies[case.pk] = Submission(
            application=case,
            round=1,
            form=case.form,
            answers=case.answers,
            documents=[],
            identity=case.identity,
            submitted_at=self.at,
            submitted_by=self.by,
        )
        if self.stands(case, checked):
            case.confirm_offer(by=self.by, at=self.at, to=State.SIGNED_OFF)
        else:
            self.give_back(case, str(_("企业确认的情况与名单不同，转市级审核")))
            case.confirm_offer(by=self.by, at=self.at, to=State.MUNICIPAL_REVIEW)

    @staticmethod
    def stands(case: Application, checked: checks.Checked) -> bool:
        """Whether all is as the two who made the list saw it: otherwise the officer looks at the case again."""
        answer = checked.answer
        as_listed = answer.eligible is True and (answer.amount or 0) >= case.proposed_amount
        return as_listed and not checked.inputs.get("same_project_supported")

    def finish(self, cases):
        super().finish(cases)
        Submission.objects.bulk_create(self.copies[case.pk] for case in cases)
        store_checks(self.checked[case.pk].row for case in cases)

    def facts(self, case):
        return {
            "eligible": case.eligible,
            "amount": case.proposed_amount,
            "account": case.enterprise.bank_account_fingerprint[:12],
            "released": self.released[case.pk].amount if case.pk in self.released else None,
        }


class DeclineOffer(_Answering):
    verb = "decline_offer"
    reason = ""

    def apply(self, case):
        self.refuse_others(case)
        self.give_back(case, str(_("企业放弃")))
        case.decline_offer(at=self.at, reason=self.reason or str(_("企业放弃，没有写明理由")))

    def facts(self, case):
        return {"reason": case.reason, "released": self.held[case.pk].set_aside}

    def tell(self, case):
        return [Audience("enterprise", case.enterprise_id), Audience("office", case.office_id)]


def confirm_offer(cases, by, answers: Mapping) -> Outcomes:
    """确认, by a member: the form's declarations as answers, the account on record; on to the public notice.

    Where something isn't as the list says (an unknown condition, a lower amount, other support declared), the
    money is released and the officer reviews the case. Refused where the rule now says no.
    """
    act = ConfirmOffer(by)
    act.answers = dict(answers)
    return act.run(cases)


def decline_offer(cases, by, reason: str = "") -> Outcomes:
    """放弃, by a member, with a reason or without; the money is released at once."""
    reason = (reason or "").strip()
    if len(reason) > LONGEST_REASON:
        message = _("不能超过 %d 个字") % LONGEST_REASON
        raise Refused("invalid", message, {"reason": [message]})
    act = DeclineOffer(by)
    act.reason = reason
    return act.run(cases)


def remind_offers(at_most: int = 200) -> list[Application]:
    """Remind of an offer once N working days have passed (the call item's confirm_days), and once more N after that.

    Returns the cases; nothing else ever comes of silence. Safe to run by several.
    """
    with transaction.atomic():
        due = list(
            Application.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            .filter(_first_due() | _second_due())
            .filter(state=State.OFFERED)
            .select_related("call_item__item", "enterprise", "office")
            .order_by("due_on", "pk")[:at_most]
        )
        for case in due:
            case.reminded_at, case.offer_reminders = clock.now(), case.offer_reminders + 1
        Application.objects.bulk_update(due, ["reminded_at", "offer_reminders"])
        events.record_many(
            "remind_offer",
            [
                events.Entry(
                    case,
                    base_facts(case, case.state) | {"amount": case.proposed_amount},
                    [Audience("enterprise", case.enterprise_id)],
                )
                for case in due
            ],
            SYSTEM,
        )
        return due


def _first_due() -> Q:
    return Q(offer_reminders=0, due_on__lt=clock.today())


def _second_due() -> Q:
    """Reminded once, at least N working days ago."""
    found = Q(pk__in=())
    for days in confirm_days():
        since = clock.moment_of(workdays.add(clock.today(), -days))
        found |= Q(call_item__confirm_days=days, reminded_at__lt=since)
    return Q(offer_reminders=1) & found


def silent() -> Q:
    """Offers over whose first day N more working days have passed: somebody phones them."""
    found = Q(pk__in=())
    for days in confirm_days():
        found |= Q(call_item__confirm_days=days, due_on__lt=workdays.add(clock.today(), -days))
    return Q(state=State.OFFERED) & found


def confirm_days() -> list[int]:
    """The different terms of the call items that are awarded without an application."""
    lines = CallItem.objects.filter(route=CallItem.Route.PROACTIVE)
    return list(lines.order_by("confirm_days").values_list("confirm_days", flat=True).distinct())
