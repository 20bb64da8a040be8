"""The consortium of a case as submitted, beside what the register says of each partner now."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.models import Application, Submission
from enterprises.models import CreditCheck, Enterprise


@dataclass(frozen=True)
class Partner:
    """`how`: how it agreed; `register`: state, district and credit as rows for components/key_value.html, empty where
    the register doesn't know the code; `agreement`: the paper's name and address."""

    uscc: str
    name: str
    how: str
    confirmed_at: datetime | None
    confirmed_by: str
    agreement: dict
    register: list[dict]


def read(case: Application, shown: Submission) -> list[Partner]:
    """The partners; two queries for any number, none without."""
    kept = shown.consortium
    if not kept:
        return []
    units = {
        unit.uscc: unit
        for unit in Enterprise.objects.filter(uscc__in=[one["uscc"] for one in kept])
        .select_related("district")
        .order_by("pk")
    }
    credit = {
        check.enterprise_id: check
        for check in CreditCheck.objects.filter(enterprise__in=units.values()).order_by("as_of", "pk")
    }
    return [
        Partner(
            uscc=one["uscc"],
            name=one["name"],
            how=one["how"],
            confirmed_at=datetime.fromisoformat(one["confirmed_at"]) if one["confirmed_at"] else None,
            confirmed_by=one["confirmed_by"],
            agreement={
                "name": one["agreement"]["name"],
                "url": reverse("desk:document", args=[case.pk, one["agreement"]["document"]]),
            }
            if one["agreement"]
            else {},
            register=_register(units.get(one["uscc"]), credit, one["name"]),
        )
        for one in kept
    ]


def _register(unit: Enterprise | None, credit: dict[int, CreditCheck], name: str) -> list[dict]:
    if unit is None:
        return []
    rows = [
        {"label": _("企业状态"), "value": unit.get_state_display()},
        {"label": _("注册区"), "value": unit.district.name},
        {"label": _("信用"), "value": _credit(credit.get(unit.pk))},
    ]
    if unit.name != name:
        rows.insert(0, {"label": _("登记名称（与填报不同）"), "value": unit.name})
    return rows


def _credit(check: CreditCheck | None) -> str:
    if check is None:
        return _("没有核查记录")
    day = check.as_of.isoformat()
    if check.listed:
        return _("%s 查询：列入严重失信名单") % day
    if check.clean_since is None:
        return _("%s 查询：有不良记录") % day
    return _("%(day)s 查询：自 %(since)s起无严重失信、重大处罚记录") % {
        "day": day,
        "since": check.clean_since.isoformat(),
    }
