"""The quarter's report as XLSX: one sheet a table, numbers as numbers, text never as a formula."""

from decimal import Decimal
from io import BytesIO

from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from applications.states import State
from foundation.clock import clock
from tracking.models import QuarterReport, Referral


def workbook(report: QuarterReport, data: dict) -> bytes:
    """The workbook's bytes; amounts in yuan."""
    target = BytesIO()
    # strings_to_formulas off: a name that begins with "=" stays a name.
    book = Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    money = book.add_format({"num_format": "#,##0.00"})
    status = _("初步数") if report.preliminary else _("正式数")
    note = _("数据截至 %(as_of)s，%(status)s；金额单位：元") % {
        "as_of": f"{clock.local(report.as_of):%Y-%m-%d %H:%M}",
        "status": status,
    }

    def sheet(name, heads, rows):
        page = book.add_worksheet(name)
        page.write_string(0, 0, f"{report} · {note}")
        for column, (head, width) in enumerate(heads):
            page.write_string(2, column, head, bold)
            page.set_column(column, column, width)
        for at, row in enumerate(rows, start=3):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    page.write_string(at, column, value)
                elif value is None:
                    page.write_blank(at, column, None)
                else:
                    page.write_number(at, column, value, money if isinstance(value, _Money) else None)
        page.freeze_panes(3, 0)

    names = dict(State.choices)
    sheet(
        _("事项×区×状态"),
        [
            (_("事项代码"), 10),
            (_("事项"), 22),
            (_("区"), 12),
            (_("状态"), 14),
            (_("件数"), 8),
            (_("测算上限（元）"), 18),
            (_("批复金额（元）"), 18),
            (_("拨付金额（元）"), 18),
        ],
        [
            [
                cell["item"],
                cell["item_name"],
                cell["district_name"],
                str(names[cell["state"]]),
                cell["cases"],
                _Money(cell["estimate"]),
                _Money(cell["approved"]),
                _Money(cell["paid"]),
            ]
            for cell in data["cells"]
        ],
    )
    sheet(
        _("各环节用时"),
        [
            (_("环节"), 16),
            (_("办结次数"), 10),
            (_("用时中位数（工作日）"), 20),
            (_("有期限的次数"), 14),
            (_("按时次数"), 10),
        ],
        [
            [
                str(names[step["state"]]),
                step["count"],
                _Money(step["median"]),
                step["timed"],
                step["on_time"],
            ]
            for step in data["steps"]
        ],
    )
    actions, referrals = data.get("actions"), data.get("referrals")
    if actions is not None:
        sheet(
            _("责任单位的行动"),
            [(_("单位"), 24), (_("条数"), 10)],
            [[row["name"], row["count"]] for row in actions["by_office"]],
        )
        sheet(
            _("没有行动的事项"),
            [(_("事项代码"), 10), (_("事项"), 28), (_("牵头单位"), 20)],
            [[row["code"], row["name"], row["lead"]] for row in actions["silent"]],
        )
    if referrals is not None:
        outcomes = dict(Referral.Outcome.choices)
        sheet(
            _("转办单"),
            [(_("指标"), 28), (_("件数"), 10)],
            [
                [_("提出"), referrals["handed"]],
                [_("办结"), referrals["concluded"]],
                [_("按时办结"), referrals["on_time"]],
                [_("尚未答复"), referrals["open"]],
                *([str(outcomes[name]), count] for name, count in referrals["outcomes"].items()),
            ],
        )
    book.close()
    return target.getvalue()


class _Money(Decimal):
    """A figure on its way into a cell, shown with two places."""
