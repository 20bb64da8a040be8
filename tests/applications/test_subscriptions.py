"""Who subscribes is told once of each call item that the enterprise can apply for, and of nothing else."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import tasks, workflow
from applications.models import EligibilityNotice, Subscription
from applications.workflow import Refused
from enterprises.models import CreditCheck, Enterprise
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event
from measures import rule_workflow
from measures.models import Call, Condition, Item
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.measures.rule_factories import draft_rule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def line():
    """Only 08-01 is open, so that each test counts its messages easily."""
    line = cases.open_call_item("08-01")
    before = line.call.opens_at
    Call.objects.exclude(pk=line.call_id).update(opens_at=before - timedelta(days=30), closes_at=before)
    return line


def owner(**fields):
    """The owner of an enterprise of which the credit isn't known, so that nothing can be told yet."""
    enterprise = enterprises.verified_enterprise(people.user(), eligible=False, **fields)
    enterprises.included(enterprise)
    return enterprises.owner_of(enterprise), enterprise


def told(user) -> list[str]:
    return [events.render(one).subject for one in events.inbox(user) if one.event.verb == "tell_eligible"]


def test_who_becomes_eligible_by_new_data_is_told_once(line):
    person, enterprise = owner()
    workflow.subscribe(person, enterprise)
    assert tasks.tell_newly_eligible() == 0
    enterprises.clean_credit(enterprise)
    assert tasks.tell_newly_eligible() == 1
    [subject] = told(person)
    assert subject.startswith("现在可以申请：新增重大投资项目补助（") and subject.endswith("截止）")
    assert tasks.tell_newly_eligible() == 0
    assert len(told(person)) == 1


def test_a_message_leads_to_the_item_and_says_nothing_of_an_unknown_amount(client, line):
    person, enterprise = owner()
    workflow.subscribe(person, enterprise)
    enterprises.clean_credit(enterprise)
    tasks.tell_newly_eligible()
    [notification] = events.inbox(person)[:1]
    assert events.url_of(notification.event, person) == reverse("item", args=["08-01"])
    assert "测算上限" not in events.render(notification).body
    assert notification.event.facts["amount"] is None


def test_losing_and_gaining_it_again_tells_nothing_more(line):
    person, enterprise = owner()
    workflow.subscribe(person, enterprise)
    enterprises.clean_credit(enterprise)
    assert tasks.tell_newly_eligible() == 1
    for listed in (True, False):
        CreditCheck.objects.create(
            enterprise=enterprise,
            as_of=clock.today(),
            clean_since=date(2015, 1, 1),
            listed=listed,
            source="平台",
        )
        assert tasks.tell_newly_eligible() == 0


def test_what_the_page_showed_on_the_day_of_the_subscription_is_not_told(line):
    enterprise = enterprises.verified_enterprise(people.user())
    person = enterprises.owner_of(enterprise)
    workflow.subscribe(person, enterprise)
    assert EligibilityNotice.objects.get().told is False
    assert tasks.tell_newly_eligible() == 0


def test_a_new_rule_that_lets_it_in_is_told(line):
    enterprise = enterprises.verified_enterprise(people.user())
    enterprises.included(enterprise, "I6510")
    person = enterprises.owner_of(enterprise)
    workflow.subscribe(person, enterprise)
    assert tasks.tell_newly_eligible() == 0
    draft = rule_workflow.start_rule(line, SYSTEM, "纳入软件业")
    Condition.objects.filter(rule=draft, fact="statistical_division").update(value=["65", "73", "74", "75"])
    rule = rule_workflow.approve_rule(draft, SYSTEM)
    assert tasks.tell_newly_eligible() == 1
    assert EligibilityNotice.objects.get().rule == rule


def test_a_call_that_opens_is_told_and_one_to_come_is_not(line):
    enterprise = enterprises.verified_enterprise(people.user())
    person = enterprises.owner_of(enterprise)
    with clock.at(line.call.opens_at - timedelta(hours=1)):
        workflow.subscribe(person, enterprise)
        assert tasks.tell_newly_eligible() == 0
    assert tasks.tell_newly_eligible() == 1


def test_who_has_applied_already_is_not_told(line):
    person, enterprise = owner()
    workflow.subscribe(person, enterprise)
    cases.submitted(line, enterprise)
    enterprises.clean_credit(enterprise)
    assert tasks.tell_newly_eligible() == 0


def test_only_the_items_that_were_asked_for_are_told(line):
    person, enterprise = owner()
    other = Item.objects.get(code="03-10")
    workflow.subscribe(person, enterprise, other)
    enterprises.clean_credit(enterprise)
    assert tasks.tell_newly_eligible() == 0
    workflow.subscribe(person, enterprise, line.item)
    workflow.unsubscribe(person, enterprise, line.item)
    assert tasks.tell_newly_eligible() == 0


def test_each_subscriber_of_an_enterprise_is_told_for_themselves(line):
    person, enterprise = owner()
    colleague = people.user()
    enterprises.verified_claim(colleague, enterprise)
    for one in (person, colleague):
        workflow.subscribe(one, enterprise)
    enterprises.clean_credit(enterprise)
    assert tasks.tell_newly_eligible() == 2
    assert len(told(person)) == len(told(colleague)) == 1


def test_nobody_is_told_of_a_suspended_enterprise(line):
    person, enterprise = owner()
    workflow.subscribe(person, enterprise)
    enterprises.clean_credit(enterprise)
    enterprises.workflow.suspend(Enterprise.objects.get(pk=enterprise.pk), people.district_head(), "年报逾期")
    assert tasks.tell_newly_eligible() == 0


def test_who_is_no_member_may_not_subscribe(line):
    enterprise = enterprises.verified_enterprise(people.user())
    with pytest.raises(Refused) as refused:
        workflow.subscribe(people.user(), enterprise)
    assert refused.value.code == "forbidden"
    assert not Subscription.objects.exists()


def test_an_item_that_no_enterprise_applies_for_is_refused(line):
    person, enterprise = owner()
    with pytest.raises(Refused) as refused:
        workflow.subscribe(person, enterprise, Item.objects.get(code="10-05"))
    assert refused.value.message == "“发展跟踪与定期分析”不由企业申请，不能订阅。"


def test_subscribing_twice_is_one_subscription_and_each_turn_leaves_an_event(line):
    person, enterprise = owner()
    first = workflow.subscribe(person, enterprise)
    assert workflow.subscribe(person, enterprise) == first
    workflow.unsubscribe(person, enterprise)
    workflow.unsubscribe(person, enterprise)
    again = workflow.subscribe(person, enterprise)
    assert again != first
    verbs = Event.objects.filter(chain__kind="applications.subscription").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["subscribe", "unsubscribe", "subscribe"]


def test_telling_takes_the_same_number_of_statements_for_many(line):
    def statements(number):
        for _ in range(number):
            person, enterprise = owner()
            workflow.subscribe(person, enterprise)
            enterprises.clean_credit(enterprise)
        with CaptureQueriesContext(connection) as seen:
            assert tasks.tell_newly_eligible() == number
        return len(seen)

    assert statements(1) == statements(5)


def test_the_amount_is_said_where_the_rule_gives_one_without_a_case(line):
    draft = draft_rule(
        line, [("legal_person", "is_true", None)], [{"kind": "fixed", "amount": Decimal("120000.00")}]
    )
    rule_workflow.approve_rule(draft, SYSTEM)
    person, enterprise = owner(legal_form="branch")
    workflow.subscribe(person, enterprise)
    assert tasks.tell_newly_eligible() == 0
    Enterprise.objects.filter(pk=enterprise.pk).update(legal_form="company")
    assert tasks.tell_newly_eligible() == 1
    [notification] = events.inbox(person)[:1]
    assert "测算上限 120,000 元，以核定和批复为准" in events.render(notification).body
