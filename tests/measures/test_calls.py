"""Calls: published by a verb, open to the exact hour; the admin drafts them, and what is published stands."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from foundation.accounts.access import NotAllowed
from foundation.accounts.models import Office
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from measures import workflow
from measures.forms import Form
from measures.models import Call, CallItem, FormVersion, Item, Measure, SpecialFund
from tests.measures import factories
from tests.measures.rule_factories import rule_in_force

pytestmark = pytest.mark.django_db

OPENS = datetime(2026, 3, 2, 9, 0, tzinfo=clock.SHANGHAI)
CLOSES = datetime(2026, 3, 25, 16, 0, tzinfo=clock.SHANGHAI)
BEFORE = OPENS - timedelta(days=10)


@pytest.fixture(autouse=True)
def catalogue():
    factories.loaded_catalogue()


@pytest.fixture
def administrator():
    return factories.policy_administrator()


@pytest.fixture
def office(administrator, client):
    """The admin, entered by a policy administrator."""
    client.force_login(administrator)
    return client


def ready_call(**fields) -> Call:
    """A draft of March 2026 with everything that publishing asks for."""
    with clock.at(BEFORE):
        return factories.ready_call(opens_at=OPENS, closes_at=CLOSES, **fields)


# --- open and closed -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (OPENS - timedelta(microseconds=1), False),
        (OPENS, True),
        (CLOSES - timedelta(microseconds=1), True),
        (CLOSES, False),
        (CLOSES + timedelta(days=400), False),
    ],
)
def test_a_published_call_is_open_to_the_exact_hour(moment, is_open):
    with clock.at(BEFORE):
        call = workflow.publish_call(ready_call(), SYSTEM)
    with clock.at(moment):
        assert call.is_open() is is_open
        assert Call.objects.open().exists() is is_open
        assert CallItem.objects.open().exists() is is_open


def test_a_draft_is_never_open():
    call = ready_call()
    with clock.at(OPENS):
        assert not call.is_open()
        assert not Call.objects.open().exists()
        assert not CallItem.objects.open().exists()


# --- the verb ------------------------------------------------------------------------------------------


def test_publishing_is_recorded_with_its_hours(administrator):
    with clock.at(BEFORE):
        call = workflow.publish_call(ready_call(), administrator)
    (event,) = events.timeline(call)
    assert (event.verb, event.actor) == ("publish_call", administrator)
    assert event.facts["opens_at"] == "2026-03-02T09:00:00+08:00"
    assert event.facts["items"] == ["2026-0310-1"]
    assert call.published_at == clock.moment_of(BEFORE)


def test_only_those_who_configure_may_publish():
    call = ready_call()
    with clock.at(BEFORE), pytest.raises(NotAllowed):
        workflow.publish_call(call, factories.person_without_post())
    call.refresh_from_db()
    assert call.state == Call.State.DRAFT


def test_a_call_is_published_once():
    with clock.at(BEFORE):
        call = workflow.publish_call(ready_call(), SYSTEM)
        with pytest.raises(workflow.Refused, match="已经发布过"):
            workflow.publish_call(call, SYSTEM)


def reasons_against(call, at=BEFORE) -> list[str]:
    with clock.at(at), pytest.raises(workflow.Refused) as refused:
        workflow.publish_call(call, SYSTEM)
    call.refresh_from_db()
    assert call.state == Call.State.DRAFT
    return refused.value.messages


def test_a_call_without_items_is_refused():
    call = ready_call(rule=False)
    call.items.all().delete()
    assert reasons_against(call) == ["至少要有一个专题。"]


def test_a_call_that_would_already_be_closed_is_refused():
    assert reasons_against(ready_call(), at=CLOSES) == ["截止时间已过，请改到以后。"]


def test_everything_that_is_missing_is_said_at_once():
    call = ready_call(code="04-02", rule=False)
    one = call.items.get()
    one.form = factories.form_of(Item.objects.get(code="08-01"))
    one.save()
    assert reasons_against(call) == [
        "04-02 跨国企业投资服务：不是由企业申请的事项。",
        "04-02 跨国企业投资服务：申报表是另一个事项的。",
        "04-02 跨国企业投资服务：还没有经核准的规则。",
    ]


def test_money_needs_a_fund_of_the_same_year_and_an_award():
    call = ready_call(code="08-01", route="full")
    assert reasons_against(call) == ["08-01 新增重大投资项目补助：发放资金的事项要指定专项资金。"]
    one = call.items.get()
    one.fund = factories.fund(year=2025)
    one.save()
    assert reasons_against(call) == [
        "08-01 新增重大投资项目补助：专项资金与申报通知的年度不同。",
        "08-01 新增重大投资项目补助：规则里没有金额算法。",
    ]


def test_what_is_awarded_without_an_application_has_a_fund_and_asks_for_nothing_before():
    call = ready_call(code="09-03", route="proactive", fund=factories.fund(year=2026), rule=False)
    one = call.items.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        CallItem.objects.filter(pk=one.pk).update(fund=None)
    one.form = FormVersion.objects.create(
        item=one.item,
        number=2,
        definition=factories.SMALL_FORM
        | {"documents": [{"key": "licence", "label": "营业执照", "types": ["pdf"], "max_mb": 10}]},
    )
    one.save()
    conditions = [("legal_person", "is_true", None), ("investment", "gte", "10000000.00")]
    with clock.at(BEFORE):
        rule_in_force(one, conditions, [{"kind": "fixed", "amount": "200000.00"}])
    assert reasons_against(call) == [
        "09-03 首次升规达标奖励：免申即享由企业确认，申报表不能要求上传材料。",
        "09-03 首次升规达标奖励：免申即享的规则不能有看申请填写内容的条件。",
    ]


@pytest.mark.parametrize(
    ("opens", "closes", "reason"),
    [
        (date(2024, 10, 9), date(2024, 11, 1), "所依据的措施在开始申报当日没有生效"),
        (date(2027, 9, 20), date(2027, 10, 10), "所依据的措施在截止申报当日已失效"),
    ],
)
def test_a_call_stays_within_the_term_of_its_measure(opens, closes, reason):
    opens, closes = clock.moment_of(opens), clock.moment_of(closes)
    with clock.at(opens - timedelta(days=5)):
        call = factories.ready_call(opens_at=opens, closes_at=closes)
    assert reasons_against(call, at=opens) == [f"03-10 创新券服务机构入库：{reason}。"]


def test_a_repealed_measure_has_no_new_calls_and_an_open_call_keeps_its_measure():
    call = ready_call()
    measure = Measure.objects.get(number=3)
    with clock.at(BEFORE):
        workflow.publish_call(call, SYSTEM)
        with pytest.raises(workflow.Refused, match="尚未截止"):
            workflow.repeal_measure(measure, SYSTEM, "另有规定")
        later = factories.ready_call(opens_at=OPENS, closes_at=CLOSES + timedelta(days=9), serial=2)
    with clock.at(CLOSES):
        workflow.repeal_measure(measure, SYSTEM, "另有规定")
    assert any("没有生效" in reason for reason in reasons_against(later, at=CLOSES))


OPENED = datetime(2026, 11, 23, 10, 30, tzinfo=clock.SHANGHAI)

# --- the calls of the demonstration ----------------------------------------------------------------------


@pytest.fixture
def demonstration():
    with clock.at(OPENED):
        factories.loaded_catalogue_with_calls()


@pytest.mark.usefixtures("demonstration")
class TestDemonstrationCalls:
    def test_the_calls_are_open_from_a_monday_morning_to_a_friday_afternoon(self):
        for call in Call.objects.exclude(items__item__code="09-04"):
            assert clock.local(call.opens_at).isoformat() == "2026-09-21T09:00:00+08:00"
            assert clock.local(call.closes_at).isoformat() == "2027-01-08T16:00:00+08:00"
            assert call.year == 2026
            assert call.assumptions.count("\n") >= 3
        routes = dict(CallItem.objects.values_list("code", "route"))
        assert routes == {
            "2026-0801-1": "full",
            "2026-0310-1": "refer",
            "2026-0903-1": "proactive",
            "2026-0904-1": "proactive",
            "2026-0802-1": "refer",
            "2026-0311-1": "refer",
        }

    def test_the_rewards_of_09_need_no_application_and_one_of_them_opens_later(self):
        assert set(Call.objects.open(OPENED).values_list("items__item__code", flat=True)) == {
            "08-01",
            "08-02",
            "03-10",
            "03-11",
            "09-03",
        }
        for one in CallItem.objects.filter(route="proactive"):
            assert one.fund is not None
            assert one.form.form.slots == []
            assert "为推定" in one.call.assumptions
        later = Call.objects.get(state="published", items__item__code="09-04")
        assert not later.is_open(OPENED)
        assert 30 <= (clock.local(later.opens_at).date() - clock.local(OPENED).date()).days <= 37
        assert later.is_open(later.opens_at)

    @pytest.mark.parametrize("code", ["08-02", "03-11"])
    def test_what_the_policy_leaves_to_other_rules_gives_no_amount_and_assumes_openly(self, code):
        one = CallItem.objects.get(item__code=code)
        rule = one.rules.get()
        assert (one.fund, one.route, rule.award_rows.count()) == (None, "refer", 0)
        assert all(row.assumed for row in rule.conditions.all())
        assert one.call.assumptions

    def test_rules_and_forms_were_there_before_the_first_hour(self):
        for one in CallItem.objects.all():
            assert one.rule_on(one.call.opens_at) is not None
            assert one.form.published_at < one.call.opens_at
            Form(one.form.definition)

    def test_the_award_of_08_01_is_the_rate_and_the_cap_of_the_text(self):
        item = Item.objects.get(code="08-01")
        rule = CallItem.objects.get(item=item).rules.get()
        rate, cap = rule.award_rows.all()
        assert (rate.base, rate.rate) == ("investment", item.ceiling_rate)
        assert cap.amount == item.ceiling_amount

    def test_the_form_asks_for_the_facts_that_the_case_declares(self):
        form = Form(CallItem.objects.get(item__code="08-01").form.definition)
        facts = {field.fact: field.type for field in form.fields if field.fact}
        assert facts == {
            "declared_investment": "money",
            "project_start": "month",
            "same_project_supported": "yes_no",
        }
        assert [slot.key for slot in form.slots] == ["report", "licence", "premises_proof"]
        assert sum(field.type == "declaration" for field in form.fields) == 3

    def test_03_10_pays_nothing(self):
        one = CallItem.objects.get(item__code="03-10")
        assert one.fund is None
        assert not one.rules.get().award_rows.exists()

    def test_the_fund_has_its_demo_budget_once(self):
        fund = SpecialFund.objects.get()
        entry = fund.entries.get()
        assert (fund.code, fund.paid_by.code) == ("kjfw-2026", "czj")
        assert (entry.kind, entry.available) == ("appropriate", Decimal("200000000.00"))
        assert "演示" in entry.note

    def test_a_later_start_opens_no_further_calls(self):
        with clock.at(datetime(2027, 2, 23, 10, 30, tzinfo=clock.SHANGHAI)):
            factories.loaded_catalogue_with_calls()
        assert Call.objects.count() == 6
        assert FormVersion.objects.count() == 6


def test_after_the_term_no_demonstration_call_is_opened(capsys):
    with clock.at(datetime(2027, 10, 11, 10, 0, tzinfo=clock.SHANGHAI)):
        call_command("load_catalogue", "--with-calls")
    assert not Call.objects.exists()
    assert "政策不在有效期内" in capsys.readouterr().out


def test_near_the_end_of_the_term_the_call_closes_with_it():
    with clock.at(datetime(2027, 9, 30, 10, 0, tzinfo=clock.SHANGHAI)):
        factories.loaded_catalogue_with_calls()
        assert Call.objects.open().count() == 5
    assert {clock.local(call.closes_at).date().isoformat() for call in Call.objects.all()} == {"2027-10-09"}


# --- the admin -------------------------------------------------------------------------------------------


def address(model, page, *args) -> str:
    return reverse(f"admin:measures_{model._meta.model_name}_{page}", args=args)


def call_answers(**answers) -> dict:
    """What the form of a call sends, one item included."""
    item = Item.objects.get(code="03-10")
    days = {
        f"items-0-{field.name}": field.default
        for field in CallItem._meta.fields
        if field.name.endswith("_days")
    }
    return {
        "title": "示例",
        "year": 2026,
        "office": Office.objects.get(code="kw").pk,
        "opens_at_0": "2026-03-02",
        "opens_at_1": "09:00:00",
        "closes_at_0": "2026-03-25",
        "closes_at_1": "16:00:00",
        "items-TOTAL_FORMS": 1,
        "items-INITIAL_FORMS": 0,
        "items-0-item": item.pk,
        "items-0-route": "refer",
        "items-0-form": factories.form_of(item).pk,
        "items-0-decided_by": Office.objects.get(code="kw").pk,
        "items-0-per_unit": 1,
        "items-0-consortium_most": 0,
        **days,
        **answers,
    }


def test_a_call_is_drafted_in_the_admin_with_the_next_serial(office):
    with clock.at(BEFORE):
        workflow.publish_call(ready_call(), SYSTEM)
        response = office.post(address(Call, "add"), call_answers())
    assert response.status_code == 302, response.context["errors"]
    call = Call.objects.get(title="示例")
    assert call.state == Call.State.DRAFT
    assert call.items.get().code == "2026-0310-2"
    assert clock.local(call.opens_at) == OPENS
    assert [event.verb for event in events.timeline(call)] == ["create"]


def test_a_draft_that_moves_to_another_year_is_numbered_there(office):
    call = ready_call()
    one = call.items.get()
    answers = call_answers(
        **{"year": 2027, "items-INITIAL_FORMS": 1, "items-0-id": one.pk, "items-0-form": one.form_id}
    )
    response = office.post(address(Call, "change", call.pk), answers)
    assert response.status_code == 302, response.context["errors"]
    one.refresh_from_db()
    assert one.code == "2027-0310-1"
    assert events.timeline(call).last().verb == "configure"


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"closes_at_0": "2026-03-01"}, "截止时间必须晚于开始时间"),
        ({"items-0-form": "other"}, "这份申报表是为另一个事项编写的"),
        ({"items-0-fund": "one"}, "受理后转办的专题不从专项资金支付"),
        ({"items-0-notice_days": 4}, "公示期不得少于 5 个工作日"),
    ],
)
def test_the_admin_says_beside_the_field_what_is_wrong(office, answers, says):
    known = {
        "other": lambda: factories.form_of(Item.objects.get(code="08-01")).pk,
        "one": lambda: factories.fund(year=2026).pk,
    }
    answers = {name: known[value]() if value in known else value for name, value in answers.items()}
    page = office.post(address(Call, "add"), call_answers(**answers)).content.decode()
    assert says in page
    assert not Call.objects.exists()


def test_the_admin_publishes_by_the_verb_and_only_by_post(office):
    call = ready_call()
    publish = address(Call, "publish", call.pk)
    with clock.at(BEFORE):
        assert "到开始时间企业就能申报" in office.get(publish).content.decode()
        call.refresh_from_db()
        assert call.state == Call.State.DRAFT
        response = office.post(publish, {"_form_submitted": "True"})
    assert response["HX-Redirect"] == address(Call, "change", call.pk)
    call.refresh_from_db()
    assert call.state == Call.State.PUBLISHED
    assert office.get(publish).status_code == 403


def test_the_admin_tells_why_a_call_cannot_be_published(office):
    call = ready_call(rule=False)
    with clock.at(BEFORE):
        response = office.post(address(Call, "publish", call.pk), {"_form_submitted": "True"})
        page = office.get(response["HX-Redirect"]).content.decode()
    assert "03-10 创新券服务机构入库：还没有经核准的规则。" in page


def test_the_hours_and_items_of_a_published_call_stand(office):
    with clock.at(BEFORE):
        call = workflow.publish_call(ready_call(), SYSTEM)
    one = call.items.get()
    answers = call_answers(
        title="改过的标题",
        closes_at_0="2026-12-31",
        **{"items-INITIAL_FORMS": 1, "items-0-id": one.pk, "items-0-route": "full", "items-0-DELETE": "on"},
    )
    response = office.post(address(Call, "change", call.pk), answers)
    assert response.status_code == 302
    call.refresh_from_db()
    assert (call.title, call.closes_at) == ("改过的标题", CLOSES)
    assert call.items.get().route == "refer"


def test_a_form_version_is_added_never_edited(office):
    item = Item.objects.get(code="03-10")
    first = factories.form_of(item)
    page = office.get(address(FormVersion, "add"), {"item": item.pk}).content.decode()
    assert "sections" in page
    response = office.post(address(FormVersion, "add"), {"item": item.pk, "definition": '{"sections": []}'})
    assert "至少要有一个字段" in response.content.decode()
    definition = (
        '{"sections": [{"title": "一", "fields": [{"key": "name", "label": "名称", "type": "text"}]}]}'
    )
    response = office.post(address(FormVersion, "add"), {"item": item.pk, "definition": definition})
    assert response.status_code == 302
    assert item.forms.latest("number").number == first.number + 1
    assert office.post(address(FormVersion, "change", first.pk), {"definition": "{}"}).status_code == 403


def test_every_page_of_the_policy_opens_for_its_administrator(office):
    call = ready_call()
    rows = [Measure.objects.first(), Item.objects.first(), call, call.items.get().form]
    for row in rows:
        assert office.get(address(type(row), "changelist")).status_code == 200
        assert office.get(address(type(row), "change", row.pk)).status_code == 200
        assert office.get(address(type(row), "delete", row.pk)).status_code == 403


def test_a_measure_is_repealed_in_the_admin_with_a_reason(office):
    measure = Measure.objects.get(number=2)
    repeal = address(Measure, "repeal", measure.pk)
    assert "废止后不能恢复" in office.get(repeal).content.decode()
    office.post(repeal, {"_form_submitted": "True", "reason": ""})
    measure.refresh_from_db()
    assert measure.state == Measure.State.PUBLISHED
    office.post(repeal, {"_form_submitted": "True", "reason": "示例理由"})
    measure.refresh_from_db()
    assert measure.state == Measure.State.REPEALED
    assert events.timeline(measure).last().facts["reason"] == "示例理由"


def test_an_edit_of_an_entry_is_recorded_with_its_fields(office):
    item = Item.objects.get(code="08-01")
    answers = {
        "name": item.name,
        "kind": item.kind,
        "acts": item.acts,
        "treatment": item.treatment,
        "guidance-TOTAL_FORMS": "0",
        "guidance-INITIAL_FORMS": "0",
        "summary": "改写过的说明",
        "amount_rule": item.amount_rule,
        "ceiling_rate": "0.1",
        "ceiling_amount": "5000000",
        "lead_unit": item.lead_unit_id,
        "lead_unit_assumed": "on",
        "co_units": [office.pk for office in item.co_units.all()],
        "co_districts": "on",
    }
    response = office.post(address(Item, "change", item.pk), answers)
    assert response.status_code == 302, response.context["errors"]
    (event,) = events.timeline(item)
    assert event.facts["changes"] == [{"changed": {"fields": ["说明"]}}]


def test_the_state_of_a_measure_is_not_a_field_of_the_form(office):
    measure = Measure.objects.get(number=2)
    page = office.get(address(Measure, "change", measure.pk)).content.decode()
    assert 'name="state"' not in page
    assert 'name="full_text"' not in page
