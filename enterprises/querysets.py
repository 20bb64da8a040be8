from django.db import models


class EnterpriseQuerySet(models.QuerySet):
    def acted_for_by(self, user):
        """Enterprises for which this person is a verified member."""
        return self.filter(members__user=user)


class ClaimQuerySet(models.QuerySet):
    def live(self):
        """Pending and verified claims; a rejected one has ended."""
        return self.exclude(state="rejected")

    def pending(self):
        return self.filter(state="pending")


class SupplementQuerySet(models.QuerySet):
    def pending(self):
        return self.filter(state="pending")


class YearlyFigureQuerySet(models.QuerySet):
    def latest(self):
        """For each enterprise and year the row recorded last (PostgreSQL's DISTINCT ON)."""
        return self.order_by("enterprise_id", "-valid_for", "-recorded_at", "-pk").distinct(
            "enterprise_id", "valid_for"
        )
