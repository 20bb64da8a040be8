"""陈述申辩: what the enterprise states against a notice, in time, once; the head decides with it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import deadlines
from applications.states import State
from applications.verbs import Beside, Outcomes, Refused, require_member
from enterprises import access
from enterprises.member_roles import Does
from foundation.events.events import Audience
from foundation.files.models import Document
from reviews.models import Defence, RevocationNotice
from reviews.workflow.opinions import required

DOCUMENTS_AT_MOST = 5


class StateDefence(Beside):
    text = ""
    documents: Sequence[Document] = ()

    verb = "state_defence"
    called = gettext_lazy("陈述申辩")
    states = frozenset({State.DECLINE_NOTIFIED, State.APPROVED, State.PAID, State.COMPLETED})

    def prepare(self, cases):
        self.roles = access.roles([self.by.pk], [case.enterprise_id for case in cases])
        self.notices = {
            row.application_id: row
            for row in RevocationNotice.objects.select_for_update(no_key=True)
            .filter(application__in=cases, state=RevocationNotice.State.OPEN)
            .order_by("pk")
        }
        self.notified = {}

    def apply(self, case):
        require_member(self.roles, case, self.by, Does.DEFEND)
        declining = case.state == State.DECLINE_NOTIFIED
        notice = case if declining else self.notices.get(case.pk)
        if notice is None:
            raise Refused("state", _("没有需要陈述申辩的告知"))
        due_on = case.defence_due_on if declining else notice.due_on
        if notice.defended_at is not None:
            raise Refused("state", _("已经提交过陈述申辩"))
        if deadlines.day_of(self.at) > due_on:
            raise Refused("state", _("陈述申辩期限已于 %s 届满") % due_on)
        notice.defended_at = self.at
        self.notified[case.pk] = case.decline_notified_at if declining else notice.notified_at

    def finish(self, cases):
        rows = Defence.objects.bulk_create(
            Defence(
                application=case,
                notified_at=self.notified[case.pk],
                text=self.text,
                stated_by=self.by,
                stated_at=self.at,
            )
            for case in cases
        )
        through = Defence.documents.through
        through.objects.bulk_create(
            through(defence=row, document=document) for row in rows for document in self.documents
        )

        answered = [self.notices[case.pk] for case in cases if case.pk in self.notices]
        RevocationNotice.objects.bulk_update(answered, ["defended_at"])

    def facts(self, case):
        return {
            "statement": self.text,
            "documents": [{"name": one.name, "sha256": one.sha256} for one in self.documents],
        }

    def tell(self, case):
        office = case.office_id if case.state == State.DECLINE_NOTIFIED else case.municipal_office_id
        return [Audience("office", office)]


def state_defence(cases, by, text: str, documents: Sequence[Document] = ()) -> Outcomes:
    """陈述申辩 against a notified decline or revocation, by the last day, once; the office that decides is told."""
    act = StateDefence(by)
    act.text = required(text, "text", _("请写明陈述申辩的内容"))
    if len(documents) > DOCUMENTS_AT_MOST:
        message = _("证明材料最多 %d 份") % DOCUMENTS_AT_MOST
        raise Refused("invalid", message, {"documents": [message]})
    act.documents = list(documents)
    return act.run(cases)
