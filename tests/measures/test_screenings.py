"""Stored screenings and kept simulations: the verbs, what they store, and that it is what explain says."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enterprises.models import CreditCheck, StatisticalInclusion, YearlyFigure
from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.jobs import running
from foundation.jobs.models import Job
from measures import (
    access,
    eligibility,
    rule_workflow,
    screening,
    screening_workflow,
    simulation,
    simulation_workflow,
    stored_screening,
)
from measures.models import CallItem, Condition, RuleVersion, Screening
from measures.workflow import Refused
from tests.accounts import factories as people
from tests.enterprises.factories import registered_enterprise
from tests.measures.factories import loaded_catalogue_with_calls
from tests.measures.rule_factories import call_item, draft_rule, moment, rule_in_force

NOW = moment(2026, 3, 16)
SCREENERS = ["municipal_officer", "municipal_head", "policy_administrator"]
OTHERS = ["district_officer", "district_head", "finance_maker", "finance_checker", "auditor"]


@pytest.fixture(autouse=True)
def catalogue(request):
    real = any(mark.kwargs.get("transaction") for mark in request.node.iter_markers("django_db"))
    request.getfixturevalue("transactional_db" if real else "db")
    with clock.at(NOW):
        loaded_catalogue_with_calls()
        yield


def line(code="09-04") -> CallItem:
    return CallItem.objects.select_related("item", "call").get(item__code=code)


def known(growth="1.20", clean=date(2015, 1, 1), industry="M7452", **fields):
    """In the statistics, clean since that day, with revenues of 2024 and 2025 of that ratio; None: not known."""
    enterprise = registered_enterprise(**fields)
    if industry:
        StatisticalInclusion.objects.create(
            enterprise=enterprise, first_period=date(2025, 6, 1), industry=industry, source="区统计局"
        )
    if clean:
        CreditCheck.objects.create(
            enterprise=enterprise, as_of=date(2026, 1, 5), clean_since=clean, source="信用平台"
        )
    if growth is not None:
        for year, amount in ((2024, Decimal("10000000")), (2025, Decimal(growth) * 10_000_000)):
            YearlyFigure.objects.create(
                enterprise=enterprise, valid_for=year, revenue=amount, source="审计报告"
            )
    return enterprise


# --- the verb -------------------------------------------------------------------------------------------


def test_a_screening_stores_what_the_rule_says_of_every_enterprise():
    yes, no, unknown = known(), known("1.10"), known(None)
    by = people.municipal_officer()
    stored = screening_workflow.screen(line(), by)
    counts = screening.counts(screening.rule_for(line()), at=stored.at)
    assert (stored.yes, stored.no, stored.unknown) == (1, 1, 1) == (counts.yes, counts.no, counts.unknown)
    assert (stored.total, stored.unpriced) == (counts.total, counts.unpriced) == (Decimal("100000.00"), 0)
    assert (stored.on, stored.by, stored.rule.number) == (date(2026, 3, 16), by, 1)
    rows = {row.enterprise_id: row for row in stored.rows.order_by("pk")}
    assert {pk: row.eligible for pk, row in rows.items()} == {yes.pk: True, no.pk: False, unknown.pk: None}
    assert [rows[one.pk].amount for one in (yes, no, unknown)] == [Decimal("100000.00"), None, None]
    assert (rows[yes.pk].uscc, rows[yes.pk].name, rows[yes.pk].district_id) == (
        yes.uscc,
        yes.name,
        yes.district_id,
    )
    [event] = events.timeline(stored)
    assert (event.verb, event.facts["yes"], event.facts["total"]) == ("screen", 1, "100000.00")


def test_the_commission_screens_and_nobody_else():
    one = line()
    for role in SCREENERS:
        screening_workflow.screen(one, getattr(people, role)())
    assert Screening.objects.count() == len(SCREENERS)
    for role in OTHERS:
        for verb in (screening_workflow.screen, screening_workflow.request_screening):
            with pytest.raises(NotAllowed):
                verb(one, getattr(people, role)())
    assert Screening.objects.count() == len(SCREENERS)


def test_without_an_approved_rule_there_is_nothing_to_ask():
    one = call_item()
    draft_rule(one, [("legal_person", "is_true", None)])
    for verb in (screening_workflow.screen, screening_workflow.request_screening):
        with pytest.raises(Refused, match="没有核准的规则"):
            verb(one, people.municipal_officer())
    assert not (Screening.objects.exists() or Job.objects.exists())


def test_another_day_is_asked_with_what_is_known_now():
    enterprise = known(clean=date(2023, 6, 1))
    stored = screening_workflow.screen(line(), people.municipal_officer(), on=date(2026, 7, 1))
    assert (stored.on, stored.at) == (date(2026, 7, 1), NOW)
    assert stored.rows.get(enterprise=enterprise).eligible is True
    assert screening_workflow.screen(line(), people.municipal_officer()).yes == 0


def test_a_rule_without_an_award_lacks_no_amount():
    one = call_item()
    rule_in_force(one, [("legal_person", "is_true", None)])
    known()
    stored = screening_workflow.screen(one, people.municipal_officer())
    assert (stored.yes, stored.unpriced, stored.total) == (1, 0, Decimal("0.00"))


def test_a_stored_screening_never_changes():
    known()
    stored = screening_workflow.screen(line(), people.municipal_officer())
    for change in (
        lambda: Screening.objects.filter(pk=stored.pk).update(yes=7),
        lambda: stored.rows.update(eligible=None),
        lambda: stored.rows.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        Screening.objects.create(
            **{
                field.attname: getattr(stored, field.attname)
                for field in Screening._meta.concrete_fields
                if field.name not in ("id", "yes")
            },
            yes=stored.yes + 1,
        )


# --- the four uses agree --------------------------------------------------------------------------------

figures = st.tuples(
    st.sampled_from([None, "1.19999999", "1.20", "1.50", "0.3"]),
    st.sampled_from([None, date(2015, 1, 1), date(2023, 3, 17)]),
    st.sampled_from([None, "M7452", "I6510"]),
)


@pytest.mark.parametrize("code", ["09-04", "09-03", "08-01"])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(figures, min_size=1, max_size=6))
def test_a_stored_row_tells_word_by_word_what_explain_says(code, made):
    with clock.at(NOW), transaction.atomic():
        for growth, clean, industry in made:
            known(growth, clean, industry)
        stored = screening_workflow.screen(line(code), people.municipal_officer())
        rule = RuleVersion.objects.with_rows().get(pk=stored.rule_id)
        for row in stored.rows.select_related("enterprise").order_by("pk"):
            said = eligibility.explain(line(code), row.enterprise, at=stored.at, rule=rule)
            assert stored_screening.answer_of(row, stored, rule) == said
            assert row.met == [one.met for one in said.conditions]
            assert row.amount == (said.amount if said.eligible else None)
            unmet, unsure = stored_screening.reasons(list(rule.conditions.all()), row.met)
            assert [said.conditions[n] for n in unmet] == list(said.unmet)
            assert [said.conditions[n] for n in unsure] == list(said.unknown)
        simulated = simulation.simulate(rule, {}, at=stored.at).whole.before
        assert (stored.yes, stored.no, stored.unknown, stored.total, stored.unpriced) == (
            simulated.yes,
            simulated.no,
            simulated.unknown,
            simulated.total,
            simulated.unpriced,
        )
        assert vars(stored_screening.figures(stored.rows.all(), len(stored.unmet), stored.columns)) == {
            name: getattr(stored, name) for name in stored_screening.Figures.__dataclass_fields__
        }
        transaction.set_rollback(True)


def test_of_a_group_only_what_is_decisive_is_a_reason():
    one = call_item()
    rule = draft_rule(
        one, [("legal_person", "is_true", None), ("revenue_y1", "gte", "5"), ("age_years", "gte", 3)]
    )
    Condition.objects.filter(rule=rule, position__gt=1).update(any_of=1)
    rows = list(rule.conditions.all())
    assert stored_screening.reasons(rows, [False, False, True]) == ([0], [])
    assert stored_screening.reasons(rows, [True, False, None]) == ([], [2])
    assert stored_screening.reasons(rows, [None, False, False]) == ([1, 2], [0])


# --- the job, and two people at once --------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_job_screens_and_who_asked_is_led_to_it():
    known()
    by = people.municipal_officer()
    job, new = screening_workflow.request_screening(line(), by)
    assert new
    running.run(job.pk)
    job.refresh_from_db()
    stored = Screening.objects.get()
    assert (job.state, job.outcome) == (Job.State.DONE, {"screening": stored.pk})
    told = events.inbox(by).first()
    assert events.url_of(told.event, by) == f"/desk/jobs/{job.pk}/"
    again, new = screening_workflow.request_screening(line(), by)
    assert new and again.pk != job.pk


@pytest.mark.django_db(transaction=True)
def test_a_post_that_ended_meanwhile_fails_the_job_and_says_so():
    by = people.municipal_officer()
    job, _new = screening_workflow.request_screening(line(), by)
    by.posts.update(until=clock.today() - timedelta(days=1))
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED and "权限" in job.message
    assert not Screening.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_are_led_to_one_job():
    officer, head, one = people.municipal_officer(), people.municipal_head(), line()
    barrier, found = threading.Barrier(2), []

    def ask(by):
        try:
            with clock.at(NOW):
                barrier.wait()
                found.append(screening_workflow.request_screening(one, by))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(by,)) for by in (officer, head)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({job.pk for job, _new in found}) == 1 == Job.objects.count()
    assert sorted(new for _job, new in found) == [False, True]


# --- who reads ------------------------------------------------------------------------------------------


def test_a_district_reads_of_its_own_enterprises_and_finance_of_none():
    ours, theirs = known(district=people.XUHUI), known(district=people.PUDONG)
    stored = screening_workflow.screen(line(), people.municipal_officer())
    for reader in (people.district_officer(), people.district_head()):
        within = access.districts_of(reader)
        assert within == {people.XUHUI}
        assert [row.enterprise_id for row in access.rows_within(stored, within)] == [ours.pk]
        assert stored_screening.figures_of(stored, within).yes == 1
        assert stored_screening.figures_by_screening([stored], within)[stored.pk]["total"] == 100000
        assert not access.simulations(reader).exists() and not access.everywhere(reader)
    for reader in (people.municipal_officer(), people.auditor(), people.policy_administrator()):
        assert access.districts_of(reader) is None
        assert {row.enterprise_id for row in access.rows_within(stored, None)} == {ours.pk, theirs.pk}
        assert stored_screening.figures_of(stored, None).yes == 2
    assert access.districts_of(people.finance_maker()) == set()
    assert not access.screenings(people.finance_maker()).exists()


# --- simulations ----------------------------------------------------------------------------------------


def test_a_simulation_is_kept_with_its_result_and_reads_the_same_later():
    known("1.15"), known()
    rule, by = screening.rule_for(line()), people.municipal_officer()
    kept = simulation_workflow.save_simulation(rule, {"min_growth": "0.1"}, by, " 征求意见稿 ")
    before = simulation.simulate(rule, {"min_growth": "0.1"}, at=kept.at)
    known("1.12")
    found = simulation.thawed(kept.results)
    assert (found.whole.before.yes, found.whole.after.yes, found.whole.gained) == (1, 2, 1)
    assert found == before and found.whole.after.total == Decimal("200000.00")
    assert (kept.note, kept.rule, kept.by) == ("征求意见稿", rule, by)
    [event] = events.timeline(kept)
    assert event.facts["values"] == [{"parameter": "min_growth", "then": "0.2", "now": "0.1"}]
    with pytest.raises(DatabaseError), transaction.atomic():
        type(kept).objects.update(note="别的")


def test_nothing_is_kept_or_drafted_without_a_value_or_a_note():
    rule, by = screening.rule_for(line()), people.policy_administrator()
    for values, note, reason in (({}, "说明", "没有调整"), ({"min_growth": "0.1"}, " ", "写一句说明")):
        with pytest.raises(Refused, match=reason):
            simulation_workflow.save_simulation(rule, values, by, note)
    with pytest.raises(Refused, match="没有调整"):
        simulation_workflow.draft_simulated_rule(rule, {}, by, "说明")


def test_who_neither_keeps_a_simulation_nor_drafts():
    rule = screening.rule_for(line())
    save, draft = simulation_workflow.save_simulation, simulation_workflow.draft_simulated_rule
    # The commission simulates, but a rule is drafted where policy is kept.
    refused = [(verb, role) for verb in (save, draft) for role in OTHERS]
    for verb, role in [*refused, (draft, "municipal_head"), (draft, "municipal_officer")]:
        with pytest.raises(NotAllowed):
            verb(rule, {"min_growth": "0.1"}, getattr(people, role)(), "说明")
    assert not RuleVersion.objects.filter(approved_at__isnull=True).exists()


def test_the_values_become_a_draft_that_somebody_else_approves():
    rule, by = screening.rule_for(line()), people.policy_administrator()
    draft = simulation_workflow.draft_simulated_rule(
        rule, {"min_growth": "0.1", "amount": "90000.00"}, by, "降低门槛"
    )
    rows = simulation.settable(RuleVersion.objects.with_rows().get(pk=draft.pk))
    assert simulation.text_of(*rows["min_growth"]) == "0.1"
    assert simulation.text_of(*rows["amount"]) == "90000.00"
    assert simulation.text_of(*rows["min_clean_years"]) == "3"
    assert (draft.is_draft, draft.written_by, draft.note) == (True, by, "降低门槛")
    assert [event.verb for event in events.timeline(draft)] == ["start_rule", "draft_simulated_rule"]
    with pytest.raises(Refused, match="还在编写中"):
        simulation_workflow.draft_simulated_rule(rule, {"min_growth": "0.1"}, by, "再来")
    with clock.at(NOW + timedelta(hours=1)):
        second = people.policy_administrator("2")
        rule_workflow.try_rule(draft, second)
        rule_workflow.approve_rule(draft, second)
        with pytest.raises(Refused, match="规则已经更新"):
            simulation_workflow.draft_simulated_rule(rule, {"min_growth": "0.15"}, by, "旧的")
        with pytest.raises(Refused, match="规则已经更新"):
            simulation_workflow.save_simulation(rule, {"min_growth": "0.15"}, by, "旧的")
    assert RuleVersion.objects.filter(call_item=rule.call_item).count() == 2


def test_a_value_that_does_not_fit_leaves_no_draft():
    rule, by = screening.rule_for(line()), people.policy_administrator()
    for values, reason in (
        ({"min_growth": "很高"}, "比率"),
        ({"amount": "-5"}, "大于 0"),
        ({"nothing": "1"}, "没有名为"),
    ):
        with pytest.raises(ValidationError, match=reason):
            simulation_workflow.draft_simulated_rule(rule, values, by, "说明")
    assert not RuleVersion.objects.filter(approved_at__isnull=True).exists()


def test_the_ceiling_of_the_policy_holds_in_a_simulation():
    one = call_item()
    rule = rule_in_force(
        one,
        [("legal_person", "is_true", None)],
        [{"kind": "rate", "base": "investment", "rate": "0.1000"}, {"kind": "cap", "amount": "5000000.00"}],
    )
    assert one.item.ceiling_amount == 5_000_000
    assert simulation.checked(rule, "rate", "8%") == "0.08"
    with pytest.raises(ValidationError, match="比例上限"):
        simulation.checked(rule, "rate", "0.2")
    with pytest.raises(ValidationError, match="金额上限"):
        simulation.checked(rule, "cap", "5000000.01")
    assert rule_workflow.start_rule(one, SYSTEM).award_rows.get(kind="rate").rate == Decimal("0.1000")
