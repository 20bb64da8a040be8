"""免申即享名单: drawn from a screening, rows struck with a reason, checked by a second person, or dropped.

The check asks the rule of each row again, sets all of the money aside and begins one case for each. Where the fund
doesn't reach, the whole check is refused and says by how much: all on a list have the same claim, and no text of the
policy orders them, so none of them waits behind another.
"""

from collections.abc import Callable, Iterable

from django.db import connection, transaction
from django.utils.translation import gettext as _

from applications import budgets
from applications.access import recusals_of
from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from applications.workflow import offering
from applications.workflow.offering import Chosen, Signed
from enterprises.access import acted_for
from enterprises.models import Enterprise
from foundation.accounts.models import User
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from measures import eligibility, funds
from measures.eligibility import Answer
from measures.models import Call, CallItem, Screening, ScreeningRow, SpecialFund
from reviews.models import ProactiveList, ProactiveRow
from reviews.workflow.listing import locked_line, new_list, put_back
from reviews.workflow.opinions import required


def draw_list(screening: Screening, by: User) -> ProactiveList:
    """拟定名单: the enterprises that qualify in this screening, with their amounts; nobody of whom it can't be told.

    Left aside: who has a case of the call item already, or gave the support up (counted in `already`). Raises Refused
    where the call item isn't awarded this way or isn't open, another rule is in force by now, a list of it waits for
    its check, or nobody is left.
    """
    at = clock.now()
    with transaction.atomic():
        line = locked_line(screening.call_item_id)
        if not by.may(Permission.DRAW_LIST, line.decided_by_id):
            raise Refused("forbidden", _("您没有办理此事的权限"))
        if not line.is_proactive:
            raise Refused("state", _("这个专题不是免申即享，由企业申报"))
        if not line.call.is_open(at):
            raise Refused("state", _("“%s”现在不在办理时间内，不能拟定名单") % line.call)
        rule = line.rule_on(at)
        if rule is None or rule.pk != screening.rule_id:
            raise Refused("state", _("规则已更新，请重新筛选后再拟定名单"))
        if waiting := ProactiveList.objects.filter(
            call_item=line, state=ProactiveList.State.DRAWN, screening__isnull=False
        ).first():
            raise Refused("state", _("名单 %s 还没有复核，请先复核或者作废") % waiting.number)
        found = ScreeningRow.objects.filter(screening=screening, eligible=True, amount__gt=0)
        aside = list(taken(line))
        rows = list(
            found.exclude(enterprise__in=aside)
            .order_by("uscc")
            .values_list("pk", "enterprise_id", "uscc", "name", "district_id", "amount")
        )
        _refuse_kept_out(by, {row[1] for row in rows})
        if not rows:
            raise Refused("invalid", _("这次筛选中没有可以列入名单的企业"))
        drawn = new_list(line, by, at, screening, already=found.filter(enterprise__in=aside).count())
        ProactiveRow.objects.bulk_create(
            ProactiveRow(
                list=drawn,
                position=position,
                screening_row_id=pk,
                enterprise_id=enterprise,
                uscc=uscc,
                name=name,
                district_id=district,
                amount=amount,
            )
            for position, (pk, enterprise, uscc, name, district, amount) in enumerate(rows, start=1)
        )
        _record(
            "draw_list",
            drawn,
            by,
            [Audience("office", drawn.office_id)],
            rows=len(rows),
            amount=sum((row[-1] for row in rows), funds.ZERO),
            already=drawn.already,
            unknown=screening.unknown,
            screening=screening.pk,
            rule_number=rule.number,
        )
        return drawn


def strike_row(row: ProactiveRow, by: User, reason: str) -> ProactiveRow:
    """划去 a row before the check, with the reason that its enterprise can read. Raises Refused."""
    reason = required(reason, "reason", _("请写明划去的理由"))
    with transaction.atomic():
        drawn = _locked_list(row.list_id, by, Permission.DRAW_LIST)
        row = ProactiveRow.objects.select_for_update(no_key=True).get(pk=row.pk)
        if row.struck_at is not None:
            raise Refused("stale", _("这一家已经划去"))
        row.struck_by, row.struck_at, row.struck_reason = by, clock.now(), reason
        row.save(update_fields=["struck_by", "struck_at", "struck_reason"])
        drawn.version += 1
        drawn.save(update_fields=["version"])
        _record("strike_row", drawn, by, position=row.position, enterprise=row.name, reason=reason)
        put_back([row], by, _("补充名单复核前划去：%s") % reason)
        return row


def drop_list(drawn: ProactiveList, by: User, reason: str) -> ProactiveList:
    """作废 a list before its check, by who may draw or check; requests on it wait for their answer again."""
    reason = required(reason, "reason", _("请写明作废的理由"))
    with transaction.atomic():
        seen, drawn = drawn.version, _locked_list(drawn.pk, by, Permission.DRAW_LIST, Permission.CHECK_LIST)
        _refuse_stale(drawn, seen)
        drawn.drop(by=by, at=clock.now(), reason=reason)
        drawn.version += 1
        drawn.save()
        _record("drop_list", drawn, by, [Audience("office", drawn.office_id)], reason=reason)
        put_back(drawn.rows.filter(struck_at=None), by, _("补充名单作废：%s") % reason)
        return drawn


@transaction.atomic
def check_list(
    drawn: ProactiveList, by: User, progress: Callable[[int, int], None] = lambda done, total: None
) -> ProactiveList:
    """复核, by another person than who drew it: each row is asked again now, and offered or left out with the reason.

    The fund's money is set aside for all that are offered. Raises Refused: by the same person, after the list has
    changed, where nobody is left, and where the fund doesn't reach (nothing is written then).
    """
    at = clock.now()
    seen, drawn = drawn.version, _locked_list(drawn.pk, by, Permission.CHECK_LIST)
    if drawn.drawn_by_id == by.pk:
        raise Refused("forbidden", _("拟定人与复核人不能是同一人"))
    _refuse_stale(drawn, seen)
    _refuse_unless_published(drawn)
    line = locked_line(drawn.call_item_id)
    rows = list(drawn.rows.filter(struck_at=None).select_related("request").order_by("position"))
    _refuse_kept_out(by, {row.enterprise_id for row in rows})
    enterprises = (
        Enterprise.objects.select_related("district")
        .order_by("pk")
        .in_bulk([row.enterprise_id for row in rows])
    )
    asks = [eligibility.Ask(row.enterprise_id, row.enterprise_id) for row in rows]
    answers = eligibility.explain_many(line, asks, at=at)
    aside = taken(line)
    kept, chosen = [], []
    for row in rows:
        enterprise, answer = enterprises[row.enterprise_id], answers[row.enterprise_id]
        row.left_out = _why_not(enterprise, answer, aside)
        if not row.left_out:
            kept.append(row)
            chosen.append(Chosen(enterprise, answer))
    if not chosen:
        raise Refused("invalid", _("按现在的数据，名单上没有可以列入的企业，请作废后重新筛选"))
    _refuse_beyond_budget(line, chosen)
    progress(1, 4)
    try:
        cases = offering.offer(
            line, chosen, Signed(drawn.drawn_by, drawn.drawn_at, by, at), drawn.number, progress
        )
    except funds.Insufficient as short:
        raise Refused(
            "invalid",
            _("名单共需 %(needed)s 元，%(short)s，整份名单暂不能复核；资金到位后再办")
            % {
                "needed": f"{sum((one.answer.amount for one in chosen), funds.ZERO):,.2f}",
                "short": "；".join(short.messages),
            },
        ) from short
    for row, case in zip(kept, cases, strict=True):
        row.case = case
    _keep_outcomes(rows)
    left_out = [row for row in rows if row.left_out]
    drawn.check_all(by=by, at=at)
    drawn.version += 1
    drawn.save()
    put_back_by_reason(left_out, by)
    reached = acted_for(case.enterprise_id for case in cases)
    # Where nobody acts for the enterprise yet, its district is asked to reach it.
    unclaimed = [case for case in cases if case.enterprise_id not in reached]
    _record(
        "check_list",
        drawn,
        by,
        [
            Audience("office", office)
            for office in {drawn.office_id, *(case.district_office_id for case in unclaimed)} - {None}
        ],
        offered=len(cases),
        left_out=len(left_out),
        unclaimed=len(unclaimed),
        amount=sum((case.proposed_amount for case in cases), funds.ZERO),
    )
    progress(4, 4)
    return drawn


def _refuse_unless_published(drawn: ProactiveList) -> None:
    """Held against the call's being suspended or cancelled meanwhile: nothing is offered then."""
    calls = Call.objects.select_for_update(of=("self",), no_key=True)
    call = calls.get(items=drawn.call_item_id)
    if call.state != Call.State.PUBLISHED:
        raise Refused("state", _("这份申报通知现在是“%s”，名单不能复核") % call.get_state_display())


def _refuse_beyond_budget(line: CallItem, chosen: list[Chosen]) -> None:
    """Of the call item's own budget, beside the fund's; read under the fund's lock."""
    SpecialFund.objects.select_for_update(no_key=True).get(pk=line.fund_id)
    left = budgets.left([line]).get(line.pk)
    needed = sum((one.answer.amount for one in chosen), funds.ZERO)
    if left is not None and needed > left:
        raise Refused(
            "invalid",
            _("名单共需 %(needed)s 元，本专题预算还剩 %(left)s 元，整份名单暂不能复核")
            % {"needed": f"{needed:,.2f}", "left": f"{left:,.2f}"},
        )


def _keep_outcomes(rows: list[ProactiveRow]) -> None:
    """One statement whatever the number of rows: a bulk_update's text grows with its square."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {ProactiveRow._meta.db_table} AS stored SET case_id = found.case_id, left_out = found.left_out
            FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS found (id, case_id, left_out)
            WHERE stored.id = found.id
            """,  # noqa: S608  made of the table's name; values are parameters
            [[row.pk for row in rows], [row.case_id for row in rows], [row.left_out for row in rows]],
        )


def put_back_by_reason(rows: Iterable[ProactiveRow], by: User) -> None:
    """Requests of rows that the check left out wait for their answer again, each with its own reason."""
    for row in rows:
        if row.request_id:
            put_back([row], by, _("补充名单复核时未列入：%s") % row.left_out)


def taken(line: CallItem) -> set[int]:
    """Enterprises that a list of this call item leaves aside: a case of theirs stands, or they gave it up."""
    cases = Application.objects.filter(call_item=line)
    standing = cases.standing()
    declined = cases.filter(state=State.WITHDRAWN, offered_at__isnull=False)
    return set((standing | declined).order_by().values_list("enterprise_id", flat=True))


def _why_not(enterprise: Enterprise, answer: Answer, aside: set[int]) -> str:
    """Why a row isn't offered now; "" for one that is."""
    if enterprise.pk in aside:
        return _("已有本事项的申请，或者已放弃")
    if enterprise.state == Enterprise.State.CLOSED:
        return _("企业账户已注销")
    if answer.eligible is False:
        return _("不符合：%s") % "；".join(f"{one.label}（{one.actual_text}）" for one in answer.unmet)
    if answer.eligible is None:
        return _("不能判断：%s") % "；".join(one.label for one in answer.unknown)
    return "" if answer.amount else _("算不出支持金额")


def _locked_list(pk: int, by: User, *permissions: str) -> ProactiveList:
    """The list, locked and still to be checked, for who holds one of the permissions at its office."""
    drawn = (
        ProactiveList.objects.select_for_update(of=("self",), no_key=True)
        .select_related("call_item__item", "drawn_by", "office")
        .get(pk=pk)
    )
    if not any(by.may(permission, drawn.office_id) for permission in permissions):
        raise Refused("forbidden", _("您没有办理此事的权限"))
    if drawn.state != ProactiveList.State.DRAWN:
        raise Refused("stale", _("这份名单%s，请刷新后再看") % drawn.get_state_display())
    return drawn


def _refuse_kept_out(by: User, enterprises: set[int]) -> None:
    """Refuse who keeps out of one of these enterprises (回避)."""
    mine = (
        recusals_of(by).filter(enterprise__in=enterprises).select_related("enterprise").order_by("pk").first()
    )
    if mine is not None:
        raise Refused("forbidden", _("名单中有您回避的企业“%s”，须由另一人办理") % mine.enterprise.name)


def _refuse_stale(drawn: ProactiveList, seen: int) -> None:
    if drawn.version != seen:
        raise Refused("stale", _("这份名单刚刚有改动，请刷新后再看"))


def _record(verb: str, drawn: ProactiveList, by: User, tell: Iterable[Audience] = (), **facts) -> None:
    events.record(
        verb,
        drawn,
        by,
        tell=tell,
        number=drawn.number,
        item=drawn.call_item.item.name,
        call_item=drawn.call_item.code,
        **facts,
    )
