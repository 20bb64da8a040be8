"""The desk's pages of takeovers, disputes and the counter."""

import pytest
from django.urls import reverse

from applications.models import Application
from enterprises import joining_workflow
from enterprises.models import OwnershipDispute
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.enterprises.factories import owner_of, pdf, takeover

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue(db):
    cases.open_call_item()


def test_an_objected_takeover_becomes_a_dispute_that_the_head_settles(client):
    row = takeover()
    row = joining_workflow.answer_takeover(row, owner_of(row.enterprise), "objects", "我仍在职")
    client.force_login(people.district_officer())
    page = client.get(reverse("desk:claim", args=[row.pk])).content.decode()
    assert "申请接管" in page and "我仍在职" in page and "列为争议" in page
    url = reverse("desk:claim_dispute", args=[row.pk])
    assert client.post(url, {"dispute-version": row.version}).status_code == 422
    client.post(url, {"dispute-version": row.version, "dispute-words": "双方各执一词"})
    dispute = OwnershipDispute.objects.get()
    client.force_login(people.district_head())
    assert dispute.enterprise.name in client.get(reverse("desk:disputes")).content.decode()
    assert "双方各执一词" in client.get(reverse("desk:dispute", args=[dispute.pk])).content.decode()
    url = reverse("desk:dispute_settle", args=[dispute.pk])
    given = {"settle-version": dispute.version, "settle-outcome": "second"}
    assert "请写明处理依据" in client.post(url, given).content.decode()
    assert client.post(url, given | {"settle-grounds": "新的委托书有效"}).status_code == 302
    assert owner_of(dispute.enterprise) == row.user
    assert client.post(url, given | {"settle-grounds": "再判"}).status_code == 409
    assert "新的委托书有效" in client.get(reverse("desk:dispute", args=[dispute.pk])).content.decode()


def test_an_officer_fills_in_at_the_counter_on_the_page_of_a_draft(client):
    enterprise = enterprises.registered_enterprise()
    officer = people.district_officer()
    client.force_login(officer)
    assert "窗口代填申请" in client.get(reverse("desk:enterprise", args=[enterprise.pk])).content.decode()
    url = reverse("desk:counter", args=[enterprise.pk])
    assert "请选择申报事项" in client.post(url).content.decode()
    given = {
        "call_item": cases.open_call_item().pk,
        "requester": "王建国",
        "identity_shown": "居民身份证原件",
        "scan": pdf("书面申请.pdf"),
    }
    answer = client.post(url, given)
    case = Application.objects.get()
    assert answer.url == reverse("draft", args=[case.pk])
    assert client.get(answer.url).status_code == 200
    assert client.get(reverse("submit", args=[case.pk])).status_code == 200
    assert answer.url in client.get(url).content.decode()
    other = cases.filed_at_counter(mark="2")
    assert client.get(reverse("draft", args=[other.pk])).status_code == 404
    page = client.get(reverse("desk:case", args=[other.pk])).content.decode()
    assert "窗口代填" in page and "王*国" in page and "王建国" not in page
    assert client.get(reverse("desk:counter_scan", args=[other.pk])).status_code == 200
    client.force_login(people.district_officer(people.PUDONG))
    assert client.get(url).status_code == 404
