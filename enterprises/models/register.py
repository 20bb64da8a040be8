"""Who applies: enterprises as the register knows them; the people who act for them stand in people.py.

An enterprise row may stand in the register (imported, or entered for a claim) long before anybody has
proved that they act for it. Nothing of it is shown to somebody whose claim is not verified.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, FSMModelMixin, transition

from enterprises.models.register_guards import CODE_IS_NOBODY_ELSES, PARENT_IS_A_LEGAL_PERSON
from enterprises.querysets import EnterpriseQuerySet
from foundation.accounts.fields import EncryptedTextField
from foundation.accounts.models import District
from foundation.clock import clock
from foundation.events.triggers import guard_states

# The source of an enterprise that only a claimant has told us of.
SELF_REPORTED = "企业填报"


class LegalForm(models.TextChoices):
    COMPANY = "company", _("公司（法人）")
    PARTNERSHIP = "partnership", _("合伙企业")
    SOLE = "sole", _("个人独资企业")
    INSTITUTION = "institution", _("民办非企业单位（法人）")
    BRANCH = "branch", _("分支机构（非法人）")


@guard_states(initial=["registered"], event=False)
class Enterprise(FSMModelMixin, models.Model):
    """An enterprise as the register knows it.

    States: *registered* 已登记, nobody has proved to act for it; *verified* 已核验, at least one claim was
    verified by its district; *suspended* 已暂停, its people may read but not submit, can be reinstated;
    *closed* 已注销, for good: live cases are left to an officer's decision.
    """

    class State(models.TextChoices):
        REGISTERED = "registered", _("已登记")
        VERIFIED = "verified", _("已核验")
        SUSPENDED = "suspended", _("已暂停")
        CLOSED = "closed", _("已注销")

    uscc = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    district = models.ForeignKey(District, models.PROTECT, related_name="+", verbose_name=_("注册区"))
    legal_form = models.CharField(_("组织形式"), max_length=12, choices=LegalForm.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="branches", verbose_name=_("上级法人")
    )
    # A parent that isn't in the register.
    parent_name = models.CharField(
        _("上级法人名称（不在登记库）"), max_length=120, blank=True, db_default="", default=""
    )
    parent_uscc = models.CharField(
        _("上级法人代码（不在登记库）"), max_length=18, blank=True, db_default="", default=""
    )
    industry = models.CharField(
        _("登记行业代码"), max_length=5, blank=True, help_text=_("GB/T 4754，如 M7452")
    )
    established_on = models.DateField(_("成立日期"), null=True, blank=True)
    address = models.CharField(_("注册地址"), max_length=200, blank=True)
    source = models.CharField(_("数据来源"), max_length=60, default=SELF_REPORTED)
    bank_name = models.CharField(_("开户银行"), max_length=80, blank=True)
    bank_account = EncryptedTextField(_("银行账号"), blank=True, default="")
    bank_account_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    state = FSMField(_("状态"), default=State.REGISTERED, choices=State.choices, protected=True)
    state_reason = models.CharField(_("状态说明"), max_length=200, blank=True)
    verified_at = models.DateTimeField(_("核验时间"), null=True, blank=True)
    # While two people claim it (OwnershipDispute); set and cleared by the verbs of a dispute alone.
    disputed_since = models.DateTimeField(_("经办人争议自"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("登记时间"), default=clock.now, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = _("企业")
        verbose_name_plural = _("企业")
        ordering = ["uscc"]
        indexes = [
            models.Index(fields=["district", "uscc"], name="enterprise_district"),
            models.Index(fields=["name"], name="enterprise_name"),
        ]
        constraints = [
            models.CheckConstraint(name="enterprise_uscc_form", condition=Q(uscc__regex=r"^[0-9A-Z]{18}$")),
            models.CheckConstraint(
                name="enterprise_verified_has_time",
                condition=~Q(state="verified") | Q(verified_at__isnull=False),
            ),
            models.CheckConstraint(
                name="enterprise_not_own_parent", condition=Q(parent__isnull=True) | ~Q(parent=F("pk"))
            ),
            models.CheckConstraint(
                name="enterprise_parent_of_branch",
                condition=Q(parent=None, parent_name="", parent_uscc="")
                | Q(legal_form="branch", parent__isnull=False, parent_name="", parent_uscc="")
                | Q(legal_form="branch", parent=None, parent_uscc__regex=r"^[0-9A-Z]{18}$")
                & ~Q(parent_name=""),
                violation_error_message=_("只有分支机构有上级法人，在登记库内、库外只能填一处"),
            ),
        ]
        triggers = [CODE_IS_NOBODY_ELSES, PARENT_IS_A_LEGAL_PERSON]

    def __str__(self):
        return self.name

    @property
    def barred(self) -> str:
        """Why its people read and don't act now: suspended, closed or disputed; "" otherwise."""
        if self.state in {self.State.SUSPENDED, self.State.CLOSED}:
            return _text("企业账户现在是“%s”，可以查看，不能办理") % self.get_state_display()
        if self.disputed_since:
            return _text("企业的经办人有争议，由所在区处理；处理前可以查看，不能办理")
        return ""

    @transition("state", source=[State.REGISTERED, State.VERIFIED], target=State.VERIFIED)
    def verify(self, *, at):
        self.verified_at = self.verified_at or at

    @transition("state", source=[State.REGISTERED, State.VERIFIED], target=State.SUSPENDED)
    def suspend(self, *, reason):
        self.state_reason = reason

    @transition(
        "state",
        source=State.SUSPENDED,
        # What nobody ever proved to act for isn't verified by having been suspended.
        target=GET_STATE(
            lambda self, **facts: self.State.VERIFIED if self.verified_at else self.State.REGISTERED,
            states=[State.VERIFIED, State.REGISTERED],
        ),
    )
    def reinstate(self, *, reason):
        self.state_reason = reason

    @transition("state", source=[State.REGISTERED, State.VERIFIED, State.SUSPENDED], target=State.CLOSED)
    def close(self, *, reason):
        self.state_reason = reason
