"""What became of two calls of the demo: one is extended, one is suspended once all cases of it are made; each with its
notice."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from applications import workflow
from applications.workflow import CallRefused
from demo.people import People
from foundation.accounts.models import User
from foundation.accounts.roles import Role
from foundation.clock import clock
from foundation.workdays import workdays
from measures.models import Call

EXTENDED, SUSPENDED = "03-11", "08-02"


def extend(people: People, today: date) -> None:
    _change(EXTENDED, 3, _extend, people, today)


def suspend(people: People, today: date) -> None:
    """After the last case of that call was begun: nothing is submitted while it is suspended."""
    _change(SUSPENDED, 1, _suspend, people, today)


def _change(code: str, days_ago: int, act: Callable[[Call, User], None], people: People, today: date) -> None:
    """By the policy administrator, some working days ago; a call that isn't open then is left alone."""
    moment = datetime.combine(workdays.add(today, -days_ago), time(10, 30), clock.SHANGHAI)
    call = Call.objects.open(moment).filter(items__item__code=code).first()
    if call is not None:
        with clock.at(moment):
            act(call, people.acting(Role.POLICY_ADMINISTRATOR, call.office_id))


def _extend(call: Call, by) -> None:
    later = call.closes_at + timedelta(days=14)
    try:
        workflow.extend_call(call, by, "部分企业的资质证明尚在换发，为便于准备材料，延长申报两周。", later)
    except CallRefused:
        # The policy's term leaves no day for it.
        return


def _suspend(call: Call, by) -> None:
    reason = "所依据的上海市相关扶持办法正在修订，暂停申报；修订后恢复，耽误的工作日顺延。"
    workflow.suspend_call(call, by, reason)
