"""Measure 10 in the demo: entries of the log, requests handed to units, specialists at work. All of it is invented."""

from datetime import date, datetime, time
from decimal import Decimal

from demo.papers import pdf
from demo.people import People
from enterprises.models import Enterprise
from foundation.accounts.models import Office
from foundation.accounts.roles import Role
from foundation.clock import clock
from foundation.workdays import workdays
from measures.models import Item
from tracking import access, action_workflow, referral_workflow, specialist_workflow
from tracking.action_workflow import Done
from tracking.models import MeasureAction, Referral, ServiceContact, SpecialistAssignment
from tracking.specialist_workflow import Contact

SOURCE = "演示数据，并非真实文件"
# Working days ago, item, unit, what was done, figure, unit of measure.
ACTIONS = [
    (44, "02-01", "kw", "会同三个区研究科技服务业示范区建设方案，确定首批片区。", 3, "个"),
    (38, "04-01", "sww", "向外资科技服务机构解读准入和便利化措施。", 64, "家"),
    (33, "10-03", "kw", "编制第一批科技服务业企业服务包并送达企业。", 120, "份"),
    (27, "07-04", "rsj", "举办企业家创新领导力培训班。", 42, "人"),
    (21, "06-05", "kw-310104", "发布区内第一批应用场景清单，组织供需对接会。", 18, "个"),
    (16, "03-09", "jw", "组织高校发布可转化成果目录。", 210, "项"),
    (9, "10-02", "kw-310115", "为区内重点科技服务企业确定服务专员。", 35, "名"),
    (4, "04-07", "kw", "举办科技服务业同行交流会。", None, ""),
]
# Working days ago, the enterprise's person, item, what is asked, the act that follows a working day later.
REQUESTS = [
    (5, "qiye1", "08-03", "近三年收入年均增长 30%，想申报科技小巨人，请告知当年通知和条件。", "conclude"),
    (2, "qiye1", "01-09", "研发部门拟申请外资研发中心认定，外方持股 40%，请指导材料。", "take"),
    (1, "qiye2", "10-04", "实验室搬迁后环评手续办理时间长，影响订单交付，请协调。", ""),
]

# The specialists, with what they noted a day after the enterprises were given to them: channel, about, result.
SPECIALISTS = ("fuwu1", "fuwu2")
GIVEN_AGO = 3
CONTACTS = [
    ("phone", "自我介绍", "告知企业现在的服务专员和区里的咨询电话，约下周上门。"),
    ("visit", "补正材料怎么准备", "逐条看过补正要求，企业本周内补齐合同和发票。"),
    ("online", "还能申请什么", "讲了正在申报的事项，企业准备先核对纳统行业。"),
]


class Tracked:
    """Acts of measure 10, each to be done at its moment; they fit in between those of the cases."""

    def __init__(self, people: People):
        self.people = people

    def plan(self, today: date) -> list[tuple[datetime, "_Act"]]:
        found = []
        for ago, *given in ACTIONS:
            found.append((_at(workdays.add(today, -ago), 15), _Act(self._enter, given)))
        for ago, username, code, text, then in REQUESTS:
            asked = _Act(self._ask, (username, code, text))
            found.append((_at(workdays.add(today, -ago), 16), asked))
            if then:
                follows = _Act(getattr(self, f"_{then}"), (username, code))
                found.append((_at(workdays.add(today, 1 - ago), 17), follows))
        for username in SPECIALISTS:
            found.append((_at(workdays.add(today, -GIVEN_AGO), 9), _Act(self._give, (username,))))
            found.append((_at(workdays.add(today, 1 - GIVEN_AGO), 10), _Act(self._call, (username,))))
        return found

    def _give(self, username: str) -> None:
        """Two of three of the enterprises that somebody acts for: the others still wait for a specialist."""
        specialist = self.people.by_name[username]
        office = specialist.posts.select_related("office").get().office
        head = self.people.acting(Role.DISTRICT_HEAD, office)
        rows = access.of_office(head, office).exclude(verified_at=None).order_by("verified_at", "pk")
        own = set(
            Enterprise.objects.filter(members__user__username__startswith="qiye").values_list("pk", flat=True)
        )
        some = [row for number, row in enumerate(rows) if number % 3 != 2 or row.pk in own]
        if some:
            specialist_workflow.assign_specialist(some, specialist, head, office)

    def _call(self, username: str) -> list[ServiceContact]:
        specialist = self.people.by_name[username]
        mine = SpecialistAssignment.objects.standing().filter(specialist=specialist).order_by("pk")
        return [
            specialist_workflow.note_contact(row, specialist, Contact(channel, clock.today(), about, result))
            for row, (channel, about, result) in zip(mine, CONTACTS, strict=False)
        ]

    def _enter(self, code: str, office: str, text: str, figure, unit: str) -> MeasureAction:
        done = Done(clock.today(), text, SOURCE, Decimal(figure) if figure is not None else None, unit)
        office = Office.objects.get(code=office)
        by = self.people.by_name["shike1"]
        if office.kind == Office.Kind.DISTRICT:
            by = self.people.acting(Role.DISTRICT_OFFICER, office)
        return action_workflow.record_action(Item.objects.get(code=code), office, by, done)

    def _ask(self, username: str, code: str, text: str) -> Referral:
        person = self.people.by_name[username]
        enterprise = Enterprise.objects.acted_for_by(person).order_by("pk").first()
        item = Item.objects.get(code=code)
        document = pdf("情况说明", [text], enterprise.name)
        return referral_workflow.refer_item(
            item, enterprise, person, text=text, contact="演示联系人 13800000000", document=document
        )

    def _row(self, username: str, code: str) -> Referral:
        return Referral.objects.get(by=self.people.by_name[username], item__code=code)

    def _take(self, username: str, code: str) -> Referral:
        row = self._row(username, code)
        return referral_workflow.take_referral(row, self._answering(row))

    def _conclude(self, username: str, code: str) -> Referral:
        row = self._row(username, code)
        return referral_workflow.conclude_referral(
            row,
            self._answering(row),
            outcome=Referral.Outcome.TOLD,
            result="当年通知预计下季度发布，请先整理近三年审计报告和知识产权清单；发布后由市科委另行告知。",
        )

    def _answering(self, row: Referral):
        by = self.people.by_name
        return by["shangwu1"] if row.office.code == "sww" else by["shike1"]


class _Act:
    """One act, done like a story's."""

    def __init__(self, verb, given):
        self.verb, self.given = verb, given

    def run(self) -> None:
        self.verb(*self.given)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 20), clock.SHANGHAI)
