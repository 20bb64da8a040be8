"""The demo clock's single row."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class DemoClock(models.Model):
    """How far the demo clock runs ahead of the real time; at most one row, which only moves forward.

    foundation.clock.workflow writes it; it counts only where settings.DEMO is on.
    """

    SINGLETON = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLETON, editable=False)
    offset_seconds = models.BigIntegerField(_("超前秒数"), default=0)
    moved_at = models.DateTimeField(_("拨动时间（真实时间）"))
    moved_by = models.CharField(_("拨动者"), max_length=200)

    class Meta:
        verbose_name = _("演示时钟")
        verbose_name_plural = _("演示时钟")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="democlock_one_row"),
            models.CheckConstraint(condition=models.Q(offset_seconds__gte=0), name="democlock_never_behind"),
        ]

    def __str__(self):
        return f"+{timedelta(seconds=self.offset_seconds)}"

    @classmethod
    def current_offset(cls) -> timedelta:
        """The offset in force; zero where the clock was never moved."""
        seconds = cls.objects.filter(pk=cls.SINGLETON).values_list("offset_seconds", flat=True).first()
        return timedelta(seconds=seconds or 0)
