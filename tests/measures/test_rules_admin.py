"""Rules in the admin: one person writes, another approves, everybody else reads."""

import re

import pytest
from django.urls import reverse

from foundation.accounts.models import Office, Post
from foundation.accounts.roles import Role
from foundation.clock import clock
from foundation.events import events
from measures import eligibility, rule_workflow
from measures.facts import FACTS
from measures.models import RuleTrial, RuleVersion
from tests.enterprises.factories import registered_enterprise
from tests.measures.factories import loaded_catalogue, person_without_post, policy_administrator
from tests.measures.rule_factories import (
    AT_MOST_FIVE_MILLION,
    TEN_PERCENT_OF_INVESTMENT,
    call_item,
    draft_rule,
    moment,
    rule_in_force,
)

pytestmark = pytest.mark.django_db
NOW = moment(2026, 3, 16)
INVESTMENT = ("investment", "gte", "10000000.00")
ADD, LIST = "admin:measures_ruleversion_add", "admin:measures_ruleversion_changelist"


@pytest.fixture(autouse=True)
def catalogue():
    with clock.at(NOW):
        loaded_catalogue()
        yield


@pytest.fixture
def one(catalogue):
    return call_item()


@pytest.fixture
def writer(catalogue, client):
    user = policy_administrator("writer")
    client.force_login(user)
    return user


@pytest.fixture
def second(catalogue):
    return policy_administrator("second")


def page_of(rule):
    return reverse("admin:measures_ruleversion_change", args=[rule.pk])


def act(client, verb, rule, **data):
    return client.post(
        reverse(f"admin:measures_ruleversion_{verb}", args=[rule.pk]), {"_form_submitted": "on", **data}
    )


def try_out(rule):
    return reverse("admin:measures_ruleversion_try_out", args=[rule.pk])


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def form_of(client, rule) -> dict:
    """The page's form as its fields would be sent unchanged."""
    context = client.get(page_of(rule)).context
    data = {"_save": "1"}
    forms = [context["adminform"].form]
    for formset in context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                data[field.html_name] = value
    return data


def test_a_threshold_changed_in_the_admin_changes_the_answer_without_code(client, one, writer, second):
    first = rule_in_force(one, [INVESTMENT], [TEN_PERCENT_OF_INVESTMENT, AT_MOST_FIVE_MILLION])
    enterprise, inputs = registered_enterprise(), {"declared_investment": 8000000}
    assert eligibility.explain(one, enterprise, inputs).eligible is False
    response = act(client, "start", first, note="降低门槛")
    draft = RuleVersion.objects.get(number=2)
    assert response["HX-Redirect"] == page_of(draft)
    data = form_of(client, draft) | {
        "conditions-0-value": "8,000,000",
        "conditions-0-label": "新增投资八百万元以上",
    }
    response = client.post(page_of(draft), data)
    assert response.status_code == 302, text_of(response)
    assert draft.conditions.get().value == "8000000.00"
    assert eligibility.explain(one, enterprise, inputs).eligible is False
    client.force_login(second)
    text = text_of(client.get(page_of(draft)))
    assert "与第 1 版相比" in text
    assert "新增投资 不低于 10,000,000.00 元 新增投资 不低于 8,000,000.00 元" in text
    assert "还没有试算" in text
    tried = client.post(try_out(draft), {"input_declared_investment": "8000000", "by_chance": "1"})
    assert "有变化" in text_of(tried)
    act(client, "approve", draft)
    answer = eligibility.explain(one, enterprise, inputs)
    assert (answer.eligible, answer.rule_number) == (True, 2)
    verbs = [event.verb for event in events.timeline(draft)]
    assert verbs == ["start_rule", "configure", "try_rule", "approve_rule"]


def test_the_writer_is_told_that_another_person_approves(client, one, writer):
    draft = draft_rule(one, [INVESTMENT], written_by=writer)
    response = act(client, "approve", draft)
    assert response["HX-Redirect"] == page_of(draft)
    assert "请由另一位有核准权限的人核准" in text_of(client.get(page_of(draft)))
    draft.refresh_from_db()
    assert draft.is_draft


def test_only_the_writer_changes_the_rows(client, one, writer, second):
    draft = draft_rule(one, [INVESTMENT], written_by=second)
    data = {"note": "改", "_save": "1"}
    assert client.post(page_of(draft), data).status_code == 403
    text = text_of(client.get(page_of(draft)))
    assert "新增投资 不低于 10,000,000.00 元" in text
    assert 'name="conditions-0-value"' not in client.get(page_of(draft)).content.decode()


def test_an_unsigned_draft_becomes_the_writing_of_who_changes_it(client, one, writer):
    draft = draft_rule(one, [INVESTMENT])
    assert client.post(page_of(draft), form_of(client, draft) | {"note": "改"}).status_code == 302
    draft.refresh_from_db()
    assert draft.written_by == writer


def test_an_approved_version_is_read_only(client, one, writer):
    rule = rule_in_force(one, [INVESTMENT], [TEN_PERCENT_OF_INVESTMENT])
    response = client.get(page_of(rule))
    assert "新增投资 × 10%" in text_of(response)
    assert 'name="note"' not in response.content.decode()
    assert client.post(page_of(rule), {"note": "改"}).status_code == 403
    assert client.post(reverse("admin:measures_ruleversion_delete", args=[rule.pk])).status_code == 403
    assert act(client, "approve", rule).status_code == 403
    assert act(client, "discard", rule).status_code == 403


def test_facts_and_operators_are_chosen_and_not_typed(client, one, writer):
    draft = draft_rule(one, [INVESTMENT], written_by=writer)
    response = client.get(page_of(draft))
    html = response.content.decode()
    for fact in FACTS.values():
        assert f'<option value="{fact.name}"' in html
    assert 'data-operators="is_true is_false"' in html
    assert "js/admin_rule_rows.js" in html
    bases = re.search(r'<select[^>]*name="award_rows-__prefix__-base".*?</select>', html, re.DOTALL)[0]
    assert "investment" in bases and "revenue_growth_y1" in bases and "legal_person" not in bases


@pytest.mark.parametrize(
    "change, message",
    [
        ({"conditions-0-value": "三"}, "请填写金额"),
        ({"conditions-0-operator": "in"}, "“新增投资”可用的比较方式"),
        ({"conditions-0-fact": "revenue"}, "revenue"),
        ({"award_rows-0-rate": "0.2"}, "不得超过政策规定的比例上限 10%"),
        ({"award_rows-1-amount": "5000000.01"}, "不得超过政策规定的金额上限 5,000,000.00 元"),
        ({"award_rows-0-position": "3"}, "上限要排在金额算法的最后"),
        ({"award_rows-0-base": ""}, "请选择一个以元计的事实作为基数"),
    ],
)
def test_a_mistake_is_explained_in_chinese_and_changes_nothing(client, one, writer, change, message):
    draft = draft_rule(
        one, [INVESTMENT], [TEN_PERCENT_OF_INVESTMENT, AT_MOST_FIVE_MILLION], written_by=writer
    )
    response = client.post(page_of(draft), form_of(client, draft) | change)
    assert response.status_code == 200
    assert message in text_of(response)
    assert draft.conditions.get().value == "10000000.00"
    assert [str(row.rate or row.amount) for row in draft.award_rows.all()] == ["0.1000", "5000000.00"]


def test_a_list_is_entered_as_text_and_shown_as_text(client, one, writer):
    draft = draft_rule(one, [("statistical_division", "in", ["73", "74"])], written_by=writer)
    data = form_of(client, draft)
    assert data["conditions-0-value"] == "73、74"
    client.post(page_of(draft), data | {"conditions-0-value": "73, 74，75"})
    assert draft.conditions.get().value == ["73", "74", "75"]


def test_saving_without_a_change_records_nothing(client, one, writer):
    draft = draft_rule(one, [INVESTMENT, ("legal_person", "is_true", None)], written_by=writer)
    assert client.post(page_of(draft), form_of(client, draft)).status_code == 302
    assert not events.timeline(draft).exists()


def test_the_first_version_of_an_item_is_added_and_a_second_draft_is_not(client, one, writer):
    response = client.post(reverse(ADD), {"call_item": one.pk, "note": "首版"})
    rule = RuleVersion.objects.get()
    assert response.url == page_of(rule)
    assert (rule.number, rule.written_by) == (1, writer)
    assert [event.verb for event in events.timeline(rule)] == ["start_rule"]
    response = client.post(reverse(ADD), {"call_item": one.pk, "note": "再来"})
    assert "第 1 版还在编写中" in text_of(response)


def test_a_draft_is_given_up(client, one, writer):
    rule_in_force(one)
    draft = rule_workflow.start_rule(one, writer)
    assert act(client, "discard", draft)["HX-Redirect"] == reverse(LIST)
    assert RuleVersion.objects.get().number == 1


def test_the_list_says_which_version_is_in_force(client, one, writer, django_assert_max_num_queries):
    rule_in_force(one)
    rule_in_force(one)
    rule_workflow.start_rule(one, writer)
    text = text_of(client.get(reverse(LIST)))
    assert [text.count(word) for word in ("现行", "已被替代")] == [1, 1]
    for _ in range(3):
        draft_rule(call_item(), [INVESTMENT])
    with django_assert_max_num_queries(14):
        client.get(reverse(LIST))


def test_an_auditor_reads_and_changes_nothing(client, one):
    auditor = person_without_post("auditor")
    auditor.is_staff = True
    auditor.save()
    Post.objects.create(user=auditor, office=Office.objects.get(code="kw"), role=Role.AUDITOR)
    client.force_login(auditor)
    draft = draft_rule(one, [INVESTMENT])
    assert client.get(page_of(draft)).status_code == 200
    assert client.post(page_of(draft), {"note": "改"}).status_code == 403
    assert client.get(reverse(ADD)).status_code == 403
    for verb in ("start", "approve", "discard"):
        assert act(client, verb, draft).status_code == 403


def test_a_trial_tells_each_condition_and_the_figures_of_the_whole_register(client, one, writer):
    rule_in_force(one, [INVESTMENT], [TEN_PERCENT_OF_INVESTMENT])
    draft = draft_rule(
        one, [INVESTMENT, ("legal_person", "is_true", None)], [TEN_PERCENT_OF_INVESTMENT], writer
    )
    firm, partnership = registered_enterprise(), registered_enterprise(name="合伙", legal_form="partnership")
    codes = f"{firm.uscc}、{partnership.uscc.lower()}"
    answer = client.post(try_out(draft), {"codes": codes, "input_declared_investment": "20000000"})
    text = text_of(answer)
    assert "新符合 0 家，不再符合 1 家" in text
    assert "变化的原因：legal_person is_true" in text
    assert "2,000,000.00" in text
    trial = RuleTrial.objects.get()
    assert trial.counts["before"] == {"yes": 2, "no": 0, "unknown": 0, "total": "4000000.00"}
    assert trial.counts["after"] == {"yes": 1, "no": 1, "unknown": 0, "total": "2000000.00"}
    assert "2,000,000.00" in text_of(client.get(page_of(draft)))
    # Without a code the figures alone; by chance with a button of its own, whatever codes stand in the field.
    value = {"input_declared_investment": "20000000"}
    assert client.post(try_out(draft), value).context["answers"] == []
    shown = client.post(try_out(draft), value | {"codes": firm.uscc, "by_chance": "1"}).context["answers"]
    assert {one.enterprise for one in shown} == {firm, partnership}


def test_a_wrong_code_or_value_is_told_beside_its_field_and_nothing_is_recorded(client, one, writer):
    draft = draft_rule(one, [INVESTMENT])
    text = text_of(
        client.post(try_out(draft), {"codes": "91310104MA0000000X", "input_declared_investment": "多"})
    )
    assert "登记中没有：91310104MA0000000X" in text
    assert "请填写金额" in text
    many = {"codes": " ".join(str(n) for n in range(21))}
    assert "最多 20 个，现在有 21 个" in text_of(client.post(try_out(draft), many))
    assert not RuleTrial.objects.exists()
    client.force_login(person_without_post())
    assert client.get(try_out(draft)).status_code in (302, 403)
