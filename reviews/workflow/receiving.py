"""Refusing acceptance (不予受理): a ground from a short list, a text, and the letter that says what may be done."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Correction
from applications.verbs import Outcomes, Refused
from foundation.accounts.roles import Permission
from foundation.display import dates
from foundation.events.events import Audience
from measures.models import Call
from reviews import remedies
from reviews.models import Letter, Opinion
from reviews.workflow import letters
from reviews.workflow.opinions import Opined, required

# Phases of a call in which one may apply again, now or once it is resumed.
GOES_ON = (Call.Phase.OPEN, Call.Phase.SUSPENDED)


class Ground(models.TextChoices):
    """Why a case is not accepted."""

    APPLICANT = "applicant", gettext_lazy("申请单位不属于本专题的申报对象")
    SCOPE = "scope", gettext_lazy("申报事项不属于本专题的支持范围")
    OFFICE = "office", gettext_lazy("不属于本单位的受理范围")
    PAPERS = "papers", gettext_lazy("经一次补正，材料仍不齐全或者不符合要求")
    TWICE = "twice", gettext_lazy("同一项目已获得或者正在申请市级财政资金支持")
    OTHER = "other", gettext_lazy("其他不符合申报通知的情形")


class RefuseAcceptance(Opined):
    ground = ""

    verb = "refuse_acceptance"
    permission = Permission.ACCEPT
    verdict = Opinion.Verdict.NOT_ACCEPTED

    def prepare(self, cases):
        super().prepare(cases)
        self.corrected = set(
            Correction.objects.filter(application__in=cases, answered_at__isnull=False)
            .order_by("pk")
            .values_list("application_id", flat=True)
        )

    def apply(self, case):
        if self.ground == Ground.PAPERS and case.pk not in self.corrected:
            message = _("还没有要求过补正：材料不齐全的，先要求补正")
            raise Refused("invalid", message, {"ground": [message]})
        reason = f"{Ground(self.ground).label}：{self.text}"
        case.refuse_acceptance(at=self.at, reason=reason)

    def finish(self, cases):
        super().finish(cases)
        self.letters = letters.issue(
            [letters.Draft(case, Letter.Kind.NOT_ACCEPTED, case.office, self._says(case)) for case in cases],
            self.by,
            self.at,
        )

    def _says(self, case):
        call = case.call_item.call
        closes = f"{dates.full(call.closes_at)} {dates.as_moment(call.closes_at):%H:%M}"
        return [
            (_("决定"), _("不予受理")),
            (_("理由"), case.reason),
            (_("再次申请"), remedies.again(closes, call.phase(self.at) in GOES_ON)),
            (_("救济途径"), remedies.against_decision(case.office)),
        ]

    def facts(self, case):
        return super().facts(case) | {
            "ground": self.ground,
            "reason": case.reason,
            "letter": self.letters[case.pk].number,
            "again": self._says(case)[2][1],
            "remedies": remedies.against_decision(case.office),
        }

    def tell(self, case):
        return [Audience("enterprise", case.enterprise_id)]


def refuse_acceptance(cases, by, ground: str, text: str) -> Outcomes:
    """不予受理 on one of the grounds, with the reason in words; the enterprise gets the letter."""
    if ground not in Ground.values:
        message = _("请选择不予受理的情形")
        raise Refused("invalid", message, {"ground": [message]})
    act = RefuseAcceptance(by)
    act.ground, act.text = ground, required(text, "text", _("请写明不予受理的具体理由"))
    return act.run(cases)
