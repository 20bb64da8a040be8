"""What the enterprise does with a letter: read it, say that it was received, state its defence."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.models import Application
from foundation.clock import clock
from reviews.models import Defence
from tests.applications import factories as cases
from tests.enterprises.factories import pdf
from tests.portal.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def calls():
    return cases.open_call_item()


def test_reading_a_letter_is_no_receipt_saying_so_is(signed_in):
    case = cases.not_accepted()
    client, letter = signed_in(case.submitted_by), case.letters.get()
    assert "请签收" in text_of(client.get(reverse("case", args=[case.pk])))
    url = reverse("case_letter", args=[case.pk, letter.pk])
    text = text_of(client.get(url))
    assert "我已知悉" in text
    assert "行政复议" in text
    assert letter.deliveries.get().received_on is None
    received = reverse("case_letter_received", args=[case.pk, letter.pk])
    assert client.post(received).status_code == 302
    assert letter.deliveries.get().received_on == clock.today()
    assert "我已知悉" not in text_of(client.get(url))
    assert client.post(received).status_code == 409


def test_a_defence_is_stated_on_its_page_with_documents(signed_in):
    case = cases.decline_notified()
    client = signed_in(case.submitted_by)
    assert "陈述申辩" in text_of(client.get(reverse("case", args=[case.pk])))
    url = reverse("case_defence", args=[case.pk])
    assert case.reason in text_of(client.get(url))
    empty = client.post(url, {"version": case.version, "text": ""})
    assert empty.status_code == 422
    broken = pdf("坏的.pdf")
    broken.name, broken.file = "坏的.pdf", type(broken.file)(b"not a pdf")
    wrong = client.post(url, {"version": case.version, "text": "不同意", "documents": [broken]})
    assert wrong.status_code == 422
    assert not Defence.objects.exists()
    papers = [pdf("合同.pdf", "one"), pdf("发票.pdf", "two")]
    done = client.post(url, {"version": case.version, "text": "设备均为新购", "documents": papers})
    assert done.status_code == 302
    (stated,) = Defence.objects.all()
    assert [one.name for one in stated.documents.order_by("name")] == ["发票.pdf", "合同.pdf"]
    text = text_of(client.get(reverse("case", args=[case.pk])))
    assert "您已于" in text
    assert "合同.pdf" in text
    paper = stated.documents.order_by("pk").first()
    assert client.get(reverse("case_document", args=[case.pk, paper.pk])).status_code == 200
    assert client.get(url).status_code == 302


def test_after_its_day_the_defence_is_refused_with_the_reason(signed_in):
    case = cases.decline_notified()
    client = signed_in(case.submitted_by)
    with clock.at(clock.moment_of(case.defence_due_on + timedelta(days=1))):
        assert "case_defence" not in client.get(reverse("case", args=[case.pk])).content.decode()
        url = reverse("case_defence", args=[case.pk])
        answer = client.post(url, {"version": case.version, "text": "不同意"})
    assert answer.status_code == 409
    assert Application.objects.get(pk=case.pk).defended_at is None
