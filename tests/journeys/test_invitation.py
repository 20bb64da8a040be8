"""An invitation in a real browser: from the owner's page to the invited person's own, by the link of the mail."""

import pytest
from playwright.sync_api import expect

from enterprises.invitation_mail import token_of
from enterprises.models import Invitation
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of, verified_enterprise

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_agent_is_invited_and_accepts_a_viewer_declines(visit):
    cases.open_call_item()
    enterprise = verified_enterprise()
    owner = visit(owner_of(enterprise).username)
    agent, viewer = people.user("agent"), people.user("viewer")
    page = owner.go("/enterprise/members/")
    page.get_by_label("邮箱").fill(agent.email)
    # Only who acts for a time has a last day.
    expect(page.locator("[name=invite-until]")).to_be_visible()
    page.locator("[name=invite-role]").select_option("enterprise_viewer")
    expect(page.locator("[name=invite-until]")).to_be_hidden()
    page.locator("[name=invite-role]").select_option("enterprise_agent")
    owner.press("发出邀请")
    expect(page.get_by_text("请填写代办人的委托期限").first).to_be_visible()
    owner.page.locator("[name=invite-until]").fill("2027-06-30")
    owner.press("发出邀请")
    page.get_by_label("邮箱").fill(viewer.email)
    page.locator("[name=invite-role]").select_option("enterprise_viewer")
    owner.press("发出邀请")
    owner.look()
    for invited, button, seen in ((agent, "接受邀请", "您现在代表"), (viewer, "谢绝", "您谢绝了")):
        row = Invitation.objects.get(role=f"enterprise_{invited.username}")
        visitor = visit(invited.username)
        visitor.go(f"/invitations/{row.pk}/?token={token_of(row)}")
        visitor.look()
        visitor.press(button)
        expect(visitor.page.get_by_text(seen).first).to_be_visible()
    assert {row.state for row in Invitation.objects.all()} == {"accepted", "declined"}
    assert enterprise.members.live().filter(user=agent).exists()
