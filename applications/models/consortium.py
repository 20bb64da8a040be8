"""A consortium: who takes part in a case beside its enterprise, with what, and whether they agreed."""

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from applications.models.case import Application
from enterprises.models import Enterprise
from foundation.clock import clock
from foundation.events.triggers import guard_states
from foundation.files.models import Document

# What stands once the case was submitted is what was agreed to: the rows of a draft alone change.
_WITHIN = pgtrigger.Trigger(
    name="consortium_within",
    operation=pgtrigger.Insert | pgtrigger.Update,
    when=pgtrigger.Before,
    declare=[("bounds", "record"), ("found", "record")],
    func="""
        SELECT one.state, unit.uscc, line.consortium_most AS most INTO bounds
          FROM applications_application one
          JOIN enterprises_enterprise unit ON unit.id = one.enterprise_id
          JOIN measures_callitem line ON line.id = one.call_item_id
         WHERE one.id = NEW.application_id;
        IF bounds.state <> 'draft' THEN
            RAISE EXCEPTION 'consortium_within: the case was submitted' USING ERRCODE = 'check_violation';
        END IF;
        SELECT count(*) AS many, COALESCE(sum(other.share), 0) AS shares INTO found
          FROM applications_consortiumpartner other
         WHERE other.application_id = NEW.application_id AND other.id <> NEW.id AND other.state <> 'dropped';
        IF NEW.state <> 'dropped' AND (NEW.uscc = bounds.uscc OR found.many >= bounds.most
                                       OR found.shares + NEW.share >= 100) THEN
            RAISE EXCEPTION 'consortium_within: % partners with % percent, % allowed', found.many + 1,
                found.shares + NEW.share, bounds.most USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)


@guard_states(initial=["asked", "by_agreement"])
class ConsortiumPartner(FSMModelMixin, models.Model):
    """A partner 参与单位 of a case whose enterprise is the lead 牵头单位; written while the case is a draft.

    `share`: percent of the support, of whatever amount is approved; the lead has the rest, which is above zero.
    `enterprise`: the register's row of that code, if there is one; a code that it doesn't know stays text.

    States: *asked* 待确认, somebody acts for the partner and is asked; *confirmed* 已确认; *refused* 已拒绝, with the
    reason; *withdrawn* 已取回确认; *by_agreement* 凭协议, nobody acts for it yet: a stamped agreement says so;
    *dropped* 已移除 by the lead. Refused and withdrawn ones may confirm after all.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("待确认")
        CONFIRMED = "confirmed", _("已确认")
        REFUSED = "refused", _("已拒绝")
        WITHDRAWN = "withdrawn", _("已取回确认")
        BY_AGREEMENT = "by_agreement", _("凭协议参与")
        DROPPED = "dropped", _("已移除")

    application = models.ForeignKey(Application, models.PROTECT, related_name="partners")
    uscc = models.CharField(_("统一社会信用代码"), max_length=18)
    name = models.CharField(_("单位名称"), max_length=120)
    part = models.CharField(_("分工"), max_length=300)
    share = models.DecimalField(
        _("支持资金占比（%）"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="parts")
    agreement = models.ForeignKey(
        Document, models.PROTECT, null=True, related_name="+", verbose_name=_("联合申报协议")
    )
    state = FSMField(_("状态"), default=State.ASKED, choices=State.choices, protected=True)
    reason = models.CharField(_("拒绝理由"), max_length=300, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("确认人")
    )
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    named_at = models.DateTimeField(_("登记时间"), default=clock.now)
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("参与单位")
        verbose_name_plural = _("参与单位")
        ordering = ["application", "pk"]
        indexes = [models.Index(fields=["enterprise", "-id"], name="partner_by_enterprise")]
        constraints = [
            models.UniqueConstraint(
                name="partner_once", fields=["application", "uscc"], condition=~Q(state="dropped")
            ),
            models.CheckConstraint(name="partner_share", condition=Q(share__gt=0, share__lt=100)),
            models.CheckConstraint(name="partner_uscc_form", condition=Q(uscc__regex=r"^[0-9A-Z]{18}$")),
            models.CheckConstraint(
                name="partner_answer_facts",
                condition=Q(state__in=["asked", "by_agreement"], answered_by=None, answered_at=None)
                | Q(
                    state__in=["confirmed", "refused", "withdrawn"],
                    enterprise__isnull=False,
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                )
                | Q(state="dropped"),
            ),
            models.CheckConstraint(
                name="partner_refused_with_a_reason", condition=~Q(state="refused") | ~Q(reason="")
            ),
        ]
        triggers = [_WITHIN]

    def __str__(self):
        return self.name

    @property
    def share_text(self) -> str:
        """30, 33.33: without zeros that say nothing."""
        return f"{self.share.normalize():f}"

    @property
    def key(self) -> str:
        """Its id as text, for names of inputs."""
        return str(self.pk)

    @transition("state", source=[State.ASKED, State.REFUSED, State.WITHDRAWN], target=State.CONFIRMED)
    def confirm(self, *, by, at):
        self.answered_by, self.answered_at, self.reason = by, at, ""

    @transition("state", source=State.ASKED, target=State.REFUSED)
    def refuse(self, *, by, at, reason):
        self.answered_by, self.answered_at, self.reason = by, at, reason

    @transition("state", source=State.CONFIRMED, target=State.WITHDRAWN)
    def take_back(self, *, by, at):
        self.answered_by, self.answered_at = by, at

    @transition(
        "state",
        source=[State.ASKED, State.CONFIRMED, State.REFUSED, State.WITHDRAWN, State.BY_AGREEMENT],
        target=State.DROPPED,
    )
    def drop(self):
        """No longer of the consortium; the row stays, with what was said."""
