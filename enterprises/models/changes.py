"""The codes that enterprises had before."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from enterprises.models.records import EnterpriseChange
from enterprises.models.register import Enterprise
from enterprises.models.register_guards import FORMER_CODE_IS_NOBODY_ELSES
from foundation.events.append_only import AppendOnly


class FormerCode(AppendOnly):
    """A code that an enterprise had before: it leads to the enterprise, and no other may have it any more.

    Over current and former codes the database holds them apart (register_guards).
    """

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="former_codes")
    code = models.CharField(_("曾用代码"), max_length=18, unique=True)
    change = models.ForeignKey(EnterpriseChange, models.PROTECT, related_name="+", verbose_name=_("由何变更"))

    class Meta:
        verbose_name = _("曾用代码")
        verbose_name_plural = _("曾用代码")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="former_code_form", condition=Q(code__regex=r"^[0-9A-Z]{18}$")),
        ]
        triggers = [FORMER_CODE_IS_NOBODY_ELSES]

    def __str__(self):
        return self.code
