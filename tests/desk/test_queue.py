"""The officer's list: what waits for me, what is shown, found, exported, done at once."""

import csv
import io
from datetime import timedelta

from django.urls import reverse
from python_calamine import CalamineWorkbook

from applications.models import Application
from applications.states import State
from foundation.clock import clock
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import verified_enterprise


def numbers(response) -> list[str]:
    return [row["case"].number for row in response.context["rows"]]


def test_a_queue_holds_what_its_person_may_act_on_and_nothing_else(as_user):
    mine = cases.submitted()
    theirs = cases.submitted(enterprise=verified_enterprise(district=people.PUDONG))
    asked = cases.awaiting_correction(cases.submitted())
    beyond = cases.endorsed()
    page = as_user(people.district_officer()).get(reverse("desk:queue"))
    assert numbers(page) == [mine.number]
    assert theirs.number not in page.content.decode()
    all_of_ours = as_user(people.district_officer()).get(reverse("desk:queue"), {"tab": "all"})
    assert set(numbers(all_of_ours)) == {mine.number, asked.number, beyond.number}
    assert numbers(as_user(people.district_officer()).get("/desk/queue/?tab=correction")) == [asked.number]
    assert numbers(as_user(people.municipal_officer()).get("/desk/queue/")) == [beyond.number]


def test_who_recommended_finds_the_case_not_in_their_endorsing_queue(as_user):
    case = cases.recommended()
    officer = people.district_officer()
    officer.posts.create(office=case.office, role="district_head", since=clock.today())
    assert numbers(as_user(officer).get("/desk/queue/")) == []
    assert numbers(as_user(people.district_head()).get("/desk/queue/")) == [case.number]
    page = as_user(officer).get(reverse("desk:case", args=[case.pk]))
    assert "需由另一人复核" in page.content.decode()


def test_the_most_urgent_stands_first_and_overdue_ones_are_counted(as_user):
    with clock.at(clock.today() - timedelta(days=20)):
        old = cases.submitted()
    fresh = cases.submitted()
    page = as_user(people.district_officer()).get("/desk/queue/")
    assert numbers(page) == [old.number, fresh.number]
    assert "1 件已超期" in page.context["headline"]
    assert numbers(as_user(people.district_officer()).get("/desk/queue/?tab=overdue")) == [old.number]
    turned = as_user(people.district_officer()).get("/desk/queue/?sort=-due")
    assert numbers(turned) == [fresh.number, old.number]


def test_search_finds_by_two_characters_of_name_by_code_and_by_number(as_user):
    first = cases.submitted(enterprise=verified_enterprise(name="上海澄衡计量科技有限公司"))
    second = cases.submitted(enterprise=verified_enterprise(name="上海远岳技术转移有限公司"))
    client = as_user(people.district_officer())
    for words, found in [
        ("澄衡", first),
        ("远岳 转移", second),
        (second.enterprise.uscc.lower(), second),
        (first.number[-8:], first),
    ]:
        assert numbers(client.get("/desk/queue/", {"q": words})) == [found.number], words
    assert numbers(client.get("/desk/queue/", {"q": "不存在"})) == []


def test_the_file_holds_exactly_what_is_shown(as_user):
    shown = cases.submitted(enterprise=verified_enterprise(name="上海澄衡计量科技有限公司"))
    cases.submitted()
    client = as_user(people.district_officer())
    page = client.get("/desk/queue/", {"q": "澄衡"})
    assert page.context["total"] == "1"
    xlsx = client.get(page.context["export_url"])
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(xlsx.getvalue())).get_sheet_by_index(0).to_python()
    assert [str(cell) for cell in sheet[0]] == [str(column.label) for column in page.context["list"].columns]
    assert len(sheet) == 2
    row = dict(zip(map(str, sheet[0]), sheet[1], strict=True))
    assert row["编号"] == shown.number
    assert row["测算上限（元）"] == 3200000
    assert row["规则核对"] == "全部符合"
    text = client.get(page.context["export_csv_url"]).getvalue().decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) == 2


def test_a_condition_that_is_not_known_is_counted_beside_the_case(as_user):
    cases.submitted(enterprise=verified_enterprise(eligible=False))
    page = as_user(people.district_officer()).get("/desk/queue/")
    assert "2 项待核" in page.content.decode()
    assert numbers(as_user(people.district_officer()).get("/desk/queue/?rule=met")) == []
    assert len(numbers(as_user(people.district_officer()).get("/desk/queue/?rule=unknown"))) == 1


def test_many_are_accepted_at_once_and_each_has_its_own_result(as_user):
    first, second = cases.submitted(), cases.submitted()
    client = as_user(people.district_officer())
    picks = [f"{first.pk}-{first.version}", f"{second.pk}-{second.version - 1}", "99999-1", "x"]
    asked = client.post(reverse("desk:many_accept"), {"pick": picks})
    assert asked.status_code == 200
    assert "受理 2 件" in asked.content.decode()
    assert Application.objects.get(pk=first.pk).state == State.SUBMITTED
    done = client.post(reverse("desk:many_accept"), {"pick": picks, "confirmed": "1", "text": "材料齐全"})
    assert "办结 1 件，未办 1 件" in done.content.decode()
    assert "已被他人办理" in done.content.decode()
    assert Application.objects.get(pk=first.pk).state == State.DISTRICT_REVIEW
    assert Application.objects.get(pk=second.pk).state == State.SUBMITTED


def test_what_stands_elsewhere_is_left_out_before_one_confirms(as_user):
    case, further = cases.submitted(), cases.accepted()
    picks = [f"{case.pk}-{case.version}", f"{further.pk}-{further.version}"]
    client = as_user(people.district_officer())
    asked = client.post(reverse("desk:many_accept"), {"pick": picks}).content.decode()
    assert "受理 1 件" in asked
    assert "另有 1 件不在受理的环节" in asked
    assert further.number not in asked


def test_nothing_ticked_is_said(as_user):
    response = as_user(people.district_officer()).post(reverse("desk:many_accept"), follow=True)
    assert "请先勾选" in response.content.decode()


def test_the_auditor_sees_all_and_may_do_nothing(as_user):
    case = cases.submitted()
    client = as_user(people.auditor())
    page = client.get("/desk/queue/")
    assert numbers(page) == [case.number]
    assert b"data-pick" not in page.content
    detail = client.get(reverse("desk:case", args=[case.pk]))
    assert detail.status_code == 200
    assert detail.context["panel"].is_empty
    assert client.post(reverse("desk:accept", args=[case.pk])).status_code == 403


def test_the_desk_opens_on_each_role_s_first_page(as_user):
    first = {
        people.district_officer(): "desk:queue",
        people.finance_maker(): "desk:payments",
        people.finance_checker(): "desk:payments",
        people.policy_administrator(): "desk:calls",
        people.auditor(): "desk:queue",
    }
    for person, page in first.items():
        assert as_user(person).get("/desk/").url == reverse(page)
    assert as_user(people.user()).get("/desk/").status_code == 403


def test_the_list_takes_the_same_queries_for_few_and_for_many(as_user, counted):
    cases.submitted()
    client = as_user(people.district_officer())
    client.get("/desk/queue/")
    with counted() as few:
        client.get("/desk/queue/")
    for _ in range(3):
        cases.submitted()
    with counted() as many:
        client.get("/desk/queue/")
    assert len(many) == len(few)
