"""Changes on the pages: entered by the district, a merger seen before it is confirmed, the name of before on a case."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.models import Application
from applications.verbs import Refused, unit_of
from applications.workflow import name_department, submit
from enterprises.change_workflow import record_name, record_uscc
from enterprises.models import Enterprise, LegalForm
from enterprises.record_workflow import record_department
from foundation.clock import clock
from foundation.display.dates import day
from reviews.models import PublicNotice
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.desk.test_enterprise_records import page, sent
from tests.enterprises.factories import pdf, registered_enterprise, uscc, verified_enterprise
from tests.measures.factories import loaded_catalogue

pytestmark = pytest.mark.django_db
NEW_NAME = "示例检测技术股份有限公司"


@pytest.fixture
def enterprise():
    loaded_catalogue()
    return verified_enterprise()


def shown(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_changes_are_entered_on_the_page_and_told_on_both_sides(client, enterprise):
    client.force_login(people.district_officer())
    common = {"effective_on": clock.today().isoformat(), "source": "变更通知"}
    wrong = sent(client, enterprise, "name", name=enterprise.name, **common)
    assert wrong.status_code == 422 and "与现在的名称相同" in wrong.content.decode()
    old, new = enterprise.uscc, uscc()
    for verb, values in (
        ("name", {"name": NEW_NAME, "document": pdf("变更通知.pdf")}),
        ("legal_form", {"legal_form": LegalForm.BRANCH}),
        ("parent", {"uscc": uscc(), "name": "外地某某集团有限公司"}),
        ("uscc", {"uscc": new}),
    ):
        assert sent(client, enterprise, verb, **common, **values).url == page(enterprise), verb
        enterprise.refresh_from_db()
    text = shown(client, page(enterprise))
    for said in (f"→ {NEW_NAME}", "公司（法人） → 分支机构（非法人）", "外地某某集团有限公司", old, new):
        assert said in text, said
    # Found by the code that it had, and by the one that it has.
    for code in (old, old[:12], new):
        assert NEW_NAME in shown(client, f"{reverse('desk:enterprises')}?q={code}")
    client.force_login(enterprise.members.get().user)
    text = shown(client, reverse("enterprise"))
    for said in ("名称变更", "外地某某集团有限公司", "曾用代码", old, "变更通知"):
        assert said in text, said


def test_a_parent_and_its_branches_show_each_other(client, enterprise):
    branch = registered_enterprise(name="示例检测徐汇分公司", legal_form=LegalForm.BRANCH, parent=enterprise)
    away = registered_enterprise(
        people.PUDONG, name="示例检测浦东分公司", legal_form=LegalForm.BRANCH, parent=enterprise
    )
    client.force_login(people.district_officer())
    text = shown(client, page(enterprise))
    assert page(branch) in text and away.name in text and page(away) not in text
    assert "登记上级法人" not in text
    text = shown(client, page(branch))
    assert page(enterprise) in text and "登记上级法人" in text
    client.force_login(enterprise.members.get().user)
    assert branch.name in shown(client, reverse("enterprise"))


def test_a_department_is_named_by_a_draft_and_frozen_with_the_submission(client):
    cases.open_call_item()
    draft = cases.draft()
    enterprise, owner = draft.enterprise, draft.created_by
    officer = people.district_officer()
    client.force_login(owner)
    address = reverse("draft_department", args=[draft.pk])
    assert "由哪个内设机构实施" not in shown(client, reverse("draft", args=[draft.pk]))
    values = {"name": "亚太研发中心", "kind": "foreign_research", "source": "市商务委认定名单"}
    client.force_login(officer)
    enterprise.refresh_from_db()
    wrong = sent(client, enterprise, "department", **values, recognised_on="2999-01-01")
    assert wrong.status_code == 422 and "认定日期不能晚于今天" in wrong.content.decode()
    for number in ("", "沪商外研〔2025〕1号"):
        assert sent(client, enterprise, "department", **values, number=number).url == page(enterprise)
    older, row = enterprise.departments.order_by("pk")
    assert "亚太研发中心" in shown(client, page(enterprise))
    elsewhere = record_department(
        verified_enterprise(district=people.PUDONG), people.district_officer(people.PUDONG), **values
    )
    client.force_login(owner)
    assert "亚太研发中心" in shown(client, reverse("enterprise"))
    for other in (older, elsewhere):
        assert client.post(address, {"department": other.pk}).status_code == 409
        with pytest.raises(Refused):
            name_department(draft, owner, other)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=draft.pk).update(department=elsewhere)
    assert client.post(address, {"department": row.pk}).url == reverse("draft", args=[draft.pk])
    for name in ("draft", "submit"):
        assert "亚太研发中心" in shown(client, reverse(name, args=[draft.pk])), name
    draft.refresh_from_db()
    case = submit(draft, owner).one()
    named = {"name": "亚太研发中心", "kind": "外资研发中心", "number": "沪商外研〔2025〕1号"}
    assert case.identity["department"] == named and case.enterprise == enterprise
    assert unit_of(case.identity) == f"{enterprise.name}（亚太研发中心）"
    with pytest.raises(Refused):
        name_department(case, owner, None)
    for name, more in (("case", []), ("case_submission", [1])):
        assert "亚太研发中心" in shown(client, reverse(name, args=[case.pk, *more])), name
    client.force_login(officer)
    assert "亚太研发中心，外资研发中心，沪商外研〔2025〕1号" in shown(
        client, reverse("desk:case", args=[case.pk])
    )
    for step in ("accepted", "recommended", "endorsed", "proposed", "signed_off"):
        case = getattr(cases, step)(case)
    published = cases.published(case)
    line = PublicNotice.objects.get(lines__application=published).lines.get()
    assert line.enterprise_name == unit_of(case.identity)
    assert "亚太研发中心" in shown(client, reverse("notice", args=[line.notice.number]))


def test_a_merger_shows_what_is_open_before_it_is_confirmed(client):
    cases.open_call_item()
    approved = cases.approved()
    enterprise = approved.enterprise
    cases.empty_draft(None, enterprise, approved.submitted_by)
    successor = verified_enterprise(district=people.PUDONG, name="合并后检测集团有限公司")
    address = page(enterprise, "merger")
    client.force_login(people.district_officer())
    assert address not in shown(client, page(enterprise))
    client.force_login(people.district_head())
    assert address in shown(client, page(enterprise))
    text = shown(client, address)
    assert approved.number in text and "尚未提出拨付" in text and "未提交的草稿" in text
    for code, why in (
        ("123", "应为 18 位"),
        (uscc(), "登记库中没有这个代码"),
        (enterprise.uscc, "不能是该企业自己"),
    ):
        answer = client.get(address, {"successor": code})
        assert answer.status_code == 422 and why in answer.content.decode(), code
    answer = client.get(address, {"successor": successor.uscc})
    assert successor.name in answer.content.decode()
    values = {
        "version": enterprise.version,
        "successor": successor.uscc,
        "effective_on": clock.today().isoformat(),
        "source": "登记机关通知",
        "document": pdf("合并协议.pdf"),
    }
    assert client.post(address, values).status_code == 422
    values["document"].seek(0)
    with clock.at(approved.approved_at):
        assert client.post(address, values | {"understood": "on"}).url == page(enterprise)
    enterprise.refresh_from_db()
    assert enterprise.state == Enterprise.State.CLOSED
    assert successor.name in shown(client, page(enterprise))
    assert client.get(address).url == page(enterprise)
    # The case stays where it is; its page and the list to pay say what became of the enterprise.
    approved.refresh_from_db()
    assert approved.state == "approved"
    assert successor.name in shown(client, reverse("desk:case", args=[approved.pk]))
    client.force_login(people.finance_maker())
    assert "企业已注销，不能提出" in shown(client, reverse("desk:payments"))
    client.force_login(approved.submitted_by)
    assert successor.name in shown(client, reverse("enterprise"))


def test_a_case_says_in_one_line_what_its_enterprise_is_called_now(client):
    cases.open_call_item()
    case = cases.submitted()
    frozen, enterprise, officer = dict(case.identity), case.enterprise, people.district_officer()
    new = uscc()
    with clock.at(case.submitted_at):
        record_name(enterprise, officer, clock.today(), name=NEW_NAME, source="变更通知")
        enterprise.refresh_from_db()
        record_uscc(enterprise, officer, clock.today(), uscc=new, source="变更通知")
        case.refresh_from_db()
        assert case.identity == frozen
        line = f"现名称“{NEW_NAME}”，自 {day(clock.today())}起变更"
    client.force_login(officer)
    text = shown(client, reverse("desk:case", args=[case.pk]))
    assert line in text and frozen["name"] in text
    for code in (frozen["uscc"], new):
        assert case.number in shown(client, f"{reverse('desk:queue')}?q={code}")
    client.force_login(case.submitted_by)
    assert line in shown(client, reverse("case", args=[case.pk]))
