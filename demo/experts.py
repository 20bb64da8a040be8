"""The demo's pool of experts, and what they find of a case."""

from datetime import timedelta
from decimal import Decimal

from applications.models import Application
from foundation.accounts.models import Office, User
from foundation.accounts.roles import Role
from foundation.clock import clock
from reviews import workflow as reviews
from reviews.models import Expert, ExpertReview

# By username: employer, fields. The first one's review stays open.
POOL = {
    "zhuanjia1": ("演示大学测试中心", ["专业化技术服务", "仪器设备"]),
    "zhuanjia2": ("演示科技战略研究院", ["科学研究与试验发展服务", "产业规划"]),
    "zhuanjia3": ("演示会计师事务所", ["科技金融服务", "财务审计"]),
}
# Shares of each criterion's weight, opinion, verdict.
FOUND = {
    "zhuanjia2": (
        Decimal("0.85"),
        "项目属于重点支持的检验检测方向，建设内容与现有能力衔接，预期服务量有合同支撑。建议支持。",
        "support",
    ),
    "zhuanjia3": (
        Decimal("0.7"),
        "投资构成基本合理；进口设备报价略高于同类采购，建议核定时以发票为准。总体建议支持。",
        "support",
    ),
}


def ask(case: Application, by: User) -> None:
    """The whole pool is asked about a case; whoever isn't in it yet is entered first."""
    office = Office.objects.get(pk=case.office_id)
    entries = []
    for person in User.objects.filter(posts__role=Role.EXPERT, posts__office=office).order_by("username"):
        employer, fields = POOL[person.username]
        found = Expert.objects.filter(person=person, office=office, ended_at=None).first()
        entries.append(found or reviews.enter_expert(person, by, office, fields=fields, employer=employer))
    reviews.ask_experts(
        case, by, entries, clock.today() + timedelta(days=15), "请着重看投资构成和预期服务量。"
    )


def review(case: Application, username: str) -> None:
    """One of them declares that they have no interest in it, and reviews it."""
    row = ExpertReview.objects.select_related("person").get(application=case, person__username=username)
    share, opinion, verdict = FOUND[username]
    row = reviews.declare_no_conflict(row, row.person)
    points = [(one["weight"] * share).quantize(Decimal("0.1")) for one in row.criteria]
    reviews.submit_review(row, row.person, scores=points, opinion=opinion, verdict=verdict)
