"""The quarter's report: on the page, as XLSX, and compiled on demand."""

from decimal import Decimal

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applications.states import State
from foundation.accounts.access import officers
from foundation.accounts.models import District
from foundation.accounts.roles import Permission
from foundation.clock import clock
from tracking import access, reports, sheets, workflow
from tracking.models import QuarterReport
from tracking.quarters import Quarter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _quarter(year: int, number: int) -> Quarter:
    try:
        quarter = Quarter(year, number)
    except ValueError as error:
        raise Http404 from error
    if quarter.starts > clock.now():
        raise Http404
    return quarter


def _latest(quarter: Quarter) -> QuarterReport | None:
    kept = QuarterReport.objects.filter(year=quarter.year, quarter=quarter.number)
    return kept.order_by("-pk").first()


def _data(report: QuarterReport, user) -> dict:
    """What this person may read of the report: a district its own cells, computed as of the same moment."""
    district = access.district_of(user)
    if district is None:
        return report.data
    quarter = Quarter(report.year, report.quarter)
    return reports.compute(quarter, report.as_of, district)


@officers(Permission.VIEW_REPORTS)
@require_safe
def report(request, year: int | None = None, number: int | None = None):
    """A quarter's report as it was last compiled, or an invitation to compile it."""
    quarter = _quarter(year, number) if year else Quarter.of(clock.today())
    kept = _latest(quarter)
    context = {
        "quarter": quarter,
        "previous": quarter.previous,
        "next": quarter.next if quarter.next.starts <= clock.now() else None,
        "report": kept,
        "may_compile": request.user.may(Permission.COMPILE_REPORTS),
    }
    if kept:
        district = access.district_of(request.user)
        context |= _shown(_data(kept, request.user), district)
        context["district"] = District.objects.get(pk=district) if district else None
    return render(request, "desk/report.html", context)


def _shown(data: dict, district: str | None) -> dict:
    """The data in the shapes that the page's components take."""
    flows, cells = data["flows"], data["cells"]
    by_district: dict[str, int] = {}
    if district is None:
        by_district = {row.name: 0 for row in District.objects.all()}
    by_state: dict[str, int] = {}
    for cell in cells:
        if cell["district_name"] in by_district:
            by_district[cell["district_name"]] += cell["cases"]
        by_state[cell["state"]] = by_state.get(cell["state"], 0) + cell["cases"]
    labels = dict(State.choices)
    paid = Decimal(flows["paid_amount"])
    leverage = Decimal(flows["paid_appraised"]) / paid if paid else None
    return {
        "flows": flows,
        "leverage": f"{leverage:.1f}" if leverage is not None else "",
        "districts": [{"name": name, "value": count} for name, count in by_district.items()],
        "states": [
            {"label": labels[state], "value": by_state[state], "display": by_state[state]}
            for state in State.values
            if state in by_state
        ],
        "steps": [
            step
            | {
                "label": labels[step["state"]],
                "on_time_share": f"{Decimal(step['on_time']) * 100 / step['timed']:.0f}%"
                if step["timed"]
                else "",
            }
            for step in data["steps"]
        ],
        "matrices": list(_matrices(cells, labels)),
    }


def _amount(cell: dict) -> Decimal:
    """What a cell's amount means: the approved one where there is one, else the upper bound (yuan)."""
    return Decimal(cell["approved"]) or Decimal(cell["estimate"])


def _matrices(cells: list[dict], labels: dict):
    """One cross-table an item: districts down, states across, with sums on both sides."""
    items = {cell["item"]: cell["item_name"] for cell in cells}
    for code, name in items.items():
        mine = [cell for cell in cells if cell["item"] == code]
        states = [state for state in State.values if any(cell["state"] == state for cell in mine)]
        found = {(cell["district_name"], cell["state"]): cell for cell in mine}
        districts = dict.fromkeys(cell["district_name"] for cell in mine)
        yield {
            "code": code,
            "name": name,
            "states": [labels[state] for state in states],
            "rows": [
                _row(district, [found.get((district, state)) for state in states]) for district in districts
            ],
            "sums": _row(
                "",
                [
                    {
                        "cases": sum(cell["cases"] for cell in mine if cell["state"] == state),
                        "approved": sum(_amount(cell) for cell in mine if cell["state"] == state),
                        "estimate": 0,
                    }
                    for state in states
                ],
            ),
        }


def _row(name: str, cells: list[dict | None]) -> dict:
    known = [cell for cell in cells if cell]
    return {
        "name": name,
        "cells": [{"cases": cell["cases"], "amount": _amount(cell)} if cell else None for cell in cells],
        "cases": sum(cell["cases"] for cell in known),
        "amount": sum((_amount(cell) for cell in known), Decimal(0)),
    }


@officers(Permission.VIEW_REPORTS)
@require_safe
def report_xlsx(request, year: int, number: int):
    """The report as last compiled, as a workbook."""
    kept = _latest(_quarter(year, number))
    if kept is None:
        raise Http404
    response = HttpResponse(sheets.workbook(kept, _data(kept, request.user)), content_type=XLSX)
    name = _("%s跟踪报告.xlsx") % kept
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@officers(Permission.COMPILE_REPORTS)
@require_POST
def report_compile(request, year: int, number: int):
    """Compile the quarter's report now."""
    try:
        kept = workflow.compile_report(_quarter(year, number), request.user)
        messages.success(
            request,
            _("已编制%(report)s，数据截至 %(as_of)s")
            % {"report": kept, "as_of": f"{clock.local(kept.as_of):%Y-%m-%d %H:%M}"},
        )
    except workflow.ReportRefused as refused:
        messages.error(request, refused.message)
    return redirect("desk:report_of", year=year, number=number)
