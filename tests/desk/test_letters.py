"""Letters on the desk: refusing acceptance from the screen, reading a letter, entering a delivery on paper."""

import pytest
from django.urls import reverse

from applications.models import Application
from applications.states import State
from foundation.clock import clock
from tests.accounts import factories as people
from tests.applications import factories as cases

pytestmark = pytest.mark.django_db


def test_acceptance_is_refused_from_the_screen_with_a_ground_and_the_letter_is_there(as_user):
    case = cases.submitted()
    client = as_user(people.district_officer())
    url = reverse("desk:refuse_acceptance", args=[case.pk])
    data = {"refuse-acceptance-version": case.version, "refuse-acceptance-text": "项目在外省实施"}
    wrong = client.post(url, data)
    assert wrong.status_code == 422
    assert "请选择不予受理的情形" in wrong.content.decode()
    assert client.post(url, data | {"refuse-acceptance-ground": "scope"}).status_code == 302
    done = Application.objects.get(pk=case.pk)
    assert done.state == State.NOT_ACCEPTED
    page = client.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "不予受理通知书" in page
    assert "未签收" in page


def test_a_letter_shows_what_it_says_and_takes_a_delivery_on_paper(as_user):
    case = cases.not_accepted()
    letter = case.letters.get()
    client = as_user(people.district_officer())
    page = client.get(reverse("desk:letter", args=[case.pk, letter.pk])).content.decode()
    assert "行政复议" in page
    assert letter.number in page
    url = reverse("desk:letter_delivery", args=[case.pk, letter.pk])
    data = {"method": "post", "sent_on": f"{clock.today()}", "received_on": "", "reference": ""}
    wrong = client.post(url, data)
    assert wrong.status_code == 422
    assert "请填写邮件号或签收情况" in wrong.content.decode()
    assert client.post(url, data | {"reference": "EMS 1", "sent_on": "2020-01-01"}).status_code == 422
    assert client.post(url, data | {"reference": "EMS 1234567890123"}).status_code == 302
    assert letter.deliveries.get(method="post").reference == "EMS 1234567890123"


def test_the_head_reads_the_defence_and_must_answer_it(as_user):
    case = cases.defended()
    head = as_user(people.district_head())
    with clock.at(case.defended_at):
        page = head.get(reverse("desk:case", args=[case.pk])).content.decode()
        assert "设备均为本年新购" in page
        assert "立项批复.pdf" in page
        paper = case.defences.get().documents.get()
        assert head.get(reverse("desk:document", args=[case.pk, paper.pk])).status_code == 200
        data = {"decline-version": case.version, "decline-text": ""}
        answer = head.post(reverse("desk:decline", args=[case.pk]), data)
        assert answer.status_code == 422
        assert "如何考虑" in answer.content.decode()
