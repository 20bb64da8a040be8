"""An item's page in words: who decides, what to prepare, where, how long, and the one next step."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from enterprises.member_roles import Does
from foundation.accounts.models import User
from foundation.display.dates import day
from measures.models import Guidance, Item
from portal.acting import Unit
from portal.offers import Offer
from tracking import referral_workflow, units
from tracking.models import Referral

Part, Basis = Guidance.Part, Guidance.Basis


@dataclass(frozen=True)
class Line:
    """One line with the ground it stands on; open: nobody has confirmed it yet, so it is marked."""

    text: str
    basis: str
    open: bool = False


@dataclass(frozen=True)
class Step:
    """What the visitor does next: a sentence, and a link where there is one."""

    text: str
    url: str = ""
    label: str = ""
    # Where the step stands on the page already: nothing more is drawn.
    above: bool = False


def sections(item: Item, offers: Iterable[Offer] = ()) -> list[tuple[str, list[Line]]]:
    """The parts with their lines, in order; who decides and what to prepare are never missing."""
    found: dict[str, list[Line]] = {part: [] for part in Part.values}
    for row in item.guidance.all():
        found[row.part].append(_line(row, item))
    if not found[Part.DECIDES]:
        found[Part.DECIDES].append(
            Line(_("由%(lead)s决定。") % {"lead": item.lead_name}, _("推定"), item.lead_unit_assumed)
        )
    if not found[Part.PREPARE]:
        found[Part.PREPARE].append(Line(_("要准备什么，公开文本没有写。"), _("公开文本未写明"), True))
    where, time = _our_way(item, list(offers))
    found[Part.WHERE][:0] = where
    found[Part.TIME][:0] = time
    return [(str(Part(part).label), lines) for part, lines in found.items() if lines]


def _line(row: Guidance, item: Item) -> Line:
    said = {Basis.POLICY: item.clause, Basis.OTHER: row.source}
    marked = row.basis in (Basis.ASSUMED, Basis.SILENT)
    return Line(row.text, said.get(row.basis) or str(row.get_basis_display()), marked)


def _our_way(item: Item, offers: list[Offer]) -> tuple[list[Line], list[Line]]:
    """Where and how long, as far as this system itself answers it; a call tells its own hours and days."""
    ours, silent = _("本系统"), _("公开文本未写明")
    if item.treatment == Item.Treatment.REFERRAL:
        return (
            [Line(_("在本页提出办理请求，先转给%(unit)s。") % {"unit": first_unit_name(item)}, ours)],
            [
                Line(
                    _("%(contact)d 个工作日内联系，%(answer)d 个工作日内答复；公开文本没有写办理时限。")
                    % {
                        "contact": referral_workflow.CONTACT_DAYS,
                        "answer": referral_workflow.ANSWER_DAYS,
                    },
                    _("推定，参照企业诉求办理的通行做法"),
                    True,
                )
            ],
        )
    if item.treatment == Item.Treatment.CALL:
        if offers and offers[0].is_proactive:
            return [Line(_("免申即享：不用申请，列入名单后在本系统确认。"), ours)], []
        if offers and not offers[0].is_cancelled:
            return [Line(_("在本页申请，办理环节和期限见“怎样办理”。"), ours)], []
        return [Line(_("申报通知发布后在本页申请。"), ours)], [Line(_("以申报通知为准。"), silent, True)]
    if item.kind == Item.Kind.TAX:
        return [], [Line(_("以税务机关的规定为准；本系统不办理，也没有期限。"), ours)]
    return [], []


def first_unit_name(item: Item) -> str:
    return str(item.lead_unit) if item.lead_unit else _("企业注册所在区的主管部门")


def next_step(
    user: User, unit: Unit | None, item: Item, offers: list[Offer], open_one: Referral | None
) -> Step:
    """The one step from here, for this visitor."""
    if offers:
        return Step("", above=True)
    if item.treatment == Item.Treatment.REFERRAL:
        return _referral_step(user, unit, item, open_one)
    if item.treatment == Item.Treatment.CALL:
        return _call_step(user, unit, item)
    if item.kind == Item.Kind.TAX:
        return Step(_("向主管税务机关办理：享受与否由税务机关按规定决定，本系统只作指引，不受理申请。"))
    if item.treatment == Item.Treatment.ACTION:
        whose = {
            Item.Acts.PERSON: _("由个人向主管部门办理，企业不用在这里申请；看责任单位做了什么。"),
            Item.Acts.INSTITUTION: _("由高校、金融机构等实施，企业不用在这里申请；看已经做了什么。"),
        }
        text = whose.get(item.acts, _("由政府部门实施，企业不用申请；看责任单位做了什么。"))
        return Step(text, "#actions", _("看行动记录"))
    return Step(_("不需要申请：按下面的指引看怎样享受，有疑问向%(lead)s咨询。") % {"lead": item.lead_name})


def _referral_step(user, unit: Unit | None, item: Item, open_one: Referral | None) -> Step:
    if open_one is not None:
        return Step(waiting_for(open_one), reverse("referral", args=[open_one.pk]), _("查看办理请求"))
    if user.is_authenticated and user.is_officer:
        return Step(_("办理请求由企业账号提出，办结结果由责任单位登记。"))
    if not user.is_authenticated:
        url = f"{reverse('account_login')}?next={reverse('item', args=[item.code])}"
        return Step(_("登录后可以向责任单位提出办理请求，结果会告诉您。"), url, _("登录后提出"))
    if unit is None or not unit.verified:
        return Step(_("企业身份核验通过后，可以在这里提出办理请求。"), reverse("claims"), _("看身份核验"))
    if why_not := unit.why_not(Does.ASK):
        return Step(why_not)
    return Step(
        _("向%(unit)s提出办理请求，由其联系并答复，结果记录在案。") % {"unit": first_unit_name(item)},
        reverse("item_ask", args=[item.code]),
        _("提出办理请求"),
    )


def _call_step(user, unit: Unit | None, item: Item) -> Step:
    text = _("现在没有申报通知；发布后本页会写明起止时间、条件和材料。")
    if unit is not None and unit.verified:
        return Step(text, "#follow", _("可以申请时告诉我"))
    if not user.is_authenticated:
        url = f"{reverse('account_login')}?next={reverse('item', args=[item.code])}"
        return Step(text, url, _("登录后订阅"))
    return Step(text)


class Holders:
    """Who has each of some requests: its unit, and who acts for it while nobody of it is here; two queries."""

    def __init__(self, rows: Iterable[Referral]):
        open_ones = [row.office_id for row in rows if row.is_open]
        self._staffed = units.staffed(open_ones) if open_ones else set()
        missing = set(open_ones) - self._staffed
        self._others = "、".join(map(str, units.coordinators())) if missing else ""

    def name(self, row: Referral) -> str:
        if row.is_open and row.office_id not in self._staffed and self._others:
            return _("%(unit)s（由%(others)s代为办理）") % {"unit": row.office, "others": self._others}
        return str(row.office)


def holder(row: Referral) -> str:
    return Holders([row]).name(row)


def waiting_for(row: Referral, holders: Holders | None = None) -> str:
    """Who has the request, by when they act, and that the enterprise needn't do anything."""
    facts = {"unit": (holders or Holders([row])).name(row), "day": day(row.due_on)}
    if row.state == Referral.State.WAITING:
        return _("已转%(unit)s，应于 %(day)s前联系您，您暂时不需要做什么。") % facts
    if row.state == Referral.State.WORKING:
        return _("%(unit)s正在办理，应于 %(day)s前答复，您暂时不需要做什么。") % facts
    if row.state == Referral.State.WITHDRAWN:
        return _("已由企业撤回。")
    return _("已办结：%(outcome)s。") % {"outcome": row.get_outcome_display()}
