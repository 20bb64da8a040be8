"""Simulations that somebody kept: what would change if a rule had other values. Written once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.events.append_only import AppendOnly
from measures.models.calls import CallItem
from measures.models.rules import RuleVersion


class SavedSimulation(AppendOnly):
    """A simulation with its result (measures.simulation_workflow.save_simulation).

    values: {name of measures.simulation.settable: value as text}; results: simulation.Simulation as JSON
    (simulation.frozen, thawed), amounts in yuan as text.
    """

    call_item = models.ForeignKey(
        CallItem, models.PROTECT, related_name="simulations", verbose_name=_("专题"), db_index=False
    )
    rule = models.ForeignKey(RuleVersion, models.PROTECT, related_name="+", verbose_name=_("规则版本"))
    values = models.JSONField(_("调整的数值"))
    results = models.JSONField(_("测算结果"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("测算人")
    )
    at = models.DateTimeField(_("测算时间"))
    note = models.CharField(_("说明"), max_length=200)

    class Meta:
        verbose_name = _("保存的测算")
        verbose_name_plural = _("保存的测算")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["call_item", "-id"], name="simulation_last")]

    def __str__(self):
        return self.note
