"""Sample pages that use every component, with invented figures; served to the browser tests."""

from datetime import date
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from foundation.accounts.access import public
from foundation.accounts.models import User

BOUND = Decimal("3200000")
LINES = [
    {"text": "申报总投资 × 10%", "amount": Decimal("3200000")},
    {"text": "上限 5,000,000，未触及"},
    {"text": "测算上限", "amount": BOUND, "total": True},
]
CONDITIONS = [
    {
        "met": True,
        "label": "行业大类 74，属 73 / 74 / 75",
        "actual": "M7452 检测服务",
        "clause": "第（八）条",
    },
    {"met": True, "label": "注册地：上海市徐汇区"},
    {"met": False, "label": "项目总投资", "actual": "800 万元", "threshold": "不低于 1,000 万元"},
    {"met": None, "label": "同项目其他资助", "todo": "请在申请中声明", "url": "/"},
]
NAV = [
    {"label": "我能享受什么", "url": "/samples/portal/"},
    {"label": "我的申请", "url": "/samples/case/"},
    {"label": "服务与诉求", "url": "/samples/form/"},
    {"label": "消息", "url": "/samples/empty/", "count": 2},
]
DISTRICTS = [
    "黄浦区",
    "徐汇区",
    "长宁区",
    "静安区",
    "普陀区",
    "虹口区",
    "杨浦区",
    "闵行区",
    "宝山区",
    "嘉定区",
    "浦东新区",
    "金山区",
    "松江区",
    "青浦区",
    "奉贤区",
    "崇明区",
]


class SampleForm(forms.Form):
    project = forms.CharField(label="项目名称", help_text="与备案文件一致", initial="精密计量实验室扩建")
    place = forms.CharField(label="建设地点", initial="徐汇区")
    since = forms.DateField(label="开工日期", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="竣工日期", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    investment = forms.DecimalField(
        label="项目总投资",
        initial=Decimal("32000000"),
        max_digits=16,
        decimal_places=2,
        widget=forms.TextInput(attrs={"data-money": True, "data-unit": "元", "inputmode": "decimal"}),
    )
    funding = forms.ChoiceField(
        label="是否获得其他财政资助", choices=[("no", "没有"), ("yes", "有")], widget=forms.RadioSelect
    )
    opinion = forms.ChoiceField(
        label="推荐意见", choices=[("for", "推荐"), ("against", "不予推荐")], widget=forms.RadioSelect
    )
    summary = forms.CharField(label="意见", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    declared = forms.BooleanField(label="所填内容真实、完整，未就同一内容重复申请")


class ReasonForm(forms.Form):
    reason = forms.CharField(label="理由", help_text="会写进通知。", widget=forms.Textarea(attrs={"rows": 3}))


class QueueFilter(forms.Form):
    q = forms.CharField(
        label="搜索", required=False, widget=forms.TextInput(attrs={"placeholder": "名称、代码、编号"})
    )
    item = forms.ChoiceField(label="事项", required=False, choices=[("", "全部"), ("0801", "重大投资")])
    step = forms.ChoiceField(label="环节", required=False, choices=[("", "全部"), ("d", "区级")])


class Stored:
    name, size, sha256 = "申报报告（盖章）.pdf", 1_887_437, "9f86d081884c7d659a2feaa0c55ad015" * 2


def _case(number, remaining, enterprise, amount, rule="全部符合", tone="ok", hint="", paused=False):
    return {
        "number": number,
        "remaining": remaining,
        "paused": paused,
        "enterprise": enterprise,
        "item": "重大投资",
        "amount": Decimal(amount),
        "hint": hint,
        "hint_class": "warn",
        "rule": rule,
        "rule_tone": tone,
    }


def context(name: str) -> dict:
    """What one sample page shows."""
    form = SampleForm(data={"project": "", "investment": "32000000.5"}) if name == "form" else SampleForm()
    return {
        "form": form,
        "reason_form": ReasonForm(),
        "bound": BOUND,
        "approved": Decimal("3120000.50"),
        "lines": LINES,
        "conditions": CONDITIONS,
        "due": date(2026, 4, 22),
        "trail": [{"label": "我的申请", "url": "/"}, {"label": "KJFW-2026-0801-1-000123"}],
        "document": Stored,
        "slot_errors": ["这个文件不是 PDF，请重新导出后再传。"],
        "offers": [
            {
                "title": "首次升规达标奖励",
                "chip": "免申即享",
                "tone": "ok",
                "icon": "check",
                "clause": "第（九）条 · 市科委",
                "bound": "≤ 200,000",
                "unit": "元，以核定为准",
                "conditions": [
                    {"met": True, "label": "2025 年 11 月首次纳统，行业 M7452 检测服务（区统计部门确认）"},
                    {"met": True, "label": "此前无纳统记录"},
                    {"met": True, "label": "近三年无严重失信记录"},
                ],
                "button": "btn-primary",
                "verb": "确认意愿",
                "remaining": 9,
                "due": None,
            },
            {
                "title": "新增重大投资项目",
                "chip": "需填 6 项",
                "tone": "brand",
                "icon": "pen",
                "clause": "第（八）条 · 市科委",
                "bound": "≤ 10%",
                "unit": "总投资，上限 500 万元",
                "conditions": CONDITIONS[:2] + CONDITIONS[3:],
                "button": "btn-outline",
                "verb": "开始申请",
                "remaining": 2,
                "due": date(2026, 4, 22),
            },
        ],
        "almost": [
            {
                "title": "同比高增长奖励",
                "sub": "最高 100,000 元 · 第（九）条",
                "conditions": [{"met": None, "label": "缺 2025 年审计报告，无法判断增长率"}],
                "verb": "上传审计报告",
            },
            {
                "title": "科技小巨人（含培育）",
                "sub": "纳入市级专项 · 第（八）条",
                "conditions": [{"met": None, "label": "缺研发人员占比，请补充"}],
                "verb": "补充数据",
            },
        ],
        "steps": [
            {
                "title": "已提交",
                "status": "done",
                "when": "3 月 12 日 10:24",
                "detail": "第 2 次提交（补正后）",
                "url": "/",
                "url_label": "当时所交内容",
            },
            {"title": "已受理", "status": "done", "when": "3 月 13 日", "who": "徐汇区科委"},
            {
                "title": "区级推荐",
                "status": "done",
                "when": "3 月 27 日",
                "who": "徐汇区科委",
                "detail": "用时 8 个工作日（补正期间 3 日不计）",
                "quote": "材料齐全，建议推荐。",
            },
            {
                "title": "市级审核",
                "status": "current",
                "detail": "已委托第三方核定投资额，核定后按 10% 重新计算",
            },
            {"title": "公示", "status": "todo", "when": "预计 4 月 27 日起 5 个工作日"},
            {"title": "批复", "status": "todo"},
            {"title": "拨付", "status": "todo"},
        ]
        if name != "report"
        else [
            {"label": "区级审核", "value": Decimal("6.4"), "strong": True},
            {"label": "区级复核", "value": 2},
            {"label": "市级审核", "value": 9},
        ],
        "files": [{"name": "申报报告.pdf", "size": 1_887_437}, {"name": "投资合同.pdf", "size": 4_404_019}],
        "tabs": [
            {"label": "待我处理", "url": "/", "active": True, "count": 23},
            {"label": "本处室", "url": "/", "active": False, "count": 148},
            {"label": "补正中", "url": "/", "active": False, "count": 9},
            {"label": "已超期", "url": "/", "active": False, "count": 1, "alarm": True},
        ],
        "filters": QueueFilter({"step": "d"}),
        "saved": [{"label": "大额 > 300 万", "url": "/", "active": False, "count": 6}],
        "cases": [
            _case("KJFW-2026-0903-1-000871", 1, "示例检测技术有限公司", "200000", hint="数据已更正：2024 年"),
            _case(
                "KJFW-2026-0801-1-000123",
                2,
                "示例计量科技有限公司",
                "3200000",
                "1 项待核",
                "warn",
                "同一发票出现在另一申请",
            ),
            _case("KJFW-2026-0903-1-000866", -3, "示例技术转移有限公司", "200000"),
            _case("KJFW-2026-0904-1-000412", 4, "示例生物医药服务有限公司", "100000.5"),
            _case("KJFW-2026-0801-1-000119", None, "示例设计咨询有限公司", "5000000", paused=True),
            _case("KJFW-2026-0903-1-000851", 7, "示例知识产权代理有限公司", "150000"),
        ],
        "keys": [
            {"key": "J", "does": "下移"},
            {"key": "K", "does": "上移"},
            {"key": "Enter", "does": "打开"},
        ],
        "rows": [
            {"label": "总投资", "value": "32,000,000", "unit": "元", "previous": "35,000,000"},
            {"label": "建设期", "value": "2026-01 至 2027-06"},
            {"label": "行业", "value": "M7452 检测服务", "source": "登记信息"},
            {"label": "营业收入", "value": "2025 年 8,640 万元", "source": "审计报告"},
            {"label": "其他资助", "value": "", "source": "企业声明"},
        ],
        "figures": [
            {"label": "规上企业", "value": "1,650", "unit": "+43", "definition": "统计部门季末名录"},
            {
                "label": "营业收入（可比增速）",
                "value": "9.4%",
                "unit": "1,512 家",
                "definition": "两期均在库的企业",
            },
            {"label": "拨付", "value": "1.24", "unit": "亿元 · 186 件", "definition": "已登记拨付结果的金额"},
            {
                "label": "诉求按时办结",
                "value": "97.8%",
                "unit": "1-5-15",
                "definition": "按时办结数 ÷ 应办结数",
            },
        ],
        "revenue": [
            {"label": label, "value": value, "strong": label == "25Q3"}
            for label, value in zip(
                ["23Q4", "24Q1", "24Q2", "24Q3", "24Q4", "25Q1", "25Q2", "25Q3"],
                [612, 640, 655, 690, 701, 742, 768, 803],
                strict=True,
            )
        ],
        "districts": [{"name": name, "value": 12 + 26 * place} for place, name in enumerate(DISTRICTS)],
    }


PAGES = ["portal", "case", "form", "empty", "queue", "review", "report"]


def _somebody() -> User:
    """Signed in, but without a row: the sample pages touch no database."""
    return User(username="shi-li", full_name="王工")


@public
def page(request, name):
    request.user = _somebody()
    return render(request, f"samples/{name}.html", {**context(name), "unread": 2})


@public
def home(request):
    messages.success(request, "申请已提交，编号 KJFW-2026-0801-1-000123")
    messages.error(request, "没有生效：这件申请已由他人办理")
    return render(request, "samples/empty.html", context("empty"))


@public
def autosave(request):
    if "冲突" in request.POST.get("project", ""):
        return HttpResponse(status=409)
    return JsonResponse({"saved_at": "10:24", "version": 2})


@public
def refused(request, code):
    return render(request, f"{code}.html", status=int(code))
