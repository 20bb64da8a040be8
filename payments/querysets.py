from django.db import models


class DisbursementQuerySet(models.QuerySet):
    def with_names(self):
        """With what a list shows of a payment, in the same query."""
        return self.select_related(
            "application__call_item__item", "application__enterprise", "fund", "office"
        )
