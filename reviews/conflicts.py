"""Who of the experts may not review a case, and why: read by the verb that asks and by the page that lists them."""

import unicodedata
from collections.abc import Iterable

from django.utils.translation import gettext as _

from applications.models import Application, ConsortiumPartner, Recusal
from enterprises.models import Member
from foundation.accounts.models import Post
from foundation.accounts.roles import PERMISSIONS, Permission
from foundation.clock import clock
from reviews.models import Expert, ExpertReview


def against(experts: Iterable[Expert], case: Application) -> dict[int, str]:
    """{expert's id: why they can't be asked about this case}; a few queries for any number of experts.

    The case with its enterprise. Its partners and the legal person above a branch count as the applicant. What an expert
    alone can know they declare themselves.
    """
    experts = list(experts)
    people = {one.person_id for one in experts}
    units, codes, names = _applicant(case)
    members = set(Member.objects.filter(enterprise__in=units, user__in=people).values_list("user", flat=True))
    kept_out = set(Recusal.objects.about([case]).filter(person__in=people).values_list("person", flat=True))
    asked = dict(
        ExpertReview.objects.filter(application=case, person__in=people)
        .exclude(state=ExpertReview.State.WITHDRAWN)
        .values_list("person", "state")
    )
    signed_in = set(
        Post.objects.held_on(clock.today())
        .filter(user__in=people, user__is_active=True, role__in=_roles())
        .values_list("user", flat=True)
    )
    signatures = {
        getattr(case, field.attname)
        for field in case._meta.concrete_fields
        if field.attname.endswith(("_by_id", "_for_id"))
    } - {None}
    found: dict[int, str] = {}
    for one in experts:
        if one.person_id in members:
            found[one.pk] = _("是申请人的人员")
        elif (one.employer_code and one.employer_code in codes) or _plain(one.employer) in names:
            found[one.pk] = _("工作单位就是申请人")
        elif one.person_id in kept_out:
            found[one.pk] = _("已回避这件申请")
        elif one.person_id in signatures:
            found[one.pk] = _("曾经办理这件申请")
        elif one.person_id in asked:
            found[one.pk] = _ASKED[asked[one.person_id]]()
        elif not one.is_in_force:
            found[one.pk] = _("不在库内")
        elif one.person_id not in signed_in:
            found[one.pk] = _("账号还没有“专家”任职")
    return found


_ASKED = {
    ExpertReview.State.OPEN: lambda: _("已邀请，尚未提交"),
    ExpertReview.State.SUBMITTED: lambda: _("已提交评审意见"),
    ExpertReview.State.DECLINED: lambda: _("已谢绝这件评审"),
}


def _applicant(case: Application) -> tuple[set[int], set[str], set[str]]:
    """Who applies, as ids of the register, codes, and plain names: as submitted and as of now."""
    unit, then = case.enterprise, case.identity or {}
    named = [
        (unit.pk, unit.uscc, unit.name),
        (None, then.get("uscc"), then.get("name")),
        (None, unit.parent_uscc, unit.parent_name),
    ]
    if unit.parent_id:
        named.append((unit.parent_id, unit.parent.uscc, unit.parent.name))
    partners = case.partners.exclude(state=ConsortiumPartner.State.DROPPED).order_by("pk")
    named += partners.values_list("enterprise", "uscc", "name")
    return (
        {pk for pk, _code, _name in named if pk},
        {code for _pk, code, _name in named if code},
        {_plain(name) for _pk, _code, name in named if name},
    )


def _roles() -> list[str]:
    return [role for role, held in PERMISSIONS.items() if Permission.REVIEW_AS_EXPERT in held]


def _plain(name: str) -> str:
    """A unit's name without what is typed differently: width, spaces, brackets."""
    plain = unicodedata.normalize("NFKC", name or "").casefold()
    return "".join(sign for sign in plain if sign.isalnum())
