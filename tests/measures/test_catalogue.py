"""The catalogue: what load_catalogue enters, once; when measures are in force."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.accounts.access import NotAllowed
from foundation.accounts.models import District, Office
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from measures import workflow
from measures.catalogue import shipped
from measures.models import Call, Item, Measure
from tests.measures import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue():
    factories.loaded_catalogue()


def everything():
    """All rows of the catalogue, units included, as plain values."""
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for model in (
            District,
            Office,
            Measure,
            Item,
            Measure.responsible_units.through,
            Item.co_units.through,
        )
    }


def test_ten_measures_and_seventy_four_entries_are_loaded(catalogue):
    assert District.objects.count() == 16
    assert Office.objects.filter(kind="district", district__isnull=False).count() == 16
    assert Office.objects.exclude(kind="district").count() == 18
    assert list(Measure.objects.values_list("number", flat=True)) == list(range(1, 11))
    assert Item.objects.count() == 74
    assert list(Item.objects.filter(kind="governing clause").values_list("code", flat=True)) == ["09-02"]
    assert Item.objects.for_enterprises().count() == 51


def test_every_measure_is_published_with_its_term_and_its_event(catalogue):
    for measure in Measure.objects.all():
        assert measure.state == Measure.State.PUBLISHED
        assert (measure.in_force_from, measure.in_force_to) == (date(2024, 10, 10), date(2027, 10, 9))
        assert measure.legal_basis == "沪府办规〔2024〕14号"
        assert [event.verb for event in events.timeline(measure)] == ["publish_measure"]


def test_money_stands_only_where_the_text_has_it(catalogue):
    ceilings = {
        item.code: (item.ceiling_rate, item.ceiling_amount)
        for item in Item.objects.all()
        if item.ceiling_rate is not None or item.ceiling_amount is not None
    }
    assert ceilings == {
        "08-01": (Decimal("0.1000"), Decimal("5000000.00")),
        "09-03": (None, Decimal("200000.00")),
        "09-04": (None, Decimal("100000.00")),
    }


def test_lead_and_co_units_together_are_the_units_of_the_measure(catalogue):
    for item in Item.objects.select_related("measure").prefetch_related("co_units"):
        lead = {item.lead_unit} if item.lead_unit else set()
        assert lead | set(item.co_units.all()) == set(item.measure.responsible_units.all()), item
        assert not lead & set(item.co_units.all()), item
        districts_lead = item.lead_unit is None
        assert item.measure.all_districts == (districts_lead or item.co_districts), item
        assert not (districts_lead and item.co_districts), item
        assert item.lead_unit_assumed


def test_each_entry_has_a_summary_of_its_own_and_a_clause(catalogue):
    summaries = list(Item.objects.values_list("summary", flat=True))
    assert len(set(summaries)) == 74
    assert all(25 <= len(summary) <= 120 and summary.endswith("。") for summary in summaries)
    assert Item.objects.get(code="08-01").clause == "第（八）条"
    assert Item.objects.get(code="10-05").clause == "第（十）条"


def test_no_official_wording_is_shipped(catalogue):
    assert not Measure.objects.exclude(full_text="").exists()


def test_districts_sort_by_how_they_are_read(catalogue):
    names = list(District.objects.order_by("pinyin").values_list("name", flat=True))
    assert names[:3] == ["宝山区", "长宁区", "崇明区"]
    assert names[-1] == "杨浦区"


def test_a_second_load_changes_nothing(catalogue):
    before = everything()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        factories.loaded_catalogue()
    assert everything() == before
    assert not [q["sql"] for q in queries if q["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert not Measure.objects.exclude(state=Measure.State.PUBLISHED).exists()


def test_what_an_administrator_changed_stays_and_is_named(catalogue, capsys):
    Item.objects.filter(code="08-01").update(summary="改写过的说明")
    Item.objects.get(code="08-02").co_units.clear()
    call_command("load_catalogue", "--without-calls")
    told = capsys.readouterr().out
    assert "08-01 新增重大投资项目补助：说明" in told
    assert "08-02 创新资金科技服务业专题：配合单位" in told
    assert Item.objects.get(code="08-01").summary == "改写过的说明"


def test_update_brings_changed_entries_back_and_records_it(catalogue, capsys):
    before = everything()
    Item.objects.filter(code="08-01").update(summary="改写过的说明", lead_unit=None)
    Item.objects.get(code="08-02").co_units.clear()
    call_command("load_catalogue", "--without-calls", "--update")
    assert "恢复为随附内容：2" in capsys.readouterr().out
    after = everything()
    links = Item.co_units.through._meta.label
    assert {k: v for k, v in after.items() if k != links} == {k: v for k, v in before.items() if k != links}
    assert {(r["item_id"], r["office_id"]) for r in after[links]} == {
        (r["item_id"], r["office_id"]) for r in before[links]
    }
    (event,) = events.timeline(Item.objects.get(code="08-01"))
    assert (event.verb, event.facts["changes"]) == ("configure", ["说明", "牵头单位"])


def test_a_missing_entry_is_entered_again(catalogue):
    Item.objects.get(code="10-05").delete()
    factories.loaded_catalogue()
    assert Item.objects.count() == 74
    assert Item.objects.get(code="10-05").co_units.count() == 3


@pytest.mark.parametrize(
    ("day", "in_force"),
    [
        (date(2024, 10, 9), False),
        (date(2024, 10, 10), True),
        (date(2027, 10, 9), True),
        (date(2027, 10, 10), False),
    ],
)
def test_measures_are_in_force_from_the_first_to_the_last_day_of_the_term(catalogue, day, in_force):
    with clock.at(day):
        assert Measure.objects.in_force().count() == (10 if in_force else 0)
        assert Measure.objects.get(number=8).in_force() is in_force


def test_the_last_day_ends_at_midnight_in_shanghai(catalogue):
    measure = Measure.objects.get(number=1)
    with clock.at(datetime(2027, 10, 9, 23, 59, 59, tzinfo=clock.SHANGHAI)):
        assert measure.in_force()
    with clock.at(datetime(2027, 10, 10, 0, 0, tzinfo=clock.SHANGHAI)):
        assert not measure.in_force()


def test_a_measure_is_published_once(catalogue):
    with pytest.raises(workflow.Refused, match="已经发布过"):
        workflow.publish_measure(Measure.objects.get(number=1), SYSTEM)


def test_only_those_who_configure_may_repeal_and_they_give_a_reason(catalogue):
    measure = Measure.objects.get(number=4)
    administrator = factories.policy_administrator()
    with pytest.raises(NotAllowed):
        workflow.repeal_measure(measure, factories.person_without_post(), "不再执行")
    with pytest.raises(workflow.Refused, match="理由"):
        workflow.repeal_measure(measure, administrator, " ")
    repealed = workflow.repeal_measure(measure, administrator, "不再执行")
    assert repealed.state == Measure.State.REPEALED
    assert not repealed.in_force()
    assert events.timeline(measure).last().facts["reason"] == "不再执行"
    with pytest.raises(workflow.Refused):
        workflow.publish_measure(repealed, administrator)


def test_the_shipped_data_name_only_offices_that_exist():
    known = {office.code for office in shipped.offices()}
    for measure in shipped.measures():
        assert set(measure.units) <= known
        for item in measure.items:
            assert item.lead in known | {shipped.DISTRICTS}, item.code
            assert item.kind in Item.Kind.values and item.acts in Item.Acts.values, item.code


def test_without_the_demonstration_no_call_is_made(catalogue):
    assert not Call.objects.exists()
