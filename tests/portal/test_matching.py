"""What can I get: every item that enterprises act on stands in one place, with what stands between."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.models import Subscription
from enterprises.models import YearlyFigure
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from measures import eligibility, rule_workflow, screening
from measures.models import Call, CallItem, Item, RuleVersion
from portal import matching, supplying
from portal.acting import Unit
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.measures.rule_factories import draft_rule
from tests.portal.reading import heading_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def line():
    return cases.open_call_item("08-01")


def owner(**fields):
    enterprise = enterprises.verified_enterprise(people.user(), **fields)
    return enterprises.owner_of(enterprise), enterprise


def matched(enterprise) -> matching.Matched:
    person = enterprises.owner_of(enterprise)
    return matching.matched(person, Unit(enterprise, person.memberships.get(enterprise=enterprise)))


def codes(offers) -> set[str]:
    return {offer.line.item.code for offer in offers}


def moved(code: str, days: int) -> CallItem:
    """The call of that item opens so many days from now."""
    found = CallItem.objects.get(item__code=code)
    opens = clock.now() + timedelta(days=days)
    Call.objects.filter(pk=found.call_id).update(opens_at=opens, closes_at=opens + timedelta(days=30))
    return found


def new_rule(line, *conditions, award=()) -> RuleVersion:
    return rule_workflow.approve_rule(draft_rule(line, conditions, award), SYSTEM)


def test_every_item_that_enterprises_act_on_stands_in_exactly_one_place():
    _person, enterprise = owner()
    found = matched(enterprise)
    offered = [*found.can_apply, *found.missing, *found.coming, *found.unmet, *found.applied]
    others = [entry.item.code for _measure, entries in found.others for entry in entries]
    everything = sorted([offer.line.item.code for offer in offered] + others)
    assert everything == list(Item.objects.for_enterprises().order_by("code").values_list("code", flat=True))
    assert found.total == len(everything) == 51


def test_what_is_missing_says_what_and_where_to_supply_it(signed_in, line):
    person, enterprise = owner()
    new_rule(line, ("revenue_growth_y1", "gte", "0.15"))
    assert "08-01" in codes(matched(enterprise).missing)
    page = signed_in(person).get("/")
    text = text_of(page)
    assert "还差数据" in text and "没有不符合的条件，但有数据不知道" in text
    year = line.call.year
    assert f'href="/enterprise/figures/?year={year - 1}"' in page.content.decode()
    form = signed_in(person).get(f"/enterprise/figures/?year={year - 1}").content.decode()
    assert f'<option value="{year - 1}" selected>' in form


def test_once_supplied_it_can_be_applied_for(line):
    _person, enterprise = owner()
    new_rule(line, ("revenue_growth_y1", "gte", "0.15"))
    for year, revenue in ((line.call.year - 2, "10000000.00"), (line.call.year - 1, "11500000.00")):
        YearlyFigure.objects.create(
            enterprise=enterprise, valid_for=year, revenue=Decimal(revenue), source="企业填报"
        )
    assert "08-01" in codes(matched(enterprise).can_apply)


@pytest.mark.parametrize(
    ("condition", "gap"),
    [
        (("revenue_y1", "gte", "12000000.00"), "还差 2,000,000.00 元"),
        (("revenue_growth_y1", "gte", "0.3"), "还差 5 个百分点"),
        (("employees_y1", "lte", 90), "超出 10 人"),
        (("employees_y1", "lt", 100), "须低于这个数"),
        (("revenue_y1", "gt", "10000000.00"), "须高于这个数"),
        (("age_years", "gte", 100), " 年"),
    ],
)
def test_what_is_not_for_this_enterprise_says_what_would_have_to_change(signed_in, line, condition, gap):
    person, enterprise = owner()
    new_rule(line, condition)
    for year, revenue in ((line.call.year - 2, "8000000.00"), (line.call.year - 1, "10000000.00")):
        YearlyFigure.objects.create(
            enterprise=enterprise, valid_for=year, revenue=Decimal(revenue), employees=100, source="企业填报"
        )
    assert "08-01" in codes(matched(enterprise).unmet)
    text = text_of(signed_in(person).get("/"))
    assert "有条件不符合" in text and gap in text and "数据有误？去核对" in text


def test_a_gap_of_a_growth_is_rounded_up():
    """Just below 15 % must not read as 0 percentage points away."""
    fact = eligibility.FACTS["revenue_growth_y1"]
    assert fact.gap_text("gte", Decimal("0.149999999999"), Decimal("0.15")) == "还差 0.01 个百分点"


def test_a_calendar_year_has_no_distance():
    fact = eligibility.FACTS["first_period_year"]
    assert fact.gap_text("gte", 2023, 2025) == ""


def test_a_call_to_come_is_shown_with_its_day_and_cannot_be_applied_for(signed_in):
    person, enterprise = owner()
    moved("03-10", 20)
    assert "03-10" in codes(matched(enterprise).coming)
    page = signed_in(person).get("/")
    assert "即将开放" in text_of(page) and "申请之前就能判断的条件都符合" in text_of(page)
    item = signed_in(person).get(reverse("item", args=["03-10"]))
    assert heading_of(item).endswith("开放申报")
    assert "可以先准备材料" in text_of(item) and "开始申请" not in text_of(item)


def test_a_closed_call_is_compared_with_its_last_conditions(signed_in):
    person, enterprise = owner()
    moved("03-10", -60)
    [last] = [
        entry.last
        for _measure, entries in matched(enterprise).others
        for entry in entries
        if entry.item.code == "03-10"
    ]
    assert last.ready
    assert "按上次的条件：符合" in text_of(signed_in(person).get("/"))
    item = signed_in(person).get(reverse("item", args=["03-10"]))
    assert "上次申报的条件，按现在的数据核对" in text_of(item) and "上次申报到" in heading_of(item)


def test_who_is_not_verified_sees_no_match_of_the_register(signed_in):
    claim = enterprises.pending_claim()
    text = text_of(signed_in(claim.user).get("/"))
    assert "有条件不符合" not in text and "还差数据" not in text and "订阅" not in text


def test_subscribing_and_unsubscribing_on_the_first_page(signed_in):
    person, enterprise = owner()
    browser = signed_in(person)
    assert "以后有新的事项可以申请，告诉我" in text_of(browser.get("/"))
    assert "已订阅：贵企业有新的事项可以申请时" in text_of(browser.post(reverse("subscribe"), follow=True))
    assert Subscription.objects.filter(user=person, enterprise=enterprise, item=None, ended_at=None).exists()
    assert "您已订阅全部事项" in text_of(browser.get(reverse("item", args=["08-03"])))
    assert "已退订" in text_of(browser.post(reverse("unsubscribe"), follow=True))
    assert not Subscription.objects.filter(ended_at=None).exists()


def test_subscribing_to_one_item_on_its_page(signed_in):
    person, _enterprise = owner()
    browser = signed_in(person)
    page = browser.post(reverse("subscribe"), {"item": "08-03"}, follow=True)
    assert "已订阅：贵企业可以申请时" in text_of(page)
    assert Subscription.objects.get().item.code == "08-03"
    assert browser.post(reverse("subscribe"), {"item": "99-99"}).status_code == 404
    browser.post(reverse("unsubscribe"), {"item": "08-03"})
    assert Subscription.objects.get().ended_at is not None


def test_who_is_not_verified_cannot_subscribe(signed_in):
    claim = enterprises.pending_claim()
    assert signed_in(claim.user).post(reverse("subscribe")).status_code == 403
    assert signed_in(people.user()).post(reverse("subscribe")).status_code == 403
    assert not Subscription.objects.exists()


def test_the_number_of_queries_does_not_grow_with_drafts_or_the_register():
    _person, enterprise = owner()

    def queries():
        with CaptureQueriesContext(connection) as seen:
            matched(enterprise)
        return len(seen)

    few = queries()
    for _ in range(3):
        cases.draft(cases.open_call_item("03-10"), enterprise)
        enterprises.registered_enterprise()
    assert queries() == few


FACTS = st.sampled_from(
    [
        ("legal_person", "is_true", None),
        ("legal_person", "is_false", None),
        ("clean_credit_years", "gte", 3),
        ("clean_credit_years", "gte", 30),
        ("revenue_y1", "gte", "1.00"),
        ("declared_investment", "gte", "1.00"),
        ("same_project_supported", "is_false", None),
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(FACTS, st.sampled_from([None, 1, 2])), min_size=1, max_size=5, unique=True))
def test_ready_is_the_verdict_on_all_that_the_case_does_not_say(line, rows):
    """The screen and the page agree with the words of the rule, groups and unknowns included."""
    enterprise = known_enterprise()
    RuleVersion.objects.filter(call_item=line, approved_at=None).delete()
    rule = draft_rule(line, [condition for condition, _group in rows])
    for row, (_condition, group) in zip(rule.conditions.all(), rows, strict=True):
        row.any_of = group
        row.save(update_fields=["any_of"])
    rule = RuleVersion.objects.with_rows().get(pk=rule.pk)
    answer = eligibility.explain(line, enterprise, rule=rule)
    demands = {}
    for n, one in enumerate(answer.conditions):
        demands.setdefault(one.any_of or f"alone {n}", []).append(one)
    verdicts = [_verdict(group) for group in demands.values()]
    expected = False if False in verdicts else None if None in verdicts else True
    assert answer.ready is expected
    asked = type(enterprise).objects.order_by().filter(pk=enterprise.pk)
    assert bool(screening.ready(rule, enterprises=asked)) is (expected is True)
    if expected is not False:
        assert bool(answer.missing) is (expected is None)
    rule.delete()


def _verdict(group) -> bool | None:
    met = {one.met for one in group}
    if True in met:
        return True
    if None not in met:
        return False
    return True if any(one.of_case for one in group) else None


def known_enterprise():
    found = enterprises.Enterprise.objects.filter(name="已知有限公司").first()
    return found or enterprises.verified_enterprise(
        people.user(), name="已知有限公司", established_on=date(2015, 1, 1)
    )


def test_each_fact_of_the_enterprise_has_a_place_where_it_is_supplied():
    for fact in eligibility.FACTS.values():
        place = supplying.place(fact.name, 2026)
        if fact.kind == "case":
            assert place is None
        elif any(name.startswith("figures_") for name in fact.relations):
            assert place.url.startswith("/enterprise/figures/?year=")
        else:
            assert place.url == f"/enterprise/supply/?topic={place.topic}" and place.topic
    assert supplying.place("no_longer_known", 2026) is None
    assert supplying.place("clean_credit_years", 2026).topic == "credit"
    assert supplying.place("first_period", 2026).topic == "inclusion"
    assert supplying.place("qualified_high_tech", 2026).topic == "qualification"
    assert supplying.seen_at("district_code").endswith("#register")
