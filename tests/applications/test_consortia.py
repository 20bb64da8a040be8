"""Consortia: the lead names partners, they confirm or refuse, what was submitted stands, and the money goes to the lead."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications import access, consortium, documents, limits, workflow
from applications.models import Application, ConsortiumPartner
from applications.states import State
from applications.verbs import Refused
from desk.dossier import holdings
from enterprises import workflow as register
from foundation.events import events
from foundation.events.models import Event, Notification
from foundation.files import files
from measures.models import CallItem
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.documents.reading import text
from tests.enterprises import factories as enterprises
from tests.enterprises.factories import owner_of, pdf, verified_enterprise
from tests.portal.conftest import signed_in
from tests.portal.reading import error_beside, heading_of, text_of

__all__ = ["signed_in"]
pytestmark = pytest.mark.django_db
P = ConsortiumPartner.State
UNKNOWN = "91310000MA1FL0000A"


def open_line(most: int = 2, counts: bool = False) -> CallItem:
    line = cases.open_call_item()
    CallItem.objects.filter(pk=line.pk).update(consortium_most=most, partners_count=counts)
    line.refresh_from_db()
    return line


def named(case: Application, unit=None, **more) -> ConsortiumPartner:
    given = {"part": "负责检测方法开发", "share": Decimal("30")} | more
    if unit is not None:
        given = {"uscc": unit.uscc, "name": unit.name} | given
    return workflow.name_partner(case, case.created_by, **given)


def test_a_partner_with_people_of_its_own_confirms_refuses_or_takes_it_back_before_the_submission(signed_in):
    case = cases.draft(open_line())
    partner = verified_enterprise(name="联合检测技术有限公司")
    theirs = owner_of(partner)
    one = named(case, partner)
    assert one.state == P.ASKED and one.enterprise == partner
    told = Notification.objects.get(event__verb="name_partner")
    assert told.audience_id == partner.pk
    with pytest.raises(Refused, match="“联合检测技术有限公司”还没有确认"):
        workflow.submit(case, case.created_by).one()
    # Only their own people see and answer it; of the case they read no answers and no papers.
    browser = signed_in(theirs)
    page = browser.get(reverse("part", args=[one.pk]))
    assert heading_of(page).startswith(f"{case.enterprise.name}邀请贵单位联合申报")
    assert "负责检测方法开发" in text_of(page) and "服务本市先进制造企业" not in text_of(page)
    assert heading_of(browser.get(reverse("parts"))) == "有 1 项联合申报等您确认"
    for address in ("case", "draft", "partners", "submit"):
        assert browser.get(reverse(address, args=[case.pk])).status_code == 404
    for person in (case.created_by, people.user(), owner_of(verified_enterprise())):
        assert not access.own_parts(person).exists()
        with pytest.raises(Refused, match="只有参与单位的经办人"):
            workflow.confirm_part(one, person)
    assert browser.post(reverse("part", args=[one.pk]), {"act": "refuse", "version": 0}).status_code == 422
    browser.post(reverse("part", args=[one.pk]), {"act": "refuse", "version": 0, "reason": "占比不符"})
    one.refresh_from_db()
    assert (one.state, one.reason, one.answered_by) == (P.REFUSED, "占比不符", theirs)
    with pytest.raises(Refused, match="已拒绝：占比不符"):
        workflow.submit(case, case.created_by).one()
    stale = browser.post(reverse("part", args=[one.pk]), {"act": "confirm", "version": 0})
    assert stale.status_code == 409
    for act, state in [("confirm", P.CONFIRMED), ("take_back", P.WITHDRAWN), ("confirm", P.CONFIRMED)]:
        browser.post(reverse("part", args=[one.pk]), {"act": act, "version": one.version})
        one.refresh_from_db()
        assert one.state == state
        if state == P.WITHDRAWN:
            with pytest.raises(Refused, match="已取回确认"):
                workflow.submit(case, case.created_by).one()
    for verb in (workflow.confirm_part, lambda *asked: workflow.refuse_part(*asked, "不")):
        with pytest.raises(Refused) as refused:
            verb(one, theirs)
        assert refused.value.code == "state"
    verbs = ["name_partner", "refuse_part", "confirm_part", "take_back_part", "confirm_part"]
    assert (
        list(Event.objects.filter(verb__endswith="_part").order_by("pk").values_list("verb", flat=True))
        == verbs[1:]
    )
    # Submitted: what was agreed to stands, for everybody and in the database.
    case = workflow.submit(case, case.created_by).one()
    (kept,) = case.submissions.get().consortium
    assert (kept["name"], kept["share"], kept["how"]) == ("联合检测技术有限公司", "30.00", "已确认")
    for verb, person in [(workflow.take_back_part, theirs), (workflow.drop_partner, case.created_by)]:
        with pytest.raises(Refused, match="由牵头单位撤回申请"):
            verb(one, person)
    with pytest.raises(IntegrityError, match="the case was submitted"), transaction.atomic():
        ConsortiumPartner.objects.filter(pk=one.pk).update(share=99)
    assert case.number in text_of(browser.get(reverse("part", args=[one.pk])))
    issued = text(
        files.path(documents.issue_application(case.submissions.get(), case.created_by).document).read_bytes()
    )
    assert (
        "联合检测技术有限公司，占支持资金30%" in issued and f"{case.enterprise.name}，占支持资金70%" in issued
    )


def test_the_lead_names_partners_on_its_page_and_each_wrong_word_is_said_beside_its_field(signed_in):
    case = cases.draft(open_line())
    other = verified_enterprise()
    browser = signed_in(case.created_by)
    address = reverse("partners", args=[case.pk])
    assert heading_of(browser.get(address)) == "独立申报，没有参与单位"
    right = {"uscc": other.uscc, "name": other.name, "part": "检测", "share": "30.5"}
    for change, field, message in [
        ({"uscc": "91310000MA1FL00000"}, "uscc", "校验位不对"),
        ({"uscc": case.enterprise.uscc}, "uscc", "牵头单位不用登记"),
        ({"name": "某"}, "name", "单位全称"),
        ({"share": "100"}, "share", "合计须小于 100%"),
        ({"share": "0"}, "share", "占比应大于零"),
        ({"share": "1.234"}, "share", "最多两位小数"),
        ({"share": "三成"}, "share", "请只填数字"),
        ({"part": ""}, "part", "请写明分工"),
    ]:
        page = browser.post(address, right | change)
        assert page.status_code == 422 and message in error_beside(page, field), change
    page = browser.post(address, right, follow=True)
    assert heading_of(page) == "联合体还有 1 处没有办妥" and "69.5%" in text_of(page)
    assert "已经登记过" in error_beside(browser.post(address, right), "uscc")
    assert "牵头单位现余 69.5%" in error_beside(
        browser.post(address, right | {"uscc": enterprises.registered_enterprise().uscc, "share": "69.5"}),
        "share",
    )
    # A code for which nobody acts: the stamped agreement, instead of a confirmation.
    silent = enterprises.registered_enterprise()
    page = browser.post(address, right | {"uscc": silent.uscc, "name": silent.name}, follow=True)
    assert "请上传与" in text_of(page)
    third = browser.post(address, right | {"uscc": enterprises.registered_enterprise().uscc})
    assert "本专题最多可有 2 个参与单位" in text_of(third)
    asked, by_paper = case.partners.order_by("pk")
    assert (asked.state, by_paper.state) == (P.ASKED, P.BY_AGREEMENT)
    workflow.confirm_part(asked, owner_of(other))
    upload = reverse("partner_agreement", args=[case.pk, by_paper.pk])
    assert browser.post(upload, {"version": 0}).status_code == 422
    browser.post(upload, {"version": 0, f"agreement_{by_paper.pk}": pdf("协议.pdf")})
    assert heading_of(browser.get(address)) == "联合体已办妥：2 个参与单位"
    assert "2 个参与单位，均已办妥" in text_of(browser.get(reverse("draft", args=[case.pk])))
    assert "2 个参与单位，均已办妥" in text_of(browser.get(reverse("submit", args=[case.pk])))
    # Dropped and named again: the confirmation of before says nothing.
    browser.post(reverse("partner_drop", args=[case.pk, asked.pk]), {"version": 1})
    assert Notification.objects.filter(event__verb="drop_partner", audience_id=other.pk).exists()
    browser.post(address, right | {"share": "10"})
    again = case.partners.order_by("-pk").first()
    assert again.state == P.ASKED
    workflow.confirm_part(again, owner_of(other))
    case = workflow.submit(case, case.created_by).one()
    assert "10%" in text_of(browser.get(reverse("case", args=[case.pk])))
    # The officer sees the register beside, and opens the agreement; a stranger doesn't.
    desk = signed_in(people.district_officer())
    page = text_of(desk.get(reverse("desk:case", args=[case.pk])))
    assert "联合体：2 个参与单位" in page and "没有核查记录" in page and "已确认" in page
    by_paper.refresh_from_db()
    paper = reverse("desk:document", args=[case.pk, by_paper.agreement_id])
    assert desk.get(paper).status_code == 200
    stranger = signed_in(owner_of(verified_enterprise()))
    for name, of in [("part", again.pk), ("partners", case.pk)]:
        assert stranger.get(reverse(name, args=[of])).status_code == 404


def test_shares_are_cut_to_the_fen_and_the_rest_is_the_leads_on_notice_and_afterwards(signed_in):
    kept = [{"name": name, "share": "33.33", "part": "检测"} for name in ("甲", "乙")]
    lead, first, second = consortium.split("丙", kept, Decimal("100.01"))
    assert (first.amount, second.amount, lead.amount) == (
        Decimal("33.33"),
        Decimal("33.33"),
        Decimal("33.35"),
    )
    assert lead.share == Decimal("33.34") and lead.is_lead
    case = cases.draft(open_line())
    partner = verified_enterprise(name="联合检测技术有限公司")
    workflow.confirm_part(named(case, partner), owner_of(partner))
    case = workflow.submit(case, case.created_by).one()
    case = cases.resubmitted(cases.awaiting_correction(case))
    assert case.submissions.earliest("round").consortium[0]["share"] == "30.00"
    assert len({str(one.consortium) for one in case.submissions.all()}) == 1
    case = cases.accepted(case)
    for step in (cases.recommended, cases.endorsed, cases.proposed, cases.signed_off, cases.published):
        case = step(case)
    case = cases.approved(case)
    line = case.notice_lines.get()
    assert (line.enterprise_name, line.partners) == (case.identity["name"], "联合检测技术有限公司")
    page = text_of(signed_in(owner_of(partner)).get(reverse("notice", args=[line.notice.number])))
    assert page
    theirs = (case.approved_amount * Decimal("0.3")).quantize(Decimal("0.01"), "ROUND_DOWN")
    assert f"{theirs:,.2f}" in text_of(signed_in(case.created_by).get(reverse("case", args=[case.pk])))
    assert "全额拨付给牵头单位" in text_of(signed_in(case.created_by).get(reverse("case", args=[case.pk])))
    partner_page = signed_in(owner_of(partner)).get(
        reverse("part", args=[ConsortiumPartner.objects.get().pk])
    )
    assert f"{theirs:,.2f}" in text_of(partner_page)


def test_a_partner_is_told_what_the_case_has_come_to_and_its_part_not_of_steps_within_the_offices():
    case = cases.draft(open_line())
    partner = verified_enterprise(name="联合检测技术有限公司")
    one = named(case, partner)
    workflow.confirm_part(one, owner_of(partner))
    unknown = enterprises.uscc()
    named(case, name="凭协议参与的单位", uscc=unknown, share=Decimal(10))
    workflow.attach_agreement(case.partners.get(uscc=unknown), case.created_by, pdf("联合申报协议.pdf"))
    case = cases.awaiting_correction(workflow.submit(case, case.created_by).one())
    case = cases.published(
        cases.signed_off(
            cases.proposed(cases.endorsed(cases.recommended(cases.accepted(cases.resubmitted(case)))))
        )
    )
    assert told_of(one) == ["待受理", "公示"]
    case = cases.approved(case)
    cases.paid(case)
    assert told_of(one)[2:] == ["已批复", "已拨付"]
    # By mail and inbox, with its part alone; who takes part by an agreement has nobody here to tell.
    message = events.inbox(owner_of(partner)).filter(event__verb="consortium_moved").first()
    theirs = f"{consortium.part_of(case.approved_amount, one.share):,.2f}"
    rendered = events.render(message)
    assert theirs in rendered.body and case.number in rendered.subject
    assert events.url_of(message.event, owner_of(partner)) == reverse("part", args=[one.pk])
    assert Event.objects.filter(verb="consortium_moved").exclude(chain__subject_id=one.pk).count() == 0


def test_what_a_partner_takes_part_in_is_open_before_it_is_merged_and_its_name_is_the_registers():
    case = cases.draft(open_line())
    partner = verified_enterprise(name="联合检测技术有限公司")
    with pytest.raises(Refused) as caught:
        named(case, partner, name="上海错误名称有限公司")
    assert caught.value.fields == {"name": ["这个代码登记的单位是“联合检测技术有限公司”，请核对代码和名称"]}
    label, head = "作为参与单位、未办结的联合申报", people.district_head()
    assert label not in dict(holdings.read(partner, head).others)
    named(case, partner)
    assert dict(holdings.read(partner, head).others)[label] == 1


def told_of(one: ConsortiumPartner) -> list[str]:
    rows = Event.objects.filter(verb="consortium_moved", chain__subject_id=one.pk)
    return list(rows.order_by("seq").values_list("facts__state", flat=True))


def test_where_the_call_says_so_a_partner_counts_as_an_applicant():
    line = open_line(counts=True)
    partner = verified_enterprise(name="联合检测技术有限公司")
    first = cases.draft(line)
    workflow.confirm_part(named(first, partner), owner_of(partner))
    first = workflow.submit(first, first.created_by).one()
    # As a lead of its own, and as somebody else's partner: both are refused, naming the case.
    own = cases.draft(line, partner)
    with pytest.raises(Refused, match=f"限报 1 项，贵单位已提交：{first.number}"):
        workflow.submit(own, own.created_by).one()
    second = cases.draft(line)
    workflow.confirm_part(named(second, partner), owner_of(partner))
    with pytest.raises(Refused, match=f"也计入限项：.*该单位已提交或参与：{first.number}"):
        workflow.submit(second, second.created_by).one()
    CallItem.objects.filter(pk=line.pk).update(partners_count=False)
    assert workflow.submit(second, second.created_by).one().state == State.SUBMITTED
    assert limits.standing([line], [partner.pk]).parts == []


def test_a_call_item_without_consortia_takes_no_partner_and_the_database_holds_the_bounds():
    case = cases.draft(open_line(most=0))
    partner = verified_enterprise()
    with pytest.raises(Refused, match="不接受联合体"):
        named(case, partner)
    CallItem.objects.filter(pk=case.call_item_id).update(consortium_most=1)
    case.refresh_from_db()
    stranger = people.user()
    with pytest.raises(Refused, match="只有牵头单位"):
        workflow.name_partner(
            case, stranger, uscc=partner.uscc, name=partner.name, part="检测", share=Decimal(1)
        )
    one = named(case, partner)
    for wrong in ({"share": 0}, {"share": 100}, {"uscc": case.enterprise.uscc}, {"state": "confirmed"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ConsortiumPartner.objects.filter(pk=one.pk).update(**wrong)
    with pytest.raises(IntegrityError, match="1 allowed"), transaction.atomic():
        ConsortiumPartner.objects.create(application=case, uscc=UNKNOWN, name="某单位", part="检测", share=1)
    for wrong in ({"consortium_most": 10}, {"route": "proactive"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CallItem.objects.filter(pk=case.call_item_id).update(**wrong)
    # A partner whose account was suspended meanwhile can't be handed in with.
    workflow.confirm_part(one, owner_of(partner))
    register.suspend(partner, people.district_head(), "核查中")
    with pytest.raises(Refused, match="现在是“已暂停”，不能参与"):
        workflow.submit(case, case.created_by).one()
