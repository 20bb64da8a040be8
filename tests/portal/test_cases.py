"""The case's page: where it is, who has it, by which day, what comes next; and what may not be seen."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application
from applications.states import State
from foundation.clock import clock
from foundation.display.dates import day
from measures.models import FormVersion
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.portal.reading import heading_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def calls():
    return cases.open_call_item()


@pytest.fixture
def page_of(signed_in):
    """The case's page as its enterprise sees it."""

    def read(case):
        return signed_in(case.created_by).get(reverse("case", args=[case.pk]))

    return read


def test_a_submitted_case_says_who_decides_until_when(page_of):
    case = cases.submitted()
    text = text_of(page_of(case))
    assert f"现在等待徐汇区科委受理，应于 {day(case.due_on)}前决定。您暂时不需要做什么。" in text
    assert "剩 5 个工作日" in text
    assert case.number in text


def test_the_timeline_tells_what_was_what_is_and_what_comes(page_of):
    case = cases.endorsed()
    text = text_of(page_of(case))
    order = [
        "已提交",
        "已受理",
        "区级审核完成",
        "区级复核完成",
        "市级审核 · 进行中",
        "签发",
        "安排公示",
        "公示",
        "批复后拨付",
    ]
    places = [text.index(word, text.index("进度")) for word in order]
    assert places == sorted(places)
    assert "市财政局，15 个工作日内" in text
    assert "徐汇区科委，当日办理" in text


def test_before_the_decision_only_an_upper_bound_is_shown(page_of):
    case = cases.proposed(appraised=cases.INVESTMENT / 2)
    text = text_of(page_of(case))
    assert "测算上限 3,200,000元" in text
    assert "1,600,000" not in text
    text = text_of(page_of(cases.signed_off(case)))
    assert "1,600,000" not in text


def test_on_the_notice_and_after_the_decision_the_amount_is_told(page_of):
    case = cases.published()
    text = text_of(page_of(case))
    assert "公示的拟支持金额 3,200,000元" in text
    assert "正在公示，到" in text
    case = cases.approved(case)
    with clock.at(case.approved_at):
        text = text_of(page_of(case))
    assert "批复金额 3,200,000元 叁佰贰拾万元整" in text
    assert "请先填写收款账户" in text


def test_a_paid_case_says_so_and_waits_for_nothing(page_of):
    case = cases.paid()
    with clock.at(case.paid_at):
        text = text_of(page_of(case))
    assert f"支持资金已于 {day(case.paid_at)}拨付" in text
    assert "进行中" not in text and "撤回申请" not in text


def test_an_internal_proposal_to_decline_is_not_announced(page_of):
    case = cases.endorsed()
    from reviews import workflow as reviews
    from reviews.workflow import Proposal

    case = reviews.propose(case, people.municipal_officer(), Proposal(False, "评审认为并非新增")).one()
    text = text_of(page_of(case))
    assert "评审认为并非新增" not in text and "不予支持" not in text
    case = reviews.sign_off(case, people.municipal_head()).one()
    text = text_of(page_of(case))
    assert "评审认为并非新增" in text and "陈述、申辩" in text


def test_a_notified_decline_gives_the_reason_and_how_to_answer(page_of):
    case = cases.decline_notified()
    text = text_of(page_of(case))
    assert "拟不予支持的理由 项目不属于新增投资" in text
    assert (
        f"请在 {day(case.defence_due_on)}前（含当日）陈述、申辩，可以附证明材料；也可以书面交徐汇区科学技术委员会"
        in text
    )
    case = cases.declined(case)
    text = text_of(page_of(case))
    assert "不予支持的理由 项目不属于新增投资" in text and "行政复议" in text


def test_a_correction_is_asked_on_top_with_its_one_button(page_of):
    case = cases.awaiting_correction()
    page = page_of(case)
    text = text_of(page)
    assert f"请在 {day(case.due_on)}前补正 2 处" in text
    assert "项目内容：请写明服务哪些客户。" in text and "项目申报报告：报告缺少盖章页。" in text
    assert page.content.decode().count("btn-primary") == 1


def test_the_ends_say_how_it_ended(page_of):
    assert "撤回申请，不再办理" in text_of(page_of(cases.withdrawn()))
    text = text_of(page_of(cases.lapsed()))
    assert "失效" in text
    assert "补正期限已过，未收到补正材料" in text
    text = text_of(page_of(cases.concluded()))
    assert "办理结果已纳入服务机构库" in text.replace("办理结果 ", "办理结果")
    assert "金额" not in text.split("消息")[1].split("依据")[0]


def test_a_referred_case_names_the_unit_that_has_it(page_of):
    assert "现在由市科委办理" in text_of(page_of(cases.referred()))


@pytest.mark.parametrize("make", ["submitted", "awaiting_correction", "decline_notified", "published"])
def test_it_can_be_taken_back_with_a_reason_after_the_consequence_was_named(signed_in, make):
    case = getattr(cases, make)()
    browser = signed_in(case.created_by)
    text = text_of(browser.get(reverse("case", args=[case.pk])))
    assert f"撤回后本次申请终止，编号 {case.number} 不再使用" in text
    url = reverse("case_withdraw", args=[case.pk])
    empty = browser.post(url, {"version": case.version, "reason": " "})
    assert empty.status_code == 422 and "请写明撤回理由" in text_of(empty)
    assert "<details" in empty.content.decode() and " open>" in empty.content.decode()
    page = browser.post(url, {"version": case.version, "reason": "改期"}, follow=True)
    assert "申请已撤回" in text_of(page)
    assert Application.objects.get(pk=case.pk).state == State.WITHDRAWN


def test_a_stale_page_takes_nothing_back(signed_in):
    case = cases.submitted()
    cases.accepted(Application.objects.get(pk=case.pk))
    url = reverse("case_withdraw", args=[case.pk])
    for version in (case.version, ""):
        page = signed_in(case.created_by).post(url, {"version": version, "reason": "改期"})
        assert page.status_code == 409
        assert reverse("case", args=[case.pk]) in page.content.decode()
    assert Application.objects.get(pk=case.pk).state == State.DISTRICT_REVIEW


def test_what_was_submitted_stays_readable_as_it_was(signed_in):
    case = cases.awaiting_correction()
    browser = signed_in(case.created_by)
    cases.workflow.save_draft(
        case, case.created_by, {"project_summary": "服务汽车电子客户。"}, case.draft_revision
    )
    cases.workflow.attach(case, case.created_by, "report", enterprises.pdf("新报告.pdf", "new"))
    case = cases.resubmitted(Application.objects.get(pk=case.pk))
    # A later form version changes nothing of it.
    FormVersion.objects.create(
        item=case.call_item.item,
        number=9,
        definition={
            "sections": [{"title": "别的", "fields": [{"key": "other", "label": "别的", "type": "text"}]}]
        },
    )
    first = text_of(browser.get(reverse("case_submission", args=[case.pk, 1])))
    assert "新增长度、温度两类计量能力" in first and "项目申报报告.pdf" in first and "汽车电子" not in first
    page = browser.get(reverse("case_submission", args=[case.pk, 2]))
    second = text_of(page)
    assert "服务汽车电子客户。" in second and "新报告.pdf" in second
    assert "上次提交 新增长度、温度两类计量能力" in second
    assert second.count("本次更换") == 1
    assert "当时的规则核对" in second and "测算上限 3,200,000元" in second
    # Both documents open.
    for submission in case.submissions.order_by("round"):
        for paper in submission.documents:
            file = browser.get(reverse("case_document", args=[case.pk, paper["document"]]))
            assert file.status_code == 200
            assert b"%PDF" in b"".join(file.streaming_content)


def test_documents_open_only_through_ones_own_case(signed_in):
    mine, other = cases.submitted(), cases.submitted()
    paper = other.papers.first()
    browser = signed_in(mine.created_by)
    assert browser.get(reverse("case_document", args=[mine.pk, paper.document_id])).status_code == 404
    assert browser.get(reverse("case_document", args=[other.pk, paper.document_id])).status_code == 404
    assert browser.get(reverse("case_submission", args=[other.pk, 1])).status_code == 404
    assert browser.get(reverse("case", args=[other.pk])).status_code == 404
    assert signed_in(people.district_officer()).get(reverse("case", args=[mine.pk])).status_code == 403


def test_the_appraisal_of_the_commission_is_not_the_enterprises_to_open(signed_in):
    case = cases.proposed()
    url = reverse("case_document", args=[case.pk, case.appraisal_document_id])
    assert signed_in(case.created_by).get(url).status_code == 404


def test_the_messages_of_the_case_stand_on_its_page(page_of):
    text = text_of(page_of(cases.accepted()))
    assert "已受理，现在是“区级审核”，由徐汇区科委办理" in text


def test_the_list_says_how_many_wait_for_the_enterprise(signed_in, calls):
    person = people.user()
    browser = signed_in(person)
    assert heading_of(browser.get(reverse("my_cases"))) == "还没有申请"
    enterprise = enterprises.verified_enterprise(person)
    cases.awaiting_correction(cases.submitted(calls, enterprise))
    cases.draft(cases.open_call_item("03-10"), enterprise)
    page = browser.get(reverse("my_cases"))
    assert heading_of(page) == "有 2 项等您办理"
    assert "请在" in text_of(page) and "草稿尚未提交" in text_of(page)


def test_the_list_filters_and_pages_by_key(signed_in, calls):
    person = people.user()
    browser = signed_in(person)
    one = enterprises.verified_enterprise(person)
    for line in (calls, cases.open_call_item("03-10")):
        cases.submitted(line, one)
    for writer in (person, *(enterprises.member(one) for _n in range(4))):
        for _n in range(2 if writer == person else 5):
            cases.empty_draft(calls, one, writer)
    first = browser.get(reverse("my_cases"))
    assert "共 24 项" in text_of(first)
    following = re.search(r'rel="next" href="([^"]+)"', first.content.decode()).group(1).replace("&amp;", "&")
    second = browser.get(reverse("my_cases") + following)
    assert second.content.decode().count("<tr>") == 1 + 4
    assert "共 2 项" in text_of(browser.get(reverse("my_cases"), {"progress": "running"}))
    assert "没有符合筛选的申请" in text_of(browser.get(reverse("my_cases"), {"progress": "ended"}))
    assert "没有符合筛选的申请" in text_of(browser.get(reverse("my_cases"), {"state": "nonsense"}))


@pytest.mark.parametrize("name", ["my_cases", "messages"])
def test_lists_ask_the_same_number_of_queries_for_one_and_for_many(signed_in, calls, name):
    person = people.user()
    browser = signed_in(person)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            browser.get(reverse(name))
        return len(seen)

    cases.submitted(calls, enterprises.verified_enterprise(person))
    few = queries()
    for _ in range(3):
        cases.awaiting_correction(cases.submitted(calls, enterprises.verified_enterprise(person)))
    assert queries() == few


def test_the_case_page_asks_the_same_number_of_queries_after_many_steps(signed_in, page_of):
    def queries(case):
        signed_in(case.created_by)
        with CaptureQueriesContext(connection) as seen:
            page_of(case)
        return len(seen)

    few, many = cases.endorsed(), cases.endorsed(cases.recommended(cases.accepted(cases.resubmitted())))
    assert abs(queries(few) - queries(many)) <= 1


def test_a_colleague_who_joins_later_sees_the_case(signed_in):
    case = cases.accepted()
    colleague = people.user()
    enterprises.verified_claim(colleague, case.enterprise)
    page = signed_in(colleague).get(reverse("case", args=[case.pk]))
    assert case.title in heading_of(page)


def test_the_pages_title_and_due_chip_turn_with_the_clock(page_of):
    case = cases.submitted()
    with clock.at(case.due_on + timedelta(days=7)):
        assert "已超期" in text_of(page_of(case))
