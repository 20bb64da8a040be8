from django.db import models
from django.db.models import Q

from applications.states import ENDED, MAY_APPLY_AGAIN, NEVER_SUBMITTED


class ApplicationQuerySet(models.QuerySet):
    def submitted_ever(self):
        """Cases that carry a number: everything but drafts and discarded drafts."""
        return self.exclude(state__in=NEVER_SUBMITTED)

    def live(self):
        """Not ended."""
        return self.exclude(state__in=ENDED)

    def standing(self):
        """Those that stand in the way of another application of the unit for the same call item."""
        return self.exclude(state__in=MAY_APPLY_AGAIN)

    def with_names(self):
        """With what a list shows of a case, in the same query."""
        return self.select_related("call_item__item", "call_item__call", "enterprise", "office", "district")

    def but_of(self, recusals: "RecusalQuerySet"):
        """Without the cases that these recusals are about."""
        return self.exclude(recusals.concern("pk", "enterprise"))


class RecusalQuerySet(models.QuerySet):
    def standing(self):
        """Not lifted."""
        return self.filter(lifted_at=None)

    def concern(self, case: str, enterprise: str) -> Q:
        """The condition on rows that these are about; case, enterprise: the look-ups that lead there."""
        cases = self.filter(application__isnull=False).order_by().values("application")
        units = self.filter(enterprise__isnull=False).order_by().values("enterprise")
        return Q(**{f"{case}__in": cases}) | Q(**{f"{enterprise}__in": units})

    def about(self, cases):
        """Standing ones that concern any of these cases: of the case itself, or of its enterprise."""
        return self.standing().filter(
            Q(application__in=cases) | Q(enterprise__in={case.enterprise_id for case in cases})
        )
