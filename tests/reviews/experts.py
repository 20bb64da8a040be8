"""Experts in the pool, and reviews by state, each made by the verbs that lead there."""

from datetime import timedelta
from decimal import Decimal

from applications.models import Application
from foundation.accounts.models import Office
from foundation.clock import clock
from reviews import workflow
from reviews.models import Expert, ExpertReview
from tests.accounts import factories as people

SCORES = [Decimal("16"), Decimal("24.5"), Decimal("25"), Decimal("15")]
OPINION = "设备选型合理，服务对象明确，建议支持。"


def pooled(mark: str = "", **how) -> Expert:
    """An expert of the commission's pool; the same person's standing entry at every call."""
    person = people.expert(mark)
    found = Expert.objects.filter(person=person, ended_at=None).first()
    given = {"fields": ["专业化技术服务"], "employer": f"上海示例研究院{mark}"} | how
    office = Office.objects.get(code=people.COMMISSION)
    return found or workflow.enter_expert(person, people.municipal_officer(), office, **given)


def asked(case: Application, mark: str = "", days: int = 10) -> ExpertReview:
    (row,) = workflow.ask_experts(
        case, people.municipal_officer(), [pooled(mark)], clock.today() + timedelta(days=days)
    )
    return row


def declared(case: Application, mark: str = "") -> ExpertReview:
    row = asked(case, mark)
    return workflow.declare_no_conflict(row, row.person)


def submitted(case: Application, mark: str = "", scores=SCORES, verdict: str = "support") -> ExpertReview:
    row = declared(case, mark)
    return workflow.submit_review(row, row.person, scores=scores, opinion=OPINION, verdict=verdict)
