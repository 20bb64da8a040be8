"""What the demo shows of 免申即享: a checked list with its offers in every state, one that waits, one request."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time

from applications import workflow as cases
from applications.models import Application
from demo.enterprises import SOURCE, Found
from demo.people import People
from demo.stories import Story
from enterprises.models import StatisticalInclusion
from foundation.accounts.models import Office
from foundation.accounts.roles import Role
from foundation.clock import clock
from foundation.workdays import workdays
from measures import screening_workflow
from measures.models import CallItem
from payments import workflow as payments
from payments.workflow import Confirmation
from reviews import workflow as reviews

ITEM = "09-03"
CONFIRMED = {
    "same_project_supported": False,
    "declare_consent": True,
    "declare_integrity": True,
    "declare_truth": True,
}
# Working days before today, and what happens then; the acts of one day an hour apart.
PLAN = (
    (34, "claim"),
    (33, "verify"),
    (31, "include"),
    (30, "draw"),
    (29, "check"),
    (27, "confirm_first"),
    (26, "publish"),
    (19, "approve"),
    (18, "order"),
    (17, "release"),
    (18, "remind"),
    (16, "pay"),
    (12, "decline"),
    (6, "remind"),
    (5, "confirm_second"),
    (4, "ask"),
    (3, "contact"),
    (2, "include_more"),
    (1, "draw"),
)


@dataclass
class Lists:
    """The call item's lists, with the enterprises that the demo follows, each told by its own Story."""

    people: People
    line: CallItem
    # Who is paid, who has confirmed, who gives it up, who stays silent, who asks to be included.
    paid: Story
    confirmed: Story
    declined: Story
    silent: Story
    asking: Story
    # Nobody acts for them; the later ones are on the list that waits for its check.
    unclaimed: list[Found]
    later: list[Found]
    also: list[Found] = field(default_factory=list)

    def moments(self, today: date) -> Iterator[tuple[datetime, str]]:
        hours: dict[int, int] = {}
        for days, name in PLAN:
            hours[days] = hours.get(days, 8) + 1
            moment = time(hours[days], 20)
            yield datetime.combine(workdays.add(today, -days), moment, clock.SHANGHAI), name

    def _acting(self, role: Role, office: Office | None = None):
        return self.people.acting(role, office or self.line.decided_by)

    @property
    def _claiming(self) -> list[Story]:
        return [self.paid, self.confirmed, self.declined, self.silent, self.asking]

    def claim(self):
        for story in self._claiming:
            story.claim()

    def verify(self):
        for story in self._claiming:
            story.verify()

    def include(self):
        """The statisticians confirm who came into the register last year."""
        stories = (self.paid, self.confirmed, self.declined, self.silent)
        self._include([story.found for story in stories] + self.unclaimed + self.also)

    def include_more(self):
        self._include(self.later)

    def _include(self, founds: list[Found]):
        StatisticalInclusion.objects.bulk_create(
            StatisticalInclusion(
                enterprise=found.enterprise,
                first_period=date(self.line.call.year - 1, 6, 1),
                industry="M7519",
                confirmed_by=self.line.decided_by,
                source=SOURCE,
                recorded_at=clock.now(),
            )
            for found in founds
        )

    def draw(self):
        officer = self._acting(Role.MUNICIPAL_OFFICER)
        self.drawn = reviews.draw_list(screening_workflow.screen(self.line, officer), officer)

    def check(self):
        row = self.drawn.rows.exclude(enterprise__in=[s.found.enterprise for s in self._claiming]).last()
        reviews.strike_row(
            row, self._acting(Role.MUNICIPAL_OFFICER), "与名单上另一家企业为同一控制人，待核实后再定。"
        )
        self.drawn.refresh_from_db()
        self.drawn = reviews.check_list(self.drawn, self._acting(Role.MUNICIPAL_HEAD))
        for story in self._claiming[:-1]:
            story.case = Application.objects.get(list_row__list=self.drawn, enterprise=story.found.enterprise)

    def confirm_first(self):
        self._confirm(self.paid)

    def confirm_second(self):
        self._confirm(self.confirmed)

    @staticmethod
    def _confirm(story: Story):
        story.case = cases.confirm_offer(story.case, story.owner, CONFIRMED).one()

    def decline(self):
        story = self.declined
        story.case = cases.decline_offer(story.case, story.owner, "已获得其他奖励，本次不再申领。").one()

    def remind(self):
        cases.remind_offers()

    def contact(self):
        office = self.silent.case.district_office
        said = reviews.Contact(
            "phone", clock.today(), "will_confirm", "王经理", "已收到通知，本周核对账户后确认。"
        )
        case = Application.objects.get(pk=self.silent.case.pk)
        reviews.record_contact(case, self._acting(Role.DISTRICT_OFFICER, office), said).one()

    def ask(self):
        story = self.asking
        text = "本单位上一年度首次纳入统计，登记的首次报告期有误，已向所在区提交更正材料。"
        reviews.ask_listing(self.line, story.found.enterprise, story.owner, text)

    def publish(self):
        officer = self._acting(Role.MUNICIPAL_OFFICER)
        title = f"{self.line.call.year} 年度{self.line.item.name}拟支持名单公示"
        self.paid.case = reviews.publish(self.paid.case, officer, title).one()

    def approve(self):
        self.paid.approve()

    def order(self):
        self.payment = payments.order(
            self.paid.case, self._acting(Role.FINANCE_MAKER, self.paid.case.office)
        ).one()
        self.payment = self.payment.ordered

    def release(self):
        checker = self._acting(Role.FINANCE_CHECKER, self.payment.office)
        self.payment = payments.release(self.payment, checker).one()

    def pay(self):
        receipt = Confirmation(f"GK{clock.today():%Y%m%d}M001", self.payment.amount, clock.today())
        maker = self._acting(Role.FINANCE_MAKER, self.payment.office)
        payments.confirm_payment(self.payment, maker, receipt).one()


def lists(people: People, waiting: Iterator[Found], line: CallItem, also: list[Found]) -> Lists:
    """The demo's lists of this call item, with the next enterprises that wait; `also`: others to be on the first."""
    stories = []
    for name in ("paid", "confirmed", "declined", "silent", "asking"):
        stories.append(Story(people, next(waiting), line, people.user(f"m-{name}"), len(stories)))
    found = [next(waiting) for _n in range(5)]
    return Lists(people, line, *stories, unclaimed=found[:3], later=found[3:], also=also)
