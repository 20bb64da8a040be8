"""What a district enters about its enterprises: only its own, only added, the enterprise is told."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from enterprises import record_workflow as workflow
from enterprises.models import EnterpriseChange
from enterprises.workflow import ClaimRefused
from foundation.accounts.models import District
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Notification
from tests.accounts import factories as people
from tests.enterprises.factories import owner_of, pending_claim, verified_enterprise
from tests.measures.factories import loaded_catalogue

pytestmark = pytest.mark.django_db


@pytest.fixture
def enterprise():
    loaded_catalogue()
    return verified_enterprise()


def move(enterprise, kind="moved_out", days_ago=0, by=None, **more):
    enterprise.refresh_from_db()
    values = {"source": "市场监管局变更通知", "place": "江苏省苏州市"} | more
    day = clock.today() - timedelta(days=days_ago)
    return workflow.record_relocation(enterprise, by or people.district_officer(), kind, day, **values)


def refused(*args, **kwargs) -> tuple[str, str]:
    with pytest.raises(ClaimRefused) as caught:
        move(*args, **kwargs)
    return caught.value.code, caught.value.field


def test_a_move_out_is_kept_with_both_sides_and_the_enterprise_is_told(enterprise):
    row = move(enterprise, days_ago=3)
    assert (row.before, row.after, row.from_district_id) == ("徐汇区", "江苏省苏州市", people.XUHUI)
    event = events.timeline(enterprise).last()
    assert event.verb == "record_relocation"
    told = Notification.objects.filter(event=event, audience_kind="enterprise", audience_id=enterprise.pk)
    assert told.count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        EnterpriseChange.objects.filter(pk=row.pk).update(after="")


def test_a_move_within_the_city_takes_the_enterprise_and_its_claims_along(enterprise):
    claim = pending_claim(enterprise=enterprise)
    pudong = District.objects.get(pk=people.PUDONG)
    move(enterprise, "moved_district", to_district=pudong, place="张江路 1 号")
    enterprise.refresh_from_db()
    claim.refresh_from_db()
    assert (enterprise.district, enterprise.address, claim.district_id) == (pudong, "张江路 1 号", pudong.pk)
    # The old district has nothing more to say.
    assert refused(enterprise)[0] == "forbidden"
    there = people.district_officer(people.PUDONG)
    assert refused(enterprise, "moved_district", by=there, to_district=pudong)[1] == "to_district"
    xuhui = District.objects.get(pk=people.XUHUI)
    asked = {"by": there, "to_district": xuhui, "days_ago": 5}
    assert refused(enterprise, "moved_district", **asked) == ("invalid", "effective_on")


def test_what_cannot_be_a_move_is_refused_beside_its_field(enterprise):
    move(enterprise)
    pudong = District.objects.get(pk=people.PUDONG)
    assert refused(enterprise) == ("invalid", "effective_on")
    assert refused(enterprise, days_ago=-1)[1] == "effective_on"
    assert refused(enterprise, days_ago=365 * 40)[1] == "effective_on"
    assert refused(enterprise, days_ago=1, place=" ")[1] == "place"
    assert refused(enterprise, days_ago=1, source="")[1] == "source"
    assert refused(enterprise, "moved_in", to_district=pudong)[1] == "to_district"
    assert refused(enterprise, "moved_district")[1] == "to_district"
    assert refused(enterprise, by=people.district_officer(people.PUDONG))[0] == "forbidden"
    assert refused(enterprise, by=owner_of(enterprise))[0] == "forbidden"
    seen = type(enterprise).objects.get(pk=enterprise.pk)
    move(enterprise, "moved_in")
    with pytest.raises(ClaimRefused, match="刷新") as stale:
        workflow.record_relocation(
            seen, people.district_officer(), "moved_out", clock.today(), source="通知", place="苏州"
        )
    assert stale.value.code == "stale"


def test_the_database_wants_both_districts_of_a_move_within_the_city(enterprise):
    with pytest.raises(IntegrityError), transaction.atomic():
        EnterpriseChange.objects.create(
            enterprise=enterprise,
            kind="moved_district",
            effective_on=clock.today(),
            source="通知",
            recorded_by=people.district_officer(),
        )


def test_inclusion_credit_and_qualification_are_entered_and_corrected_by_a_later_row(enterprise):
    by = people.district_head()
    for industry in ("M7310", "m7452"):
        row = workflow.record_inclusion(
            enterprise,
            by,
            first_period=date(2025, 3, 17),
            industry=industry,
            source="区统计局",
            confirmed=True,
            science_class="2",
        )
    assert (row.first_period, row.industry, row.confirmed_by.district_id) == (
        date(2025, 3, 1),
        "M7452",
        people.XUHUI,
    )
    today = clock.today()
    check = workflow.record_credit_check(enterprise, by, as_of=today, listed=True, source="信用平台")
    assert check.listed
    paper = workflow.record_qualification(
        enterprise, by, kind="high_tech", valid_from=date(2024, 1, 1), source="证书", number="GR1"
    )
    assert paper.valid_to is None
    verbs = [event.verb for event in events.timeline(enterprise)][-4:]
    assert verbs == ["record_inclusion"] * 2 + ["record_credit_check", "record_qualification"]


@pytest.mark.parametrize(
    ("verb", "field", "values"),
    [
        ("inclusion", "industry", {"first_period": date(2025, 1, 1), "industry": "x"}),
        ("inclusion", "first_period", {"first_period": date(2999, 1, 1), "industry": "M7452"}),
        (
            "inclusion",
            "science_class",
            {"first_period": date(2025, 1, 1), "industry": "7452", "science_class": "8"},
        ),
        ("credit_check", "as_of", {"as_of": date(2999, 1, 1)}),
        ("credit_check", "clean_since", {"as_of": date(2025, 1, 1), "clean_since": date(2025, 1, 2)}),
        (
            "credit_check",
            "clean_since",
            {"as_of": date(2025, 1, 1), "clean_since": date(2020, 1, 2), "listed": True},
        ),
        (
            "qualification",
            "valid_to",
            {"kind": "high_tech", "valid_from": date(2025, 1, 1), "valid_to": date(2024, 1, 1)},
        ),
        ("qualification", "kind", {"kind": "best", "valid_from": date(2025, 1, 1)}),
    ],
)
def test_nonsense_is_refused_beside_its_field(enterprise, verb, field, values):
    record = getattr(workflow, f"record_{verb}")
    with pytest.raises(ClaimRefused) as caught:
        record(enterprise, people.district_officer(), source="通知", **values)
    assert caught.value.field == field
    with pytest.raises(ClaimRefused) as caught:
        record(enterprise, people.district_officer(people.PUDONG), source="通知", **values)
    assert caught.value.code == "forbidden"
