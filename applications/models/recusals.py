"""回避: who may not act on a case, and what an enterprise asked about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.case import Application
from applications.querysets import RecusalQuerySet
from enterprises.models import Enterprise
from foundation.accounts.fields import EncryptedTextField
from foundation.accounts.roles import Role
from foundation.clock import clock

_PERSON = settings.AUTH_USER_MODEL
# Who handles a case, as the enterprise knows them.
HANDLING = (
    Role.DISTRICT_OFFICER,
    Role.DISTRICT_HEAD,
    Role.MUNICIPAL_OFFICER,
    Role.MUNICIPAL_HEAD,
    Role.FINANCE_MAKER,
    Role.FINANCE_CHECKER,
)


class Recusal(models.Model):
    """A person keeps out of one case, or of every case of an enterprise, until it is lifted.

    Meanwhile no verb of theirs on these cases happens, and the cases don't exist for them: the database refuses
    their signature too. `reason` names what ties them (a spouse's employer, a share): encrypted, in no event.
    """

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    class Origin(models.TextChoices):
        DECLARED = "declared", _("本人申请回避")
        ORDERED = "ordered", _("负责人决定回避")
        ASKED = "asked", _("企业申请、决定回避")

    person = models.ForeignKey(_PERSON, models.PROTECT, related_name="recusals", verbose_name=_("回避人"))
    application = models.ForeignKey(Application, models.PROTECT, null=True, related_name="recusals")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="recusals")
    origin = models.CharField(_("来由"), max_length=10, choices=Origin.choices)
    reason = EncryptedTextField(_("理由"))
    by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+", verbose_name=_("登记人"))
    at = models.DateTimeField(_("起"), default=clock.now)
    lifted_at = models.DateTimeField(_("解除时间"), null=True)
    lifted_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    lifted_because = models.CharField(_("解除理由"), max_length=300, blank=True)

    objects = RecusalQuerySet.as_manager()

    class Meta:
        verbose_name = _("回避")
        verbose_name_plural = _("回避")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="recusal_of_one_thing",
                condition=Q(application=None, enterprise__isnull=False)
                | Q(application__isnull=False, enterprise=None),
            ),
            models.CheckConstraint(name="recusal_with_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="recusal_lifted_whole",
                condition=Q(lifted_at=None, lifted_by=None, lifted_because="")
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_because=""),
            ),
            # Nobody lets themselves back in.
            models.CheckConstraint(
                name="recusal_lifted_by_another",
                condition=Q(lifted_by=None) | ~Q(lifted_by=models.F("person")),
            ),
            models.UniqueConstraint(
                name="recusal_once_for_case", fields=["person", "application"], condition=Q(lifted_at=None)
            ),
            models.UniqueConstraint(
                name="recusal_once_for_enterprise",
                fields=["person", "enterprise"],
                condition=Q(lifted_at=None),
            ),
        ]

    def __str__(self):
        return f"{self.person_id} {self.application_id or self.enterprise_id}"


class RecusalRequest(models.Model):
    """An enterprise asks that somebody keep out of its case; a head decides, by a day, and answers.

    It names the role, and the person in its own words: these and the grounds are encrypted. Open while it has no
    `decided_at`. Whoever holds the named role may grant it, never turn it down.
    """

    runtime_rights = ("SELECT", "INSERT", "UPDATE")

    application = models.ForeignKey(Application, models.PROTECT, related_name="recusal_requests")
    role = models.CharField(
        _("申请谁回避"),
        max_length=30,
        choices=[(role.value, role.label) for role in HANDLING],
    )
    about = EncryptedTextField(_("申请回避的人员"))
    grounds = EncryptedTextField(_("事实和理由"))
    asked_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("申请时间"), default=clock.now)
    due_on = models.DateField(_("答复期限"))
    granted = models.BooleanField(_("是否同意"), null=True)
    answer = models.TextField(_("答复"), blank=True)
    decided_at = models.DateTimeField(_("答复时间"), null=True)
    decided_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    recusal = models.OneToOneField(Recusal, models.PROTECT, null=True, related_name="request")

    class Meta:
        verbose_name = _("回避申请")
        verbose_name_plural = _("回避申请")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="recusal_request_one_open", fields=["application"], condition=Q(decided_at=None)
            ),
            models.CheckConstraint(
                name="recusal_request_decided_whole",
                condition=Q(decided_at=None, decided_by=None, granted=None, answer="", recusal=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, granted__isnull=False)
                & ~Q(answer="")
                & (Q(granted=True, recusal__isnull=False) | Q(granted=False, recusal=None)),
            ),
        ]

    def __str__(self):
        return f"{self.application} {self.asked_at:%Y-%m-%d}"
