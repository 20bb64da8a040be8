from django.db import models
from django.db.models import Exists, OuterRef, Q

from enterprises.member_roles import MemberRole, roles_that
from foundation.clock import clock


class EnterpriseQuerySet(models.QuerySet):
    def acted_for_by(self, user):
        """Enterprises for which this person acts today, in whatever role."""
        members = self.model._meta.get_field("members").related_model
        return self.filter(Exists(members.objects.live().filter(enterprise=OuterRef("pk"), user=user)))


class MemberQuerySet(models.QuerySet):
    def live(self):
        """Who acts today: not ended, and an agent's term (its last day included) not over."""
        return self.filter(ended_at=None).filter(Q(until=None) | Q(until__gte=clock.today()))

    def who_may(self, does):
        """Live members whose role carries it."""
        return self.live().filter(role__in=roles_that(does))

    def owners(self):
        return self.live().filter(role=MemberRole.OWNER)


class InvitationQuerySet(models.QuerySet):
    def open(self):
        """Neither answered nor revoked; expired ones among them."""
        return self.filter(state="sent")


class ClaimQuerySet(models.QuerySet):
    def pending(self):
        return self.filter(state="pending")

    def by_district(self):
        """What the district decides: all but requests to join that the owners still have time for."""
        return self.filter(~Q(route="owners") | Q(escalated_at__isnull=False))


class SupplementQuerySet(models.QuerySet):
    def pending(self):
        return self.filter(state="pending")


class YearlyFigureQuerySet(models.QuerySet):
    def latest(self):
        """For each enterprise and year the row recorded last (PostgreSQL's DISTINCT ON)."""
        return self.order_by("enterprise_id", "-valid_for", "-recorded_at", "-pk").distinct(
            "enterprise_id", "valid_for"
        )
