"""Comparing the official text with the catalogue: every difference a line that says what stands where."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from measures.catalogue import shipped
from measures.models import Item, Measure
from measures.policy_text import Clause, MeasureText, PolicyText


class OtherPolicy(ValueError):
    """The text is not of this policy; str() is a Chinese sentence."""


def differences(text: PolicyText) -> list[str]:
    """What the text and the catalogue in the database say differently, in the order of the text.

    Raises OtherPolicy where the text is no version of this policy at all.
    """
    _require_this_policy(text)
    measures = list(Measure.objects.prefetch_related("responsible_units", "items"))
    lines = [*_document(text, measures)]
    numbers = Counter(found.number for found in text.measures)
    lines += [
        _("%(place)s在正文里出现了 %(times)d 次。") % {"place": place(number), "times": times}
        for number, times in sorted(numbers.items())
        if times > 1
    ]
    by_number = {found.number: found for found in text.measures}
    for measure in measures:
        found = by_number.pop(measure.number, None)
        if found is None:
            lines.append(
                _("正文没有%(place)s“%(title)s”，文件可能不完整。")
                % {"place": place(measure.number), "title": measure.title}
            )
        else:
            lines += _measure(found, measure)
    lines += [
        _("正文有%(place)s“%(title)s”，目录没有。") % {"place": place(number), "title": found.title}
        for number, found in by_number.items()
    ]
    return lines


def place(number: int) -> str:
    return _("第（%(numeral)s）条") % {"numeral": Measure(number=number).numeral}


def _require_this_policy(text: PolicyText) -> None:
    policy = shipped.policy()
    ours = {"name": policy.name, "number": policy.legal_basis}
    if policy.name not in text.names and policy.legal_basis not in text.legal_bases:
        raise OtherPolicy(_("这不是《%(name)s》：文中既没有这个名称，也没有文号%(number)s。") % ours)
    if not text.measures:
        raise OtherPolicy(_("这不是《%(name)s》的正文：文中提到它，但没有任何一条措施。") % ours)


def _document(text: PolicyText, measures: list[Measure]) -> Iterable[str]:
    """Name, number and term: once for all measures that agree on them."""
    name = shipped.policy().name
    if name not in text.names:
        yield _says(_("名称"), _names(text.names), name)
    if text.in_force_from is None:
        yield _("正文没有读到实施日期和有效期（“本措施自……起实施，有效期至……”），文件可能不完整。")
    elif not text.ended:
        yield _("正文最后一段没有写完，文件可能不完整。")
    in_text = {
        "legal_basis": text.legal_bases[0] if text.legal_bases else _("没有"),
        "in_force_from": text.in_force_from,
        "in_force_to": text.in_force_to,
    }
    for field, said in in_text.items():
        others = [measure for measure in measures if getattr(measure, field) != said]
        if said is None or not others:
            continue
        for value in sorted({getattr(measure, field) for measure in others}):
            where = [measure for measure in others if getattr(measure, field) == value]
            label = str(Measure._meta.get_field(field).verbose_name)
            which = _("全部") if len(where) == len(measures) else "、".join(place(m.number) for m in where)
            yield _says(f"{label}（{which}）", said, value)


def _measure(found: MeasureText, measure: Measure) -> Iterable[str]:
    where = place(measure.number)
    for name, said, kept in [
        (_("章"), found.chapter, measure.chapter),
        (_("标题"), found.title, measure.title),
    ]:
        if said != kept:
            yield _says(f"{where}{name}", said or _("没有"), kept)
    units = {office.short_name for office in measure.responsible_units.all()}
    if measure.all_districts:
        units.add(shipped.DISTRICTS_NAME)
    if found.units is None:
        yield _("%(place)s没有责任单位，这一条可能被截断。") % {"place": where}
    else:
        for names, line in [
            (units - found.units, _("%(place)s责任单位：目录有%(names)s，正文没有。")),
            (found.units - units, _("%(place)s责任单位：正文有%(names)s，目录没有。")),
        ]:
            if names:
                yield line % {"place": where, "names": _names(names)}
    if found.rest:
        yield _("%(place)s的责任单位之后还有文字“%(text)s”。") % {"place": where, "text": found.rest[:30]}
    yield from _figures(found, list(measure.items.all()))


def _figures(found: MeasureText, items: list[Item]) -> Iterable[str]:
    """Each ceiling stands in the clause with the entry's mark; no clause has figures that no entry has."""
    where = place(found.number)
    marks = {one.code: one.mark for one in shipped.items()}
    left = [clause for clause in found.clauses if clause.rates or clause.amounts or clause.others]
    for item in items:
        mark = marks.get(item.code)
        clause = next((one for one in found.clauses if mark and mark in one.text), None)
        if clause is None:
            for name, kept in [(_("比例上限"), item.ceiling_rate), (_("金额上限"), item.ceiling_amount)]:
                if kept is not None:
                    yield _says(f"{where}{item}{name}", _("没有"), _shown(kept))
            continue
        if clause in left:
            left.remove(clause)
        for name, said, kept in [
            (_("比例上限"), clause.rates, item.ceiling_rate),
            (_("金额上限"), clause.amounts, item.ceiling_amount),
        ]:
            if [*said] != ([] if kept is None else [kept]):
                yield _says(f"{where}{item}{name}", _names(map(_shown, said)), _shown(kept))
        if clause.others:
            yield _unknown(where, clause, clause.others)
    for clause in left:
        yield _unknown(where, clause, [*map(_shown, (*clause.rates, *clause.amounts)), *clause.others])


def _unknown(where: str, clause: Clause, figures: Iterable[str]) -> str:
    return _("%(place)s正文有目录没有的数字 %(figures)s：“%(text)s”") % {
        "place": where,
        "figures": _names(figures),
        "text": clause.text,
    }


def _shown(value: Decimal | None) -> str:
    """A rate up to 1 in percent, an amount in yuan."""
    if value is None:
        return _("没有")
    if value <= 1:
        return f"{(value * 100).normalize():f}%"
    return _("%(yuan)s 元") % {"yuan": f"{value:,.0f}" if value == value.to_integral() else f"{value:,.2f}"}


def _names(names: Iterable[str]) -> str:
    return "、".join(sorted(names)) or _("没有")


def _says(where: str, said, kept) -> str:
    return _("%(where)s：正文为“%(said)s”，目录为“%(kept)s”。") % {"where": where, "said": said, "kept": kept}
