from django.db import models
from django.db.models import Exists, OuterRef

from foundation.clock import clock


class MeasureActionQuerySet(models.QuerySet):
    def current(self, at=None):
        """What is known of the actions at a moment: neither corrected by then nor entered by mistake."""
        at = at or clock.now()
        later = self.model.objects.filter(corrects=OuterRef("pk"), at__lte=at)
        return self.filter(at__lte=at, void=False).exclude(Exists(later))

    def done_in(self, first, after):
        """Those done on a day in [first, after)."""
        return self.filter(done_on__gte=first, done_on__lt=after)


class ReferralQuerySet(models.QuerySet):
    def open(self):
        """Those that a unit still has to answer."""
        return self.filter(state__in=["waiting", "working"])

    def handled_by(self, offices):
        return self.filter(office__in=offices)
