"""What the enterprises of the demo fill in and hand in, by the item that they apply for."""

from datetime import timedelta
from decimal import Decimal

from enterprises.models import Enterprise
from foundation.clock import clock
from measures.models import CallItem

EQUIPMENT = Decimal("0.58")
FEN = Decimal("0.01")

# By item: the slots that are filled, with the paper's title.
PAPERS = {
    "08-01": [("report", "项目申报报告"), ("licence", "营业执照"), ("premises_proof", "场地租赁合同")],
    "08-02": [("licence", "营业执照"), ("proposal", "项目申报书"), ("statements", "上一年度财务报表")],
    "03-10": [("licence", "营业执照"), ("qualification", "资质证明")],
    "03-11": [("licence", "营业执照"), ("contract", "技术服务合同")],
}
# By item that is referred: what came of it.
CONCLUDED = {
    "08-02": "已列入本年度创新资金科技服务业专题立项名单，由项目管理机构签订合同。",
    "03-10": "已列入科技创新券服务机构库，有效期两年。",
    "03-11": "已核发科技创新券，请在有效期内使用。",
}


def of(line: CallItem, enterprise: Enterprise, project: str, total: Decimal, serial: int) -> dict:
    """Complete answers to the shipped form of that item, as JSON; total: the project's money in yuan."""
    fill = {"08-01": _investment, "08-02": _innovation, "03-10": _provider, "03-11": _voucher}
    return fill[line.item.code](line.call.year, enterprise, project, total, serial)


def _investment(year: int, enterprise: Enterprise, project: str, total: Decimal, serial: int) -> dict:
    month = clock.today() - timedelta(days=70)
    equipment = (total * EQUIPMENT).quantize(FEN)
    software = (total / 5).quantize(FEN)
    loans = (total / 4).quantize(FEN)
    return {
        "project_name": project,
        "industry_focus": "advanced_manufacturing",
        "project_summary": f"{project}：购置关键设备，完善方法与信息系统，面向重点产业企业开放服务。",
        "project_district": enterprise.district_id,
        "project_address": enterprise.address,
        "premises": "lease",
        "start_month": max(month.replace(day=1), month.replace(year=year, month=1, day=1)).strftime("%Y-%m"),
        "end_month": f"{year + 1}-06",
        "declared_investment": str(total),
        "investment_lines": {
            "equipment": str(equipment),
            "software": str(software),
            "construction": str(total - equipment - software),
        },
        "funding_lines": {"own": str(total - loans), "loans": str(loans)},
        "same_project_supported": False,
        "declare_integrity": True,
        "declare_truth": True,
        "declare_no_secrets": True,
    }


def _innovation(year: int, enterprise: Enterprise, project: str, total: Decimal, serial: int) -> dict:
    budget = (total / 20).quantize(FEN)
    requested = (budget * Decimal("0.3")).quantize(FEN)
    return {
        "project_name": project,
        "direction": ("testing", "research_design", "technology_transfer")[serial % 3],
        "project_summary": f"{project}：形成可复制的服务流程，两年内服务中小企业二百家。",
        "innovation": "把实验方法、数据和报告放到一个平台上，出具报告的时间缩短一半。",
        "start_month": f"{year}-10",
        "end_month": f"{year + 2}-09",
        "leader": "演示负责人",
        "team_size": str(6 + serial % 12),
        "total_budget": str(budget),
        "budget": {"own": str(budget - requested), "requested": str(requested)},
        "same_project_supported": False,
        "declare_integrity": True,
        "declare_truth": True,
    }


def _provider(year: int, enterprise: Enterprise, project: str, total: Decimal, serial: int) -> dict:
    return {
        "main_service": "testing",
        "capability": "具备常用分析测试设备和方法，近两年为中小企业提供检测与验证服务。",
        "service_staff": 12 + serial % 9,
        "served_last_year": 60 + serial,
        "service_district": enterprise.district_id,
        "service_address": enterprise.address,
        "pricing": "按项目报价，常规检测每项 800 元起。",
        "contact_name": "服务台",
        "contact_phone": "021-00000000",
        "declare_integrity": True,
        "declare_truth": True,
        "declare_real_service": True,
    }


def _voucher(year: int, enterprise: Enterprise, project: str, total: Decimal, serial: int) -> dict:
    day = clock.today()
    return {
        "service": ("testing", "research_design", "consulting")[serial % 3],
        "need": f"为“{project}”购买第三方服务，取得检测报告和改进建议。",
        "provider": "上海演示检测服务中心",
        "provider_code": "91310104MADEM00001",
        "contract_amount": str(Decimal(8 + serial % 23) * 10000),
        "start_on": day.isoformat(),
        "end_on": (day + timedelta(days=120)).isoformat(),
        "contact_name": "服务台",
        "contact_phone": "021-00000000",
        "declare_unrelated": True,
        "declare_real_service": True,
        "declare_integrity": True,
        "declare_truth": True,
    }
