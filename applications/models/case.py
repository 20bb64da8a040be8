"""The application: one state, and the facts that its transitions set."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, FSMModelMixin, transition

from applications.models.refusals import (
    AWARD_WITHIN_CEILING,
    CONSTRAINTS,
    OFFERED_WITHIN_LIMITS,
    WITHIN_BUDGET,
    WITHIN_LIMITS,
    refuses_recused,
)
from applications.querysets import ApplicationQuerySet
from applications.states import INITIAL, VERBS, State, transitions
from enterprises.models import Enterprise
from foundation.accounts.models import District, Office
from foundation.clock import clock
from foundation.events.triggers import requires_event, state_machine
from foundation.files.models import Document
from measures.models import CallItem, FormVersion

_PERSON = settings.AUTH_USER_MODEL


def _chosen(verb):
    """The target that the verb names by `to`, among those that VERBS allows."""
    return GET_STATE(lambda self, *args, to, **kwargs: to, states=VERBS[verb].targets)


def _sources(verb):
    return VERBS[verb].sources


def _money(label, **options):
    return models.DecimalField(label, max_digits=16, decimal_places=2, null=True, blank=True, **options)


def _person():
    return models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+", editable=False)


def _moment(label):
    return models.DateTimeField(label, null=True, editable=False)


S = State


class Application(FSMModelMixin, models.Model):
    """One enterprise asks for one item of one call.

    The way, state by state (who acts there, and what may follow; applications.states holds the table):

    *draft* 草稿: the enterprise fills in; it submits, or discards. *offered* 待企业确认: what two officials put on a
    checked list of 免申即享; money is set aside, the enterprise confirms (and the case is signed off, for both have
    signed) or declines; silence ends nothing. *submitted* 待受理: the receiving office
    accepts, refuses acceptance, or asks once for a correction. *awaiting_correction* 待补正: the enterprise answers with only
    the named fields open, and the case returns to `resume_state`; without an answer it lapses.
    *district_review* 区级审核: the district's officer recommends for or against. *district_endorsement*
    区级复核: the head, another person, endorses or sends back. *municipal_review* 市级审核: the municipal
    officer appraises and proposes; money is set aside. *proposed* 拟定: the municipal head, another person,
    signs off or sends back. *decline_notified* 拟不予支持: the enterprise may state its defence by a date,
    then the head declines or has it reconsidered. *signed_off* 待公示 and *public_notice* 公示: the list
    is published for at least five working days; then the head approves, or reopens. *approved* 已批复:
    finance orders, releases and confirms the payment. *paid* 已拨付: the obligations remain;
    the officer's check completes it. Approved, paid and completed ones may be revoked after a notice.
    *referred* 已转办: the deciding unit concludes, or returns it. *waitlisted* 候补: no money is free; in
    order of submission the officer proposes when some is, or it lapses after the call closed. Until the decision a case
    lapses when its call is cancelled.

    Ends: *discarded, not_accepted, lapsed, declined, withdrawn, concluded, completed, revoked*.

    `office` is who acts now (empty while it is a draft; after the end, who had it last); `due_on` the cached
    day by which they must, recomputed when the calendar changes. `version` counts the verbs: a page that saw an
    older one is refused. Transitions set facts on this row and do nothing else; call the verbs of
    applications, reviews and payments `workflow`, never these methods.
    """

    State = State

    class Recommendation(models.TextChoices):
        FOR = "for", _("推荐")
        AGAINST = "against", _("不推荐")

    class Proposal(models.TextChoices):
        SUPPORT = "support", _("拟支持")
        DECLINE = "decline", _("拟不予支持")

    call_item = models.ForeignKey(CallItem, models.PROTECT, related_name="applications")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="applications")
    created_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("创建时间"), default=clock.now, editable=False)
    # 窗口代填: the officer who filled it in for the enterprise (CounterFiling has the rest); never reviews it.
    filed_by = _person()
    form = models.ForeignKey(FormVersion, models.PROTECT, related_name="+", verbose_name=_("申报表"))
    state = FSMField(_("状态"), default=State.DRAFT, choices=State.choices, protected=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    draft_revision = models.PositiveIntegerField(default=0, editable=False)

    number = models.CharField(_("申请编号"), max_length=30, null=True, unique=True, editable=False)
    sequence = models.PositiveIntegerField(null=True, editable=False)
    title = models.CharField(_("项目名称"), max_length=120, blank=True)
    answers = models.JSONField(_("填报内容"), default=dict, blank=True)
    identity = models.JSONField(_("提交时的企业信息"), null=True, editable=False)
    search = ArrayField(models.CharField(max_length=2), default=list, editable=False)

    district = models.ForeignKey(District, models.PROTECT, null=True, related_name="+", editable=False)
    district_office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+", editable=False)
    municipal_office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+", editable=False)
    office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="cases", editable=False)
    stage_started_at = _moment(_("本环节开始"))
    due_on = models.DateField(_("办理期限"), null=True, editable=False)
    resume_state = models.CharField(max_length=24, blank=True, editable=False)

    declared_investment = _money(_("申报投资额（元）"))
    appraised_investment = _money(_("核定投资额（元）"))
    appraisal_document = models.ForeignKey(
        Document, models.PROTECT, null=True, related_name="+", verbose_name=_("核定依据")
    )
    estimate = _money(_("测算上限（元）"))
    eligible = models.BooleanField(_("规则核对"), null=True, editable=False)
    recommendation = models.CharField(max_length=8, blank=True, choices=Recommendation.choices)
    proposal = models.CharField(max_length=8, blank=True, choices=Proposal.choices)
    proposed_amount = _money(_("拟支持金额（元）"))
    wanted_amount = _money(_("候补金额（元）"))
    award_lines = models.JSONField(_("金额构成"), default=list)
    approved_amount = _money(_("批复金额（元）"))
    reason = models.TextField(_("理由"), blank=True)
    result = models.CharField(_("转办结果"), max_length=300, blank=True)
    reminded_at = _moment(_("提醒时间"))
    carried_from = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("带入自")
    )
    left_behind = models.JSONField(_("没有带入的内容"), default=list, editable=False)
    offer_reminders = models.PositiveSmallIntegerField(default=0, editable=False)

    offered_at = _moment(_("列入名单"))
    confirmed_at, confirmed_by = _moment(_("企业确认")), _person()
    # {stem}_for: in whose place it was signed, where a deputy did.
    submitted_at, submitted_by = _moment(_("首次提交")), _person()
    accepted_at, accepted_by = _moment(_("受理")), _person()
    recommended_at, recommended_by, recommended_for = _moment(_("区级推荐")), _person(), _person()
    endorsed_at, endorsed_by, endorsed_for = _moment(_("区级复核")), _person(), _person()
    proposed_at, proposed_by, proposed_for = _moment(_("拟定")), _person(), _person()
    waitlisted_at, waitlisted_by = _moment(_("候补")), _person()
    signed_off_at, signed_off_by, signed_off_for = _moment(_("签发")), _person(), _person()
    decline_notified_at, defence_due_on = _moment(_("告知")), models.DateField(null=True, editable=False)
    defended_at = _moment(_("陈述申辩"))
    published_at = _moment(_("公示"))
    notice_closes_at = _moment(_("公示截止"))
    approved_at, approved_by, approved_for = _moment(_("批复")), _person(), _person()
    paid_at = _moment(_("拨付"))
    ended_at = _moment(_("办结"))

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("申请")
        verbose_name_plural = _("申请")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["office", "state", "due_on", "id"], name="case_queue"),
            models.Index(fields=["enterprise", "-id"], name="case_by_enterprise"),
            models.Index(fields=["created_by", "-id"], name="case_by_creator"),
            models.Index(fields=["district_office", "-id"], name="case_by_district"),
            models.Index(fields=["municipal_office", "-id"], name="case_by_municipal"),
            models.Index(fields=["call_item", "state"], name="case_by_call"),
            models.Index(
                fields=["due_on"],
                name="case_waiting",
                condition=Q(state__in=["awaiting_correction", "decline_notified"]),
            ),
            GinIndex(fields=["search"], name="case_search"),
        ]
        constraints = CONSTRAINTS
        triggers = [
            AWARD_WITHIN_CEILING,
            WITHIN_LIMITS,
            OFFERED_WITHIN_LIMITS,
            WITHIN_BUDGET,
            refuses_recused(
                "NEW.id",
                "accepted_by_id",
                "recommended_by_id",
                "endorsed_by_id",
                "proposed_by_id",
                "waitlisted_by_id",
                "signed_off_by_id",
                "approved_by_id",
                begins=False,
            ),
            *state_machine(transitions(), initial=[state.value for state in INITIAL]),
            requires_event("applications.application"),
        ]

    def __str__(self):
        return f"{self.number or _('草稿')} {self.title}".strip()

    # --- transitions: facts only; the verbs of workflow.py are the door ---------------------------------

    @transition("state", source=_sources("submit"), target=S.SUBMITTED)
    def submit(self, *, by, at, sequence, identity, district, district_office, municipal_office, office):
        self.sequence, self.number = sequence, self.call_item.number_for(sequence)
        self.submitted_at, self.submitted_by, self.identity = at, by, identity
        self.district, self.district_office = district, district_office
        self.municipal_office, self.office = municipal_office, office

    @transition("state", source=_sources("discard"), target=S.DISCARDED)
    def discard(self, *, at):
        self.ended_at = at

    @transition("state", source=_sources("offer"), target=S.OFFERED)
    def offer(
        self,
        *,
        at,
        drawn_by,
        drawn_at,
        by,
        sequence,
        identity,
        district,
        district_office,
        municipal_office,
        amount,
        lines,
    ):
        self.sequence, self.number = sequence, self.call_item.number_for(sequence)
        self.offered_at, self.identity = at, identity
        self.district, self.district_office = district, district_office
        self.municipal_office = self.office = municipal_office
        self.proposal, self.proposed_amount, self.award_lines = self.Proposal.SUPPORT, amount, lines
        self.proposed_by, self.proposed_at = drawn_by, drawn_at
        self.signed_off_by, self.signed_off_at = by, at

    @transition("state", source=_sources("confirm_offer"), target=_chosen("confirm_offer"))
    def confirm_offer(self, *, by, at, to):
        self.confirmed_by, self.confirmed_at = by, at
        self.submitted_by, self.submitted_at = by, at
        if to == S.MUNICIPAL_REVIEW:
            self._clear_proposal()

    @transition("state", source=_sources("decline_offer"), target=S.WITHDRAWN)
    def decline_offer(self, *, at, reason):
        self.ended_at, self.reason = at, reason
        self.proposal, self.proposed_amount = "", None

    @transition("state", source=_sources("end_offer"), target=S.LAPSED)
    def end_offer(self, *, at, reason):
        self.ended_at, self.reason = at, reason
        self.proposal, self.proposed_amount = "", None

    @transition("state", source=_sources("accept"), target=_chosen("accept"))
    def accept(self, *, by, at, to, office):
        self.accepted_by, self.accepted_at, self.office = by, at, office

    @transition("state", source=_sources("refuse_acceptance"), target=S.NOT_ACCEPTED)
    def refuse_acceptance(self, *, at, reason):
        self.ended_at, self.reason = at, reason

    @transition("state", source=_sources("request_correction"), target=S.AWAITING_CORRECTION)
    def request_correction(self):
        self.resume_state = self.state
        self.reminded_at = None

    @transition("state", source=_sources("resubmit"), target=_chosen("resubmit"))
    def resubmit(self, *, to):
        self.resume_state = ""

    @transition("state", source=_sources("lapse"), target=S.LAPSED)
    def lapse(self, *, at, reason):
        self.ended_at, self.reason, self.resume_state = at, reason, ""
        self._drop_support()

    @transition("state", source=_sources("recommend"), target=S.DISTRICT_ENDORSEMENT)
    def recommend(self, *, by, at, recommendation, in_place_of=None):
        self.recommended_by, self.recommended_at, self.recommended_for = by, at, in_place_of
        self.recommendation = recommendation

    @transition("state", source=_sources("endorse"), target=_chosen("endorse"))
    def endorse(self, *, by, at, to, office, reason="", defence_due_on=None, in_place_of=None):
        self.endorsed_by, self.endorsed_at, self.office = by, at, office
        self.endorsed_for = in_place_of
        if to == S.DECLINE_NOTIFIED:
            self.decline_notified_at, self.defence_due_on, self.reason = at, defence_due_on, reason

    @transition(
        "state",
        source=_sources("send_back"),
        target=GET_STATE(
            lambda self: VERBS["send_back"].leads[State(self.state)][0], states=VERBS["send_back"].targets
        ),
    )
    def send_back(self):
        if self.state == S.PROPOSED:
            self._clear_proposal()
        else:
            self.recommended_by = self.recommended_at = self.recommended_for = None
            self.recommendation = ""

    @transition("state", source=_sources("propose"), target=S.PROPOSED)
    def propose(self, *, by, at, proposal, amount, lines, appraised, document, reason, in_place_of=None):
        self.proposed_by, self.proposed_at, self.proposal = by, at, proposal
        self.proposed_for = in_place_of
        self.proposed_amount, self.award_lines, self.reason = amount, lines, reason
        if appraised is not None:
            self.appraised_investment, self.appraisal_document = appraised, document

    @transition("state", source=_sources("waitlist"), target=S.WAITLISTED)
    def waitlist(self, *, by, at, wanted, appraised, document):
        self.reminded_at = None
        self.waitlisted_by, self.waitlisted_at, self.wanted_amount = by, at, wanted
        if appraised is not None:
            self.appraised_investment, self.appraisal_document = appraised, document

    @transition("state", source=_sources("sign_off"), target=_chosen("sign_off"))
    def sign_off(self, *, by, at, to, defence_due_on=None, in_place_of=None):
        self.signed_off_by, self.signed_off_at, self.signed_off_for = by, at, in_place_of
        if to == S.DECLINE_NOTIFIED:
            self.decline_notified_at, self.defence_due_on = at, defence_due_on

    @transition("state", source=_sources("decline"), target=S.DECLINED)
    def decline(self, *, at):
        self.ended_at = at

    @transition("state", source=_sources("reconsider"), target=S.MUNICIPAL_REVIEW)
    def reconsider(self, *, office):
        self.office = office
        self._clear_proposal()

    @transition("state", source=_sources("publish"), target=S.PUBLIC_NOTICE)
    def publish(self, *, at, closes_at):
        self.published_at, self.notice_closes_at = at, closes_at

    @transition("state", source=_sources("approve"), target=S.APPROVED)
    def approve(self, *, by, at, office, in_place_of=None):
        self.approved_by, self.approved_at, self.office = by, at, office
        self.approved_for = in_place_of
        self.approved_amount = self.proposed_amount

    @transition("state", source=_sources("reopen"), target=S.MUNICIPAL_REVIEW)
    def reopen(self):
        self.published_at = self.notice_closes_at = None
        self._clear_proposal()

    @transition("state", source=_sources("pay"), target=S.PAID)
    def pay(self, *, at):
        self.paid_at = at

    @transition("state", source=_sources("complete"), target=S.COMPLETED)
    def complete(self, *, at):
        self.ended_at = at

    @transition("state", source=_sources("revoke"), target=S.REVOKED)
    def revoke(self, *, at, reason):
        self.ended_at, self.reason = at, reason

    @transition("state", source=_sources("conclude"), target=S.CONCLUDED)
    def conclude(self, *, at, result):
        self.ended_at, self.result = at, result

    @transition("state", source=_sources("return_referral"), target=S.SUBMITTED)
    def return_referral(self, *, office):
        self.office = office
        self.accepted_at = self.accepted_by = None

    def transfer(self, *, district, office):
        """Another district handles it from now on; the state stays."""
        self.district, self.district_office, self.office = district, office, office

    @transition("state", source=_sources("withdraw"), target=S.WITHDRAWN)
    def withdraw(self, *, at, reason):
        self.ended_at, self.reason, self.resume_state = at, reason, ""
        self._drop_support()

    def _drop_support(self):
        if self.proposal == self.Proposal.SUPPORT:
            self.proposal, self.proposed_amount = "", None

    def _clear_proposal(self):
        self.proposed_by = self.proposed_at = self.proposed_for = self.proposed_amount = None
        self.signed_off_by = self.signed_off_at = self.signed_off_for = None
        self.decline_notified_at = self.defence_due_on = self.defended_at = None
        self.proposal, self.reason, self.award_lines = "", "", []
