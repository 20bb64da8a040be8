"""The pages of members, invitations and requests, and acting for one enterprise at a time."""

from datetime import timedelta

import pytest
from django.urls import reverse

from enterprises import invitation_mail
from enterprises.leaving_workflow import leave
from enterprises.models import Claim, Invitation
from foundation.clock import clock
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.enterprises.factories import agent, owner_of, pdf, takeover, viewer
from tests.portal.reading import heading_of, text_of
from tests.reviews import offered as proactive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue(db):
    cases.open_call_item()


def test_an_owner_invites_and_the_invited_signs_in_and_accepts(signed_in, client):
    enterprise = enterprises.verified_enterprise()
    browser = signed_in(owner_of(enterprise))
    wrong = browser.post(reverse("member_invite"), {"invite-address": "x", "invite-role": "enterprise_agent"})
    assert wrong.status_code == 422 and "请填写有效的邮箱地址" in text_of(wrong)
    until = clock.today() + timedelta(days=90)
    given = {
        "invite-address": "new@example.test",
        "invite-role": "enterprise_agent",
        "invite-until": f"{until}",
    }
    assert browser.post(reverse("member_invite"), given).status_code == 302
    assert "new@example.test" in text_of(browser.get(reverse("members")))
    row = Invitation.objects.get()
    link = f"{reverse('invitation', args=[row.pk])}?token={invitation_mail.token_of(row)}"
    browser.logout()
    page = browser.get(link)
    assert heading_of(page) == f"{enterprise.name}邀请您担任代办人" and "登录后接受" in text_of(page)
    assert "new@example.test" not in text_of(page) and page["Referrer-Policy"] == "strict-origin"
    assert browser.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 404
    browser = signed_in(people.user())
    assert "另一个邮箱" in text_of(browser.get(link))
    token = {"token": invitation_mail.token_of(row)}
    assert browser.post(reverse("invitation_accept", args=[row.pk]), token).status_code == 403
    invited = people.user(email="new@example.test")
    browser = signed_in(invited)
    assert "接受邀请" in text_of(browser.get(link))
    browser.post(reverse("invitation_accept", args=[row.pk]), token)
    assert enterprise.name in text_of(browser.get(reverse("home")))
    assert browser.post(reverse("invitation_accept", args=[row.pk]), token).status_code == 409


def test_who_registers_for_an_invitation_comes_back_to_it(client):
    enterprise = enterprises.verified_enterprise()
    from enterprises.invitation_workflow import invite

    row = invite(enterprise, owner_of(enterprise), address="new@example.test", role="enterprise_viewer")
    link = f"{reverse('invitation', args=[row.pk])}?token={invitation_mail.token_of(row)}"
    signup = client.get(link).context["signup_url"]
    typed = {
        "email": "new@example.test",
        "username": "newcomer",
        "password1": "Kefu-zhida-2026",
        "password2": "Kefu-zhida-2026",
    }
    answer = client.post(signup, typed)
    assert answer.status_code == 302 and answer.url == link
    assert "接受邀请" in text_of(client.get(link))


def test_requests_are_answered_on_the_members_page(signed_in):
    enterprise = enterprises.verified_enterprise()
    joining = enterprises.pending_claim(enterprise=enterprise, letter=False)
    following = takeover(enterprise=enterprise)
    browser = signed_in(owner_of(enterprise))
    page = browser.get(reverse("members"))
    assert heading_of(page) == "有 2 人的申请等您答复" and "原经办人已离职" in text_of(page)
    refused = browser.post(reverse("join_refuse", args=[joining.pk]), {"version": joining.version})
    assert refused.status_code == 422 and "请写明理由" in text_of(refused)
    stale = {f"admit{joining.pk}-role": "enterprise_viewer", "version": 99}
    assert browser.post(reverse("join_admit", args=[joining.pk]), stale).status_code == 409
    browser.post(reverse("join_admit", args=[joining.pk]), stale | {"version": joining.version})
    answer = {f"answer{following.pk}-answer": "objects", "version": following.version}
    wrong = browser.post(reverse("takeover_answer", args=[following.pk]), answer)
    assert wrong.status_code == 422 and "请写明异议的理由" in text_of(wrong)
    browser.post(
        reverse("takeover_answer", args=[following.pk]), answer | {f"answer{following.pk}-words": "我仍在职"}
    )
    states = dict(Claim.objects.values_list("pk", "answer"))
    assert Claim.objects.get(pk=joining.pk).state == "verified" and states[following.pk] == "objects"
    assert "已答复：有异议" in text_of(browser.get(reverse("members")))
    assert "原企业经办人已答复：有异议" in text_of(signed_in(following.user).get(reverse("claims")))


def test_who_asks_to_join_sees_who_has_it_and_may_ask_to_take_over(signed_in):
    enterprise = enterprises.verified_enterprise()
    browser = signed_in(people.user())
    typed = {
        "uscc": enterprise.uscc,
        "name": enterprise.name,
        "district": enterprise.district_id,
        "note": "研发部小王",
    }
    page = browser.post(reverse("claim"), typed, follow=True)
    assert "由其企业经办人答复" in text_of(page)
    row = Claim.objects.get(route="owners")
    url = reverse("claim_takeover", args=[row.pk])
    assert "请写明原企业经办人的情况" in text_of(browser.post(url))
    given = {f"takeover{row.pk}-note": "已离职", f"takeover{row.pk}-letter": pdf()}
    assert "原企业经办人可在" in text_of(browser.post(url, given, follow=True))


def test_one_enterprise_at_a_time(signed_in):
    person = people.user()
    first, second = (
        enterprises.verified_enterprise(person),
        enterprises.verified_enterprise(name="第二家检测公司"),
    )
    agent(second, person)
    case = cases.submitted(enterprise=second)
    browser = signed_in(person)
    menu = text_of(browser.get(reverse("my_cases")))
    assert "还没有申请" in menu and "改为代表：第二家检测公司（代办人）" in menu
    elsewhere = browser.get(reverse("case", args=[case.pk]))
    assert elsewhere.status_code == 409 and case.number not in text_of(elsewhere)
    assert heading_of(elsewhere) == "这项内容属于第二家检测公司"
    assert browser.post(reverse("case_withdraw", args=[case.pk]), {"version": 1}).status_code == 409
    here = reverse("case", args=[case.pk])
    answer = browser.post(reverse("enterprise_choose"), {"enterprise": second.pk, "next": here})
    assert answer.url == here and browser.get(here).status_code == 200
    assert "撤回申请" not in text_of(browser.get(here))
    away = browser.post(
        reverse("enterprise_choose"), {"enterprise": first.pk, "next": "https://evil.example/"}
    )
    assert away.url == reverse("home")
    assert browser.post(reverse("enterprise_choose"), {"enterprise": 0}).status_code == 403


def test_the_owner_throws_away_the_draft_of_who_has_left(signed_in):
    enterprise = enterprises.verified_enterprise()
    owner, filler = owner_of(enterprise), agent(enterprise)
    draft = cases.draft(None, enterprise, filler)
    page, url = reverse("draft", args=[draft.pk]), reverse("draft_discard", args=[draft.pk])
    browser = signed_in(owner)
    assert "废弃草稿" not in text_of(browser.get(page))
    assert browser.post(url, {"version": draft.version}).status_code == 403
    leave(filler.memberships.get(), filler)
    assert "废弃草稿" in text_of(browser.get(page))
    assert "草稿已废弃" in text_of(browser.post(url, {"version": draft.version}, follow=True))


def test_a_viewer_reads_and_finds_no_button(signed_in):
    enterprise = enterprises.verified_enterprise()
    draft = cases.draft(None, enterprise)
    browser = signed_in(viewer(enterprise))
    answer = browser.get(reverse("draft", args=[draft.pk]), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("submit", args=[draft.pk])
    assert "您是查看人；提交申请和补正由企业经办人、代办人办理" in text_of(answer)
    assert not answer.context["may_submit"] and "点“提交”即确认" not in text_of(answer)
    for code, told in (
        ("08-01", "填写申请由企业经办人、代办人办理"),
        ("01-03", "提出办理请求、申请列入名单、申请回避由企业经办人"),
    ):
        item = text_of(browser.get(reverse("item", args=[code])))
        assert told in item and "开始申请" not in item
    offer = proactive.offered(proactive.newly_included(enterprise))
    shown = text_of(browser.get(reverse("offer", args=[offer.pk])))
    assert "确认或者放弃免申即享由企业经办人办理" in shown and "确认，接受支持" not in shown
    home = text_of(browser.get(reverse("home")))
    assert "现在可申请" in home and "看条件和材料" in home and "开始申请" not in home
    page = text_of(browser.get(reverse("members")))
    assert "您是查看人" in page and "发出邀请" not in page
    assert "由企业经办人填写" in text_of(browser.get(reverse("enterprise")))
    owner = owner_of(enterprise)
    assert browser.post(reverse("member_leave"), follow=True).status_code == 200
    assert enterprise.members.live().get().user == owner
    alone = signed_in(owner).post(reverse("member_leave"))
    assert alone.status_code == 422 and "唯一的企业经办人" in text_of(alone)
