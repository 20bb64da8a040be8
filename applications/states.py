"""The way of a case, once: states, verbs, and which verb leads from where to where.

The transitions of the model, the trigger in the database, the table of the tests and the diagram in docs/
are all made from VERBS.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    DRAFT = "draft", _("草稿")
    OFFERED = "offered", _("待企业确认")
    SUBMITTED = "submitted", _("待受理")
    AWAITING_CORRECTION = "awaiting_correction", _("待补正")
    DISTRICT_REVIEW = "district_review", _("区级审核")
    DISTRICT_ENDORSEMENT = "district_endorsement", _("区级复核")
    MUNICIPAL_REVIEW = "municipal_review", _("市级审核")
    WAITLISTED = "waitlisted", _("候补")
    PROPOSED = "proposed", _("拟定")
    DECLINE_NOTIFIED = "decline_notified", _("拟不予支持")
    SIGNED_OFF = "signed_off", _("待公示")
    PUBLIC_NOTICE = "public_notice", _("公示")
    APPROVED = "approved", _("已批复")
    PAID = "paid", _("已拨付")
    REFERRED = "referred", _("已转办")
    DISCARDED = "discarded", _("已废弃")
    NOT_ACCEPTED = "not_accepted", _("不予受理")
    LAPSED = "lapsed", _("已失效")
    DECLINED = "declined", _("不予支持")
    WITHDRAWN = "withdrawn", _("已撤回")
    CONCLUDED = "concluded", _("已办结")
    COMPLETED = "completed", _("已完成")
    REVOKED = "revoked", _("已撤销")


S = State

ENDED = frozenset(
    {S.DISCARDED, S.NOT_ACCEPTED, S.LAPSED, S.DECLINED, S.WITHDRAWN, S.CONCLUDED, S.COMPLETED, S.REVOKED}
)
NEVER_SUBMITTED = frozenset({S.DRAFT, S.DISCARDED})
# A case in one of these doesn't stand in the way of another one of the same call item.
MAY_APPLY_AGAIN = NEVER_SUBMITTED | {S.NOT_ACCEPTED, S.LAPSED, S.DECLINED, S.WITHDRAWN}
# The enterprise may take its case back from here (a draft is discarded, an offer declined; approved and later are
# revoked).
WITHDRAWABLE = (
    S.SUBMITTED,
    S.AWAITING_CORRECTION,
    S.DISTRICT_REVIEW,
    S.DISTRICT_ENDORSEMENT,
    S.MUNICIPAL_REVIEW,
    S.WAITLISTED,
    S.PROPOSED,
    S.DECLINE_NOTIFIED,
    S.SIGNED_OFF,
    S.PUBLIC_NOTICE,
    S.REFERRED,
)
# Submitted or offered, and nothing decided yet: what ends with a call that is cancelled.
UNDECIDED = (*WITHDRAWABLE, S.OFFERED)


@dataclass(frozen=True)
class Verb:
    """A verb: its Chinese name, and from each source state the states it may lead to.

    begins: it makes the case, which is stored in the target state at once and never stood in the source.
    """

    name: str
    leads: dict[State, tuple[State, ...]]
    begins: bool = False

    @property
    def sources(self) -> list[State]:
        return list(self.leads)

    @property
    def targets(self) -> list[State]:
        return sorted({target for targets in self.leads.values() for target in targets})


def _from(sources, *targets):
    return dict.fromkeys(sources, targets)


VERBS: dict[str, Verb] = {
    "submit": Verb(_("提交"), _from([S.DRAFT], S.SUBMITTED)),
    "discard": Verb(_("废弃草稿"), _from([S.DRAFT], S.DISCARDED)),
    "refuse_acceptance": Verb(_("不予受理"), _from([S.SUBMITTED], S.NOT_ACCEPTED)),
    "accept": Verb(_("受理"), _from([S.SUBMITTED], S.DISTRICT_REVIEW, S.MUNICIPAL_REVIEW, S.REFERRED)),
    "request_correction": Verb(
        _("要求补正"),
        _from([S.SUBMITTED, S.DISTRICT_REVIEW, S.MUNICIPAL_REVIEW], S.AWAITING_CORRECTION),
    ),
    "resubmit": Verb(
        _("补正提交"),
        _from([S.AWAITING_CORRECTION], S.SUBMITTED, S.DISTRICT_REVIEW, S.MUNICIPAL_REVIEW),
    ),
    # Unanswered, without money at the end, or with the whole call when it is cancelled.
    "lapse": Verb(_("失效"), _from(UNDECIDED, S.LAPSED)),
    "recommend": Verb(_("推荐"), _from([S.DISTRICT_REVIEW], S.DISTRICT_ENDORSEMENT)),
    "endorse": Verb(_("复核"), _from([S.DISTRICT_ENDORSEMENT], S.MUNICIPAL_REVIEW, S.DECLINE_NOTIFIED)),
    "send_back": Verb(
        _("退回"),
        {S.DISTRICT_ENDORSEMENT: (S.DISTRICT_REVIEW,), S.PROPOSED: (S.MUNICIPAL_REVIEW,)},
    ),
    "propose": Verb(_("拟定"), _from([S.MUNICIPAL_REVIEW, S.WAITLISTED], S.PROPOSED)),
    "waitlist": Verb(_("列入候补"), _from([S.MUNICIPAL_REVIEW], S.WAITLISTED)),
    "sign_off": Verb(_("签发"), _from([S.PROPOSED], S.SIGNED_OFF, S.DECLINE_NOTIFIED)),
    "decline": Verb(_("不予支持"), _from([S.DECLINE_NOTIFIED], S.DECLINED)),
    "reconsider": Verb(_("重新审核"), _from([S.DECLINE_NOTIFIED], S.MUNICIPAL_REVIEW)),
    "publish": Verb(_("公示"), _from([S.SIGNED_OFF], S.PUBLIC_NOTICE)),
    "approve": Verb(_("批复"), _from([S.PUBLIC_NOTICE], S.APPROVED)),
    "reopen": Verb(_("退回重审"), _from([S.PUBLIC_NOTICE], S.MUNICIPAL_REVIEW)),
    "pay": Verb(_("拨付完成"), _from([S.APPROVED], S.PAID)),
    "complete": Verb(_("验收通过"), _from([S.PAID], S.COMPLETED)),
    "revoke": Verb(_("撤销"), _from([S.APPROVED, S.PAID, S.COMPLETED], S.REVOKED)),
    "conclude": Verb(_("办结"), _from([S.REFERRED], S.CONCLUDED)),
    "return_referral": Verb(_("退回转办"), _from([S.REFERRED], S.SUBMITTED)),
    # 免申即享: the office begins the case, the enterprise confirms it.
    "offer": Verb(_("列入名单"), _from([S.DRAFT], S.OFFERED), begins=True),
    "confirm_offer": Verb(_("确认"), _from([S.OFFERED], S.SIGNED_OFF, S.MUNICIPAL_REVIEW)),
    "decline_offer": Verb(_("放弃"), _from([S.OFFERED], S.WITHDRAWN)),
    "end_offer": Verb(_("终止确认"), _from([S.OFFERED], S.LAPSED)),
    "withdraw": Verb(_("撤回"), _from(WITHDRAWABLE, S.WITHDRAWN)),
}
# Where a case may begin.
INITIAL = (S.DRAFT, S.OFFERED)


def transitions() -> dict[str, list[str]]:
    """For each state the states that some verb leads to: what the database's trigger allows."""
    table: dict[str, set[str]] = {state: set() for state in State.values}
    for verb in VERBS.values():
        if verb.begins:
            continue
        for source, targets in verb.leads.items():
            table[source].update(targets)
    return {str(source): sorted(map(str, targets)) for source, targets in table.items()}
