"""候补: only where the fund doesn't reach, in order of submission, proposed when money is free, or lapsed."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Notification
from measures import funds
from reviews import access, workflow
from tests.accounts import factories as people
from tests.applications import factories as cases

pytestmark = pytest.mark.django_db


def test_what_the_fund_reaches_is_proposed_and_not_waitlisted():
    case, officer = cases.endorsed(), people.municipal_officer()
    with pytest.raises(Refused) as caught:
        workflow.waitlist(case, officer, cases.appraisal(case, officer)).one()
    assert "可用余额足够" in caught.value.message


def test_a_waitlisted_case_holds_no_money_and_its_enterprise_knows_its_place():
    second = cases.endorsed()
    first = cases.endorsed()
    Application.objects.filter(pk=first.pk).update(submitted_at=second.submitted_at - timedelta(hours=1))
    first.refresh_from_db()
    rich, officer = second.call_item.fund, people.municipal_officer()
    for case in (second, first):
        cases.pays_from(case, cases.empty_fund(rich))
    some = {case.pk: cases.appraisal(case, officer) for case in (second, first)}
    outcomes = workflow.waitlist([second, first], officer, some)
    assert [case.state for case in outcomes.done] == [State.WAITLISTED] * 2
    assert funds.held([first.pk])[first.pk] == funds.Balances()
    assert [case.pk for case in access.waitlisted(officer)] == [first.pk, second.pk]
    assert [access.place(case) for case in access.waitlisted(officer)] == [1, 2]
    told = Notification.objects.get(event__verb="waitlist", audience_id=first.enterprise_id)
    assert "第 1 位" in events.render(told).subject


def test_when_money_is_free_it_is_proposed_with_the_amount_set_aside():
    case, officer = cases.waitlisted(), people.municipal_officer()
    assert case.wanted_amount == case.appraised_investment / 10
    assert "propose" in access.verbs(officer, case)
    done = workflow.propose(case, officer, cases.appraisal(case, officer)).one()
    assert done.state == State.PROPOSED
    assert funds.held([case.pk])[case.pk].set_aside == case.wanted_amount


def test_it_lapses_by_the_officer_after_the_call_closed_with_the_reason():
    case, officer = cases.waitlisted(), people.municipal_officer()
    with pytest.raises(Refused, match="申报尚未截止"):
        workflow.lapse_waitlisted(case, officer, "本批资金已用完").one()
    with clock.at(case.call_item.call.closes_at + timedelta(days=1)):
        done = workflow.lapse_waitlisted(case, officer, "本批资金已用完").one()
    assert (done.state, done.reason) == (State.LAPSED, "本批资金已用完")
    body = events.render(Notification.objects.get(event__verb="lapse")).body
    assert "本批资金已用完" in body
    assert "补正" not in body


def test_the_database_takes_no_waitlisted_case_without_its_amount():
    case = cases.waitlisted()
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=case.pk).update(wanted_amount=None)


def test_from_the_screen_the_form_of_the_proposal_leads_to_the_waitlist(client):
    case, officer = cases.endorsed(), people.municipal_officer()
    client.force_login(officer)
    assert "资金不足，列入候补" in client.get(reverse("desk:case", args=[case.pk])).content.decode()
    rich = cases.pays_from(case, cases.empty_fund(case.call_item.fund))
    data = {
        "propose-version": case.version,
        "propose-appraised": "32000000",
        "propose-document": cases.pdf("评估.pdf"),
        "propose-text": "核定属实",
    }
    refused = client.post(reverse("desk:propose", args=[case.pk]), data)
    assert "可以列入候补" in refused.content.decode()
    data["propose-document"] = cases.pdf("评估.pdf")
    assert client.post(reverse("desk:waitlist", args=[case.pk]), data).status_code == 302
    page = client.get(reverse("desk:waiting")).content.decode()
    assert case.number in page
    assert "不足" in page
    cases.pays_from(case, rich)
    assert "资金已够 1 件" in client.get(reverse("desk:waiting")).content.decode()
    assert "候补第 1 位" in client.get(reverse("desk:case", args=[case.pk])).content.decode()
    client.force_login(case.submitted_by)
    assert "现在排第" in client.get(reverse("case", args=[case.pk])).content.decode()
