"""Cases by state, each made by the verbs that lead there, by the people who would do it.

Every function gives the case as the last verb returned it. Time passes only where it must: a notice closes, a
correction runs out; then the verb runs at that later moment.
"""

from datetime import timedelta
from decimal import Decimal

from applications import workflow
from applications.models import Application
from enterprises.models import Enterprise
from foundation.accounts.models import District, User
from foundation.clock import clock
from foundation.files import files
from measures.forms import Form
from measures.models import CallItem, SpecialFund
from payments import workflow as payments
from payments.models import Disbursement
from reviews import workflow as reviews
from reviews.workflow import Proposal
from tests.accounts import factories as people
from tests.enterprises.factories import (
    owner_of,
    pdf,
    registered_enterprise,
    verified_enterprise,
    with_account,
)
from tests.plugins.shipped import load_catalogue

INVESTMENT = Decimal("32000000.00")


def open_call_item(code: str = "08-01") -> CallItem:
    """The shipped call of that item, open around the clock's today (08-01 or 03-10), with the catalogue."""
    found = CallItem.objects.filter(item__code=code).first()
    if found is None:
        load_catalogue(with_calls=True)
        found = CallItem.objects.get(item__code=code)
    return found


def answers(call_item: CallItem, district: District | None = None, **changes) -> dict:
    """Complete answers to the shipped form, as JSON."""
    year = call_item.call.year
    code = district.pk if district else people.XUHUI
    declared = f"{INVESTMENT:.2f}"
    complete = {
        "08-01": {
            "project_name": "精密计量实验室扩建",
            "industry_focus": "advanced_manufacturing",
            "project_summary": "新增长度、温度两类计量能力，服务本市先进制造企业。",
            "project_district": code,
            "project_address": "漕宝路 650 号 3 幢",
            "premises": "lease",
            "start_month": f"{year}-01",
            "end_month": f"{year}-12",
            "declared_investment": declared,
            "investment_lines": {"equipment": "30000000.00", "software": "2000000.00"},
            "funding_lines": {"own": declared},
            "same_project_supported": False,
            "declare_integrity": True,
            "declare_truth": True,
            "declare_no_secrets": True,
        },
        "03-10": {
            "main_service": "testing",
            "capability": "电磁兼容和环境可靠性检测，设备二十余台。",
            "service_staff": "35",
            "served_last_year": "120",
            "service_district": code,
            "service_address": "漕宝路 650 号",
            "pricing": "按项目计价，价目表公开。",
            "contact_name": "服务台",
            "contact_phone": "021-12345678",
            "declare_integrity": True,
            "declare_truth": True,
            "declare_real_service": True,
        },
    }[call_item.item.code]
    return {key: value for key, value in (complete | changes).items() if value is not None}


def empty_draft(
    call_item: CallItem | None = None, enterprise: Enterprise | None = None, by: User | None = None
) -> Application:
    """Begun, nothing filled in."""
    call_item = call_item or open_call_item()
    enterprise = enterprise or verified_enterprise()
    return workflow.start(call_item, enterprise, by or owner_of(enterprise))


def draft(
    call_item: CallItem | None = None,
    enterprise: Enterprise | None = None,
    by: User | None = None,
    **changes,
) -> Application:
    """Filled in and every document handed in: ready to be submitted. `changes` of the answers, None removes."""
    case = empty_draft(call_item, enterprise, by)
    by = case.created_by
    filled = answers(case.call_item, case.enterprise.district, **changes)
    case = workflow.save_draft(case, by, filled, case.draft_revision)
    for slot in Form(case.form.definition).slots:
        if slot.required:
            workflow.attach(case, by, slot.key, pdf(f"{slot.label}.pdf", f"{case.pk} {slot.key}"))
    return case


def filed_at_counter(
    call_item: CallItem | None = None, enterprise: Enterprise | None = None, mark: str = ""
) -> Application:
    """Filled in and handed in by the district's officer for an enterprise without an account that came with the paper."""
    call_item, enterprise = call_item or open_call_item(), enterprise or registered_enterprise()
    by = people.district_officer(enterprise.district_id, mark)
    case = workflow.begin_at_counter(
        call_item,
        enterprise,
        by,
        requester="王建国",
        identity_shown="居民身份证原件",
        scan=pdf("书面申请.pdf"),
    )
    case = workflow.save_draft(case, by, answers(call_item, enterprise.district), case.draft_revision)
    for slot in Form(case.form.definition).slots:
        if slot.required:
            workflow.attach(case, by, slot.key, pdf(f"{slot.label}.pdf", f"{case.pk} {slot.key}"))
    return workflow.submit(case, by).one()


def submitted(call_item=None, enterprise=None, **changes) -> Application:
    case = draft(call_item, enterprise, **changes)
    return workflow.submit(case, case.created_by).one()


def awaiting_correction(case: Application | None = None, remarks: dict | None = None) -> Application:
    """The receiving office asked for a correction of the project's content and the report."""
    case = case or submitted()
    remarks = remarks or {"project_summary": "请写明服务哪些客户。", "report": "报告缺少盖章页。"}
    return reviews.request_correction(case, _receiver(case), remarks, "请一次补齐。").one()


def resubmitted(case: Application | None = None) -> Application:
    case = case or awaiting_correction()
    return workflow.resubmit(case, case.submitted_by).one()


def not_accepted(case: Application | None = None, **how) -> Application:
    """不予受理, with its letter."""
    case = case or submitted(**how)
    text = "该项目不在本市实施，不属于本专题的支持范围。"
    return reviews.refuse_acceptance(case, _receiver(case), reviews.Ground.SCOPE, text).one()


def accepted(case: Application | None = None, **how) -> Application:
    """受理: in the district's review (08-01), or referred (03-10)."""
    case = case or submitted(**how)
    return reviews.accept(case, _receiver(case), "材料齐全").one()


def recommended(case: Application | None = None, recommendation: str = "for", **how) -> Application:
    case = case or accepted(**how)
    officer = people.district_officer(case.district_id)
    return reviews.recommend(case, officer, recommendation, "场地与设备合同均已核对").one()


def endorsed(case: Application | None = None, **how) -> Application:
    """In the commission's review."""
    case = case or recommended(**how)
    return reviews.endorse(case, people.district_head(case.district_id)).one()


def decline_notified(case: Application | None = None, **how) -> Application:
    """The district's head told the enterprise that it is to be declined."""
    case = case or recommended(recommendation="against", **how)
    head = people.district_head(case.district_id)
    return reviews.endorse(case, head, "项目不属于新增投资").one()


def defended(case: Application | None = None, **how) -> Application:
    """The enterprise stated its defence on the day after the notice."""
    case = case or decline_notified(**how)
    with clock.at(case.decline_notified_at + timedelta(days=1)):
        paper = files.store(pdf("立项批复.pdf", f"defence {case.pk}"), case.submitted_by)
        return reviews.state_defence(case, case.submitted_by, "设备均为本年新购，附合同。", [paper]).one()


def declined(case: Application | None = None, **how) -> Application:
    case = case or decline_notified(**how)
    with clock.at(case.defence_due_on + timedelta(days=1)):
        return reviews.decline(case, people.district_head(case.district_id)).one()


def appraisal(case: Application, by: User, appraised: Decimal = INVESTMENT) -> Proposal:
    """What the municipal officer found: support, with the appraised investment and its report."""
    report = files.store(pdf("核定报告.pdf", f"appraisal {case.pk}"), by)
    return Proposal(support=True, text="核定属实", appraised=appraised, document=report)


def empty_fund(like: SpecialFund) -> SpecialFund:
    """A fund of the same office in which no money was ever entered."""
    same = {"year": like.year, "office": like.office, "paid_by": like.paid_by}
    return SpecialFund.objects.get_or_create(code="empty", defaults={"name": "尚无预算的专项资金", **same})[0]


def pays_from(case: Application, fund: SpecialFund) -> SpecialFund:
    """Let the case's call item be paid from that fund; gives the one before."""
    before = case.call_item.fund
    CallItem.objects.filter(pk=case.call_item_id).update(fund=fund)
    case.call_item.fund = fund
    return before


def waitlisted(case: Application | None = None, **how) -> Application:
    """候补: proposed while there was no money; there is some by now."""
    case = case or endorsed(**how)
    officer = people.municipal_officer()
    rich = pays_from(case, empty_fund(case.call_item.fund))
    case = reviews.waitlist(case, officer, appraisal(case, officer)).one()
    pays_from(case, rich)
    return case


def proposed(case: Application | None = None, appraised: Decimal = INVESTMENT, **how) -> Application:
    case = case or endorsed(**how)
    officer = people.municipal_officer()
    return reviews.propose(case, officer, appraisal(case, officer, appraised)).one()


def signed_off(case: Application | None = None, **how) -> Application:
    case = case or proposed(**how)
    return reviews.sign_off(case, people.municipal_head()).one()


def published(case: Application | None = None, **how) -> Application:
    """On a public notice."""
    case = case or signed_off(**how)
    title = "科技服务业新增重大投资项目拟支持名单公示"
    return reviews.publish(case, people.municipal_officer(), title).one()


def approved(case: Application | None = None, **how) -> Application:
    """批复, an hour after the notice closed."""
    case = case or published(**how)
    with clock.at(case.notice_closes_at + timedelta(hours=10)):
        return reviews.approve(case, people.municipal_head()).one()


def ordered(case: Application | None = None, **how) -> Disbursement:
    """The maker ordered the payment."""
    case = case or approved(**how)
    with_account(case.enterprise)
    with clock.at(case.approved_at + timedelta(hours=1)):
        return payments.order(case, people.finance_maker()).one().ordered


def released(case: Application | None = None, **how) -> Disbursement:
    row = ordered(case, **how)
    with clock.at(row.ordered_at + timedelta(hours=1)):
        return payments.release(row, people.finance_checker()).one()


def paid(case: Application | None = None, **how) -> Application:
    """The payment was confirmed."""
    row = released(case, **how)
    with clock.at(row.released_at + timedelta(hours=1)):
        receipt = payments.Confirmation(f"PZ-{row.pk}", row.amount, clock.today())
        payments.confirm_payment(row, people.finance_maker(), receipt).one()
    return Application.objects.get(pk=row.application_id)


def revocation_notified(case: Application | None = None, **how) -> Application:
    """Approved, and the enterprise was told that it is to be revoked."""
    case = case or approved(**how)
    with clock.at((case.paid_at or case.approved_at) + timedelta(hours=2)):
        officer = people.municipal_officer()
        return payments.notify_revocation(case, officer, "moved", "注册地已迁至外省").one()


def revoked(case: Application | None = None, **how) -> Application:
    """撤销 on the day after the time of the defence."""
    case = revocation_notified(case, **how)
    with clock.at(clock.moment_of(case.revocations.get().due_on + timedelta(days=1))):
        return payments.revoke(case, people.municipal_head()).one()


def completed(case: Application | None = None, **how) -> Application:
    """Passed its check an hour after the payment was confirmed."""
    case = case or paid(**how)
    with clock.at(case.paid_at + timedelta(hours=1)):
        found = reviews.Check(True, clock.today(), "设备已安装运行，予以通过")
        return reviews.check_completion(case, people.municipal_officer(), found).one()


def withdrawn(case: Application | None = None, **how) -> Application:
    case = case or submitted(**how)
    return workflow.withdraw(case, case.submitted_by, "项目调整，改期再报").one()


def lapsed(case: Application | None = None) -> Application:
    """Reminded of its correction, and not answered in time."""
    case = case or awaiting_correction()
    workflow.remind([case])
    case.refresh_from_db()
    with clock.at(case.due_on + timedelta(days=1)):
        return workflow.lapse(case).one()


def referred(case: Application | None = None, **how) -> Application:
    """An item without money of its own (03-10), accepted and referred."""
    return accepted(case or submitted(open_call_item("03-10"), **how))


def concluded(case: Application | None = None, **how) -> Application:
    case = case or referred(**how)
    return reviews.conclude(case, people.municipal_officer(), "已纳入服务机构库").one()


def _receiver(case: Application) -> User:
    """Who may accept, or ask for a correction, where the case is now."""
    if case.office.district_id:
        return people.district_officer(case.office.district_id)
    return people.municipal_officer()
