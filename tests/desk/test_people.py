"""Claims, enterprises and messages at the desk."""

from django.urls import reverse

from enterprises import workflow as enterprise_workflow
from enterprises.models import Claim, Enterprise
from foundation.accounts.models import District
from foundation.events import events
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises


def decide(client, verb, claim, **fields):
    data = {f"{verb}-{name}": value for name, value in {"version": claim.version, **fields}.items()}
    return client.post(reverse(f"desk:claim_{verb}", args=[claim.pk]), data)


def test_the_district_verifies_a_claim_against_its_letter(as_user):
    claim = enterprises.pending_claim()
    officer = as_user(people.district_officer())
    assert "有 1 份授权委托书待核验" in officer.get(reverse("desk:claims")).content.decode()
    page = officer.get(reverse("desk:claim", args=[claim.pk])).content.decode()
    assert claim.enterprise.address in page
    letter = officer.get(reverse("desk:claim_letter", args=[claim.pk]))
    assert letter.status_code == 200
    assert letter["Content-Type"] == "application/pdf"
    assert decide(officer, "verify", claim).status_code == 302
    claim.refresh_from_db()
    assert claim.state == Claim.State.VERIFIED
    assert decide(officer, "verify", claim).status_code == 422
    claim.version -= 1
    assert decide(officer, "verify", claim).status_code == 409


def test_what_differs_from_the_register_is_marked(as_user):
    known = enterprises.registered_enterprise(name="上海澄衡计量科技有限公司")
    enterprise_workflow.claim(
        people.user(),
        uscc=known.uscc,
        name="上海澄衡计量有限公司",
        district=District.objects.get(pk=people.PUDONG),
        letter=enterprises.pdf(),
    )
    claim = Claim.objects.get()
    officer = as_user(people.district_officer())
    assert "与登记信息不一致" in officer.get(reverse("desk:claims")).content.decode()
    page = officer.get(reverse("desk:claim", args=[claim.pk]))
    assert [row["label"] for row in page.context["rows"] if row["differs"]] == ["企业名称", "注册区"]


def test_a_claim_is_rejected_with_a_reason(as_user):
    claim = enterprises.pending_claim()
    officer = as_user(people.district_officer())
    empty = decide(officer, "reject", claim, reason="")
    assert empty.status_code == 422
    assert "请写明不通过的理由" in empty.content.decode()
    assert decide(officer, "reject", claim, reason="委托书没有公章").status_code == 302
    assert "委托书没有公章" in officer.get(reverse("desk:claim", args=[claim.pk])).content.decode()


def test_a_claim_without_a_letter_can_not_be_verified(as_user):
    claim = enterprises.pending_claim(letter=False)
    officer = as_user(people.district_officer())
    page = officer.get(reverse("desk:claim", args=[claim.pk])).content.decode()
    assert "尚未上传授权委托书" in page
    assert reverse("desk:claim_verify", args=[claim.pk]) not in page
    refused = decide(officer, "verify", claim)
    assert refused.status_code == 422
    assert "不能通过" in refused.content.decode()
    assert officer.get(reverse("desk:claim_letter", args=[claim.pk])).status_code == 404


def test_claims_belong_to_their_district(as_user):
    claim = enterprises.pending_claim()
    other = as_user(people.district_officer(people.PUDONG))
    assert other.get(reverse("desk:claim", args=[claim.pk])).status_code == 404
    assert other.get(reverse("desk:claim_letter", args=[claim.pk])).status_code == 404
    assert decide(other, "verify", claim).status_code == 404
    assert as_user(people.district_head()).get(reverse("desk:claims")).status_code == 403
    auditor = as_user(people.auditor())
    page = auditor.get(reverse("desk:claim", args=[claim.pk]))
    assert page.status_code == 200
    assert not page.context["may_decide"]
    assert decide(auditor, "verify", claim).status_code == 403


def test_an_enterprise_is_found_and_shown_within_reach(as_user):
    case = cases.submitted(enterprise=enterprises.verified_enterprise(name="上海澄衡计量科技有限公司"))
    enterprises.registered_enterprise(district=people.PUDONG, name="浦东新区示例有限公司")
    officer = as_user(people.district_officer())
    page = officer.get(reverse("desk:enterprises"), {"q": "澄衡"}).content.decode()
    assert case.enterprise.uscc in page
    assert "浦东新区示例" not in officer.get(reverse("desk:enterprises")).content.decode()
    detail = officer.get(reverse("desk:enterprise", args=[case.enterprise_id])).content.decode()
    assert case.number in detail
    assert "M7452" in detail
    far = Enterprise.objects.get(name="浦东新区示例有限公司")
    assert officer.get(reverse("desk:enterprise", args=[far.pk])).status_code == 404
    assert (
        as_user(people.municipal_officer()).get(reverse("desk:enterprise", args=[far.pk])).status_code == 200
    )
    assert as_user(people.finance_maker()).get(reverse("desk:enterprises")).status_code == 403


def test_a_head_suspends_and_reinstates_an_account_with_a_reason(as_user):
    enterprise = enterprises.verified_enterprise()
    head = as_user(people.district_head())

    def manage(client, verb, reason, version=None):
        enterprise.refresh_from_db()
        data = {f"{verb}-version": version or enterprise.version, f"{verb}-reason": reason}
        return client.post(reverse(f"desk:enterprise_{verb}", args=[enterprise.pk]), data)

    assert manage(head, "suspend", "").status_code == 422
    assert manage(as_user(people.district_officer()), "suspend", "材料不实").status_code == 403
    assert manage(head, "suspend", "材料不实", version=999).status_code == 409
    assert manage(head, "suspend", "材料不实").status_code == 302
    assert "已暂停" in head.get(reverse("desk:enterprise", args=[enterprise.pk])).content.decode()
    assert manage(head, "suspend", "再次").status_code == 422
    assert manage(head, "reinstate", "已澄清").status_code == 302
    enterprise.refresh_from_db()
    assert enterprise.state == "verified"


def test_messages_are_read_by_a_click_and_only_one_s_own(as_user):
    case = cases.submitted()
    officer = people.district_officer()
    client = as_user(officer)
    page = client.get(reverse("desk:messages"))
    assert case.number in page.content.decode()
    unread = events.unread_count(officer)
    assert unread >= 1
    told = page.context["rows"][0]["told"]
    opened = client.post(reverse("desk:message_open", args=[told.pk]))
    assert opened.status_code == 302
    assert opened.url.startswith("/desk/")
    assert events.unread_count(officer) == unread - 1
    stranger = as_user(people.district_officer(people.PUDONG))
    assert stranger.post(reverse("desk:message_open", args=[told.pk])).status_code == 404
    client.post(reverse("desk:messages_read"))
    assert events.unread_count(officer) == 0
    assert client.get(reverse("desk:messages"), {"tab": "unread"}).context["rows"] == []


def test_looking_at_messages_marks_nothing(as_user):
    cases.submitted()
    officer = people.district_officer()
    before = events.unread_count(officer)
    as_user(officer).get(reverse("desk:messages"))
    assert events.unread_count(officer) == before
