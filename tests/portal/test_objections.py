"""Objecting on the public page: without an account, by name or as a lead, a few an hour, never shown to others."""

import pytest
from django.conf import settings
from django.urls import reverse

from foundation.clock import clock
from reviews.models import Lead, Objection, PublicNotice
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import pdf
from tests.portal.reading import text_of

pytestmark = pytest.mark.django_db
SAID = {
    "line": "1",
    "kind": "person",
    "name": "王建国",
    "phone": "13812345678",
    "text": "该项目去年已获支持。",
}


@pytest.fixture
def notice():
    case = cases.published()
    return PublicNotice.objects.get(lines__application=case)


@pytest.fixture
def url(notice):
    return reverse("notice_objection", args=[notice.number])


def test_anybody_objects_by_name_and_reads_the_number_and_the_day(client, notice, url):
    assert url in client.get(reverse("notice", args=[notice.number])).content.decode()
    assert "身份保密" in text_of(client.get(url))
    answer = client.post(url, SAID | {"documents": [pdf("证明.pdf")]}, follow=True)
    row = Objection.objects.get()
    assert row.number in text_of(answer)
    assert "王建国" not in text_of(answer)
    assert row.documents.get().name == "证明.pdf"
    assert row.documents.get().uploaded_by is None


def test_without_a_name_it_is_a_lead(client, url):
    answer = client.post(url, {"line": "1", "kind": "nameless", "text": "设备是租来的"}, follow=True)
    assert "线索已收到" in text_of(answer)
    assert Lead.objects.get().text == "设备是租来的"
    assert not Objection.objects.exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": ""}, "请填写真实姓名或者单位全称"),
        ({"phone": ""}, "请填写联系电话"),
        ({"phone": "12"}, "请填写能联系到您的电话"),
        ({"line": "7"}, "请选择项目"),
        ({"kind": ""}, "请选择"),
        ({"kind": "unit"}, "请上传加盖公章的异议书"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(client, url, changes, says):
    answer = client.post(url, SAID | changes)
    assert answer.status_code == 422
    assert says in text_of(answer)
    assert not Objection.objects.exists()


def test_one_address_sends_a_few_an_hour(client, url, settings):
    settings.ACCOUNT_RATE_LIMITS = {"object_to_notice": "2/h/ip"}
    codes = [client.post(url, SAID).status_code for _n in range(3)]
    assert codes == [302, 302, 429]
    assert Objection.objects.count() == 2


def test_the_limit_is_set():
    assert settings.ACCOUNT_RATE_LIMITS["object_to_notice"] == "10/h/ip"


def test_after_the_notice_nothing_can_be_sent(client, notice, url):
    with clock.at(notice.closes_at):
        assert client.get(url).status_code == 410
        assert client.post(url, SAID).status_code == 410
    assert not Objection.objects.exists()


def test_neither_the_public_page_nor_the_enterprise_learns_who_objected(client, notice, url, signed_in):
    client.post(url, SAID)
    case = Objection.objects.get().application
    pages = [reverse("notice", args=[notice.number])]
    assert all("王建国" not in client.get(page).content.decode() for page in pages)
    own = signed_in(case.submitted_by)
    for page in (reverse("case", args=[case.pk]), reverse("messages")):
        assert "王" + "建国" not in own.get(page).content.decode()


def test_the_desk_masks_shows_on_request_and_answers(client, url):
    client.post(url, SAID)
    row = Objection.objects.get()
    client.force_login(people.municipal_officer())
    page = reverse("desk:objection", args=[row.pk])
    assert row.number in client.get(reverse("desk:objections")).content.decode()
    masked = client.get(page).content.decode()
    assert "王**" in masked
    assert "王建国" not in masked
    shown = client.post(reverse("desk:objection_contact", args=[row.pk])).content.decode()
    assert "王建国" in shown
    assert "13812345678" in shown
    data = {
        "version": row.version,
        "upheld": "no",
        "text": "",
        "told_by": "phone",
        "told_on": f"{clock.today()}",
    }
    assert client.post(page, data).status_code == 422
    assert client.post(page, data | {"text": "系另一项目", "told_on": "2020-01-01"}).status_code == 422
    assert client.post(page, data | {"text": "系另一项目"}).status_code == 302
    assert Objection.objects.get().state == "not_upheld"
    assert client.post(page, data | {"text": "再答"}).status_code == 409


def test_a_lead_is_noted_and_closed_on_the_desk(client, url):
    client.post(
        url, {"line": "1", "kind": "nameless", "text": "设备是租来的", "documents": [pdf("照片.pdf")]}
    )
    lead = Lead.objects.get()
    client.force_login(people.municipal_officer())
    page = reverse("desk:lead", args=[lead.pk])
    assert "设备是租来的" in client.get(page).content.decode()
    paper = lead.documents.get()
    assert client.get(reverse("desk:lead_document", args=[lead.pk, paper.pk])).status_code == 200
    assert client.post(page, {"version": 0, "note": ""}).status_code == 422
    assert client.post(page, {"version": 0, "note": "已查，不属实", "close": "on"}).status_code == 302
    assert Lead.objects.get().state == "closed"
    assert client.post(page, {"version": 1, "note": "再记"}).status_code == 409
