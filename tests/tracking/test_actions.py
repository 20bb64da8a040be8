"""行动记录: what the responsible units did, public, corrected by another entry, and counted by quarter."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from applications.verbs import Refused
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events import events
from measures.models import Item
from tests.accounts import factories as people
from tests.measures.factories import loaded_catalogue
from tests.portal.reading import error_beside, heading_of, text_of
from tests.tracking import factories
from tracking import action_workflow as workflow
from tracking import activity, reports
from tracking import workflow as compiling
from tracking.documents import issue_report
from tracking.models import MeasureAction
from tracking.quarters import Quarter
from tracking.sheets import workbook

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue():
    loaded_catalogue()


def refusal(act, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as refused:
        act(*args, **kwargs)
    return refused.value


def test_an_entry_is_public_at_once_with_its_figure_and_source(client):
    row = factories.action(
        "04-01", "sww", people.unit_liaison(), figure=Decimal(120), unit="家", url="https://example.test/a"
    )
    page = client.get(reverse("item", args=["04-01"]))
    text = text_of(page)
    assert "行动记录 1 条" in text and "120 家" in text and "会议纪要〔2026〕3号" in text
    assert 'href="https://example.test/a"' in page.content.decode()
    (event,) = events.timeline(row)
    assert (event.verb, event.facts["office"]) == ("record_action", "市商务委")


def test_a_correction_stands_in_the_old_ones_place_and_both_are_told(client):
    row = factories.action(figure=Decimal(3), unit="场")
    officer = people.municipal_officer()
    assert "reason" in refusal(workflow.correct_action, row, officer, factories.done(), " ").fields
    new = workflow.correct_action(row, officer, factories.done(text="召开推进会两场"), "场次写错")
    assert refusal(workflow.correct_action, row, officer, factories.done(), "再改").code == "stale"
    assert list(MeasureAction.objects.current()) == [new]
    text = text_of(client.get(reverse("item", args=["02-01"])))
    assert "行动记录 1 条" in text and "更正：场次写错" in text and "召开示范区建设推进会" in text
    gone = workflow.void_action(new, officer, "记错了事项")
    assert not MeasureAction.objects.current().exists()
    text = text_of(client.get(reverse("item", args=["02-01"])))
    assert "还没有登记行动" in text and "另有 1 条误登记" in text and "召开推进会两场" not in text
    assert refusal(workflow.void_action, gone, officer, "再撤").code == "stale"


def test_only_the_responsible_units_and_the_commission_enter():
    item, sww = Item.objects.get(code="04-01"), Office.objects.get(code="sww")
    for person in (people.unit_liaison("jxw"), people.district_officer(), people.auditor(), people.user()):
        assert refusal(workflow.record_action, item, sww, person, factories.done()).code == "forbidden"
    jxw = Office.objects.get(code="jxw")
    wrong = refusal(workflow.record_action, item, jxw, people.unit_liaison("jxw"), factories.done())
    assert "office" in wrong.fields
    assert workflow.record_action(item, sww, people.municipal_officer(), factories.done()).office == sww
    # Where the policy names the districts each of them may enter, for itself.
    district = Office.objects.get(code="kw-310104")
    given = (Item.objects.get(code="06-05"), district, people.district_officer(), factories.done())
    row = workflow.record_action(*given)
    other = people.district_officer(people.PUDONG)
    assert refusal(workflow.correct_action, row, other, factories.done(), "理由").code == "forbidden"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "长" * 501}, "text"),
        ({"source": ""}, "source"),
        ({"done_on": date(2024, 10, 9)}, "done_on"),
        ({"done_on": date(2099, 1, 1)}, "done_on"),
        ({"figure": Decimal(3)}, "unit"),
        ({"unit": "家"}, "unit"),
        ({"figure": Decimal(-1), "unit": "家"}, "figure"),
        ({"url": "javascript:alert(1)"}, "url"),
    ],
)
def test_bad_input_is_said_beside_its_field(changes, field):
    assert field in refusal(factories.action, **changes).fields
    assert not MeasureAction.objects.exists()


def test_the_log_is_only_ever_added_to():
    row = factories.action()
    with pytest.raises(DatabaseError), transaction.atomic():
        MeasureAction.objects.filter(pk=row.pk).update(text="改写")
    values = {"item": row.item, "office": row.office, "done_on": row.done_on, "by": row.by}
    for changes in (
        {"text": "", "source": "文件"},
        {"text": "事", "source": "文件", "figure": 1},
        {"text": "事", "source": "文件", "void": True},
        {"text": "事", "source": "文件", "corrects": row},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            MeasureAction.objects.create(**values | changes)


def test_a_quarter_tells_what_was_done_and_of_which_items_there_is_nothing():
    quarter = Quarter.of(clock.today())
    before = {item.code for item in activity.silent_items(quarter)}
    assert before == set(Item.objects.filter(treatment="action").values_list("code", flat=True))
    first = factories.action(done_on=quarter.first_day)
    factories.action("04-01", "sww", done_on=quarter.first_day - timedelta(days=1))
    assert {item.code for item in activity.silent_items(quarter)} == before - {"02-01"}
    found = activity.actions(quarter, clock.now())
    assert (found["count"], found["items"], found["logged"]) == (1, 1, len(before))
    assert found["by_office"] == [{"name": "市科委", "count": 1}]
    # What is corrected later changes nothing of an earlier moment.
    moment = clock.now()
    with clock.at(moment + timedelta(hours=1)):
        workflow.void_action(first, people.municipal_officer(), "误登记")
        assert activity.actions(quarter, clock.now())["count"] == 0
    assert activity.actions(quarter, moment)["count"] == 1


def test_the_quarters_report_counts_actions_and_requests(client):
    people.unit_liaison()
    factories.concluded()
    factories.waiting(code="01-03")
    factories.action()
    quarter = Quarter.of(clock.today())
    report = compiling.compile_report(quarter, people.municipal_officer())
    assert report.data["referrals"] == {
        "handed": 2,
        "concluded": 1,
        "on_time": 1,
        "open": 1,
        "outcomes": {"granted": 1},
    }
    own = reports.compute(quarter, clock.now(), people.PUDONG)
    assert (own["referrals"]["handed"], own["actions"]["count"], own["actions"]["silent"]) == (0, 0, [])
    client.force_login(people.municipal_officer())
    text = text_of(client.get(reverse("desk:report")))
    assert "登记行动 1 条" in text and "个事项本季度没有行动" in text and "按时 100%" in text
    assert workbook(report, report.data).startswith(b"PK")
    assert issue_report(report, people.municipal_officer()).pk


# --- the pages -------------------------------------------------------------------------------------------


def test_entering_and_correcting_on_the_pages(client):
    client.force_login(people.unit_liaison())
    page = client.get(reverse("desk:action_new"), {"item": "04-01"})
    assert f'value="{Item.objects.get(code="04-01").pk}" selected' in page.content.decode()
    empty = client.post(reverse("desk:action_new"), {})
    assert empty.status_code == 422 and "请写明做了什么" in text_of(empty)
    given = {
        "item": Item.objects.get(code="04-01").pk,
        "office": Office.objects.get(code="sww").pk,
        "done_on": clock.today().isoformat(),
        "text": "举办外资政策宣讲",
        "figure": "80",
        "source": "活动通知",
    }
    wrong = client.post(reverse("desk:action_new"), given)
    assert "同时填写" in error_beside(wrong, "unit")
    assert client.post(reverse("desk:action_new"), given | {"unit": "人次"}).status_code == 302
    row = MeasureAction.objects.get()
    listed = client.get(reverse("desk:actions"), {"q": "宣讲"})
    assert heading_of(listed) == "1 条行动记录" and "80 人次" in text_of(listed)
    address = reverse("desk:action_correct", args=[row.pk])
    assert 'value="活动通知"' in client.get(address).content.decode()
    given |= {"unit": "人次", "figure": "90"}
    assert client.post(address, given).status_code == 422
    assert client.post(address, given | {"reason": "补记签到"}).status_code == 302
    assert "已经更正过" in text_of(client.get(address))
    assert client.post(address, given | {"reason": "再改"}).status_code == 409
    new = MeasureAction.objects.current().get()
    address = reverse("desk:action_void", args=[new.pk])
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"void-reason": "误登记"}).status_code == 302
    assert heading_of(client.get(reverse("desk:actions"))) == "0 条行动记录"
    client.force_login(people.unit_liaison("jxw"))
    assert client.get(reverse("desk:action_correct", args=[new.pk])).status_code == 404


def test_the_commission_sees_of_which_items_a_quarter_has_nothing(client):
    factories.action(figure=Decimal(2), unit="场")
    client.force_login(people.municipal_officer())
    total = Item.objects.filter(treatment="action").count()
    page = client.get(reverse("desk:silent_items"))
    assert f"{total - 1} 个事项没有行动记录" in heading_of(page)
    fewer = client.get(reverse("desk:silent_items"), {"acts": "person"})
    assert "2 个事项没有行动记录" in heading_of(fewer) and "从来没有" in text_of(fewer)
    before = client.get(reverse("desk:silent_items"), {"quarter": "2024-4"})
    assert heading_of(before).startswith("2024 年第四季度")
    told = client.get(reverse("desk:silent_items_export"), {"acts": "person", "export": "csv"})
    exported = b"".join(told.streaming_content).decode("utf-8-sig")
    assert "人才计划申报" in exported and "示范区建设" not in exported
    told = client.get(reverse("desk:actions_export"), {"export": "csv", "quarter": "2024-4"})
    assert "推进会" not in b"".join(told.streaming_content).decode("utf-8-sig")
    assert client.get(reverse("desk:actions_export")).status_code == 404
