"""The quarter's report as a document: the figures of the page, with bars."""

from decimal import Decimal

from django.utils.translation import gettext as _

from foundation.accounts.models import District
from foundation.accounts.roles import Permission
from foundation.display import money
from foundation.documents import documents, texts
from foundation.documents.models import IssuedDocument
from tracking import access, reading
from tracking.models import QuarterReport
from tracking.workflow import ReportRefused

REPORT = "report"
# States of one table on a portrait page beside the district and the sum.
COLUMNS = 5


def issue_report(report: QuarterReport, by) -> IssuedDocument:
    """The report as compiled; a district's people get that of their district alone. ReportRefused otherwise."""
    if not may_issue(by):
        raise ReportRefused(_("您没有出具报告的权限"))
    code = access.district_of(by)
    district = District.objects.get(pk=code) if code else None
    shown = reading.shapes(access.figures(report, by), code)
    flows = shown["flows"]
    title = _("%(report)s科技服务业发展跟踪报告") % {"report": report}
    return documents.issue(
        REPORT,
        report,
        by,
        title=_("%(title)s（%(district)s）") % {"title": title, "district": district} if district else title,
        number=_("%(year)d-Q%(quarter)d") % {"year": report.year, "quarter": report.quarter},
        dated=report.compiled_at,
        part=code or "",
        facts={
            "status": _("数据截至 %(as_of)s · %(status)s · 编制：%(by)s")
            % {
                "as_of": texts.moment(report.as_of),
                "status": _("季度进行中，初步数") if report.preliminary else _("正式数"),
                "by": report.compiled_by,
            },
            "summary": _summary(flows, shown["leverage"]),
            "states": [_bar(row["label"], row["value"]) for row in shown["states"]],
            "districts": [_bar(row["name"], row["value"]) for row in shown["districts"]],
            "steps": [
                [str(step["label"]), str(step["count"]), step["median"], step["on_time_share"] or "–"]
                for step in shown["steps"]
            ],
            "matrices": [_matrix(matrix) for matrix in shown["matrices"]],
            "actions": _actions(shown["actions"]),
            "referrals": _referrals(shown["referrals"]),
        },
    )


def may_issue(user) -> bool:
    """Those who compile reports and the offices that handle cases; the auditor opens what was issued."""
    return user.may(Permission.VIEW_REPORTS) and (
        user.may(Permission.COMPILE_REPORTS) or user.may(Permission.VIEW_CASES)
    )


def _summary(flows: dict, leverage: str) -> str:
    text = _(
        "本季度 %(enterprises)d 家企业提交申请 %(submitted)d 件，受理 %(accepted)d 件；批复 %(approved)d 件、"
        "%(approved_amount)s 元，拨付 %(paid)d 件、%(paid_amount)s 元；不予支持 %(declined)d 件，企业撤回 "
        "%(withdrawn)d 件。"
    ) % (
        flows
        | {
            "approved_amount": money.plain(flows["approved_amount"]),
            "paid_amount": money.plain(flows["paid_amount"]),
        }
    )
    # Reports of former days don't tell it.
    if flows.get("revoked"):
        text += _("撤销 %(revoked)d 件、原批复 %(amount)s 元，不再计入批复。") % {
            "revoked": flows["revoked"],
            "amount": money.plain(flows["revoked_amount"]),
        }
    return text + (_("已拨付项目每 1 元支持对应核定投资 %s 元。") % leverage if leverage else "")


def _actions(found: dict | None) -> dict | None:
    """What the units did, as a sentence and a table; None for a report that didn't count it."""
    if found is None:
        return None
    text = _(
        "责任单位登记行动 %(count)d 条；由政府部门、机构或个人实施的 %(logged)d 个事项中，%(items)d 个有行动。"
    )
    return {
        "text": text % found,
        "rows": [[row["name"], str(row["count"])] for row in found["by_office"]],
        "silent": "、".join(f"{row['code']} {row['name']}" for row in found["silent"]),
    }


def _referrals(found: dict | None) -> str:
    """What became of the requests handed to units, in a sentence; "" for a report that didn't count it."""
    if found is None:
        return ""
    text = (
        _("企业提出办理请求 %(handed)d 件，办结 %(concluded)d 件，数据截至时尚未答复 %(open)d 件。") % found
    )
    if found["on_time_share"]:
        text += _("按时办结 %s。") % found["on_time_share"]
    return text


def _bar(label, value: int) -> list:
    return [str(label), value, _("%d 件") % value]


def _matrix(matrix: dict) -> dict:
    """An item's table, its states in parts that fit the page's width; the sum stands in the last one."""
    rows = [*matrix["rows"], matrix["sums"] | {"name": _("合计")}]
    states = [str(state) for state in matrix["states"]]
    parts = []
    for start in range(0, len(states), COLUMNS):
        last = start + COLUMNS >= len(states)
        parts.append(
            {
                "heads": [_("区"), *states[start : start + COLUMNS], *([_("合计")] if last else [])],
                "rows": [
                    [
                        str(row["name"]),
                        *(_cell(cell) for cell in row["cells"][start : start + COLUMNS]),
                        *([_cell(row)] if last else []),
                    ]
                    for row in rows
                ],
            }
        )
    return {"title": f"{matrix['code']} {matrix['name']}", "parts": parts}


def _cell(cell: dict | None) -> str:
    if not cell or not cell["cases"]:
        return "–"
    amount = Decimal(cell["amount"])
    return f"{cell['cases']}\n{money.plain(amount)}" if amount else str(cell["cases"])
