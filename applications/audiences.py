"""Who is not told of a case although their office is: those who keep out of it (回避)."""

from collections import defaultdict

from django.db.models import Model, Q, QuerySet

from applications import access
from applications.models import Application, Recusal
from foundation.events import events


def withhold(
    model: type[Model], case: str = "application", enterprise: str = "application__enterprise"
) -> None:
    """What an office is told about rows of this model isn't told to who keeps out of their case or enterprise.

    case, enterprise: the look-ups that lead there from the model.
    """

    def people(ids: set[int]) -> dict[int, set[int]]:
        rows = list(model.objects.filter(pk__in=ids).order_by("pk").values_list("pk", case, enterprise))
        of_case, of_enterprise = defaultdict(set), defaultdict(set)
        standing = Recusal.objects.standing().filter(
            Q(application__in={row[1] for row in rows}) | Q(enterprise__in={row[2] for row in rows})
        )
        for recusal in standing.order_by("pk"):
            if recusal.application_id:
                of_case[recusal.application_id].add(recusal.person_id)
            else:
                of_enterprise[recusal.enterprise_id].add(recusal.person_id)
        return {pk: of_case[found] | of_enterprise[unit] for pk, found, unit in rows}

    def subjects(user) -> QuerySet:
        return (
            model.objects.filter(access.recusals_of(user).concern(case, enterprise)).order_by().values("pk")
        )

    events.register_withheld("office", model, people, subjects)


def register() -> None:
    withhold(Application, "pk", "enterprise")
