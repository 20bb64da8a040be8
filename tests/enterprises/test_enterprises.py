"""An enterprise's states, its account, its figures."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from enterprises import access, workflow
from enterprises.models import Enterprise, YearlyFigure
from enterprises.workflow import ClaimRefused
from foundation.accounts.fields import fingerprint
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event, Notification
from tests.accounts import factories as people
from tests.accounts.factories import PUDONG
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.enterprises.factories import ACCOUNT, BANK, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue(db):
    cases.open_call_item()


# --- suspended, reinstated, closed ------------------------------------------------------------------------


def test_a_head_suspends_and_reinstates_with_a_reason_that_the_enterprise_reads():
    enterprise = enterprises.verified_enterprise()
    head = people.district_head()
    enterprise = workflow.suspend(enterprise, head, "涉嫌提供虚假材料")
    assert (enterprise.state, enterprise.state_reason) == ("suspended", "涉嫌提供虚假材料")
    enterprise = workflow.reinstate(enterprise, people.municipal_head(), "已核实")
    assert enterprise.state == "verified"
    told = Notification.objects.filter(audience_kind="enterprise", audience_id=enterprise.pk)
    assert [one.event.verb for one in told.order_by("pk")] == ["suspend_enterprise", "reinstate_enterprise"]


def test_reinstating_proves_nothing_about_who_acts_for_an_enterprise():
    enterprise = enterprises.registered_enterprise()
    enterprise = workflow.suspend(enterprise, people.district_head(), "代码被冒用")
    enterprise = workflow.reinstate(enterprise, people.district_head(), "已核实")
    assert (enterprise.state, enterprise.verified_at) == ("registered", None)


def test_closed_is_for_good():
    enterprise = workflow.close(enterprises.verified_enterprise(), people.municipal_head(), "已注销登记")
    for verb in (workflow.suspend, workflow.reinstate, workflow.close):
        with pytest.raises(ClaimRefused) as refused:
            verb(enterprise, people.municipal_head(), "再试一次")
        assert refused.value.code == "state"
    with pytest.raises(ClaimRefused, match="已注销，不能登记"):
        enterprises.pending_claim(enterprise=enterprise)
    # A claim that came before the end is verified no more.
    claim = enterprises.pending_claim()
    workflow.close(claim.enterprise, people.municipal_head(), "已注销登记")
    with pytest.raises(ClaimRefused, match="暂停或注销"):
        workflow.verify_claim(claim, people.district_officer())


@pytest.mark.parametrize(
    "who",
    [
        lambda: people.district_head(PUDONG),
        people.district_officer,
        people.municipal_officer,
        people.auditor,
        people.policy_administrator,
        people.user,
    ],
)
def test_only_the_own_districts_head_or_the_commissions_suspends(who):
    enterprise = enterprises.verified_enterprise()
    with pytest.raises(ClaimRefused) as refused:
        workflow.suspend(enterprise, who(), "没有理由")
    assert refused.value.code == "forbidden"
    assert Enterprise.objects.get(pk=enterprise.pk).state == "verified"


def test_a_stale_page_suspends_nothing():
    enterprise = enterprises.verified_enterprise()
    seen = Enterprise.objects.get(pk=enterprise.pk)
    workflow.set_account(enterprise, owner_of(enterprise), bank_name=BANK, bank_account=ACCOUNT)
    with pytest.raises(ClaimRefused) as refused:
        workflow.suspend(seen, people.district_head(), "涉嫌提供虚假材料")
    assert refused.value.code == "stale"


def test_a_verb_needs_its_reason():
    with pytest.raises(ClaimRefused) as refused:
        workflow.close(enterprises.verified_enterprise(), people.municipal_head(), " \n")
    assert refused.value.field == "reason"


def test_the_database_refuses_a_state_that_no_verb_leads_to():
    enterprise = workflow.close(enterprises.verified_enterprise(), people.municipal_head(), "已注销登记")
    with pytest.raises(IntegrityError), transaction.atomic():
        Enterprise.objects.filter(pk=enterprise.pk).update(state="verified")
    with pytest.raises(IntegrityError), transaction.atomic():
        enterprises.registered_enterprise(state="verified", verified_at=clock.now())


# --- the account ------------------------------------------------------------------------------------------


def test_the_account_is_encrypted_at_rest_and_in_no_event():
    enterprise = enterprises.with_account(enterprises.verified_enterprise())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bank_account, bank_account_fingerprint FROM enterprises_enterprise WHERE id = %s",
            [enterprise.pk],
        )
        stored, print_ = cursor.fetchone()
    assert ACCOUNT not in stored
    assert stored.startswith("gAAAA")
    assert print_ == fingerprint(ACCOUNT) != ACCOUNT
    assert Enterprise.objects.get(pk=enterprise.pk).bank_account == ACCOUNT
    for event in Event.objects.order_by("pk"):
        assert ACCOUNT not in str(event.facts)
        assert ACCOUNT[-8:] not in str(event.facts)


@pytest.mark.parametrize("typed", [" 6222 0202-0011 2238 821 ", "６２２２０２０２００１１２２３８８２１"])
def test_an_account_is_stored_as_plain_digits_however_it_was_typed(typed):
    enterprise = enterprises.verified_enterprise()
    row = workflow.set_account(enterprise, owner_of(enterprise), bank_name=BANK, bank_account=typed)
    assert row.bank_account == ACCOUNT
    assert row.bank_account_fingerprint == fingerprint(ACCOUNT)


@pytest.mark.parametrize(
    "typed", ["", "1234567", "1" * 33, "6222①②③④⑤⑥⑦⑧x", "²²²²²²²²x", "62220202 OO112238"]
)
def test_an_account_that_is_none_is_explained(typed):
    enterprise = enterprises.verified_enterprise()
    with pytest.raises(ClaimRefused) as wrong:
        workflow.set_account(enterprise, owner_of(enterprise), bank_name=BANK, bank_account=typed)
    assert wrong.value.field == "bank_account"


@pytest.mark.parametrize("name", ["工行", "银" * 81])
def test_a_banks_name_must_fit(name):
    enterprise = enterprises.verified_enterprise()
    with pytest.raises(ClaimRefused) as wrong:
        workflow.set_account(enterprise, owner_of(enterprise), bank_name=name, bank_account=ACCOUNT)
    assert wrong.value.field == "bank_name"


def test_only_an_agent_of_an_active_enterprise_changes_where_money_goes():
    enterprise = enterprises.verified_enterprise()
    owner = owner_of(enterprise)
    claimant = enterprises.pending_claim(enterprise=enterprise).user
    for stranger in (people.user(), claimant, people.municipal_head(), people.finance_maker()):
        with pytest.raises(ClaimRefused) as refused:
            workflow.set_account(enterprise, stranger, bank_name=BANK, bank_account=ACCOUNT)
        assert refused.value.code == "forbidden"
    workflow.suspend(enterprise, people.district_head(), "涉嫌提供虚假材料")
    with pytest.raises(ClaimRefused) as refused:
        workflow.set_account(enterprise, owner, bank_name=BANK, bank_account=ACCOUNT)
    assert refused.value.code == "forbidden"
    assert Enterprise.objects.get(pk=enterprise.pk).bank_account == ""


# --- figures ----------------------------------------------------------------------------------------------


def test_figures_are_appended_and_the_last_one_counts():
    enterprise = enterprises.verified_enterprise()
    owner, year = owner_of(enterprise), clock.today().year - 1
    workflow.record_figure(enterprise, owner, valid_for=year, source="企业填报", revenue=Decimal("100.00"))
    workflow.record_figure(
        enterprise, owner, valid_for=year, source="更正", revenue=Decimal("90.00"), profit=Decimal("-5.00")
    )
    assert YearlyFigure.objects.filter(enterprise=enterprise).count() == 2
    assert YearlyFigure.objects.latest().get().revenue == Decimal("90.00")
    assert events.timeline(enterprise).last().verb == "record_figure"


def test_figures_that_cannot_be_are_refused():
    enterprise = enterprises.verified_enterprise()
    owner, year = owner_of(enterprise), clock.today().year
    for wrong in (
        {"valid_for": year, "revenue": Decimal("1.00")},
        {"valid_for": year - 1, "revenue": Decimal("-1.00")},
    ):
        with pytest.raises(ClaimRefused):
            workflow.record_figure(enterprise, owner, source="企业填报", **wrong)
    with pytest.raises(ClaimRefused) as refused:
        workflow.record_figure(
            enterprise, people.user(), valid_for=year - 1, source="x", revenue=Decimal("1")
        )
    assert refused.value.code == "forbidden"
    assert not YearlyFigure.objects.exists()


# --- who sees it ------------------------------------------------------------------------------------------


def test_a_district_sees_its_own_enterprises_the_commission_all():
    here, there = enterprises.verified_enterprise(), enterprises.verified_enterprise(district=PUDONG)
    assert set(access.desk_enterprises(people.district_officer())) == {here}
    assert set(access.desk_enterprises(people.municipal_officer())) == {here, there}
    assert set(access.desk_enterprises(people.auditor())) == {here, there}
    for nobody in (people.finance_maker(), people.policy_administrator(), owner_of(here)):
        assert set(access.desk_enterprises(nobody)) == set()


def test_messages_of_before_somebody_joined_are_not_theirs():
    case = cases.submitted()
    with clock.at(clock.now() + timedelta(days=3)):
        colleague = enterprises.verified_claim(enterprise=case.enterprise).user
        accepted = cases.accepted(case)
    theirs = {told.event.verb for told in events.inbox(colleague)}
    assert theirs >= {"admit", "accept"} and "submit" not in theirs
    assert {told.event.verb for told in events.inbox(accepted.submitted_by)} == {
        "verify_claim",
        "ask_to_join",
        "submit",
        "accept",
    }
