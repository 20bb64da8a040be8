"""A form's definition, read strictly. A form that can't be filled in never gets published.

Reading collects every problem, in Chinese, each with the place where it stands.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from measures.forms import values
from measures.forms.currency import CURRENCIES
from measures.forms.definition import (
    ATTRIBUTES,
    DEFAULT_LENGTH,
    DEFAULT_MEGABYTES,
    DOCUMENT_TYPES,
    TYPES,
    Definition,
    DefinitionError,
    Field,
    Section,
    Slot,
    When,
    same,
)

_SLOT_ATTRIBUTES = {"key", "label", "help", "required", "types", "max_mb", "when"}
# One underscore at a time: HTML names join keys with two.
_KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_KEY_LENGTH = 40


def read(definition) -> Definition:
    """The definition as sections, fields and slots; raises DefinitionError with everything that is wrong."""
    return _Reader().read(definition)


class _Reader:
    def __init__(self):
        self.problems: list[str] = []
        self.fields: dict[str, Field] = {}
        self.slots: dict[str, Slot] = {}
        self.facts: dict[str, str] = {}

    def read(self, definition) -> Definition:
        if not isinstance(definition, Mapping):
            raise DefinitionError(_("表单定义应为对象，包含 sections 与 documents"))
        self._known(definition, {"sections", "documents"}, _("表单"))
        sections = [
            self._section(number, raw)
            for number, raw in enumerate(self._list(definition, "sections", _("表单")), start=1)
        ]
        if not self.fields and not self.problems:
            self._wrong(_("表单"), _("至少要有一个字段"))
        for number, raw in enumerate(self._list(definition, "documents", _("表单")), start=1):
            self._slot(number, raw)
        self._check_sums()
        self._check_orders()
        if self.problems:
            raise DefinitionError(self.problems)
        return Definition(tuple(sections), tuple(self.fields.values()), tuple(self.slots.values()))

    def _section(self, number: int, raw) -> Section:
        place = _("第 {number} 部分").format(number=number)
        if not isinstance(raw, Mapping):
            self._wrong(place, _("应为对象"))
            return Section("", "", ())
        self._known(raw, {"title", "help", "fields"}, place)
        title = self._text(raw, "title", place, 60, needed=True)
        fields = self._list(raw, "fields", place)
        if not fields:
            self._wrong(place, _("没有字段"))
        found = [
            self._field(title, f"{place} · {_('第 {n} 个字段').format(n=n)}", f)
            for n, f in enumerate(fields, 1)
        ]
        return Section(title, self._text(raw, "help", place, 500), tuple(key for key in found if key))

    def _field(self, section: str, place: str, raw) -> str | None:
        if not isinstance(raw, Mapping):
            self._wrong(place, _("应为对象"))
            return None
        key = self._key(raw, place)
        place = f"{place}（{key}）" if key else place
        kind = raw.get("type")
        if kind not in TYPES:
            self._wrong(
                place, _("未知类型 {kind}，应为 {types} 之一").format(kind=kind, types="、".join(TYPES))
            )
            return None
        self._known(raw, ATTRIBUTES[kind], place)
        lowest, highest = self._bounds(raw, kind, place)
        field = Field(
            key=key or "",
            label=self._text(raw, "label", place, 300 if kind == "declaration" else 100, needed=True),
            type=kind,
            section=section,
            unit=self._unit(raw, kind, place),
            help=self._text(raw, "help", place, 500),
            required=True if kind == "declaration" else self._flag(raw, "required", place),
            options=self._pairs(raw, "options", "value", place, lowest=2) if kind == "choice" else (),
            when=self._when(raw, place),
            max_length=self._whole(raw, "max_length", place, 1, values.KEPT_TEXT, DEFAULT_LENGTH.get(kind)),
            min=lowest,
            max=highest,
            decimals=self._whole(raw, "decimals", place, 0, 4, 0),
            fact=self._fact(raw, place),
            rows=self._pairs(raw, "rows", "key", place, lowest=1) if kind == "table" else (),
            sum_to=self._text(raw, "sum_to", place, _KEY_LENGTH),
            not_before=self._text(raw, "not_before", place, _KEY_LENGTH),
            currencies=self._currencies(raw, place),
            rate_day=self._text(raw, "rate_day", place, 30),
        )
        if kind == "declaration" and raw.get("required") is False:
            self._wrong(place, _("声明必须勾选才能提交，不能设为选填"))
        if key:
            self.fields[key] = field
        return key

    def _slot(self, number: int, raw) -> None:
        place = _("第 {number} 项材料").format(number=number)
        if not isinstance(raw, Mapping):
            self._wrong(place, _("应为对象"))
            return
        key = self._key(raw, place)
        place = f"{place}（{key}）" if key else place
        self._known(raw, _SLOT_ATTRIBUTES, place)
        slot = Slot(
            key=key or "",
            label=self._text(raw, "label", place, 100, needed=True),
            help=self._text(raw, "help", place, 500),
            required=self._flag(raw, "required", place),
            types=self._document_types(raw, place),
            max_mb=self._whole(raw, "max_mb", place, 1, 100, DEFAULT_MEGABYTES),
            when=self._when(raw, place),
        )
        if key:
            self.slots[key] = slot

    def _wrong(self, place: str, reason: str) -> None:
        self.problems.append(f"{place}：{reason}")

    def _known(self, raw: Mapping, allowed: set[str], place: str) -> None:
        for name in sorted(set(map(str, raw)) - allowed):
            self._wrong(place, _("不认识的属性 {name}").format(name=name))

    def _list(self, raw: Mapping, name: str, place: str) -> list:
        found = raw.get(name, [])
        if not isinstance(found, list):
            self._wrong(place, _("{name} 应为列表").format(name=name))
            return []
        return found

    def _text(self, raw: Mapping, name: str, place: str, longest: int, *, needed: bool = False) -> str:
        found = raw.get(name, "")
        if not isinstance(found, str) or (needed and not found.strip()):
            self._wrong(place, _("{name} 应为文字").format(name=name))
            return ""
        if len(found) > longest:
            self._wrong(place, _("{name} 超过 {longest} 字").format(name=name, longest=longest))
        return found.strip()

    def _flag(self, raw: Mapping, name: str, place: str) -> bool:
        found = raw.get(name, False)
        if not isinstance(found, bool):
            self._wrong(place, _("{name} 应为 true 或 false").format(name=name))
            return False
        return found

    def _whole(self, raw: Mapping, name: str, place: str, lowest: int, highest: int, default: int | None):
        found = raw.get(name)
        if found is None:
            return default
        if isinstance(found, bool) or not isinstance(found, int) or not lowest <= found <= highest:
            self._wrong(
                place,
                _("{name} 应为 {lowest} 至 {highest} 的整数").format(
                    name=name, lowest=lowest, highest=highest
                ),
            )
            return default
        return found

    def _name(self, found, place: str, name: str) -> str | None:
        if not isinstance(found, str) or len(found) > _KEY_LENGTH or not _KEY.fullmatch(found):
            self._wrong(place, _("{name} 应为小写英文、数字和单个下划线，字母开头").format(name=name))
            return None
        return found

    def _key(self, raw: Mapping, place: str) -> str | None:
        key = self._name(raw.get("key"), place, "key")
        if key in self.fields or key in self.slots:
            self._wrong(place, _("key {key} 重复").format(key=key))
            return None
        return key

    def _fact(self, raw: Mapping, place: str) -> str:
        if raw.get("fact") in (None, ""):
            return ""
        fact = self._name(raw["fact"], place, "fact")
        if fact in self.facts:
            self._wrong(place, _("fact {fact} 已由另一字段提供").format(fact=fact))
        if fact:
            self.facts[fact] = place
        return fact or ""

    def _unit(self, raw: Mapping, kind: str, place: str) -> str:
        unit = self._text(raw, "unit", place, 20)
        if kind in {"money", "table"}:
            if unit not in {"", "元"}:
                self._wrong(place, _("金额的单位只能是元"))
            return _("元")
        return unit

    def _currencies(self, raw: Mapping, place: str) -> tuple[str, ...]:
        found = self._list(raw, "currencies", place)
        unknown = [str(code) for code in found if not isinstance(code, str) or code not in CURRENCIES]
        if unknown:
            self._wrong(place, _("不认识的币种 {codes}").format(codes="、".join(unknown)))
            return ()
        if len(set(found)) < len(found):
            self._wrong(place, _("{name} 有重复项").format(name="currencies"))
        named = isinstance(raw.get("rate_day"), str) and raw["rate_day"].strip()
        if bool(found) != bool(named):
            self._wrong(place, _("可以填外币的金额，币种和汇率日期的名称要一起写明"))
        return tuple(found)

    def _pairs(
        self, raw: Mapping, name: str, code: str, place: str, *, lowest: int
    ) -> tuple[tuple[str, str], ...]:
        """Options ({"value", "label"}, or a text that is both) and table rows ({"key", "label"})."""
        found = []
        for number, entry in enumerate(self._list(raw, name, place), start=1):
            spot = _("{place} · {name} 第 {number} 项").format(place=place, name=name, number=number)
            if isinstance(entry, str):
                entry = {code: entry, "label": entry}
            if not isinstance(entry, Mapping):
                self._wrong(spot, _("应为对象"))
                continue
            self._known(entry, {code, "label"}, spot)
            text = self._text(entry, code, spot, 60, needed=True)
            if code == "key":
                self._name(text, spot, "key")
            found.append((text, self._text(entry, "label", spot, 100, needed=True)))
        if len(found) < lowest:
            self._wrong(place, _("{name} 至少要有 {lowest} 项").format(name=name, lowest=lowest))
        if len(dict(found)) < len(found):
            self._wrong(place, _("{name} 有重复项").format(name=name))
        return tuple(found)

    def _document_types(self, raw: Mapping, place: str) -> tuple[str, ...]:
        if "types" not in raw:
            return tuple(DOCUMENT_TYPES.values())
        known = DOCUMENT_TYPES | {"jpg": "image/jpeg"} | {mime: mime for mime in DOCUMENT_TYPES.values()}
        found = self._list(raw, "types", place)
        if not found or any(not isinstance(name, str) or name not in known for name in found):
            self._wrong(place, _("types 应为 {types} 中的一种或几种").format(types="、".join(DOCUMENT_TYPES)))
            return ()
        return tuple(dict.fromkeys(known[name] for name in found))

    def _when(self, raw: Mapping, place: str) -> When | None:
        when = raw.get("when")
        if when is None:
            return None
        if not isinstance(when, Mapping) or set(when) != {"field", "is"}:
            self._wrong(place, _('when 应为 {"field": …, "is": …}'))
            return None
        other = self.fields.get(when["field"]) if isinstance(when["field"], str) else None
        if other is None:
            self._wrong(place, _("when 引用的字段 {key} 不存在或排在后面").format(key=when["field"]))
            return None
        if other.type == "choice":
            allowed = tuple(value for value, _label in other.options)
        elif other.type == "yes_no":
            allowed = (True, False)
        elif other.type == "declaration":
            allowed = (True,)
        else:
            self._wrong(place, _("when 只能引用单选、是否或声明，{key} 不是").format(key=other.key))
            return None
        wanted = when["is"] if isinstance(when["is"], list) else [when["is"]]
        # Compared with their types: to Python 1 is True.
        if not wanted or any(not any(same(value, one) for one in allowed) for value in wanted):
            self._wrong(place, _("when 的取值不是 {key} 的选项").format(key=other.key))
            return None
        return When(other.key, tuple(wanted))

    def _bounds(self, raw: Mapping, kind: str, place: str) -> tuple:
        parse: Callable | None = {
            "money": values.parse_money,
            "number": lambda text: values.parse_number(text, 4),
            "date": values.parse_day,
            "month": values.parse_month,
        }.get(kind)
        if parse is None:
            return None, None
        found = {"min": Decimal(0) if kind in {"money", "number"} else None, "max": None}
        for name in found:
            if name not in raw:
                continue
            text = values.typed(raw[name])
            try:
                found[name] = parse(text)
            except values.Wrong as wrong:
                self._wrong(place, _("{name} 不对：{reason}").format(name=name, reason=wrong))
        if found["min"] is not None and found["max"] is not None and found["min"] > found["max"]:
            self._wrong(place, _("min 大于 max"))
        return found["min"], found["max"]

    def _check_sums(self) -> None:
        for field in self.fields.values():
            if not field.sum_to:
                continue
            total = self.fields.get(field.sum_to)
            if total is None or total.type != "money":
                self._wrong(field.key, _("sum_to 应指向一个金额字段，{key} 不是").format(key=field.sum_to))

    def _check_orders(self) -> None:
        for field in self.fields.values():
            earlier = self.fields.get(field.not_before)
            if field.not_before and (earlier in (None, field) or earlier.type != field.type):
                self._wrong(
                    field.key,
                    _("not_before 应指向另一个同类型的日期或月份字段，{key} 不是").format(
                        key=field.not_before
                    ),
                )
