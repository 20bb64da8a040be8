"""What the people of a demo case do: each act is a verb of the product, called by whoever may."""

from datetime import timedelta
from decimal import Decimal

from applications import workflow as cases
from applications.models import Application
from demo import answers, experts, papers
from demo.enterprises import Found
from demo.people import People
from enterprises import workflow as claims
from enterprises.models import Enterprise
from foundation.accounts.models import Office, User
from foundation.accounts.roles import Role
from foundation.clock import clock
from foundation.files import files
from measures import rate_workflow
from measures.exchange import Rates
from measures.forms import currency
from measures.models import CallItem
from payments import workflow as payments
from payments.models import Disbursement
from payments.workflow import Confirmation
from reviews import workflow as reviews
from reviews.models import PublicNotice
from reviews.workflow import Proposal

PROJECTS = [
    "精密计量实验室扩建",
    "检测能力提升与数字化改造",
    "细胞治疗中试平台",
    "新能源材料分析中心",
    "概念验证中心建设",
    "技术转移服务平台",
    "工业软件适配验证实验室",
    "环境监测网络升级",
    "仪器设备共享中心",
    "医疗器械注册检验平台",
]


# Yuan for one dollar: invented.
DEMO_RATE = Decimal("7.1234")


class Story:
    """One enterprise's case from claim to where it stands today."""

    def __init__(self, people: People, found: Found, line: CallItem, owner: User, serial: int):
        self.people, self.found, self.line, self.owner, self.serial = people, found, line, owner, serial
        self.project = PROJECTS[serial % len(PROJECTS)]
        self.total = (Decimal(600 + 137 * (serial % 41)) * 10000).quantize(Decimal("0.01"))
        self.case: Application | None = None
        # What was typed as the investment, where it was in foreign money.
        self.in_dollars: dict | None = None
        # Stories whose cases stand on one public notice.
        self.listed: list[Story] = [self]
        self.office = Office.objects.get(kind=Office.Kind.DISTRICT, district=found.enterprise.district_id)

    # --- the enterprise ---------------------------------------------------------------------------------

    def claim(self):
        enterprise = self.found.enterprise
        letter = papers.pdf(
            "授权委托书",
            [f"兹委托本单位经办人办理“{enterprise.name}”在本系统中的申报事项。", "委托期限：一年。"],
            f"{enterprise.name}（盖章）",
        )
        self.claimed = claims.claim(
            self.owner,
            uscc=enterprise.uscc,
            name=enterprise.name,
            district=enterprise.district,
            letter=letter,
        )

    def verify(self):
        claims.verify_claim(self.claimed, self.people.acting(Role.DISTRICT_OFFICER, self.office))
        enterprise = Enterprise.objects.get(pk=self.found.enterprise.pk)
        self.found.enterprise = claims.set_account(
            enterprise,
            self.owner,
            bank_name="演示银行上海分行营业部",
            bank_account=f"6200{enterprise.pk:012d}",
        )

    def reject_claim(self):
        officer = self.people.acting(Role.DISTRICT_OFFICER, self.office)
        claims.reject_claim(self.claimed, officer, "委托书没有加盖公章，请盖章后重新登记。")

    def answers(self) -> dict:
        return answers.of(self.line, self.found.enterprise, self.project, self.total, self.serial)

    def begin(self):
        """A draft left half-way."""
        self.draft(complete=False)

    def draft(self, complete: bool = True):
        self.case = cases.start(self.line, self.found.enterprise, self.owner)
        filled = self.answers()
        if self.in_dollars:
            typed = {"declared_investment": self.in_dollars}
            filled |= self.case.form.form.clean(typed, rates=Rates()).values
        if not complete:
            filled = dict(list(filled.items())[: len(filled) // 2])
        self.case = cases.save_draft(self.case, self.owner, filled, self.case.draft_revision)
        if complete:
            for slot, title in answers.PAPERS[self.line.item.code]:
                cases.attach(self.case, self.owner, slot, papers.pdf(title, self._lines(title)))

    def draft_in_dollars(self):
        """The contract was signed in dollars, three weeks ago; the rate is invented and says so."""
        signed = clock.today() - timedelta(days=21)
        administrator = self.people.acting(Role.POLICY_ADMINISTRATOR, self.line.call.office)
        line = rate_workflow.Line(1, "USD", signed, DEMO_RATE)
        rate_workflow.enter_rates([line], "演示数据，非真实汇率", administrator)
        dollars = (self.total / 7).quantize(Decimal(1))
        self.total = currency.convert(dollars, DEMO_RATE)
        self.in_dollars = {"currency": "USD", "amount": str(dollars), "day": signed.isoformat()}
        self.draft()

    def draft_together(self):
        """The lead of a consortium: one partner confirmed by its own people, one by a stamped agreement."""
        self.draft()
        others = Enterprise.objects.exclude(pk=self.found.enterprise.pk).order_by("pk")
        known = others.filter(state=Enterprise.State.VERIFIED, members__isnull=False).first()
        silent = others.filter(state=Enterprise.State.REGISTERED, members__isnull=True).last()
        for unit, part, share in ((known, "检测方法开发", 25), (silent, "样机试制", "12.5")):
            if unit is None:
                continue
            one = cases.name_partner(
                self.case, self.owner, uscc=unit.uscc, name=unit.name, part=part, share=Decimal(share)
            )
            if one.state == one.State.ASKED:
                cases.confirm_part(one, unit.members.order_by("pk").first().user)
            else:
                paper = papers.pdf("联合申报协议", [f"分工：{part}", f"支持资金占比：{share}%"], unit.name)
                cases.attach_agreement(one, self.owner, paper)

    def _lines(self, title: str) -> list[str]:
        enterprise = self.found.enterprise
        lines = [f"单位名称：{enterprise.name}", f"统一社会信用代码：{enterprise.uscc}"]
        if title == "项目申报报告":
            lines += [
                f"项目名称：{self.project}",
                f"新增投资总额：人民币 {self.total:,.2f} 元",
                "一、建设内容：购置设备，改造场地，建设信息系统。",
                "二、预期成效：年服务企业三百家以上。",
            ]
        return lines

    def submit(self):
        self.case = cases.submit(self.case, self.owner).one()

    def withdraw(self):
        self._do(cases.withdraw(self.case, self.owner, "项目计划调整，拟于下一年度再申报。"))

    def discard(self):
        self._do(cases.discard(self.case, self.owner))

    def remind(self):
        (self.case,) = cases.remind([self.case])

    def lapse(self):
        self._do(cases.lapse(self.case))

    # --- the officials ------------------------------------------------------------------------------------

    def _do(self, outcome):
        self.case = outcome.one()

    def accept(self):
        role = Role.DISTRICT_OFFICER if self.line.route == "full" else Role.MUNICIPAL_OFFICER
        self._do(reviews.accept(self.case, self.people.acting(role, self.case.office)))

    def refuse_acceptance(self):
        officer = self.people.acting(Role.DISTRICT_OFFICER, self.case.office)
        text = "项目实施地不在本市，请在实施地确定后再申报。"
        self._do(reviews.refuse_acceptance(self.case, officer, reviews.Ground.SCOPE, text))

    def defend(self):
        text = "申报设备均为本年度新购，随附采购合同和付款凭证，请重新核实。"
        paper = papers.pdf("设备采购合同", self._lines("合同"))
        document = files.store(paper, self.owner)
        self._do(reviews.state_defence(self.case, self.owner, text, [document]))

    def object(self):
        """Somebody of the public objects to the case's line."""
        notice = PublicNotice.objects.get(lines__application=self.case)
        text = "据了解，该项目的部分设备在上一年度已经购置，请核实是否属于新增投资。"
        said = reviews.Statement("person", "演示异议人", "13800000000", text)
        reviews.raise_objection(notice, self.case, said)
        reviews.send_lead(notice, self.case, "该企业的租赁场地似乎已经退租，请核查。")

    def notify_revocation(self):
        officer = self.people.acting(Role.MUNICIPAL_OFFICER, self.case.municipal_office)
        text = "企业注册地已迁往外省，不再符合在本市注册的条件。"
        self._do(payments.notify_revocation(self.case, officer, "moved", text))

    def revoke(self):
        head = self.people.acting(Role.MUNICIPAL_HEAD, self.case.municipal_office)
        self._do(payments.revoke(self.case, head))

    def complete(self):
        officer = self.people.acting(Role.MUNICIPAL_OFFICER, self.case.municipal_office)
        found = reviews.Check(True, clock.today(), "设备全部到位并投入使用，投资额与核定一致，予以通过。")
        self._do(reviews.check_completion(self.case, officer, found))

    def ask_change(self):
        wish = reviews.Wish(
            "term",
            "实施期限到次年 6 月。",
            "实施期限延长到次年 9 月。",
            "进口设备到港推迟三个月，其余内容不变。",
        )
        self._do(reviews.request_change(self.case, self.owner, wish))

    def ask(self):
        role = Role.MUNICIPAL_OFFICER if self.case.state == "municipal_review" else Role.DISTRICT_OFFICER
        self._do(
            reviews.request_correction(
                self.case,
                self.people.acting(role, self.case.office),
                {
                    "project_summary": "请补充设备清单与服务对象。",
                    "premises_proof": "租赁合同缺少出租方盖章页，请重新上传。",
                },
                "其余内容无需修改。",
            )
        )

    def answer(self):
        mended = dict(self.case.answers) | {
            "project_summary": f"{self.project}：设备清单见申报报告附表，服务对象为重点产业中小企业。"
        }
        self.case = cases.save_draft(self.case, self.owner, mended, self.case.draft_revision)
        cases.attach(
            self.case,
            self.owner,
            "premises_proof",
            papers.pdf("场地租赁合同（含盖章页）", self._lines("合同")),
        )
        self._do(cases.resubmit(self.case, self.owner))

    def recommend(self, verdict: str = "for"):
        text = {
            "for": "材料齐全，项目内容与申报一致，建议推荐。",
            "against": "项目主要内容为日常设备更新，新增投资依据不足，不建议推荐。",
        }[verdict]
        officer = self.people.acting(Role.DISTRICT_OFFICER, self.case.office)
        self._do(reviews.recommend(self.case, officer, verdict, text))

    def recommend_against(self):
        self.recommend("against")

    def endorse(self):
        head = self.people.acting(Role.DISTRICT_HEAD, self.case.office)
        text = "" if self.case.recommendation == "for" else "新增投资的真实性缺少合同与付款凭证支持。"
        self._do(reviews.endorse(self.case, head, text))

    def ask_experts(self):
        experts.ask(self.case, self.people.acting(Role.MUNICIPAL_OFFICER, self.case.office))

    def review_second(self):
        experts.review(self.case, "zhuanjia2")

    def review_third(self):
        experts.review(self.case, "zhuanjia3")

    def propose(self, support: bool = True):
        officer = self.people.acting(Role.MUNICIPAL_OFFICER, self.case.office)
        if not support:
            text = "经评审，项目的技术含量与示范带动作用不足，本次不予支持。"
            self._do(reviews.propose(self.case, officer, Proposal(support=False, text=text)))
            return
        appraised = (self.total * Decimal("0.94")).quantize(Decimal("0.01"))
        document = files.store(
            papers.pdf(
                "投资额核定报告",
                [f"项目：{self.project}", f"核定新增投资：人民币 {appraised:,.2f} 元"],
                "演示会计师事务所",
            ),
            officer,
        )
        self._do(
            reviews.propose(
                self.case,
                officer,
                Proposal(
                    support=True,
                    text="第三方机构已核定投资额，符合支持方向。",
                    appraised=appraised,
                    document=document,
                ),
            )
        )

    def propose_decline(self):
        self.propose(support=False)

    def send_back(self):
        head = self.people.acting(Role.DISTRICT_HEAD, self.case.office)
        self._do(reviews.send_back(self.case, head, "请补充实地核查情况后再报。"))

    def decline(self):
        role = Role.DISTRICT_HEAD if self.case.office == self.office else Role.MUNICIPAL_HEAD
        self._do(reviews.decline(self.case, self.people.acting(role, self.case.office)))

    def publish(self):
        """The first of the list publishes it for all of them."""
        if self.listed[0] is self:
            officer = self.people.acting(Role.MUNICIPAL_OFFICER, self.case.office)
            title = f"{self.line.call.year} 年度{self.line.item.name}拟支持名单公示"
            outcomes = reviews.publish([story.case for story in self.listed], officer, title)
            for story, outcome in zip(self.listed, outcomes, strict=True):
                if outcome.refused:
                    raise outcome.refused
                story.case = outcome.case

    def conclude(self):
        officer = self.people.acting(Role.MUNICIPAL_OFFICER, self.case.office)
        self._do(reviews.conclude(self.case, officer, answers.CONCLUDED[self.line.item.code]))

    def sign_off(self):
        head = self.people.acting(Role.MUNICIPAL_HEAD, self.case.office)
        self._do(reviews.sign_off(self.case, head, "同意。"))

    def approve(self):
        head = self.people.acting(Role.MUNICIPAL_HEAD, self.case.office)
        self._do(reviews.approve(self.case, head, "公示无异议，同意支持。"))

    def order(self):
        maker = self.people.acting(Role.FINANCE_MAKER, self.case.office)
        outcomes = payments.order(self.case, maker)
        self.case = outcomes.one()
        self.payment = self.case.ordered

    def release(self):
        checker = self.people.acting(Role.FINANCE_CHECKER, self.payment.office)
        self.payment = payments.release(self.payment, checker).one()

    def confirm(self):
        maker = self.people.acting(Role.FINANCE_MAKER, self.payment.office)
        payments.confirm_payment(
            self.payment,
            maker,
            Confirmation(
                f"GK{clock.today():%Y%m%d}{self.case.sequence:04d}", self.payment.amount, clock.today()
            ),
        ).one()
        self.payment = Disbursement.objects.get(pk=self.payment.pk)
        self.case = Application.objects.get(pk=self.case.pk)
