"""Exchange rates, as somebody entered them: only added to."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from measures.forms.currency import RATE_DIGITS, RATE_PLACES


class ExchangeRate(AppendOnly):
    """How many yuan ONE unit of a currency was on a day, by whose publication.

    Never changed: a correction is another row of the same currency and day with the next `revision` and the reason in
    `note`; the last one counts from then on. Whatever was submitted keeps the rate that it was submitted with.
    """

    currency = models.CharField(_("币种"), max_length=3)
    day = models.DateField(_("日期"))
    revision = models.PositiveSmallIntegerField(_("第几次登记"), default=1)
    rate = models.DecimalField(
        _("1 单位外币合人民币（元）"), max_digits=RATE_DIGITS, decimal_places=RATE_PLACES
    )
    source = models.CharField(_("来源"), max_length=100)
    note = models.CharField(_("更正理由"), max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人")
    )
    entered_at = models.DateTimeField(_("登记时间"), default=clock.now)

    class Meta:
        verbose_name = _("汇率")
        verbose_name_plural = _("汇率")
        ordering = ["-day", "currency", "-revision"]
        constraints = [
            # Its index answers "the last one of or before a day".
            models.UniqueConstraint(name="rate_revision_once", fields=["currency", "day", "revision"]),
            models.CheckConstraint(
                name="rate_of_foreign_money",
                condition=Q(currency__regex=r"^[A-Z]{3}$") & ~Q(currency="CNY"),
            ),
            models.CheckConstraint(name="rate_above_zero", condition=Q(rate__gt=0)),
            models.CheckConstraint(
                name="rate_corrected_with_a_reason",
                condition=Q(revision=1, note="") | (Q(revision__gt=1) & ~Q(note="")),
            ),
            models.CheckConstraint(name="rate_has_a_source", condition=~Q(source="")),
        ]

    def __str__(self):
        return f"{self.currency} {self.day.isoformat()}"
