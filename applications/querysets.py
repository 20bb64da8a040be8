from django.db import models

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
