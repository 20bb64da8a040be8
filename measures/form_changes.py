"""What one form asks otherwise than another: what a policy person reads before publishing, and between two versions."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from measures.forms import Form

TYPES = {
    "text": gettext_lazy("一行文字"),
    "paragraph": gettext_lazy("多行文字"),
    "money": gettext_lazy("金额"),
    "number": gettext_lazy("数"),
    "date": gettext_lazy("日期"),
    "month": gettext_lazy("月份"),
    "choice": gettext_lazy("单选"),
    "yes_no": gettext_lazy("是否"),
    "declaration": gettext_lazy("声明"),
    "table": gettext_lazy("金额表"),
}


@dataclass(frozen=True)
class Change:
    """One thing that differs: how it reads in the earlier and in the later form ("" = not there)."""

    label: str
    then: str
    now: str


def changes(before: Form | None, after: Form) -> list[Change]:
    """Fields and documents added, taken out, changed or moved, in the later form's order, those gone at the end."""
    then, now = _told(before), _told(after)
    found = [
        Change(one["label"], then[key]["text"] if key in then else "", one["text"])
        for key, one in now.items()
        if key not in then or then[key]["text"] != one["text"]
    ]
    found += [Change(one["label"], one["text"], "") for key, one in then.items() if key not in now]
    stayed = [key for key in now if key in then]
    if stayed != [key for key in then if key in now]:
        found.append(
            Change(
                _("顺序"),
                "、".join(then[key]["label"] for key in then if key in now),
                "、".join(now[key]["label"] for key in stayed),
            )
        )
    return found


def condition_text(form: Form, one) -> str:
    """When a field or document is asked for, in words; empty where always."""
    if one.when is None:
        return ""
    other = form.by_key[one.when.field]
    names = dict(other.options) | {True: _("是") if other.type == "yes_no" else _("已勾选"), False: _("否")}
    answers = "、".join(str(names[value]) for value in one.when.values)
    return _("“%(field)s”为%(answers)s时") % {"field": other.label, "answers": answers}


def _told(form: Form | None) -> dict[str, dict[str, str]]:
    if form is None:
        return {}
    found = {one.key: {"label": one.label, "text": _field_text(form, one)} for one in form.fields}
    return found | {slot.key: {"label": slot.label, "text": _slot_text(form, slot)} for slot in form.slots}


def _field_text(form: Form, one) -> str:
    bounds = [
        _("不小于 %s") % one.min if one.min and one.type != "declaration" else "",
        _("不大于 %s") % one.max if one.max else "",
        _("至多 %d 字") % one.max_length if one.max_length else "",
        _("%d 位小数") % one.decimals if one.decimals else "",
    ]
    parts = [
        one.label,
        str(TYPES[one.type]) + (f"（{one.unit}）" if one.unit else ""),
        _("必填") if one.required else _("选填"),
        _("在“%s”") % one.section,
        condition_text(form, one),
        *bounds,
        _("选项：%s") % "、".join(label for _value, label in one.options) if one.options else "",
        _("各行：%s") % "、".join(label for _key, label in one.rows) if one.rows else "",
        _("合计等于“%s”") % form.by_key[one.sum_to].label if one.sum_to else "",
        _("不早于“%s”") % form.by_key[one.not_before].label if one.not_before else "",
        _("可填外币：%(codes)s，按%(day)s的汇率折算")
        % {"codes": "、".join(one.currencies), "day": one.rate_day}
        if one.currencies
        else "",
        _("用于规则：%s") % one.fact if one.fact else "",
        _("提示：%s") % one.help if one.help else "",
    ]
    return "；".join(part for part in parts if part)


def _slot_text(form: Form, slot) -> str:
    types = "、".join(mime.rpartition("/")[2].upper() for mime in slot.types)
    parts = [
        slot.label,
        _("材料，%(types)s，不超过 %(most)d MB") % {"types": types, "most": slot.max_mb},
        _("必交") if slot.required else _("选交"),
        condition_text(form, slot),
        _("提示：%s") % slot.help if slot.help else "",
    ]
    return "；".join(part for part in parts if part)
