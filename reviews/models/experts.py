"""专家评审: the pool of experts, what each was asked to review, and what they found."""

from decimal import Decimal

import pgtrigger
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
from foundation.events.append_only import AppendOnly
from foundation.events.triggers import guard_states

_PERSON = settings.AUTH_USER_MODEL
# While the case is in this state, its officer needs the reviews; a correction only interrupts it.
ASKABLE = (CaseState.MUNICIPAL_REVIEW,)


class ExpertQuerySet(models.QuerySet):
    def in_force(self, day):
        """Entries that hold on that day, the first and the last day included, and were not ended early."""
        return self.filter(since__lte=day, ended_at=None).filter(Q(until=None) | Q(until__gte=day))


class Expert(models.Model):
    """A person in the pool of an office (专家库), from a day to a day.

    `fields` are what they know about; `employer` and its code say whose cases they may not review. An entry is never
    rewritten: who changes employer gets another one. Their account and its role are the system administrator's.
    """

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    person = models.ForeignKey(_PERSON, models.PROTECT, related_name="expert_entries", verbose_name=_("专家"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="experts", verbose_name=_("专家库"))
    fields = ArrayField(models.CharField(max_length=40), verbose_name=_("专业领域"))
    employer = models.CharField(_("工作单位"), max_length=120)
    employer_code = models.CharField(_("工作单位统一社会信用代码"), max_length=18, blank=True)
    since = models.DateField(_("入库日期"), default=clock.today)
    until = models.DateField(_("有效期至"), null=True)
    entered_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+", verbose_name=_("入库人"))
    entered_at = models.DateTimeField(_("登记时间"), default=clock.now)
    ended_at = models.DateTimeField(_("出库时间"), null=True)
    ended_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    ended_because = models.CharField(_("出库理由"), max_length=300, blank=True)

    objects = ExpertQuerySet.as_manager()

    class Meta:
        verbose_name = _("专家")
        verbose_name_plural = _("专家库")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="expert_once", fields=["person", "office"], condition=Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="expert_term_in_order", condition=Q(until=None) | Q(until__gte=F("since"))
            ),
            models.CheckConstraint(name="expert_entered_by_another", condition=~Q(person=F("entered_by"))),
            models.CheckConstraint(
                name="expert_with_employer_and_fields", condition=~Q(employer="") & Q(fields__len__gt=0)
            ),
            models.CheckConstraint(
                name="expert_ended_whole",
                condition=Q(ended_at=None, ended_by=None, ended_because="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_because="")),
            ),
        ]

    def __str__(self):
        return f"{self.person}（{self.employer}）"

    @property
    def is_in_force(self) -> bool:
        today = clock.today()
        return self.ended_at is None and self.since <= today and (self.until is None or self.until >= today)


class ExpertReviewQuerySet(models.QuerySet):
    def waiting(self):
        """Open ones whose case is still reviewed by the commission: the others are void by computation."""
        reviewed = Q(application__state__in=ASKABLE) | Q(
            application__state=CaseState.AWAITING_CORRECTION, application__resume_state__in=ASKABLE
        )
        return self.filter(reviewed, state=ExpertReview.State.OPEN)

    def counted(self):
        """What the enterprise may know of: reviews that were given or are still asked for."""
        return self.filter(state__in=[ExpertReview.State.OPEN, ExpertReview.State.SUBMITTED])


@guard_states(initial=["open"])
class ExpertReview(FSMModelMixin, models.Model):
    """One expert's review of one case (评审).

    States: *open* 待评审, the expert first declares that they have no interest in the case, then reads what was
    submitted and reviews it by the day; *submitted* 已提交, for good; *declined* 已谢绝, with a conflict of interest
    (回避) or for another reason; *withdrawn* 已撤回 by the office that asked. Void by computation once the case has left
    the commission's review. `criteria` are the call item's when it was asked: [{name, looks_at, weight}]; where there are
    none, no scores are given. `total` is the sum of the scores, in points out of 100.
    """

    class State(models.TextChoices):
        OPEN = "open", _("待评审")
        SUBMITTED = "submitted", _("已提交")
        DECLINED = "declined", _("已谢绝")
        WITHDRAWN = "withdrawn", _("已撤回")

    class Verdict(models.TextChoices):
        SUPPORT = "support", _("建议支持")
        OPPOSE = "oppose", _("不建议支持")

    class Ground(models.TextChoices):
        CONFLICT = "conflict", _("与申请人有利害关系，应当回避")
        FIELD = "field", _("不属于本人的专业领域")
        TIME = "time", _("在期限内不能完成")
        OTHER = "other", _("其他")

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    application = models.ForeignKey(Application, models.PROTECT, related_name="expert_reviews")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="reviews", verbose_name=_("专家"))
    # The entry's person, so that nobody is asked twice by way of another entry.
    person = models.ForeignKey(_PERSON, models.PROTECT, related_name="expert_reviews")
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="+")
    state = FSMField(_("状态"), default=State.OPEN, choices=State.choices, protected=True)
    version = models.PositiveIntegerField(default=0)
    criteria = models.JSONField(_("评审指标"), default=list)
    note = models.TextField(_("评审说明"), blank=True)
    asked_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    asked_from = models.ForeignKey(Office, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("邀请时间"), default=clock.now)
    due_on = models.DateField(_("评审期限"))
    declared_at = models.DateTimeField(_("声明无利害关系"), null=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    verdict = models.CharField(_("结论"), max_length=10, choices=Verdict.choices, blank=True)
    opinion = models.TextField(_("评审意见"), blank=True)
    total = models.DecimalField(_("总分"), max_digits=4, decimal_places=1, null=True)
    ended_at = models.DateTimeField(_("谢绝或撤回时间"), null=True)
    ground = models.CharField(_("谢绝的原因"), max_length=10, choices=Ground.choices, blank=True)
    because = models.CharField(_("说明"), max_length=300, blank=True)

    objects = ExpertReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("专家评审")
        verbose_name_plural = _("专家评审")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["person", "state", "due_on", "id"], name="expertreview_of_person")]
        constraints = [
            # Who declined isn't asked again either.
            models.UniqueConstraint(
                name="expertreview_once", fields=["application", "person"], condition=~Q(state="withdrawn")
            ),
            models.CheckConstraint(
                name="expertreview_submitted_whole",
                condition=Q(state="submitted", submitted_at__isnull=False, declared_at__isnull=False)
                & ~Q(verdict="")
                & ~Q(opinion="")
                & (Q(criteria=[], total=None) | (~Q(criteria=[]) & Q(total__isnull=False)))
                | (~Q(state="submitted") & Q(submitted_at=None, verdict="", opinion="", total=None)),
            ),
            models.CheckConstraint(
                name="expertreview_total", condition=Q(total=None) | Q(total__gte=0, total__lte=100)
            ),
            models.CheckConstraint(
                name="expertreview_ended_whole",
                condition=(Q(state="declined", ended_at__isnull=False) & ~Q(ground=""))
                | (Q(state="withdrawn", ended_at__isnull=False, ground="") & ~Q(because=""))
                | Q(state__in=["open", "submitted"], ended_at=None, ground="", because=""),
            ),
        ]
        triggers = [
            # What was asked and declared stands; what was submitted, declined or withdrawn stands as a whole.
            pgtrigger.Protect(
                name="stands",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'open'"
                    " OR (OLD.declared_at IS NOT NULL AND NEW.declared_at IS DISTINCT FROM OLD.declared_at)"
                    " OR ROW(NEW.application_id, NEW.expert_id, NEW.person_id, NEW.submission_id, NEW.criteria)"
                    " IS DISTINCT FROM"
                    " ROW(OLD.application_id, OLD.expert_id, OLD.person_id, OLD.submission_id, OLD.criteria)"
                ),
            )
        ]

    def __str__(self):
        return f"{self.application} → {self.expert_id}"

    @property
    def is_waiting(self) -> bool:
        """Whether the review is still wanted; the case must be loaded."""
        case = self.application
        state = case.resume_state if case.state == CaseState.AWAITING_CORRECTION else case.state
        return self.state == self.State.OPEN and state in ASKABLE

    @property
    def is_overdue(self) -> bool:
        return self.is_waiting and self.due_on < clock.today()

    @transition("state", source=State.OPEN, target=State.SUBMITTED)
    def submit(self, *, at, verdict, opinion, total: Decimal | None):
        self.submitted_at, self.verdict, self.opinion, self.total = at, verdict, opinion, total

    @transition("state", source=State.OPEN, target=State.DECLINED)
    def decline(self, *, at, ground, because):
        self.ended_at, self.ground, self.because = at, ground, because

    @transition("state", source=State.OPEN, target=State.WITHDRAWN)
    def withdraw(self, *, at, because):
        self.ended_at, self.because = at, because


class ReviewScore(AppendOnly):
    """The points that a review gives for one criterion: from 0 to its weight, with one decimal place."""

    review = models.ForeignKey(ExpertReview, models.PROTECT, related_name="scores")
    position = models.PositiveSmallIntegerField(_("顺序"))
    points = models.DecimalField(_("得分"), max_digits=4, decimal_places=1)
    weight = models.PositiveSmallIntegerField(_("满分"))

    class Meta:
        verbose_name = _("评分")
        verbose_name_plural = _("评分")
        ordering = ["review", "position"]
        constraints = [
            models.UniqueConstraint(name="reviewscore_once", fields=["review", "position"]),
            models.CheckConstraint(
                name="reviewscore_within_weight", condition=Q(points__gte=0, points__lte=F("weight"))
            ),
        ]

    def __str__(self):
        return f"{self.review_id} #{self.position}: {self.points}"
