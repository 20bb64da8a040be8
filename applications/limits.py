"""How many applications one unit may have, as the data of the call says; what the database holds, in words.

Three limits: of the call item (`CallItem.per_unit`), of the whole call (`Call.per_unit`), of the item in the call's
year over all of its calls (`CallItem.per_unit_year`). Drafts and what ended without a decision in favour don't count.
Where the call item says so (`partners_count`), taking part in a consortium counts like an application of one's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from applications.models import Application, ConsortiumPartner
from applications.states import State
from measures.models import CallItem


@dataclass
class Standing:
    """The cases of some enterprises that count, and how many more each may have."""

    cases: list[Application] = field(default_factory=list)
    # (enterprise, case): in which consortia they take part, where that counts.
    parts: list[tuple[int, Application]] = field(default_factory=list)

    def add(self, case: Application, partners: Iterable[ConsortiumPartner]) -> None:
        """Another case that counts from now on."""
        self.cases.append(case)
        if case.call_item.partners_count:
            self.parts += [(one.enterprise_id, case) for one in partners if one.enterprise_id]

    def refusal(self, line: CallItem, enterprise_id: int | None, partner: str = "") -> str:
        """Why this unit may not have another application of this call item, naming the limit and the other cases; ""
        where it may. partner: its name, where it is to take part in somebody else's."""
        own = [case for case in self.cases if case.enterprise_id == enterprise_id]
        own += [case for unit, case in self.parts if unit == enterprise_id]
        call = line.call
        limits = (
            (
                line.per_unit,
                [case for case in own if case.call_item_id == line.pk],
                _("每个单位在本次申报的“%(item)s”中限报 %(most)d 项"),
            ),
            (
                call.per_unit,
                [case for case in own if case.call_item.call_id == call.pk],
                _("每个单位在本次申报的全部专题中限报 %(most)d 项"),
            ),
            (
                line.per_unit_year,
                [
                    case
                    for case in own
                    if case.call_item.item_id == line.item_id and case.call_item.call.year == call.year
                ],
                _("每个单位 %(year)d 年度的“%(item)s”限报 %(most)d 项"),
            ),
        )
        for most, counted, words in limits:
            if most is not None and len(counted) >= most:
                others = "、".join(f"{case.number}（{State(case.state).label}）" for case in counted)
                said = words % {"most": most, "item": line.item.name, "year": call.year}
                if partner:
                    return _("参与单位“%(name)s”也计入限项：%(limit)s，该单位已提交或参与：%(others)s") % {
                        "name": partner,
                        "limit": said,
                        "others": others,
                    }
                return _("%(limit)s，贵单位已提交：%(others)s") % {"limit": said, "others": others}
        return ""


def standing(lines: Iterable[CallItem], enterprises: Iterable[int]) -> Standing:
    """What counts against these call items' limits for these enterprises; two queries for any number."""
    lines = list(lines)
    cases = (
        Application.objects.standing()
        .filter(enterprise__in=set(enterprises), call_item__call__year__in={line.call.year for line in lines})
        .select_related("call_item__call")
        .only("number", "state", "enterprise_id", "call_item", "call_item__item_id", "call_item__call__year")
        .order_by("pk")
    )
    parts = (
        ConsortiumPartner.objects.filter(
            enterprise__in=set(enterprises),
            application__in=Application.objects.standing(),
            application__call_item__partners_count=True,
            application__call_item__call__year__in={line.call.year for line in lines},
        )
        .exclude(state=ConsortiumPartner.State.DROPPED)
        .select_related("application__call_item__call")
        .order_by("pk")
    )
    return Standing(list(cases), [(one.enterprise_id, one.application) for one in parts])
