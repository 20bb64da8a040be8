"""Public notices at the desk: which cases may stand there, what the public will see, publish, approve."""

from datetime import timedelta

from django.urls import reverse

from applications.models import Application
from applications.states import State
from foundation.clock import clock
from reviews.models import PublicNotice
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import verified_enterprise


def new(case) -> str:
    return f"{reverse('desk:notice_new')}?item={case.call_item_id}"


def box(case) -> str:
    return f"{case.pk}-{case.version}"


def test_signed_off_cases_are_listed_as_the_public_will_see_them_and_published(as_user):
    first, second = (
        cases.signed_off(),
        cases.signed_off(enterprise=verified_enterprise(name="上海远岳有限公司")),
    )
    cases.proposed()
    officer = as_user(people.municipal_officer())
    assert "2 件" in officer.get(reverse("desk:notices")).content.decode()
    page = officer.get(new(first))
    text = page.content.decode()
    assert [row["case"].pk for row in page.context["rows"]] == [first.pk, second.pk]
    assert "上海远岳有限公司" in text
    assert "第 1 批" in text
    assert "6,400,000" in text
    done = officer.post(new(first), {"title": "拟支持名单公示（第 1 批）", "pick": [box(second)]})
    notice = PublicNotice.objects.get()
    assert done.url == reverse("desk:notice", args=[notice.pk])
    assert [line.application_id for line in notice.lines.all()] == [second.pk]
    assert Application.objects.get(pk=first.pk).state == State.SIGNED_OFF
    shown = officer.get(done.url).content.decode()
    assert "公示中" in shown
    assert "公示期内不能批复" in shown
    assert "第 2 批" in officer.get(new(first)).content.decode()


def test_a_notice_needs_a_title_and_a_case(as_user):
    case = cases.signed_off()
    officer = as_user(people.municipal_officer())
    untitled = officer.post(new(case), {"title": " ", "pick": [box(case)]})
    assert untitled.status_code == 422
    assert "请填写公示标题" in untitled.content.decode()
    empty = officer.post(new(case), {"title": "公示"})
    assert empty.status_code == 422
    assert "请至少勾选一件" in empty.content.decode()
    assert not PublicNotice.objects.exists()


def test_a_case_that_moved_on_is_left_out_with_the_reason(as_user):
    first, second = cases.signed_off(), cases.signed_off()
    officer = as_user(people.municipal_officer())
    picks = [box(first), f"{second.pk}-{second.version - 1}"]
    answer = officer.post(new(first), {"title": "公示", "pick": picks})
    assert "办结 1 件，未办 1 件" in answer.content.decode()
    assert Application.objects.get(pk=second.pk).state == State.SIGNED_OFF


def test_the_head_approves_all_of_a_closed_notice_at_once(as_user):
    first = cases.published()
    notice = PublicNotice.objects.get()
    head = as_user(people.municipal_head())
    url = reverse("desk:notice", args=[notice.pk])
    assert 'name="pick"' not in head.get(url).content.decode()
    with clock.at(notice.closes_at + timedelta(hours=9)):
        page = head.get(url)
        assert "期满待批复" in page.content.decode()
        assert 'name="pick"' not in as_user(people.municipal_officer()).get(url).content.decode()
        picks = {"pick": [row["box"] for row in page.context["rows"]]}
        asked = head.post(reverse("desk:many_approve"), picks).content.decode()
        assert "合计 3,200,000 元" in asked
        done = head.post(reverse("desk:many_approve"), picks | {"confirmed": "1"}).content.decode()
        assert "全部办结" in done
        assert "已完结" in head.get(url).content.decode()
    assert Application.objects.get(pk=first.pk).state == State.APPROVED


def test_notices_are_published_by_the_officer_and_read_by_their_office(as_user):
    case = cases.signed_off()
    assert as_user(people.municipal_head()).get(new(case)).status_code == 403
    assert as_user(people.district_officer()).get(reverse("desk:notices")).status_code == 403
    cases.published(case)
    notice = PublicNotice.objects.get()
    assert as_user(people.auditor()).get(reverse("desk:notice", args=[notice.pk])).status_code == 200
    assert (
        as_user(people.municipal_officer()).get(f"{reverse('desk:notice_new')}?item=999").status_code == 404
    )
    assert as_user(people.municipal_officer()).get(reverse("desk:notice_new")).status_code == 404
