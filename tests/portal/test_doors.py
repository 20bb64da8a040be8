"""Every address of the portal has a rule, and what changes something is a POST with a token."""

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from applications.models import Application
from enterprises.models import Claim, Enterprise
from foundation.accounts.access import rule_of
from foundation.events.events import url_of
from foundation.events.models import Event
from payments.models import Disbursement
from portal import urls
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises

WRITING = ["case_withdraw", "draft_autosave", "draft_discard", "claim_letter"]


@pytest.mark.parametrize("pattern", urls.urlpatterns, ids=lambda one: one.name)
def test_every_view_carries_a_rule(pattern):
    # Officers fill in drafts at the counter too.
    counter = "enterprise_side_or:file_at_counter"
    assert rule_of(pattern.callback) in {"public", "signed_in", "enterprise_side", counter}


def test_names_stand_for_themselves():
    assert "home" in get_resolver().reverse_dict


@pytest.mark.django_db
@pytest.mark.parametrize("name", WRITING)
def test_what_writes_is_no_get(signed_in, name):
    cases.open_call_item()
    case = cases.empty_draft()
    assert signed_in(case.created_by).get(reverse(name, args=[case.pk])).status_code == 405


@pytest.mark.django_db
def test_a_post_without_a_token_is_refused():
    cases.open_call_item()
    case = cases.empty_draft()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(case.created_by)
    assert browser.post(reverse("draft_discard", args=[case.pk]), {"version": 0}).status_code == 403
    assert Application.objects.get(pk=case.pk).state == "draft"


@pytest.mark.django_db
def test_messages_lead_everybody_to_their_own_page():
    case = cases.paid()
    owner, officer = case.created_by, people.finance_maker()

    def leads(verb, user):
        return url_of(Event.objects.filter(verb=verb).select_related("chain").first(), user)

    payment, claim = Disbursement.objects.get(), Claim.objects.first()
    assert leads("pay", owner) == reverse("case", args=[case.pk])
    assert leads("pay", officer) == reverse("desk:case", args=[case.pk])
    assert leads("release_payment", owner) == reverse("case", args=[case.pk])
    assert leads("release_payment", officer) == reverse("desk:payment", args=[payment.pk])
    assert leads("verify_claim", owner) == reverse("claims")
    assert leads("claim", people.district_officer()) == reverse("desk:claim", args=[claim.pk])
    enterprises.workflow.suspend(
        Enterprise.objects.get(pk=case.enterprise_id), people.district_head(), "年报逾期"
    )
    assert leads("suspend_enterprise", owner) == reverse("enterprise")
