"""Public notices: within their days, for anybody, without personal data."""

from datetime import timedelta

import pytest
from django.urls import reverse

from foundation.clock import clock
from reviews.models import PublicNotice
from tests.applications import factories as cases
from tests.portal.reading import heading_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice() -> PublicNotice:
    cases.published()
    return PublicNotice.objects.get()


def test_the_notice_names_enterprise_project_district_and_amount(client, notice):
    assert heading_of(client.get(reverse("notices"))) == "有 1 份名单正在公示"
    text = text_of(client.get(reverse("notice", args=[notice.number])))
    for told in (
        "示例检测技术有限公司",
        "精密计量实验室扩建",
        "徐汇区",
        "3,200,000.00",
        "24:00",
        "怎样提出异议",
    ):
        assert told in text, told


def test_it_carries_no_personal_data(client, notice):
    line = notice.lines.select_related("application__created_by", "notice__published_by").get()
    html = client.get(reverse("notice", args=[notice.number])).content.decode()
    for person in (line.application.created_by, notice.published_by):
        for secret in filter(None, (person.username, person.full_name, person.email)):
            assert secret not in html
    assert line.application.enterprise.uscc not in html


def test_it_stands_on_the_first_page_for_anybody(client, notice):
    assert notice.title in text_of(client.get("/"))


def test_after_its_last_hour_nobody_reads_the_names(client, notice):
    with clock.at(notice.closes_at - timedelta(seconds=1)):
        assert client.get(reverse("notice", args=[notice.number])).status_code == 200
    with clock.at(notice.closes_at):
        page = client.get(reverse("notice", args=[notice.number]))
        assert page.status_code == 410
        assert "示例检测" not in text_of(page)
        assert heading_of(client.get(reverse("notices"))) == "现在没有正在公示的名单"


def test_a_withdrawn_case_keeps_its_line_without_its_amount(client, notice):
    cases.withdrawn(notice.lines.get().application)
    text = text_of(client.get(reverse("notice", args=[notice.number])))
    assert "已退出公示" in text and "3,200,000" not in text


def test_an_unknown_notice_does_not_exist(client, notice):
    assert client.get(reverse("notice", args=["GS-0"])).status_code == 404
