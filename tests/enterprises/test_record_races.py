"""Two people at once: a move and a table are entered once, and the second is told."""

import pytest

from enterprises import record_workflow
from enterprises.imports.service_classes import import_service_classes
from enterprises.models import Enterprise, ServiceClassTable
from foundation.accounts.models import District
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event
from tests.accounts import factories as people
from tests.enterprises.factories import verified_enterprise
from tests.measures.factories import loaded_catalogue
from tests.reviews.racing import at_once, split

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_officers_who_enter_a_move_the_second_is_told_to_look_again():
    loaded_catalogue()
    enterprise = verified_enterprise()
    pudong = District.objects.get(pk=people.PUDONG)
    today = clock.today()

    def move(officer, kind, **where):
        seen = Enterprise.objects.get(pk=enterprise.pk)
        return lambda: record_workflow.record_relocation(
            seen, officer, kind, today, source="变更通知", **where
        )

    done, refused = split(
        at_once(
            move(people.district_officer(), "moved_out", place="江苏省苏州市"),
            move(people.district_officer(mark="2"), "moved_district", to_district=pudong),
        )
    )
    # The one that waited sees another version, or no longer its own district.
    assert len(done) == 1
    assert refused in (["stale"], ["forbidden"])
    assert enterprise.changes.count() == 1
    assert [event.verb for event in events.timeline(enterprise)].count("record_relocation") == 1


def test_the_same_first_table_twice_at_once_is_stored_once(tmp_path):
    path = tmp_path / "classes.csv"
    path.write_text("行业代码,类别\n73,1\n7452,2\n", encoding="utf-8")
    day = clock.today()

    def load():
        return import_service_classes(path, day, "示例", by=SYSTEM, commit=True).written is not None

    assert sorted(at_once(load, load)) == [False, True]
    assert ServiceClassTable.objects.count() == 1
    assert Event.objects.filter(verb="import_service_classes").count() == 1
