from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from applications.models import Recusal
from foundation.accounts.models import Office, Post
from foundation.accounts.roles import Role
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


class AssignmentQuerySet(models.QuerySet):
    def open(self):
        """Not closed, whether or not somebody is there today."""
        return self.filter(until=None)

    def standing(self):
        """Open ones that count today: the specialist is in post at the office with an account in use and doesn't keep
        out of the enterprise (回避), which is in the office's district (for a municipal office: anywhere) and not
        closed."""
        held = Post.objects.held_on(clock.today()).filter(
            user=OuterRef("specialist"), office=OuterRef("office"), role=Role.SERVICE_SPECIALIST
        )
        out = Recusal.objects.standing().filter(
            person=OuterRef("specialist"), enterprise=OuterRef("enterprise")
        )
        here = Q(office__kind=Office.Kind.MUNICIPAL) | Q(office__district=F("enterprise__district"))
        return (
            self.open()
            .filter(here, Exists(held), since__lte=clock.today(), specialist__is_active=True)
            .exclude(enterprise__state="closed")
            .exclude(Exists(out))
        )
