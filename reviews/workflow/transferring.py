"""移交: another district handles a case from now on. What was submitted, the enterprise's identity included, stays.

A case stays with the district it was submitted under, wherever the enterprise moves; only this verb changes that. The
days of the step begin anew, for the new district knows nothing of the case yet; both districts and the enterprise are
told why. Once the district has given its opinion the case is no longer handed on.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import deadlines
from applications.states import State
from applications.verbs import Beside, Outcomes, Refused, move_steps
from foundation.accounts.models import District, Office
from foundation.accounts.roles import Permission
from foundation.events.events import Audience
from reviews.workflow.opinions import required

LONGEST_REASON = 300


class Transfer(Beside):
    verb = "transfer_case"
    called = gettext_lazy("移交其他区")
    states = frozenset({State.SUBMITTED, State.DISTRICT_REVIEW})
    district: District
    reason = ""

    def check(self, case):
        offices = {case.office_id, case.municipal_office_id} - {None}
        if not any(self.by.may(Permission.TRANSFER_CASE, office) for office in offices):
            raise Refused("forbidden", _("您没有办理此事的权限"))
        if case.district_office_id is None or case.office_id != case.district_office_id:
            raise Refused("state", _("这件申请现在不由区级办理，不能移交"))
        if case.district_id == self.district.pk:
            message = _("现在就由%s办理，请选择另一个区") % self.district.name
            raise Refused("invalid", message, {"district": [message]})

    def prepare(self, cases):
        self.office = Office.objects.filter(kind=Office.Kind.DISTRICT, district=self.district).first()
        if self.office is None:
            raise Refused("state", _("%s还没有主管部门，不能移交") % self.district.name)
        self.left = {case.pk: case.district_office for case in cases}

    def apply(self, case):
        case.transfer(district=self.district, office=self.office)

    def move(self, case):
        case.version += 1
        case.stage_started_at = self.at
        case.due_on = deadlines.due_on(case)

    def step(self, cases):
        move_steps(cases, self.verb, self.at)

    def facts(self, case):
        return {"before": str(self.left[case.pk]), "after": str(self.office), "reason": self.reason}

    def tell(self, case):
        return [
            Audience("enterprise", case.enterprise_id),
            Audience("office", self.left[case.pk].pk),
            Audience("office", self.office.pk),
        ]


def transfer_case(cases, by, district: District, reason: str) -> Outcomes:
    """移交 to another district's office, with a reason that both districts and the enterprise read.

    By the head of the district that has the case, or the commission's officer; while it waits for acceptance or for
    the district's opinion.
    """
    act = Transfer(by)
    act.district = district
    act.reason = required(reason, "reason", _("请写明移交的理由"), LONGEST_REASON)
    return act.run(cases)
