"""The sixteen districts as tiles. Their places recall the city; it is no map and says so."""

# name: (row, column): 崇明 top right, 浦东 east, 金山 and 奉贤 south
PLACES = {
    "崇明": (1, 5),
    "嘉定": (2, 2),
    "宝山": (2, 3),
    "普陀": (3, 2),
    "静安": (3, 3),
    "虹口": (3, 4),
    "杨浦": (3, 5),
    "青浦": (4, 1),
    "长宁": (4, 2),
    "徐汇": (4, 3),
    "黄浦": (4, 4),
    "浦东": (4, 5),
    "松江": (5, 2),
    "闵行": (5, 3),
    "金山": (6, 2),
    "奉贤": (6, 3),
}
LEVELS = 5


def short(name: str) -> str:
    """徐汇区 → 徐汇, 浦东新区 → 浦东."""
    for ending in ("新区", "区"):
        if name.endswith(ending):
            return name[: -len(ending)]
    return name


def laid_out(rows) -> list[dict]:
    """Rows {name, value, display?, url?} with row, column and level 0–5 added, from north to south.

    The level is the share of the largest value in five equal steps; 0 only for zero. A name that is none
    of the sixteen raises KeyError: a count must not vanish from the picture.
    """
    rows = [dict(row, name=short(str(row["name"]))) for row in rows]
    largest = max((row["value"] for row in rows), default=0)
    for row in rows:
        row["row"], row["column"] = PLACES[row["name"]]
        value = row["value"]
        row["level"] = 0 if not value else max(1, -(-int(value) * LEVELS // int(largest)))
        row.setdefault("display", value)
        row.setdefault("url", "")
    return sorted(rows, key=lambda row: (row["row"], row["column"]))
