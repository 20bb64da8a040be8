"""Referred cases: the deciding unit, or the commission for it, records the result."""

from django.utils.translation import gettext as _

from applications.verbs import Outcomes
from foundation.accounts.roles import Permission
from foundation.events.events import Audience
from reviews.models import Opinion
from reviews.workflow.opinions import Opined, required


class _Referred(Opined):
    def check(self, case):
        super().check(case)
        self.require(case, Permission.CONCLUDE, case.office_id, case.municipal_office_id)


class Conclude(_Referred):
    result = ""

    verb = "conclude"
    verdict = Opinion.Verdict.CONCLUDE

    def apply(self, case):
        case.conclude(at=self.at, result=self.result)

    def facts(self, case):
        return super().facts(case) | {"result": self.result}

    def tell(self, case):
        return [Audience("enterprise", case.enterprise_id), Audience("office", case.municipal_office_id)]


class ReturnReferral(_Referred):
    verb = "return_referral"
    verdict = Opinion.Verdict.SEND_BACK

    def apply(self, case):
        case.return_referral(office=case.municipal_office)


def conclude(cases, by, result: str, text: str = "") -> Outcomes:
    """办结 with the deciding unit's result, which the enterprise reads."""
    act = Conclude(by)
    act.result = required(result, "result", _("请填写办理结果"))[:300]
    act.text = text.strip()
    return act.run(cases)


def return_referral(cases, by, text: str) -> Outcomes:
    """退回转办: the receiving office has it again."""
    act = ReturnReferral(by)
    act.text = required(text, "text", _("请写明退回理由"))
    return act.run(cases)
