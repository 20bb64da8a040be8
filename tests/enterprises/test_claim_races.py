"""Two at once about an enterprise: one claim, one answer, one draft too many."""

from decimal import Decimal

import pytest

from applications import workflow
from enterprises import supplement_workflow as supplements
from enterprises import workflow as enterprises
from enterprises.models import Claim, Enterprise, Supplement
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import (
    owner_of,
    pdf,
    pending_claim,
    registered_enterprise,
    verified_enterprise,
)
from tests.reviews.racing import at_once, catalogue, split

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["catalogue"]
AWARD = Decimal("3200000.00")


def test_one_claim_decided_twice_at_once():
    row = pending_claim()
    officers = [people.district_officer(), people.district_officer(mark="-2")]
    first, second = Claim.objects.get(pk=row.pk), Claim.objects.get(pk=row.pk)
    done, refused = split(
        at_once(
            lambda: enterprises.verify_claim(first, officers[0]),
            lambda: enterprises.reject_claim(second, officers[1], "缺公章"),
        )
    )
    assert (len(done), refused) == (1, ["stale"])
    row.refresh_from_db()
    assert row.state == done[0].state
    assert row.enterprise.members.count() == (1 if row.state == "verified" else 0)


def test_one_person_claims_one_code_twice_at_once():
    enterprise, person = registered_enterprise(), people.user()
    claim = {"uscc": enterprise.uscc, "name": enterprise.name, "district": enterprise.district}
    done, refused = split(at_once(*[lambda: enterprises.claim(person, **claim, letter=pdf())] * 2))
    assert (len(done), refused) == (1, ["invalid"])


def test_two_people_claim_an_unknown_code_at_once():
    known = registered_enterprise()
    claim = {"uscc": known.uscc, "name": "同一家检测公司", "district": known.district}
    Enterprise.objects.filter(pk=known.pk).delete()
    pair = [people.user(), people.user()]
    done, refused = split(at_once(*[lambda by=by: enterprises.claim(by, **claim) for by in pair]))
    assert (len(done), refused) == (2, [])
    assert Enterprise.objects.filter(uscc=known.uscc).count() == 1


def supplement(enterprise: Enterprise) -> Supplement:
    owner = owner_of(enterprise)
    return supplements.supply(enterprise, owner, topic="credit", note="信用报告", document=pdf())


def test_one_supplement_answered_twice_at_once():
    row = supplement(verified_enterprise())
    officer, head = people.district_officer(), people.district_head()
    first, second = Supplement.objects.get(pk=row.pk), Supplement.objects.get(pk=row.pk)
    done, refused = split(
        at_once(
            lambda: supplements.record_supplement(first, officer, "已登记信用核查"),
            lambda: supplements.refuse_supplement(second, head, "没有公章"),
        )
    )
    assert (len(done), refused) == (1, ["stale"])
    row.refresh_from_db()
    assert (row.state, row.answer) == (done[0].state, done[0].answer)


def test_one_topic_supplied_twice_at_once():
    enterprise = verified_enterprise()
    done, refused = split(at_once(*[lambda: supplement(enterprise)] * 2))
    assert (len(done), refused) == (1, ["invalid"])


def test_a_draft_begun_while_its_claim_is_decided():
    row = pending_claim()
    line, officer = cases.open_call_item(), people.district_officer()
    letter = pdf("换过的.pdf", "another")
    seen = Claim.objects.get(pk=row.pk)
    results = at_once(
        lambda: workflow.start(line, row.enterprise, row.user),
        lambda: enterprises.verify_claim(seen, officer),
        lambda: enterprises.attach_letter(row, row.user, letter),
    )
    done, refused = split(results)
    assert len(done) >= 2
    assert set(refused) <= {"stale", "state"}


def test_a_person_keeps_no_more_drafts_than_allowed():
    enterprise = verified_enterprise()
    owner, line = owner_of(enterprise), cases.open_call_item()
    for _n in range(workflow.filling.DRAFTS_AT_ONCE - 1):
        workflow.start(line, enterprise, owner)
    done, refused = split(at_once(*[lambda: workflow.start(line, enterprise, owner)] * 3))
    assert (len(done), refused) == (1, ["invalid", "invalid"])
