"""Form definitions of the tests: one that has every type, and small ones to break."""

from copy import deepcopy

EVERY_TYPE = {
    "sections": [
        {
            "title": "项目",
            "fields": [
                {"key": "project", "label": "项目名称", "type": "text", "required": True, "max_length": 60},
                {"key": "summary", "label": "建设内容", "type": "paragraph", "max_length": 500},
                {
                    "key": "premises",
                    "label": "场所",
                    "type": "choice",
                    "required": True,
                    "options": [{"value": "own", "label": "自有"}, {"value": "rent", "label": "租赁"}],
                },
                {
                    "key": "rent_until",
                    "label": "租期至",
                    "type": "date",
                    "required": True,
                    "when": {"field": "premises", "is": "rent"},
                    "min": "2024-01-01",
                },
                {"key": "started", "label": "开工月份", "type": "month", "fact": "project_start"},
                {
                    "key": "staff",
                    "label": "新增人员",
                    "type": "number",
                    "unit": "人",
                    "max": "5000",
                    "fact": "staff",
                },
                {"key": "area", "label": "面积", "type": "number", "unit": "平方米", "decimals": 2},
            ],
        },
        {
            "title": "投资",
            "fields": [
                {
                    "key": "investment",
                    "label": "项目总投资",
                    "type": "money",
                    "required": True,
                    "min": "1.00",
                    "fact": "declared_investment",
                },
                {
                    "key": "by_category",
                    "label": "投资构成",
                    "type": "table",
                    "required": True,
                    "rows": [
                        {"key": "equipment", "label": "设备购置"},
                        {"key": "software", "label": "软件"},
                        {"key": "building", "label": "场地改造"},
                    ],
                    "sum_to": "investment",
                    "fact": "itemised_investment",
                },
                {
                    "key": "supported",
                    "label": "同一项目是否已获其他财政支持",
                    "type": "yes_no",
                    "required": True,
                    "fact": "same_project_supported",
                },
                {
                    "key": "support_amount",
                    "label": "已获金额",
                    "type": "money",
                    "required": True,
                    "when": {"field": "supported", "is": True},
                    "fact": "support_received",
                },
                {
                    "key": "support_kind",
                    "label": "支持方式",
                    "type": "choice",
                    "options": ["拨款", "贴息", "奖励", "税收", "其他", "不详"],
                    "when": {"field": "supported", "is": [True]},
                },
                {
                    "key": "support_other",
                    "label": "其他方式说明",
                    "type": "text",
                    "required": True,
                    "when": {"field": "support_kind", "is": ["其他", "不详"]},
                },
            ],
        },
        {
            "title": "声明",
            "fields": [
                {"key": "truth", "label": "以上内容真实", "type": "declaration", "fact": "declared_true"}
            ],
        },
    ],
    "documents": [
        {"key": "report", "label": "申报报告", "required": True, "types": ["pdf"], "max_mb": 30},
        {
            "key": "lease",
            "label": "租赁合同",
            "required": True,
            "when": {"field": "premises", "is": "rent"},
        },
        {"key": "photos", "label": "现场照片", "types": ["jpg", "png"]},
    ],
}

COMPLETE = {
    "project": "精密计量实验室扩建",
    "premises": "own",
    "started": "2026-01",
    "staff": "12",
    "investment": "32000000.00",
    "by_category": {"equipment": "30000000.00", "software": "2000000.00"},
    "supported": False,
    "truth": True,
}


def every_type() -> dict:
    return deepcopy(EVERY_TYPE)


def one_field(**attributes) -> dict:
    """A form of one text field with these attributes; None takes one away."""
    field = {"key": "name", "label": "名称", "type": "text", **attributes}
    return {"sections": [{"title": "一", "fields": [{k: v for k, v in field.items() if v is not None}]}]}


def two_fields(second: dict, first: dict | None = None) -> dict:
    """A yes/no question `asked` (or another first field), followed by the given one."""
    first = first or {"key": "asked", "label": "是否", "type": "yes_no"}
    return {"sections": [{"title": "一", "fields": [first, second]}]}
