"""The desk's pages of 免申即享: lists, rows, offers to chase, requests; refusals stand beside what was typed."""

from datetime import timedelta

import pytest
from django.urls import reverse

from foundation.clock import clock
from foundation.events import events
from foundation.jobs import running
from foundation.jobs.models import Job
from measures import screening_workflow
from measures.models import CallItem
from reviews import list_job
from reviews import workflow as reviews
from reviews.models import ProactiveList
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of, verified_claim
from tests.reviews import offered

pytestmark = pytest.mark.django_db


def test_a_list_is_drawn_struck_and_checked_on_its_pages(as_user):
    first, second = offered.qualified(name="示例甲检测有限公司"), offered.qualified(name="示例乙计量有限公司")
    screening = offered.screened()
    officer, head = as_user(people.municipal_officer()), as_user(people.municipal_head())
    page = officer.get(reverse("desk:screening", args=[screening.pk])).content.decode()
    assert "拟定免申即享名单" in page
    # What enterprises apply for has no such button, and the address refuses.
    other = screening_workflow.screen(cases.open_call_item(), people.municipal_officer())
    assert "拟定免申即享名单" not in officer.get(reverse("desk:screening", args=[other.pk])).content.decode()
    answer = officer.post(reverse("desk:list_draw", args=[other.pk]), follow=True)
    assert "不是免申即享" in answer.content.decode()

    officer.post(reverse("desk:list_draw", args=[screening.pk]))
    drawn = ProactiveList.objects.get()
    here = reverse("desk:list", args=[drawn.pk])
    assert "由市级负责人复核" in officer.get(here).content.decode()
    assert "有 1 份名单待您复核" in head.get(reverse("desk:lists")).content.decode()
    assert "有 1 份免申即享名单待您复核" in head.get(reverse("desk:queue")).content.decode()
    found = officer.get(here, {"q": "乙计量", "outcome": "waiting"}).content.decode()
    assert ("示例乙计量" in found, "示例甲检测" in found) == (True, False)
    export = officer.get(reverse("desk:list_export", args=[drawn.pk]), {"export": "csv", "q": "乙计量"})
    assert "示例乙计量有限公司" in export.getvalue().decode("utf-8-sig")

    row = drawn.rows.get(enterprise=second)
    strike = reverse("desk:list_strike", args=[drawn.pk, row.pk])
    missing = officer.post(strike, {"strike-reason": ""})
    assert (missing.status_code, "请写明划去的理由" in missing.content.decode()) == (422, True)
    assert officer.post(strike, {"strike-reason": "同一控制人"}).status_code == 302
    # The head's page is older than the strike; the check is refused and says so.
    assert head.post(reverse("desk:list_check", args=[drawn.pk]), {"check-version": 0}).status_code == 409
    line = offered.call_item()
    rich = line.fund
    CallItem.objects.filter(pk=line.pk).update(fund=cases.empty_fund(rich))
    short = head.get(here).content.decode()
    assert "还差 200,000 元" in short
    refused = head.post(reverse("desk:list_check", args=[drawn.pk]), {"check-version": 1})
    assert (refused.status_code, "还差 200,000.00 元" in refused.content.decode()) == (422, True)
    CallItem.objects.filter(pk=line.pk).update(fund=rich)
    assert head.post(reverse("desk:list_check", args=[drawn.pk]), {"check-version": 1}).status_code == 302
    page = head.get(here).content.decode()
    assert "列入 1 家，1 家待企业确认" in page
    assert "同一控制人" in page
    # Its district and the commission are told, and led to the page that is theirs.
    told = events.inbox(people.municipal_officer())[0].event
    assert (told.verb, told.facts["unclaimed"]) == ("check_list", 0)
    assert events.url_of(told, people.municipal_head()) == here
    assert events.url_of(told, people.district_officer()) == reverse("desk:offers")
    assert as_user(people.auditor()).get(here).status_code == 200
    assert offered.case_of(first).state == "offered"


def test_a_long_list_is_checked_by_a_job_whose_page_leads_back(as_user, monkeypatch):
    monkeypatch.setattr(list_job, "AT_ONCE", 1)
    drawn = offered.drawn(offered.qualified(), offered.qualified())
    head = as_user(people.municipal_head())
    answer = head.post(reverse("desk:list_check", args=[drawn.pk]), {"check-version": 0})
    job = Job.objects.get(kind="check_list")
    again = head.post(reverse("desk:list_check", args=[drawn.pk]), {"check-version": 0})
    assert answer.url == again.url == reverse("desk:job", args=[job.pk])
    running.run(job.pk)
    assert "已复核，资金已预占" in head.get(answer.url).content.decode()
    drawn.refresh_from_db()
    assert (drawn.state, drawn.rows.filter(case=None).count()) == ("checked", 0)


def test_who_is_silent_or_without_an_agent_is_reached_and_an_offer_ends_only_with_its_ground(as_user):
    silent, alone = (
        offered.qualified(name="示例沉默检测有限公司"),
        offered.unclaimed(name="示例无人计量有限公司"),
    )
    offered.checked(silent, alone)
    case = offered.case_of(silent)
    district, officer = as_user(people.district_officer()), as_user(people.municipal_officer())
    chase = district.get(reverse("desk:offers")).content.decode()
    assert ("示例无人计量" in chase, "示例沉默检测" in chase) == (True, False)
    everybody = district.get(reverse("desk:offers"), {"tab": "all", "contact": "none"}).content.decode()
    assert "示例沉默检测" in everybody
    assert "办理过程" in district.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "请继续联系" in officer.get(reverse("desk:case", args=[case.pk])).content.decode()
    contact = reverse("desk:offer_contact", args=[case.pk])
    said = {
        "contact-version": case.version,
        "contact-method": "phone",
        "contact-on": clock.today().isoformat(),
    }
    wrong = district.post(contact, said | {"contact-result": "will_confirm"})
    assert (wrong.status_code, "请填写联系到的人" in wrong.content.decode()) == (422, True)
    assert district.post(contact, said | {"contact-result": "unreached"}).status_code == 302
    found = district.get(reverse("desk:offers"), {"tab": "all", "contact": "unreached"}).content.decode()
    assert ("示例沉默检测" in found, "示例无人计量" in found) == (True, False)
    export = district.get(reverse("desk:offers_export"), {"tab": "all", "export": "csv"})
    assert "没有联系上" in export.getvalue().decode("utf-8-sig")
    end = reverse("desk:offer_end", args=[case.pk])
    refused = officer.post(end, {"end-version": case.version, "end-text": "一直没有确认"})
    assert (refused.status_code, "不等于放弃" in refused.content.decode()) == (422, True)
    # What is done to submitted cases is refused on the same page.
    for name in ("accept", "propose", "propose_preview", "propose_decline"):
        answer = officer.post(reverse(f"desk:{name}", args=[case.pk]), {f"{name}-version": case.version})
        assert answer.status_code in (200, 409, 422), name
    assert officer.get(reverse("desk:estimate", args=[case.pk])).status_code == 200
    assert officer.get(reverse("desk:request_correction", args=[case.pk])).status_code == 302
    # The queue counts nobody's silence as the office's delay.
    with clock.at(clock.now() + timedelta(days=60)):
        late = officer.get(reverse("desk:queue"), {"tab": "overdue"}).content.decode()
        assert "示例沉默检测" not in late
    with clock.at(clock.now().replace(year=clock.now().year + 1, month=2, day=1)):
        assert "专项资金的年度已经结束" in officer.get(reverse("desk:case", args=[case.pk])).content.decode()
        assert officer.post(end, {"end-version": case.version, "end-text": "年度已结束"}).status_code == 302
        assert "年度已结束" in district.get(reverse("desk:case", args=[case.pk])).content.decode()


def test_a_request_is_read_with_its_frozen_explanation_and_answered(as_user):
    enterprise = offered.omitted()
    asked = offered.asked(enterprise)
    officer = as_user(people.municipal_officer())
    assert "有 1 件列入申请待答复" in officer.get(reverse("desk:queue")).content.decode()
    assert asked.enterprise.name in officer.get(reverse("desk:listing_requests")).content.decode()
    here = reverse("desk:listing_request", args=[asked.pk])
    assert "提出时：符合" in officer.get(here).content.decode()
    grant = reverse("desk:listing_request_grant", args=[asked.pk])
    missing = officer.post(grant, {"grant-version": 0, "grant-text": ""})
    assert (missing.status_code, "请写明核实了什么" in missing.content.decode()) == (422, True)
    assert officer.post(grant, {"grant-version": 0, "grant-text": "已核实"}).url == here
    assert officer.post(grant, {"grant-version": 0, "grant-text": "已核实"}).status_code == 409
    extra = asked.rows.get().list
    assert "补充名单" in officer.get(reverse("desk:lists")).content.decode()
    drop = reverse("desk:list_drop", args=[extra.pk])
    assert officer.post(drop, {"drop-version": extra.version, "drop-reason": ""}).status_code == 422
    assert officer.post(drop, {"drop-version": extra.version, "drop-reason": "先核实"}).status_code == 302
    asked.refresh_from_db()
    refuse = reverse("desk:listing_request_refuse", args=[asked.pk])
    said = {"refuse-version": asked.version, "refuse-text": "统计部门确认的首次报告期不在上一年度"}
    assert officer.post(refuse, said).status_code == 302
    read = as_user(owner_of(enterprise)).get(reverse("item", args=["09-03"])).content.decode()
    assert "统计部门确认的首次报告期不在上一年度" in read


def test_the_enterprise_confirms_or_gives_up_on_its_page_and_nowhere_applies(as_user):
    giving, late = offered.qualified(), offered.unclaimed()
    offered.checked(giving, late)
    case = offered.case_of(giving)
    owner = as_user(owner_of(giving))
    home = owner.get(reverse("home")).content.decode()
    assert home.index("请您确认：") < home.index("办理中的申请")
    assert owner.get(reverse("case", args=[case.pk])).url == reverse("offer", args=[case.pk])
    page = owner.get(reverse("offer", args=[case.pk])).content.decode()
    for told in ("数据来源：", "首次纳入统计", "没有确认不视为放弃", "8821"):
        assert told in page
    assert "6222020200112238821" not in page
    wrong = owner.post(reverse("offer", args=[case.pk]), {"version": case.version})
    assert wrong.status_code == 422
    assert owner.post(reverse("offer_decline", args=[case.pk]), {"version": 0}).status_code == 409
    assert owner.post(reverse("offer_decline", args=[case.pk]), {"version": case.version}).status_code == 302
    assert "企业放弃" in owner.get(reverse("case", args=[case.pk])).content.decode()
    # Whose claim is verified later finds the offer that stood all the time.
    newcomer = people.user("newcomer")
    verified_claim(newcomer, late)
    assert "请您确认：" in as_user(newcomer).get(reverse("home")).content.decode()
    # The account is asked for on the same page where there is none.
    mine = offered.case_of(late)
    page = as_user(newcomer).get(reverse("offer", args=[mine.pk])).content.decode()
    assert "开户银行" in page
    said = {
        "version": mine.version,
        "same_project_supported": "false",
        "bank_name": "中国工商银行上海市徐汇支行",
        "bank_account": "6222020200112238821",
    } | dict.fromkeys(("declare_consent", "declare_integrity", "declare_truth"), "on")
    bad = as_user(newcomer).post(reverse("offer", args=[mine.pk]), said | {"bank_account": "12"})
    assert (bad.status_code, "银行账号应为" in bad.content.decode()) == (422, True)
    assert as_user(newcomer).post(reverse("offer", args=[mine.pk]), said).status_code == 302
    mine.refresh_from_db()
    assert mine.state == "signed_off"
    # What it agreed to is an amount, no upper bound any more.
    agreed = as_user(newcomer).get(reverse("case", args=[mine.pk])).content.decode()
    assert "拟支持金额" in agreed and "测算上限" not in agreed.split("</main>")[0]


def test_why_an_enterprise_is_not_on_the_list_stands_on_the_items_page(as_user):
    struck = offered.qualified()
    drawn = offered.drawn(struck, offered.qualified())
    reviews.strike_row(drawn.rows.get(enterprise=struck), people.municipal_officer(), "与另一家为同一法人")
    drawn.refresh_from_db()
    reviews.check_list(drawn, people.municipal_head())
    owner = as_user(owner_of(struck))
    page = owner.get(reverse("item", args=["09-03"])).content.decode()
    for told in ("无需申报：名单由", f"没有列入名单 {drawn.number}", "与另一家为同一法人", "申请列入名单"):
        assert told in page
    assert "开始申请" not in page
    assert owner.get(reverse("listing", args=["09-03"])).status_code == 200
    assert owner.get(reverse("listing", args=["08-01"])).status_code == 404
    assert owner.post(reverse("listing", args=["09-03"]), {"reason": ""}).status_code == 422
    assert owner.post(reverse("listing", args=["09-03"]), {"reason": "并非同一法人"}).status_code == 302
    assert "待答复" in owner.get(reverse("item", args=["09-03"])).content.decode()


def test_the_pages_take_as_many_queries_for_many_as_for_few(as_user, counted):
    offered.asked(offered.omitted())
    client, found = as_user(people.municipal_officer()), []
    for number in (2, 8):
        listed = offered.checked(*[offered.unclaimed() for _n in range(number)])
        addresses = [
            reverse("desk:lists"),
            reverse("desk:list", args=[listed.pk]),
            reverse("desk:offers") + "?tab=all",
            reverse("desk:listing_requests"),
            reverse("desk:case", args=[listed.rows.first().case_id]),
        ]
        for address in addresses:
            client.get(address)
        with counted() as queries:
            for address in addresses:
                assert client.get(address).status_code == 200
        found.append(len(queries))
    assert found[0] == found[1]
