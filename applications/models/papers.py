"""What hangs on a case: documents, submissions, rule checks, corrections, steps."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.models.case import Application
from applications.states import State
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from foundation.files.models import Document
from measures.models import FormVersion, RuleVersion


class ApplicationDocument(models.Model):
    """A document in a slot of the form. Replaced ones stay, with the moment they were taken out."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="papers")
    slot = models.CharField(_("材料"), max_length=40)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("申请材料")
        verbose_name_plural = _("申请材料")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="paper_one_per_slot", fields=["application", "slot"], condition=Q(removed_at=None)
            )
        ]

    def __str__(self):
        return self.slot


class Submission(AppendOnly):
    """What was submitted, as it was: answers, the form's version, each document with its SHA-256."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="submissions")
    round = models.PositiveSmallIntegerField(_("第几次提交"))
    form = models.ForeignKey(FormVersion, models.PROTECT, related_name="+")
    answers = models.JSONField()
    documents = models.JSONField(help_text='[{"slot", "document", "name", "size", "sha256"}]')
    identity = models.JSONField()
    consortium = models.JSONField(_("联合体"), default=list)
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("提交记录")
        verbose_name_plural = _("提交记录")
        ordering = ["application", "round"]
        constraints = [models.UniqueConstraint(name="submission_round", fields=["application", "round"])]

    def __str__(self):
        return f"{self.application} #{self.round}"


class RuleCheck(AppendOnly):
    """One check of the rule, frozen: every condition with the value it saw, and the award's lines."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="checks")
    verb = models.CharField(_("环节"), max_length=30)
    at = models.DateTimeField()
    rule = models.ForeignKey(RuleVersion, models.PROTECT, null=True, related_name="+")
    eligible = models.BooleanField(_("结果"), null=True)
    amount = models.DecimalField(_("金额（元）"), max_digits=16, decimal_places=2, null=True)
    answer = models.JSONField(_("逐条结果"))
    inputs = models.JSONField(_("申请自身的数据"))

    class Meta:
        verbose_name = _("规则核对")
        verbose_name_plural = _("规则核对")
        ordering = ["application", "pk"]

    def __str__(self):
        return f"{self.application} {self.verb}"


class Correction(models.Model):
    """A question to the enterprise: one before acceptance (补正), one per later stage (说明).

    Only the fields and documents named in `remarks` open; declared amounts never rise.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="corrections")
    stage = models.CharField(_("环节"), max_length=24, choices=State.choices)
    remarks = models.JSONField(_("逐项意见"), help_text='{"field or slot": "remark"}')
    note = models.TextField(_("总体说明"), blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_on = models.DateField(_("补正期限"))
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("补正")
        verbose_name_plural = _("补正")
        ordering = ["application", "pk"]
        constraints = [
            models.UniqueConstraint(name="correction_once_per_stage", fields=["application", "stage"]),
            models.CheckConstraint(
                name="correction_answered_later",
                condition=Q(answered_at=None) | Q(answered_at__gte=F("asked_at")),
            ),
        ]

    def __str__(self):
        return f"{self.application} {self.get_stage_display()}"


class Step(models.Model):
    """One stay of a case in one state: who had it, from when to when, by which day it was due.

    `workdays` counts the working days of the stay, set when it ends; reports take medians over it.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=24, choices=State.choices)
    office = models.ForeignKey(Office, models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    left_at = models.DateTimeField(null=True)
    left_by_verb = models.CharField(max_length=30, blank=True)
    workdays = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("环节")
        verbose_name_plural = _("环节")
        ordering = ["application", "pk"]
        indexes = [models.Index(fields=["state", "left_at"], name="step_by_state")]
        constraints = [
            models.UniqueConstraint(name="step_one_open", fields=["application"], condition=Q(left_at=None)),
            models.CheckConstraint(
                name="step_left_facts",
                condition=Q(left_at=None, left_by_verb="", workdays=None)
                | (
                    Q(left_at__isnull=False, left_at__gte=F("entered_at"), workdays__isnull=False)
                    & ~Q(left_by_verb="")
                ),
            ),
        ]

    def __str__(self):
        return f"{self.application} {self.get_state_display()}"
