"""Long work that a person asked for, and how far it is."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from foundation.clock import clock
from foundation.events.triggers import guard_states
from foundation.files.models import Document
from foundation.jobs import kinds


@guard_states(initial=["waiting"])
class Job(FSMModelMixin, models.Model):
    """Work in the background, on a page that can be left.

    States: *waiting* 排队中, no worker has taken it yet; *running* 进行中, a worker has it (begun anew, and
    counted, where the one before was killed); *done* 已完成, with its outcome; *failed* 未完成, with the reason:
    nothing of its work was kept.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("进行中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未完成")

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    kind = models.CharField(_("类型"), max_length=60)
    parameters = models.JSONField(_("参数"), default=dict)
    input = models.ForeignKey(
        Document, models.PROTECT, null=True, related_name="+", verbose_name=_("输入文件")
    )
    second_input = models.ForeignKey(
        Document, models.PROTECT, null=True, related_name="+", verbose_name=_("第二个输入文件")
    )
    state = FSMField(_("状态"), default=State.WAITING, choices=State.choices, protected=True)
    attempts = models.PositiveSmallIntegerField(_("执行次数"), default=0)
    done = models.PositiveBigIntegerField(_("已处理"), default=0)
    total = models.PositiveBigIntegerField(_("总数"), default=0)
    outcome = models.JSONField(_("结果"), default=dict)
    result = models.ForeignKey(
        Document, models.PROTECT, null=True, related_name="+", verbose_name=_("结果文件")
    )
    message = models.CharField(_("说明"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("发起人")
    )
    created_at = models.DateTimeField(_("发起时间"), default=clock.now)
    started_at = models.DateTimeField(_("开始时间"), null=True)
    progress_at = models.DateTimeField(_("进度时间"), null=True)
    finished_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta:
        verbose_name = _("后台任务")
        verbose_name_plural = _("后台任务")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["state"], condition=Q(state__in=["waiting", "running"]), name="job_unfinished"
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="job_ended_has_time",
                condition=Q(state__in=["waiting", "running"], finished_at__isnull=True)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="job_failed_has_reason", condition=~Q(state="failed") | ~Q(message="")
            ),
        ]

    def __str__(self):
        return f"{self.label} {self.pk}"

    @property
    def label(self) -> str:
        """What the work is called."""
        return str(kinds.get(self.kind).label)

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED}

    @property
    def percent(self) -> int:
        """How much is done, 0 to 100; 100 only at the end."""
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0

    @transition("state", source=[State.WAITING, State.RUNNING], target=State.RUNNING)
    def start(self, *, at):
        self.started_at, self.attempts = self.started_at or at, self.attempts + 1
        self.progress_at, self.done, self.total = at, 0, 0

    @transition("state", source=State.RUNNING, target=State.DONE)
    def finish(self, *, at, outcome, result):
        self.finished_at, self.outcome, self.result = at, outcome, result

    @transition("state", source=[State.WAITING, State.RUNNING], target=State.FAILED)
    def fail(self, *, at, message):
        self.finished_at, self.message = at, message
