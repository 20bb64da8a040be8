"""Who reads stored screenings and simulations, and of which enterprises."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from foundation.accounts.models import Office
from foundation.accounts.roles import Permission
from measures.models import CallItem, SavedSimulation, Screening, ScreeningRow

# Who may open the pages at all; VIEW_CASES is what a district's people have.
SCREENINGS = (Permission.SCREEN, Permission.AUDIT, Permission.VIEW_CASES)
SIMULATIONS = (Permission.SCREEN, Permission.AUDIT)


def everywhere(user) -> bool:
    """The commission and the auditor read of all districts."""
    return user.is_authenticated and any(user.may(permission) for permission in SIMULATIONS)


def districts_of(user) -> set[str] | None:
    """The codes of the districts of whose enterprises this person reads; None for all."""
    if everywhere(user):
        return None
    offices = user.offices_where(Permission.VIEW_CASES) if user.is_authenticated else ()
    found = Office.objects.filter(pk__in=offices, kind=Office.Kind.DISTRICT)
    return set(found.order_by().values_list("district", flat=True))


def screenings(user) -> QuerySet[Screening]:
    """All of them, for whoever reads of any district."""
    found = Screening.objects.select_related("call_item__item", "call_item__call", "rule", "by")
    return found if districts_of(user) != set() else found.none()


def rows_within(screening: Screening, districts: set[str] | None) -> QuerySet[ScreeningRow]:
    """Of one screening, the enterprises that stood in these districts then; None for all."""
    rows = ScreeningRow.objects.filter(screening=screening)
    return rows if districts is None else rows.filter(district__in=districts)


def desk_screening(user, pk) -> Screening:
    """A screening that this person may read, or 404."""
    return get_object_or_404(screenings(user), pk=pk)


def screening_row(user, screening: Screening, pk) -> ScreeningRow:
    """A row of it that this person may read, or 404."""
    rows = rows_within(screening, districts_of(user)).select_related("district")
    return get_object_or_404(rows, pk=pk)


def simulations(user) -> QuerySet[SavedSimulation]:
    """Those that were kept, for the commission and the auditor."""
    found = SavedSimulation.objects.select_related("call_item__item", "call_item__call", "rule", "by")
    return found if everywhere(user) else found.none()


def saved_simulation(user, pk) -> SavedSimulation:
    """A simulation that was kept, or 404."""
    return get_object_or_404(simulations(user), pk=pk)


def lines() -> QuerySet[CallItem]:
    """The call items that a rule was approved for, published ones and those in preparation."""
    return CallItem.objects.filter(rules__approved_at__isnull=False).distinct()
