"""The desk's pages of screenings and simulations, and the page of a job."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from enterprises.models import CreditCheck, StatisticalInclusion, YearlyFigure
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.jobs import running
from foundation.jobs.models import Job
from foundation.lists import export
from measures import rule_workflow, screening, screening_workflow
from measures.models import CallItem, RuleVersion, SavedSimulation, Screening
from tests.accounts import factories as people
from tests.enterprises.factories import registered_enterprise
from tests.measures.rule_factories import rule_in_force

pytestmark = pytest.mark.django_db
GROWTH = 5


def line(code="09-04") -> CallItem:
    return CallItem.objects.select_related("item", "call").get(item__code=code)


def administrator(mark=""):
    """A policy administrator who may enter the admin."""
    person = people.policy_administrator(mark)
    person.is_staff = True
    person.save()
    return person


def known(growth="1.20", **fields):
    enterprise = registered_enterprise(**fields)
    StatisticalInclusion.objects.create(
        enterprise=enterprise, first_period=date(2024, 1, 1), industry="M7452", source="区统计局"
    )
    CreditCheck.objects.create(
        enterprise=enterprise, as_of=clock.today(), clean_since=date(2010, 1, 1), source="信用平台"
    )
    year = line().call.year
    if growth is not None:
        for back, amount in ((2, Decimal("10000000")), (1, Decimal(growth) * 10_000_000)):
            YearlyFigure.objects.create(
                enterprise=enterprise, valid_for=year - back, revenue=amount, source="审计报告"
            )
    return enterprise


@pytest.fixture
def house(calls):
    """Four enterprises: two that qualify (one of Pudong), one that grew too little, one that can't be told."""
    known(name="=甲检测有限公司", uscc="9131010400000000A1")
    known(name="乙检验有限公司", uscc="9131011500000000A2", district=people.PUDONG)
    known("1.05", name="丙计量有限公司", uscc="9131010400000000A3")
    known(None, name="丁认证有限公司", uscc="9131010400000000A4")
    return screening_workflow.screen(line(), people.municipal_officer())


def names(page) -> list[str]:
    return [one["row"].name[:2].lstrip("=")[:1] for one in page.context["rows"]]


def shown(client, stored, query="") -> list[str]:
    return names(client.get(reverse("desk:screening", args=[stored.pk]) + query))


def test_the_page_begins_with_the_counts_and_filters_sorts_and_explains(house, as_user):
    client = as_user(people.municipal_officer())
    page = client.get(reverse("desk:screening", args=[house.pk]))
    text = page.content.decode()
    assert "2 家符合，1 家不符合，1 家不能判断" in text and "测算上限合计 200,000.00 元" in text
    growth = page.context["conditions"][GROWTH]
    assert (growth["unmet"], growth["unsure"]) == (1, 1)
    for query, expected in {
        "": "甲丙丁乙",
        "?sort=-uscc": "乙丁丙甲",
        "?answer=yes": "甲乙",
        "?answer=no": "丙",
        "?answer=unknown": "丁",
        f"?district={people.PUDONG}": "乙",
        f"?condition=unmet-{GROWTH}": "丙",
        f"?condition=unsure-{GROWTH}": "丁",
        "?amount_from=100,000.00": "甲乙",
        "?amount_from=100000.01": "",
        "?amount_to=99999": "",
        "?amount_from=1&amount_to=100000&answer=yes": "甲乙",
        "?q=9131010400000000a3": "丙",
        "?q=913101150": "乙",
        "?q=认证": "丁",
        "?answer=everything": "",
    }.items():
        assert "".join(shown(client, house, query)) == expected, query
    assert "".join(shown(client, house, "?sort=-amount"))[2:] in {"丙丁", "丁丙"}
    wrong = client.get(reverse("desk:screening", args=[house.pk]) + "?amount_from=1万")
    assert "不要写“万元”" in wrong.content.decode()


def test_pages_follow_each_other_by_key(house, as_user, monkeypatch):
    monkeypatch.setattr("desk.lists.screenings.ScreeningList.page_size", 3)
    client = as_user(people.municipal_officer())
    first = client.get(reverse("desk:screening", args=[house.pk]))
    following = client.get(reverse("desk:screening", args=[house.pk]) + first.context["list"].next_address)
    assert names(first) + names(following) == list("甲丙丁乙")


def test_the_files_hold_exactly_what_is_shown_and_no_formula(house, as_user, monkeypatch):
    client = as_user(people.municipal_officer())
    address = reverse("desk:screening_export", args=[house.pk])
    text = b"".join(client.get(address + "?export=csv&answer=yes&sort=-uscc").streaming_content)
    head, *rows = csv.reader(io.StringIO(text.decode("utf-8-sig")))
    assert [row[0] for row in rows] == ["乙检验有限公司", "'=甲检测有限公司"]
    assert (head[4], rows[0][3:5]) == ("测算上限（元）", ["符合", "100000.00"])
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(client.get(address + "?export=xlsx&answer=no").streaming_content))
    )
    _head, row = book.active.iter_rows(values_only=True)
    assert row[:4] == ("丙计量有限公司", "9131010400000000A3", "徐汇区", "不符合")
    assert row[5].startswith("不符合：") and "不能判断" not in row[5]
    assert client.get(address).status_code == 404
    # A CSV goes on beyond what fits a workbook; the workbook says so.
    monkeypatch.setattr(export, "LIMIT", 2)
    refused = client.get(address + "?export=xlsx")
    assert refused.status_code == 422 and "CSV" in refused.content.decode()
    assert b"".join(client.get(address + "?export=csv").streaming_content).count(b"\r\n") == 5


def test_a_row_explains_itself_from_what_was_stored(house, as_user):
    row = house.rows.get(name__startswith="丙")
    YearlyFigure.objects.create(
        enterprise=row.enterprise, valid_for=line().call.year - 1, revenue=Decimal("90000000"), source="更正"
    )
    address = reverse("desk:screening_row", args=[house.pk, row.pk])
    text = as_user(people.municipal_officer()).get(address).content.decode()
    assert "丙计量有限公司有 1 项不符合" in text and "现为 <strong>5%</strong>" in text
    assert "要求 不低于 20%" in text and reverse("desk:enterprise", args=[row.enterprise_id]) in text
    # Where enterprises aren't one's own, there is no way to their page.
    assert "/desk/enterprises/" not in as_user(people.policy_administrator()).get(address).content.decode()
    yes = reverse("desk:screening_row", args=[house.pk, house.rows.get(name__startswith="乙").pk])
    assert "100,000" in as_user(people.municipal_officer()).get(yes).content.decode()


def test_a_district_sees_its_own_and_counts_of_its_own(house, as_user):
    client = as_user(people.district_officer())
    page = client.get(reverse("desk:screening", args=[house.pk]))
    text = page.content.decode()
    assert "1 家符合，1 家不符合，1 家不能判断" in text and "只含徐汇区的企业" in text
    assert names(page) == list("甲丙丁") and "重新筛选" not in text and "调整测算" not in text
    assert shown(client, house, f"?district={people.PUDONG}") == list("甲丙丁")
    other = house.rows.get(name__startswith="乙")
    assert client.get(reverse("desk:screening_row", args=[house.pk, other.pk])).status_code == 404
    file = client.get(reverse("desk:screening_export", args=[house.pk]) + "?export=csv")
    assert "乙检验" not in b"".join(file.streaming_content).decode()
    listed = client.get(reverse("desk:screenings"))
    [row] = [row for row in listed.context["rows"] if row["screening"]]
    assert (row["figures"]["yes"], row["figures"]["total"]) == (1, 100000)
    # Of a district without any of its enterprises in the list: zeros, not everybody's.
    empty = as_user(people.district_officer("310151")).get(reverse("desk:screening", args=[house.pk]))
    assert "0 家符合" in empty.content.decode() and names(empty) == []


def test_every_line_stands_there_and_a_new_rule_marks_its_screening(house, as_user):
    client = as_user(people.municipal_officer())
    page = client.get(reverse("desk:screenings"))
    assert {row["line"].item.code for row in page.context["rows"]} == {
        *("03-10", "03-11", "08-01", "08-02", "09-03", "09-04")
    }
    assert "规则已更新" not in page.content.decode().replace("个的规则已更新", "")
    with clock.at(clock.now() + timedelta(hours=1)):
        rule_workflow.approve_rule(rule_workflow.start_rule(line(), SYSTEM), SYSTEM)
        assert "规则已更新，请重新筛选" in client.get(reverse("desk:screenings")).content.decode()
        text = client.get(reverse("desk:screening", args=[house.pk])).content.decode()
        assert "这次筛选按第 1 版，现行的是第 2 版" in text


def test_where_the_rule_sets_no_amount_none_is_told(house, as_user):
    client = as_user(people.municipal_officer())
    bare = screening_workflow.screen(CallItem.objects.get(item__code="03-11"), people.municipal_officer())
    text = client.get(reverse("desk:screening", args=[bare.pk])).content.decode()
    assert "这个专题不由规则计算金额" in text and "测算上限合计" not in text
    assert "测算上限合计" in client.get(reverse("desk:screening", args=[house.pk])).content.decode()
    assert client.get(reverse("desk:screenings")).content.decode().count("另行确定") == 1


@pytest.mark.django_db(transaction=True)
def test_screening_again_leads_to_a_page_that_waits_and_then_to_the_list(as_user):
    client, other = as_user(people.municipal_officer()), as_user(people.municipal_head())
    asked = client.post(reverse("desk:screen", args=[line().pk]))
    job = Job.objects.get()
    assert asked.url == reverse("desk:job", args=[job.pk])
    waiting = client.get(asked.url)
    assert waiting["Refresh"] == "2" and "可以离开此页" in waiting.content.decode()
    second = other.post(reverse("desk:screen", args=[line().pk]), follow=True)
    assert second.redirect_chain[0][0] == asked.url and "不必重复" in second.content.decode()
    running.run(job.pk)
    done = client.get(asked.url)
    stored = Screening.objects.get()
    assert "Refresh" not in done and reverse("desk:screening", args=[stored.pk]) in done.content.decode()
    # The same job in the admin, where policy is kept.
    page = as_user(administrator()).get(reverse("admin:jobs_job_change", args=[job.pk]))
    assert reverse("desk:screening", args=[stored.pk]) in page.content.decode()


# --- simulations ----------------------------------------------------------------------------------------


def test_a_form_asks_by_its_address_and_stores_nothing(house, as_user):
    client = as_user(people.municipal_officer())
    address = reverse("desk:simulation", args=[house.call_item_id])
    page = client.get(address)
    text = page.content.decode()
    assert set(page.context["form"].fields) >= {"min_growth", "min_clean_years", "amount"}
    assert "现行 20%" in text and "壹拾万元整" in text
    found = client.get(address + "?min_growth=5%25&amount=80,000")
    text = found.content.decode()
    assert "符合的企业由 2 家变为 3 家" in text and "200,000 元变为 240,000 元" in text
    assert "新增 1 家符合，0 家不再符合" in text
    by_district, by_class = (table["rows"] for table in found.context["result"]["tables"])
    assert {row["name"]: row["yes_change"] for row in by_district} == {"徐汇区": "+1", "浦东新区": "0"}
    assert [row["name"][:2] for row in by_class] == ["74"]
    assert found.context["result"]["sides"].after.yes == 3
    assert not SavedSimulation.objects.exists()
    unchanged = client.get(address + "?min_growth=0.2").content.decode()
    assert "至少修改一个数值" in unchanged


def test_a_value_that_does_not_fit_is_said_beside_its_field(calls, as_user):
    client = as_user(people.municipal_officer())
    address = reverse("desk:simulation", args=[calls[0].pk])
    form = client.get(address + "?rate=25%25").context["form"]
    assert "政策规定的比例上限" in form.errors["rate"][0]
    for name, value, reason in [
        ("rate", "abc", "比率"),
        ("clean_credit_years", "三年", "整数"),
        ("statistical_division", "ZZ", "没有代码"),
    ]:
        page = client.get(address, {name: value})
        assert reason in page.context["form"].errors[name][0], name
        assert page.context["result"] is None


def test_a_simulation_is_kept_listed_and_opened_again(house, as_user):
    client = as_user(people.municipal_officer())
    keep = reverse("desk:simulation_save", args=[house.call_item_id])
    data = {"min_growth": "0.05", "kept-rule": house.rule_id, "kept-note": "征求意见稿"}
    refused = client.post(keep, data | {"kept-note": ""})
    assert refused.status_code == 422 and "请写一句说明" in refused.content.decode()
    kept = client.post(keep, data, follow=True)
    saved = SavedSimulation.objects.get()
    assert kept.redirect_chain == [(reverse("desk:saved_simulation", args=[saved.pk]), 302)]
    assert "由 2 家变为 3 家" in kept.content.decode() and "min_growth=0.05" in kept.content.decode()
    auditor = as_user(people.auditor())
    listed = auditor.get(reverse("desk:simulation", args=[house.call_item_id]) + "?min_growth=0.05")
    assert "征求意见稿" in listed.content.decode() and listed.context["form"] is None
    assert listed.context["result"] is None
    opened = auditor.get(reverse("desk:saved_simulation", args=[saved.pk]))
    assert opened.context["again_url"] == "" and opened.context["result"]["sides"].gained == 1


def test_few_codes_are_ticked_by_their_names(house, as_user):
    line = CallItem.objects.get(item__code="03-11")
    client = as_user(people.municipal_officer())
    address = reverse("desk:simulation", args=[line.pk])
    today = client.get(address).context["form"]
    assert today["size_class"].value() == ["medium", "small", "micro"]
    assert "中型" in str(today["size_class"])
    asked = client.get(address, {"size_class": ["micro", "small"]})
    assert asked.context["form"].changes == {"size_class": "small,micro"}
    kept = {"size_class": "small,micro", "kept-rule": line.rule_on().pk, "kept-note": "只限小微"}
    client.post(reverse("desk:simulation_save", args=[line.pk]), kept)
    assert SavedSimulation.objects.get().values == {"size_class": "small,micro"}
    wrong = client.get(address, {"size_class": ["huge"]}).context["form"]
    assert wrong.errors["size_class"]


def test_a_draft_leads_to_the_admin_and_is_refused_while_another_stands(house, as_user):
    client = as_user(administrator())
    address = reverse("desk:simulation_draft", args=[house.call_item_id])
    data = {"min_growth": "0.1", "kept-rule": house.rule_id, "kept-note": "降低门槛"}
    drafted = client.post(address, data)
    draft = RuleVersion.objects.get(call_item=house.call_item_id, approved_at__isnull=True)
    assert drafted.url == reverse("admin:measures_ruleversion_change", args=[draft.pk])
    assert client.get(drafted.url).status_code == 200
    again = client.post(address, data)
    assert again.status_code == 422 and "第 2 版还在编写中" in again.content.decode()
    text = as_user(people.municipal_officer()).get(
        reverse("desk:simulation", args=[house.call_item_id]) + "?min_growth=0.1"
    )
    assert "起草新版本" not in text.content.decode()
    with clock.at(clock.now() + timedelta(hours=1)):
        second = people.policy_administrator("2")
        rule_workflow.try_rule(draft, second)
        rule_workflow.approve_rule(draft, second)
        late = client.post(reverse("desk:simulation_save", args=[house.call_item_id]), data)
        assert late.status_code == 422 and "规则已经更新" in late.content.decode()


def test_a_rule_without_a_value_to_set_says_so(calls, as_user):
    other = line("09-03")
    rule_in_force(other, [("legal_person", "is_true", None)])
    assert screening.rule_for(other).number == 2
    page = as_user(people.municipal_officer()).get(reverse("desk:simulation", args=[other.pk]))
    assert "没有可以调整的数值" in page.content.decode()
