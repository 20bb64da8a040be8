"""验收 of what was paid for: passed, the case is complete; not passed, it is to be mended by a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import deadlines
from applications.states import State
from applications.verbs import Act, Beside, Outcomes, Refused
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events.events import Audience
from foundation.files.models import Document
from reviews.models import CompletionCheck, Opinion
from reviews.workflow.opinions import required


@dataclass(frozen=True)
class Check:
    """What the check found. `mend_by`: until when, where it did not pass."""

    passed: bool
    checked_on: date
    text: str
    mend_by: date | None = None
    documents: Sequence[Document] = ()


class _Checking(Act):
    found: Check

    def check(self, case):
        self.require(case, Permission.CHECK_COMPLETION, case.municipal_office_id)
        if not deadlines.day_of(case.paid_at) <= self.found.checked_on <= clock.today():
            message = _("验收日期应在拨付之日和今天之间")
            raise Refused("invalid", message, {"checked_on": [message]})

    def finish(self, cases):
        found = self.found
        rows = CompletionCheck.objects.bulk_create(
            CompletionCheck(
                application=case,
                checked_on=found.checked_on,
                passed=found.passed,
                text=found.text.strip(),
                mend_by=found.mend_by,
                by=self.by,
                at=self.at,
            )
            for case in cases
        )
        through = CompletionCheck.documents.through
        through.objects.bulk_create(
            through(completioncheck=row, document=document) for row in rows for document in found.documents
        )

    def facts(self, case):
        found = self.found
        return {
            "opinion": found.text,
            "checked_on": found.checked_on,
            "mend_by": found.mend_by,
            "documents": [{"name": one.name, "sha256": one.sha256} for one in found.documents],
        }

    def tell(self, case):
        return [Audience("enterprise", case.enterprise_id)]


class Complete(_Checking):
    verb = "complete"

    def apply(self, case):
        case.complete(at=self.at)

    def finish(self, cases):
        super().finish(cases)
        Opinion.objects.bulk_create(
            Opinion(
                application=case,
                stage=State.PAID,
                verdict=Opinion.Verdict.COMPLETED,
                text=self.found.text.strip(),
                office=case.municipal_office,
                by=self.by,
                in_place_of=self.in_place_of(case),
                at=self.at,
            )
            for case in cases
        )


class FailCompletion(_Checking, Beside):
    verb = "fail_completion"
    called = gettext_lazy("验收")
    states = frozenset({State.PAID})

    def apply(self, case):
        """It stays paid; what is to be mended stands in the check."""


def check_completion(cases, by, found: Check) -> Outcomes:
    """验收: passed → completed; not passed → stays paid, to be mended by `mend_by`."""
    required(found.text, "text", _("请写明验收意见"))
    if not found.passed and (found.mend_by is None or found.mend_by <= max(found.checked_on, clock.today())):
        message = _("未通过的，请填写今天以后的整改期限")
        raise Refused("invalid", message, {"mend_by": [message]})
    if found.passed and found.mend_by is not None:
        message = _("通过的不填整改期限")
        raise Refused("invalid", message, {"mend_by": [message]})
    act = Complete(by) if found.passed else FailCompletion(by)
    act.found = found
    return act.run(cases)
