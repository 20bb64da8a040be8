"""征求意见: one question of the commission's officer to another office, and its answer."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from applications.models import Application, Submission
from applications.states import State as CaseState
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.triggers import guard_states
from foundation.files.models import Document

_PERSON = settings.AUTH_USER_MODEL
# While the case is in one of these, its officer still needs the answer.
ASKABLE = (CaseState.MUNICIPAL_REVIEW, CaseState.WAITLISTED)


class ConsultationQuerySet(models.QuerySet):
    def waiting(self):
        """Open ones whose case is still reviewed by the commission: the others are void by computation."""
        reviewed = Q(application__state__in=ASKABLE) | Q(
            application__state=CaseState.AWAITING_CORRECTION, application__resume_state__in=ASKABLE
        )
        return self.filter(reviewed, state=Consultation.State.OPEN)


@guard_states(initial=["open"])
class Consultation(FSMModelMixin, models.Model):
    """A question about a case to another office, with what of the case was released for it.

    States: *open* 征求中, the office answers by the day, the officer may recall it; *answered* 已答复;
    *recalled* 已撤回. Void by computation once the case has left the commission's review. `released` names the fields
    and document slots of `submission` that the office reads, beside the item, the enterprise's name and code and the
    project's title; the account to be paid to is never part of it.
    """

    class State(models.TextChoices):
        OPEN = "open", _("征求中")
        ANSWERED = "answered", _("已答复")
        RECALLED = "recalled", _("已撤回")

    class Stance(models.TextChoices):
        AGREE = "agree", _("同意")
        NO_OBJECTION = "no_objection", _("无意见")
        DISAGREE = "disagree", _("不同意")

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    application = models.ForeignKey(Application, models.PROTECT, related_name="consultations")
    office = models.ForeignKey(
        Office, models.PROTECT, related_name="consultations", verbose_name=_("征求单位")
    )
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="+")
    state = FSMField(_("状态"), default=State.OPEN, choices=State.choices, protected=True)
    version = models.PositiveIntegerField(default=0)
    question = models.TextField(_("征求的问题"))
    released = ArrayField(models.CharField(max_length=60), default=list, verbose_name=_("提供的内容"))
    asked_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    asked_from = models.ForeignKey(Office, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("征求时间"), default=clock.now)
    due_on = models.DateField(_("答复期限"))
    stance = models.CharField(_("意见"), max_length=12, choices=Stance.choices, blank=True)
    answer = models.TextField(_("意见内容"), blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, related_name="+", verbose_name=_("复函")
    )
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    answered_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    recalled_at = models.DateTimeField(_("撤回时间"), null=True)
    recalled_because = models.CharField(_("撤回理由"), max_length=300, blank=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("征求意见")
        verbose_name_plural = _("征求意见")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["office", "state", "due_on", "id"], name="consultation_of_office")]
        constraints = [
            models.UniqueConstraint(
                name="consultation_one_open", fields=["application", "office"], condition=Q(state="open")
            ),
            models.CheckConstraint(name="consultation_asks", condition=~Q(question="")),
            models.CheckConstraint(
                name="consultation_of_another_office", condition=~Q(office=F("asked_from"))
            ),
            models.CheckConstraint(
                name="consultation_answered_whole",
                condition=Q(state="answered", answered_at__isnull=False, answered_by__isnull=False)
                & ~Q(stance="")
                | (
                    ~Q(state="answered")
                    & Q(answered_at=None, answered_by=None, stance="", answer="", document=None)
                ),
            ),
            # Whoever does not agree says why.
            models.CheckConstraint(
                name="consultation_disagrees_with_reason", condition=~Q(stance="disagree") | ~Q(answer="")
            ),
            models.CheckConstraint(
                name="consultation_recalled_whole",
                condition=Q(state="recalled", recalled_at__isnull=False) & ~Q(recalled_because="")
                | (~Q(state="recalled") & Q(recalled_at=None, recalled_because="")),
            ),
        ]

    def __str__(self):
        return f"{self.application} → {self.office}"

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still wanted; the case must be loaded."""
        case = self.application
        state = case.resume_state if case.state == CaseState.AWAITING_CORRECTION else case.state
        return self.state == self.State.OPEN and state in ASKABLE

    @property
    def is_overdue(self) -> bool:
        return self.is_waiting and self.due_on < clock.today()

    @transition("state", source=State.OPEN, target=State.ANSWERED)
    def give(self, *, by, at, stance, answer, document):
        self.answered_by, self.answered_at = by, at
        self.stance, self.answer, self.document = stance, answer, document

    @transition("state", source=State.OPEN, target=State.RECALLED)
    def recall(self, *, at, because):
        self.recalled_at, self.recalled_because = at, because
