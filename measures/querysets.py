from django.db import models
from django.db.models import Case, F, Value, When

from foundation.clock import clock


class MeasureQuerySet(models.QuerySet):
    def in_force(self, day=None):
        """Published and within the term, both days included."""
        day = day or clock.today()
        return self.filter(state="published", in_force_from__lte=day, in_force_to__gte=day)


class ItemQuerySet(models.QuerySet):
    def for_enterprises(self):
        """The items that an enterprise itself asks for."""
        return self.filter(acts="enterprise")

    def in_force(self, day=None):
        """Those of measures that are published and within their term."""
        day = day or clock.today()
        return self.filter(
            measure__state="published", measure__in_force_from__lte=day, measure__in_force_to__gte=day
        )


# States of a call that everybody may read of.
PUBLIC = ("published", "suspended", "cancelled", "concluded")
# Those in which it still goes on, or will.
RUNNING = ("published", "suspended")


class CallQuerySet(models.QuerySet):
    def public(self):
        """Everything that was ever published."""
        return self.filter(state__in=PUBLIC)

    def running(self, at=None):
        """Not over by the clock nor by anybody's decision: open, to come, or suspended."""
        at = at or clock.now()
        return self.filter(models.Q(state="suspended") | models.Q(state="published", closes_at__gt=at))

    def open(self, at=None):
        """Published, and the moment lies in [opens_at, closes_at)."""
        at = at or clock.now()
        return self.filter(state="published", opens_at__lte=at, closes_at__gt=at)


class CallItemQuerySet(models.QuerySet):
    def open(self, at=None):
        at = at or clock.now()
        return self.filter(call__state="published", call__opens_at__lte=at, call__closes_at__gt=at)

    def not_open(self, at=None):
        """For each item without an open call the one that is suspended, else that opens next, else that closed last."""
        at = at or clock.now()
        coming = When(call__opens_at__gt=at, call__state="published", then=Value(1))
        rank = Case(When(call__state="suspended", then=Value(0)), coming, default=Value(2))
        opens = Case(When(call__opens_at__gt=at, call__state="published", then=F("call__opens_at")))
        return (
            self.filter(call__state__in=PUBLIC)
            .exclude(item__in=self.open(at).values("item"))
            .order_by("item_id", rank, opens.asc(nulls_last=True), "-call__closes_at", "-pk")
            .distinct("item_id")
        )


class RuleVersionQuerySet(models.QuerySet):
    def approved(self, at=None):
        """Versions approved at or before that moment, the newest first."""
        return self.filter(approved_at__lte=at or clock.now()).order_by("-approved_at", "-number")

    def with_rows(self):
        """With what an answer needs: conditions, award rows, item and call."""
        return self.select_related("call_item__item", "call_item__call", "call_item__fund").prefetch_related(
            "conditions", "award_rows"
        )
