"""Claims: a code proves nothing; the district decides; nobody takes an enterprise from its owner."""

from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications import access as cases_access
from applications import workflow as applications
from applications.verbs import Refused
from enterprises import access, joining_workflow, workflow
from enterprises.member_roles import MemberRole
from enterprises.models import SELF_REPORTED, Claim, Enterprise, Member
from enterprises.workflow import ClaimRefused
from foundation.accounts.models import District, Office
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Notification
from foundation.files import files
from tests.accounts import factories as people
from tests.accounts.factories import PUDONG, XUHUI
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.enterprises.factories import owner_of, pdf

pytestmark = pytest.mark.django_db
VALID = "91310104MA1FR9XL0K"


@pytest.fixture(autouse=True)
def catalogue(db):
    cases.open_call_item()


def claim(
    by=None, uscc: str | None = None, district: str = XUHUI, name: str = enterprises.NAME, letter=True
) -> Claim:
    return workflow.claim(
        by or people.user(),
        uscc=uscc or enterprises.uscc(),
        name=name,
        district=District.objects.get(pk=district),
        letter=pdf() if letter else None,
    )


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


@pytest.mark.parametrize(
    "typed", [str.lower, wide, lambda code: f" {code[:8]} {code[8:]}\u3000", lambda code: wide(code.lower())]
)
def test_a_code_is_normalised_however_it_was_typed(typed):
    code = enterprises.uscc()
    assert workflow.normalised_uscc(typed(code)) == code
    assert claim(uscc=typed(code)).enterprise.uscc == code


def test_a_wrong_code_is_explained_beside_its_field():
    code = enterprises.uscc()
    other = "A" if code[-1] != "A" else "B"
    for typed, message in [
        (code[:-1] + other, "校验位不对"),
        (code[:-1], "应为 18 位，现在是 17 位"),
        ("", "应为 18 位，现在是 0 位"),
        ("91310104MA1FR9XI0K", "不允许的字符"),
        ("ZZ310104MA1FR9XL0K", "不允许的字符|校验位不对"),
    ]:
        with pytest.raises(ClaimRefused, match=message) as wrong:
            workflow.normalised_uscc(typed)
        assert wrong.value.field == "uscc"


@pytest.mark.parametrize("name", ["甲" * 3, "甲" * 121])
def test_a_name_must_fit(name):
    with pytest.raises(ClaimRefused) as wrong:
        claim(name=name)
    assert wrong.value.field == "name"


def test_nothing_of_the_register_shows_to_whom_no_claim_was_verified():
    enterprise = enterprises.registered_enterprise(name="登记册上的真名有限公司")
    row = claim(uscc=enterprise.uscc, name="随便写的名字公司")
    assert row.declared_name == "随便写的名字公司"
    assert list(access.mine(row.user)) == []
    shown = [str(event.facts) for event in events.timeline(row)]
    assert not any("登记册上的真名" in facts for facts in shown)
    enterprise.refresh_from_db()
    assert (enterprise.name, enterprise.state) == ("登记册上的真名有限公司", "registered")


def test_a_claim_to_a_known_code_goes_to_the_registers_district():
    enterprise = enterprises.registered_enterprise(PUDONG)
    row = claim(uscc=enterprise.uscc, district=XUHUI)
    assert row.district_id == PUDONG
    told = Notification.objects.get(event__verb="claim")
    assert Office.objects.get(pk=told.audience_id).district_id == PUDONG


def test_another_district_neither_sees_nor_decides():
    row = enterprises.pending_claim()
    other = people.district_officer(PUDONG)
    assert not access.claims_to_decide(other).filter(pk=row.pk).exists()
    for decide in (
        lambda: workflow.verify_claim(row, other),
        lambda: workflow.reject_claim(row, other, "不对"),
    ):
        with pytest.raises(ClaimRefused) as refused:
            decide()
        assert refused.value.code == "forbidden"
    row.refresh_from_db()
    assert row.state == "pending"


@pytest.mark.parametrize("who", [people.district_head, people.municipal_officer, people.auditor, people.user])
def test_only_the_districts_officer_decides(who):
    with pytest.raises(ClaimRefused) as refused:
        workflow.verify_claim(enterprises.pending_claim(), who())
    assert refused.value.code == "forbidden"


def test_nobody_verifies_themselves():
    officer = people.district_officer()
    row = enterprises.pending_claim(officer)
    with pytest.raises(ClaimRefused, match="本人"):
        workflow.verify_claim(row, officer)
    assert workflow.verify_claim(row, people.district_officer(mark="2")).state == "verified"


def test_without_a_letter_nothing_is_verified_and_nobody_is_told():
    row = enterprises.pending_claim(letter=False)
    assert not Notification.objects.exists()
    with pytest.raises(ClaimRefused, match="授权委托书"):
        workflow.verify_claim(row, people.district_officer())
    row = workflow.attach_letter(row, row.user, pdf())
    assert Notification.objects.get().event.verb == "attach_letter"
    assert workflow.verify_claim(row, people.district_officer()).state == "verified"


def test_a_letter_is_judged_by_its_content_and_belongs_to_its_claimant():
    with pytest.raises(files.RefusedFile):
        workflow.claim(
            people.user(),
            uscc=enterprises.uscc(),
            name=enterprises.NAME,
            district=District.objects.get(pk=XUHUI),
            letter=SimpleUploadedFile("委托书.pdf", b"<html>", content_type="application/pdf"),
        )
    row = enterprises.pending_claim()
    with pytest.raises(ClaimRefused) as refused:
        workflow.attach_letter(row, people.user(), pdf("别人的.pdf", "other"))
    assert refused.value.code == "state"


def test_a_letter_replaced_under_the_officers_eyes_is_read_again():
    row = enterprises.pending_claim()
    seen = Claim.objects.get(pk=row.pk)
    workflow.attach_letter(row, row.user, pdf("换过的.pdf", "another"))
    with pytest.raises(ClaimRefused) as refused:
        workflow.verify_claim(seen, people.district_officer())
    assert refused.value.code == "stale"


def test_a_rejected_claim_has_its_reason_and_a_new_one_may_follow():
    row = enterprises.rejected_claim(reason="授权书上没有公章")
    told = Notification.objects.get(event__verb="reject_claim")
    assert (told.audience_kind, told.audience_id) == ("user", row.user_id)
    assert "授权书上没有公章" in events.render(told).body
    again = claim(row.user, uscc=row.enterprise.uscc)
    assert workflow.verify_claim(again, people.district_officer()).state == "verified"
    assert Member.objects.get(user=row.user).claim == again
    with pytest.raises(ClaimRefused, match="已登记过"):
        claim(row.user, uscc=row.enterprise.uscc)
    with pytest.raises(ClaimRefused, match="已办结"):
        row.refresh_from_db()
        workflow.verify_claim(row, people.district_officer())


def test_one_person_keeps_only_some_claims_waiting():
    person = people.user()
    for _n in range(workflow.LIVE_CLAIMS_AT_ONCE):
        claim(person)
    with pytest.raises(ClaimRefused, match="等待核验"):
        claim(person)


# --- somebody says that they act for another's enterprise ------------------------------------------------


def test_a_faker_of_an_unknown_code_does_not_keep_the_true_owner_out():
    code = enterprises.uscc()
    faker = claim(uscc=code, district=PUDONG, name="冒名科技有限公司")
    owner = claim(uscc=code, district=XUHUI, name="真实检测有限公司")
    assert (faker.district_id, owner.district_id) == (PUDONG, XUHUI)
    workflow.verify_claim(owner, people.district_officer(XUHUI))
    enterprise = Enterprise.objects.get(uscc=code)
    assert (enterprise.name, enterprise.district_id, enterprise.state) == (
        "真实检测有限公司",
        XUHUI,
        "verified",
    )
    assert enterprise.source == SELF_REPORTED
    assert list(access.mine(faker.user)) == []


def test_what_a_faker_told_is_decided_by_the_true_district_once_it_is_known():
    code = enterprises.uscc()
    faker = claim(uscc=code, district=PUDONG, name="冒名科技有限公司")
    owner = claim(uscc=code, district=XUHUI, name="真实检测有限公司")
    seen = Claim.objects.get(pk=faker.pk)
    workflow.verify_claim(owner, people.district_officer(XUHUI))
    with pytest.raises(ClaimRefused):
        workflow.verify_claim(seen, people.district_officer(PUDONG))
    faker.refresh_from_db()
    assert faker.district_id == XUHUI
    with pytest.raises(ClaimRefused) as refused:
        workflow.verify_claim(faker, people.district_officer(PUDONG))
    assert refused.value.code == "forbidden"
    told = Notification.objects.get(event__verb="move_claim")
    assert Office.objects.get(pk=told.audience_id).district_id == XUHUI
    assert (
        workflow.reject_claim(faker, people.district_officer(XUHUI), "企业已由他人代表").state == "rejected"
    )
    assert Enterprise.objects.get(uscc=code).name == "真实检测有限公司"


def test_a_later_claim_does_not_rename_a_verified_enterprise():
    enterprise = enterprises.verified_enterprise()
    other = claim(uscc=enterprise.uscc, name="改个名字的公司", district=PUDONG)
    assert other.district_id == XUHUI
    joining_workflow.admit(other, owner_of(enterprise), MemberRole.OWNER)
    enterprise.refresh_from_db()
    assert (enterprise.name, enterprise.district_id) == (enterprises.NAME, XUHUI)
    assert enterprise.members.count() == 2


def test_drafts_under_an_unverified_claim_are_invisible_to_others():
    enterprise = enterprises.verified_enterprise()
    owner = owner_of(enterprise)
    faker = enterprises.pending_claim(enterprise=enterprise).user
    draft, mine = cases.draft(None, enterprise, faker), cases.draft(None, enterprise, owner)
    assert set(cases_access.own(owner)) == {mine}
    assert set(cases_access.own(faker)) == {draft}
    with pytest.raises(Refused) as refused:
        applications.save_draft(draft, owner, {}, draft.draft_revision)
    assert refused.value.code == "forbidden"
    with pytest.raises(Refused):
        applications.save_draft(mine, faker, {}, mine.draft_revision)
    with pytest.raises(Refused):
        applications.attach(mine, faker, "report", pdf())
    joining_workflow.admit(Claim.objects.get(user=faker), owner, MemberRole.OWNER)
    assert set(cases_access.own(owner)) == {mine, draft} == set(cases_access.own(faker))


def test_a_rejected_claimant_keeps_the_draft_and_sees_no_case_of_the_enterprise():
    case = cases.submitted()
    faker = enterprises.pending_claim(enterprise=case.enterprise).user
    draft = cases.draft(None, case.enterprise, faker)
    joining_workflow.refuse_to_admit(Claim.objects.get(user=faker), owner_of(case.enterprise), "不认识此人")
    assert set(cases_access.own(faker)) == {draft}
    with pytest.raises(Refused):
        applications.withdraw(case, faker, "我来撤回").one()
    with pytest.raises(Refused):
        applications.submit(draft, faker).one()


def test_a_claim_is_due_in_workdays():
    with clock.at(datetime(2026, 9, 24, 23, 30, tzinfo=clock.SHANGHAI)):
        row = claim()
    assert row.due_on == date(2026, 9, 30)  # 28, 29, 30: the Mid-Autumn days don't count
