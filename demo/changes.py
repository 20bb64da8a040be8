"""What changed in the register of the demo: one enterprise has a new name, one was merged away, one is a branch."""

from datetime import date, datetime, time

from django.db.models import Case, When
from stdnum.cn import uscc

from applications.models import Application
from applications.states import State
from applications.workflow import name_department, start
from demo.enterprises import MARK, SOURCE
from demo.papers import pdf
from demo.people import People
from enterprises import change_workflow as changes
from enterprises.models import Department, Enterprise, LegalForm
from enterprises.record_workflow import record_department
from foundation.accounts.models import Office
from foundation.accounts.roles import Role
from foundation.clock import clock
from foundation.workdays import workdays
from measures.models import CallItem

PAPER = "演示数据：市场监管局变更通知"
# Working days ago.
RENAMED, MERGED, BRANCHED = 3, 2, 4


def change_enterprises(people: People, today: date) -> None:
    """By the officers and heads of the districts, some working days ago."""
    for days_ago, change in (
        (BRANCHED, _branch),
        (BRANCHED, _department),
        (RENAMED, _rename),
        (MERGED, _merge),
    ):
        with clock.at(datetime.combine(workdays.add(today, -days_ago), time(10, 40), clock.SHANGHAI)):
            change(people)


def _own(people: People, username: str) -> Enterprise:
    person = people.by_name[username]
    return Enterprise.objects.acted_for_by(person).select_related("district").order_by("pk").first()


def _acting(people: People, role: Role, enterprise: Enterprise):
    office = Office.objects.get(kind=Office.Kind.DISTRICT, district=enterprise.district_id)
    return people.acting(role, office)


def _rename(people: People) -> None:
    """The first owner's, while a case of it is at the commission."""
    enterprise = _own(people, "qiye1")
    name = enterprise.name.replace("有限公司", "（集团）有限公司")
    changes.record_name(
        enterprise,
        _acting(people, Role.DISTRICT_OFFICER, enterprise),
        clock.today(),
        name=name,
        source=PAPER,
        document=pdf("名称变更通知", [f"“{enterprise.name}”变更为“{name}”。"], "演示登记机关"),
    )


def _merge(people: People) -> None:
    """One that waits for its district is merged into the renamed one: its case is left to the officer."""
    successor = _own(people, "qiye1")
    waiting = Application.objects.filter(
        state__in=[State.SUBMITTED, State.DISTRICT_REVIEW], enterprise__state=Enterprise.State.VERIFIED
    ).exclude(enterprise=successor)
    # Of the same district if there is one: its desk is shown first.
    near = Case(When(district=successor.district_id, then=0), default=1)
    case = waiting.select_related("enterprise__district").order_by(near, "pk").first()
    absorbed = case.enterprise
    lines = [f"“{absorbed.name}”并入“{successor.name}”，前者注销，债权债务由后者承继。"]
    changes.record_merger(
        absorbed,
        _acting(people, Role.DISTRICT_HEAD, absorbed),
        clock.today(),
        successor=successor,
        source=PAPER,
        document=pdf("吸收合并协议", lines, "双方盖章"),
    )


def _branch(people: People) -> None:
    """A foreign research centre that is a branch of a company outside of the register."""
    home = _own(people, "qiye2").district
    enterprise = Enterprise.objects.create(
        uscc=_code(home.code, 1),
        name="衡岳（苏州）医疗器械有限公司上海研发中心",
        district=home,
        legal_form=LegalForm.BRANCH,
        industry="M7340",
        established_on=date(2021, 5, 18),
        address=f"上海市{home.name}演示路 18 号",
        source=SOURCE,
    )
    changes.record_parent(
        enterprise,
        _acting(people, Role.DISTRICT_OFFICER, enterprise),
        clock.today(),
        uscc=_code("320500", 2),
        name="衡岳（苏州）医疗器械有限公司",
        source=PAPER,
    )


def _department(people: People) -> None:
    """A foreign research centre that is a department: the second owner's draft of it names it."""
    enterprise = _own(people, "qiye2")
    department = record_department(
        enterprise,
        _acting(people, Role.DISTRICT_OFFICER, enterprise),
        name="亚太医疗器械研发中心",
        kind=Department.Kind.FOREIGN_RESEARCH,
        number="演示外研认〔2025〕018号",
        recognised_on=date(2025, 3, 20),
        source=SOURCE,
    )
    line = CallItem.objects.open().select_related("call", "item", "form").filter(item__code="03-10").first()
    if line is not None:
        owner = people.by_name["qiye2"]
        name_department(start(line, enterprise, owner), owner, department)


def _code(place: str, serial: int) -> str:
    """A valid, invented code, beside those of demo.enterprises."""
    body = f"91{place}{MARK}XX{serial:02d}"
    return body + uscc.calc_check_digit(body)
