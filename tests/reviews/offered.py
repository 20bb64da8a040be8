"""Lists and offers of 免申即享 by state, each made by the verbs that lead there: the call of 09-03."""

from datetime import date

from applications import workflow
from applications.models import Application
from enterprises.models import Enterprise, StatisticalInclusion
from foundation.accounts.models import Office, User
from foundation.clock import clock
from measures import screening_workflow
from measures.models import CallItem, Screening
from reviews import workflow as reviews
from reviews.models import ListingRequest, ProactiveList
from tests.accounts import factories as people
from tests.applications.factories import open_call_item
from tests.enterprises.factories import (
    clean_credit,
    owner_of,
    registered_enterprise,
    verified_enterprise,
    with_account,
)

CONFIRMED = {
    "same_project_supported": False,
    "declare_consent": True,
    "declare_integrity": True,
    "declare_truth": True,
}


def call_item() -> CallItem:
    found = open_call_item("09-03")
    return CallItem.objects.select_related("call", "item", "fund", "decided_by").get(pk=found.pk)


def newly_included(enterprise: Enterprise) -> Enterprise:
    """First in the statistics last year, confirmed, with clean credit: it qualifies for 09-03."""
    StatisticalInclusion.objects.create(
        enterprise=enterprise,
        first_period=date(clock.today().year - 1, 6, 1),
        industry="M7452",
        confirmed_by=Office.objects.get(code=people.COMMISSION),
        source="市统计局名录",
        recorded_at=clock.now(),
    )
    clean_credit(enterprise)
    return enterprise


def qualified(owner: User | None = None, district: str = people.XUHUI, **fields) -> Enterprise:
    """A verified enterprise that qualifies, with its account."""
    call_item()
    enterprise = verified_enterprise(owner, district, eligible=False, **fields)
    return with_account(newly_included(enterprise))


def unclaimed(district: str = people.XUHUI, **fields) -> Enterprise:
    """One that qualifies and for which nobody acts yet."""
    call_item()
    return newly_included(registered_enterprise(district, **fields))


def screened() -> Screening:
    return screening_workflow.screen(call_item(), people.municipal_officer())


def drawn(*enterprises: Enterprise) -> ProactiveList:
    """已拟, from a screening of now; with an enterprise that qualifies where none is given."""
    if not enterprises:
        qualified()
    return reviews.draw_list(screened(), people.municipal_officer())


def checked(*enterprises: Enterprise) -> ProactiveList:
    return reviews.check_list(drawn(*enterprises), people.municipal_head())


def case_of(enterprise: Enterprise) -> Application:
    return Application.objects.select_related("form", "call_item__call").get(
        enterprise=enterprise, call_item=call_item(), offered_at__isnull=False
    )


def offered(enterprise: Enterprise | None = None) -> Application:
    """待企业确认."""
    enterprise = enterprise or qualified()
    checked(enterprise)
    return case_of(enterprise)


def confirmed(case: Application | None = None) -> Application:
    """待公示, by the enterprise's own word."""
    case = case or offered()
    return workflow.confirm_offer(case, owner_of(case.enterprise), CONFIRMED).one()


def declined(case: Application | None = None) -> Application:
    case = case or offered()
    return workflow.decline_offer(case, owner_of(case.enterprise), "今年不需要").one()


def omitted() -> Enterprise:
    """One that became known only after a list was checked."""
    if not ProactiveList.objects.filter(state="checked").exists():
        checked()
    return qualified()


def asked(enterprise: Enterprise | None = None) -> ListingRequest:
    """It asks to be included."""
    enterprise = enterprise or omitted()
    return reviews.ask_listing(call_item(), enterprise, owner_of(enterprise), "纳统时间登记有误，现已更正。")
