"""That a rule was tried out: exactly which rows, over the whole register, against which version, with what result."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from measures.models.calls import CallItem


class RuleTrial(AppendOnly):
    """One trial. `digest` is the SHA-256 of the rows that were tried (measures.trials.digest_of), so that a
    later edit needs a new trial; the version itself may be given up, the trial stays.

    counts: {"before": {"yes", "no", "unknown", "total"} or null, "after": the same, "gained", "lost"}; total in
    yuan, as text. inputs: the case's own values that were given for all, as text.
    """

    call_item = models.ForeignKey(CallItem, models.PROTECT, related_name="trials", verbose_name=_("专题"))
    number = models.PositiveSmallIntegerField(_("版本"))
    digest = models.CharField("SHA-256", max_length=64)
    compared_with = models.PositiveSmallIntegerField(_("对比的现行版本"), null=True)
    inputs = models.JSONField(_("申请自身的数据"), default=dict)
    counts = models.JSONField(_("结果"))
    tried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("试算人")
    )
    tried_at = models.DateTimeField(_("试算时间"), default=clock.now)

    class Meta:
        verbose_name = _("规则试算")
        verbose_name_plural = _("规则试算")
        ordering = ["-tried_at", "-pk"]
        indexes = [models.Index(fields=["call_item", "digest"], name="trial_of_rows")]

    def __str__(self):
        return f"{self.call_item} v{self.number}"
