"""The columns of both tables: the names that a heading may carry, in the order in which rows are read."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One table of the file: its sheet's title and its columns, all of which must stand in the heading."""

    key: str
    title: str
    columns: tuple[Column, ...]

    def place_of(self, heading: str) -> int | None:
        """Which column a heading means, by key or by Chinese label; None for one that isn't ours."""
        wanted = heading.strip().lower()
        for place, column in enumerate(self.columns):
            if wanted in (column.key, str(column.label).lower()):
                return place
        return None


USCC = Column("uscc", _("统一社会信用代码"))
ENTERPRISES = Layout(
    "enterprises",
    _("企业"),
    (
        USCC,
        Column("name", _("名称")),
        Column("district", _("注册区")),
        Column("industry", _("登记行业代码")),
        Column("established_on", _("成立日期")),
        Column("legal_form", _("组织形式")),
    ),
)
FIGURES = Layout(
    "figures",
    _("年度数据"),
    (
        USCC,
        Column("year", _("年度")),
        Column("revenue", _("营业收入（元）")),
        Column("rd_expense", _("研发费用（元）")),
        Column("employees", _("从业人数")),
        Column("taxes", _("实缴税费（元）")),
        Column("profit", _("利润总额（元）")),
        Column("source", _("来源")),
    ),
)
