"""The verbs of a consortium, while its case is a draft: the lead names and drops partners, they confirm or refuse."""

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django_fsm import can_proceed

from applications import access, consortium
from applications.models import Application, ConsortiumPartner
from applications.states import State
from applications.verbs import Refused, refuse_inactive, refuse_not_open
from enterprises import history
from enterprises.access import acted_for
from enterprises.member_roles import Does
from enterprises.workflow import ClaimRefused, normalised_uscc
from foundation.accounts.models import User
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.files import files

PDF = "application/pdf"


def _draft(pk: int) -> Application:
    """The case, locked: a submission and an answer come one after the other."""
    case = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("call_item__call", "call_item__item", "enterprise")
        .get(pk=pk)
    )
    if case.state != State.DRAFT:
        raise Refused("state", _("申请已提交，联合体不能再变更；要退出的，由牵头单位撤回申请"))
    return case


def _lead(case: Application, by: User) -> None:
    if not (access.acts_for(by, case.enterprise, Does.DRAFT) and access.own(by).filter(pk=case.pk).exists()):
        raise Refused("forbidden", _("只有牵头单位已核验的经办人、代办人可以登记参与单位"))


def _locked(partner: ConsortiumPartner) -> tuple[Application, ConsortiumPartner]:
    case = _draft(partner.application_id)
    found = (
        ConsortiumPartner.objects.select_for_update(of=("self",), no_key=True)
        .select_related("enterprise")
        .get(pk=partner.pk)
    )
    if found.version != partner.version:
        raise Refused("stale", _("对方刚刚有变更，请刷新后再看"))
    return case, found


def _facts(case: Application, one: ConsortiumPartner) -> dict:
    return {
        "lead": case.enterprise.name,
        "partner": one.name,
        "part": one.part,
        "share": one.share_text,
        "item": case.call_item.item.name,
        "title": case.title,
        "closes_at": case.call_item.call.closes_at,
        "reason": one.reason,
    }


def _save(one: ConsortiumPartner) -> None:
    one.version += 1
    one.save()


def name_partner(
    case: Application, by: User, *, uscc: str, name: str, part: str, share: Decimal
) -> ConsortiumPartner:
    """Name a partner, with its share of the support in percent. Where somebody acts for it they are told and asked,
    otherwise an agreement is needed. Raises Refused with the fields that are wrong."""
    with transaction.atomic():
        case = _draft(case.pk)
        _lead(case, by)
        refuse_inactive(case.enterprise)
        refuse_not_open(case.call_item.call, clock.now())
        name, part = " ".join(name.split()), " ".join(part.split())
        partners = consortium.standing(case)
        problems: dict[str, list[str]] = {}
        try:
            uscc = normalised_uscc(uscc)
        except ClaimRefused as refused:
            problems["uscc"] = [refused.message]
        if uscc == case.enterprise.uscc:
            problems["uscc"] = [_("牵头单位不用登记为参与单位")]
        elif any(one.uscc == uscc for one in partners):
            problems["uscc"] = [_("这个单位已经登记过")]
        enterprise = None if "uscc" in problems else history.by_code(uscc)
        if not 4 <= len(name) <= 120:
            problems["name"] = [_("请填写营业执照上的单位全称")]
        elif enterprise is not None and name != enterprise.name:
            problems["name"] = [_("这个代码登记的单位是“%s”，请核对代码和名称") % enterprise.name]
        if not part or len(part) > 300:
            problems["part"] = [_("请写明分工，不超过 300 字")]
        left = consortium.lead_share(one.share for one in partners)
        if share <= 0 or share != share.quantize(consortium.FEN):
            problems["share"] = [_("占比应大于零，最多两位小数")]
        elif share >= left:
            problems["share"] = [
                _("各参与单位的占比合计须小于 100%%，牵头单位现余 %s%%") % f"{left.normalize():f}"
            ]
        if problems:
            raise Refused("invalid", _("有 %d 处需要更正") % len(problems), problems)
        most = case.call_item.consortium_most
        if len(partners) >= most:
            raise Refused(
                "invalid",
                _("本专题最多可有 %d 个参与单位") % most if most else _("本专题不接受联合体申报"),
            )
        asked = enterprise is not None and bool(acted_for([enterprise.pk]))
        one = ConsortiumPartner(
            application=case,
            uscc=uscc,
            name=name,
            part=part,
            share=share,
            enterprise=enterprise,
            named_at=clock.now(),
            state=ConsortiumPartner.State.ASKED if asked else ConsortiumPartner.State.BY_AGREEMENT,
        )
        one.save()
        tell = [Audience("enterprise", enterprise.pk)] if asked else []
        events.record("name_partner", one, by, tell=tell, **_facts(case, one))
        return one


def attach_agreement(partner: ConsortiumPartner, by: User, upload) -> ConsortiumPartner:
    """Put the stamped agreement with a partner for whom nobody acts yet; checked by content (files.RefusedFile)."""
    with transaction.atomic():
        case, one = _locked(partner)
        _lead(case, by)
        if one.state != ConsortiumPartner.State.BY_AGREEMENT:
            raise Refused("state", _("这个单位由其经办人确认，不用上传协议"))
        one.agreement = files.store(upload, by, accept=(PDF,))
        _save(one)
        sha256 = one.agreement.sha256
        events.record("attach_agreement", one, by, **_facts(case, one), sha256=sha256)
        return one


def drop_partner(partner: ConsortiumPartner, by: User) -> ConsortiumPartner:
    """Take a partner off the draft; who was asked is told."""
    with transaction.atomic():
        case, one = _locked(partner)
        _lead(case, by)
        if not can_proceed(one.drop):
            raise Refused("state", _("这个单位已经移除"))
        asked = one.state != ConsortiumPartner.State.BY_AGREEMENT
        one.drop()
        _save(one)
        tell = [Audience("enterprise", one.enterprise_id)] if asked else []
        events.record("drop_partner", one, by, tell=tell, **_facts(case, one))
        return one


def _answer(partner: ConsortiumPartner, by: User, verb: str, method: str, **more) -> ConsortiumPartner:
    with transaction.atomic():
        case, one = _locked(partner)
        if one.enterprise is None or not access.acts_for(by, one.enterprise, Does.SUBMIT):
            raise Refused("forbidden", _("只有参与单位的经办人、代办人可以答复"))
        if not can_proceed(getattr(one, method)):
            raise Refused("state", _("现在是“%s”，不能这样答复") % one.get_state_display())
        getattr(one, method)(by=by, at=clock.now(), **more)
        _save(one)
        # The lead's people: of a draft only who may see it, of whom the writer is one.
        events.record(verb, one, by, tell=[Audience("enterprise", case.enterprise_id)], **_facts(case, one))
        return one


def confirm_part(partner: ConsortiumPartner, by: User) -> ConsortiumPartner:
    """The partner's own people agree to part and share; the lead is told."""
    return _answer(partner, by, "confirm_part", "confirm")


def refuse_part(partner: ConsortiumPartner, by: User, reason: str) -> ConsortiumPartner:
    """They don't take part; the lead is told why."""
    reason = " ".join(reason.split())
    if not reason or len(reason) > 300:
        raise Refused("invalid", _("请写明理由，不超过 300 字"), {"reason": [_("请写明理由，不超过 300 字")]})
    return _answer(partner, by, "refuse_part", "refuse", reason=reason)


def take_back_part(partner: ConsortiumPartner, by: User) -> ConsortiumPartner:
    """They take their confirmation back, before the submission; the lead is told."""
    return _answer(partner, by, "take_back_part", "take_back")
