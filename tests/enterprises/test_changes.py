"""Dated changes of the register: name, form, code, parent, account, merger; who enters them, and what they leave."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from enterprises import change_workflow as workflow
from enterprises import history
from enterprises import workflow as enterprises
from enterprises.imports.workflow import import_enterprises
from enterprises.models import Enterprise, EnterpriseChange, FormerCode, LegalForm
from enterprises.workflow import ClaimRefused
from foundation.accounts.models import District
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.display.dates import day
from foundation.events import events
from foundation.events.messages import render
from foundation.events.models import Event, Notification
from tests.accounts import factories as people
from tests.enterprises.factories import (
    ACCOUNT,
    BANK,
    NAME,
    owner_of,
    pdf,
    registered_enterprise,
    uscc,
    verified_enterprise,
    with_account,
)
from tests.enterprises.registers import HEADING
from tests.measures.factories import loaded_catalogue

pytestmark = pytest.mark.django_db
NEW_NAME = "示例检测技术股份有限公司"
SOURCE = "市场监管局变更通知"


@pytest.fixture
def enterprise():
    loaded_catalogue()
    return verified_enterprise()


def entered(verb, enterprise, days_ago=0, by=None, **values):
    enterprise.refresh_from_db()
    on = clock.today() - timedelta(days=days_ago)
    record = getattr(workflow, f"record_{verb}")
    return record(enterprise, by or people.district_officer(), on, **{"source": SOURCE} | values)


def refused(*args, **values) -> tuple[str, str, str]:
    with pytest.raises(ClaimRefused) as caught:
        entered(*args, **values)
    return caught.value.code, caught.value.field, caught.value.message


def test_a_name_and_a_form_take_effect_at_once_and_keep_what_stood_before(enterprise):
    row = entered("name", enterprise, 3, name=f"  {NEW_NAME} ", document=pdf("变更通知.pdf"))
    assert (row.before, row.after, row.document.name) == (NAME, NEW_NAME, "变更通知.pdf")
    event = events.timeline(enterprise).last()
    assert (event.verb, event.facts["before"], event.facts["after"]) == ("record_change", NAME, NEW_NAME)
    told = Notification.objects.get(event=event)
    assert (told.audience_kind, told.audience_id) == ("enterprise", enterprise.pk)
    assert "变更为" in render(told).body
    form = entered("legal_form", enterprise, legal_form=LegalForm.PARTNERSHIP)
    assert (form.was, form.became) == ("公司（法人）", "合伙企业")
    enterprise.refresh_from_db()
    assert (enterprise.name, enterprise.legal_form) == (NEW_NAME, LegalForm.PARTNERSHIP)
    frozen = {"name": NAME, "uscc": enterprise.uscc, "legal_form": "公司（法人）"}
    told = {one.key: one.text for one in history.differences(frozen, enterprise)}
    assert told == {
        "name": f"现名称“{NEW_NAME}”，自 {day(row.effective_on)}起变更",
        "legal_form": f"现组织形式“合伙企业”，自 {day(form.effective_on)}起变更",
    }
    with pytest.raises(DatabaseError), transaction.atomic():
        EnterpriseChange.objects.filter(pk=row.pk).update(before="")
    assert refused("name", enterprise, 5, name="又一个名称有限公司")[1] == "effective_on"


def test_what_cannot_be_a_change_is_refused_beside_its_field(enterprise):
    assert refused("name", enterprise, name=NAME)[1] == "name"
    assert refused("name", enterprise, name=" 短 ")[1] == "name"
    assert refused("name", enterprise, name="长" * 121)[1] == "name"
    assert refused("name", enterprise, -1, name=NEW_NAME)[1] == "effective_on"
    assert refused("name", enterprise, 365 * 40, name=NEW_NAME)[1] == "effective_on"
    assert refused("name", enterprise, name=NEW_NAME, source=" ")[1] == "source"
    assert refused("legal_form", enterprise, legal_form="company")[1] == "legal_form"
    assert refused("legal_form", enterprise, legal_form="best")[1] == "legal_form"
    assert refused("uscc", enterprise, uscc="123")[1] == "uscc"
    assert refused("uscc", enterprise, uscc=enterprise.uscc)[1] == "uscc"
    assert refused("parent", enterprise, uscc=uscc(), name="某某集团有限公司")[0] == "invalid"
    for by in (people.district_officer(people.PUDONG), owner_of(enterprise), people.municipal_officer()):
        assert refused("name", enterprise, name=NEW_NAME, by=by)[0] == "forbidden"
    seen = Enterprise.objects.get(pk=enterprise.pk)
    entered("name", enterprise, name=NEW_NAME)
    with pytest.raises(ClaimRefused) as stale:
        workflow.record_name(seen, people.district_officer(), clock.today(), name=NAME, source=SOURCE)
    assert stale.value.code == "stale"
    enterprise.refresh_from_db()
    enterprises.close(enterprise, people.district_head(), "注销")
    assert refused("name", enterprise, name=NAME)[0] == "state"


def test_an_old_code_leads_to_the_enterprise_and_is_nobody_elses(enterprise, tmp_path):
    old, new = enterprise.uscc, uscc()
    entered("uscc", enterprise, 2, uscc=new.lower())
    enterprise.refresh_from_db()
    assert enterprise.uscc == new
    assert history.by_code(old) == history.by_code(new) == enterprise
    # Claimed by its old code, it is the same enterprise.
    person = people.user()
    claim = enterprises.claim(person, uscc=old, name=NAME, district=enterprise.district)
    assert claim.enterprise == enterprise
    with pytest.raises(ClaimRefused, match="登记过"):
        enterprises.claim(person, uscc=old, name=NAME, district=enterprise.district)
    assert Enterprise.objects.count() == 1
    # Nobody else may have either code, by a verb or past it.
    other = registered_enterprise()
    assert refused("uscc", other, uscc=old)[1] == "uscc"
    assert refused("uscc", other, uscc=new)[1] == "uscc"
    with pytest.raises(IntegrityError), transaction.atomic():
        registered_enterprise(uscc=old)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enterprise.objects.filter(pk=other.pk).update(uscc=old)
    with pytest.raises(IntegrityError), transaction.atomic():
        change = enterprise.changes.get(kind="uscc")
        FormerCode.objects.create(enterprise=enterprise, code=other.uscc, change=change)
    # An import says which enterprise it is now, for its row and for its figures.
    register, figures = tmp_path / "r.csv", tmp_path / "f.csv"
    row = [old, NAME, "徐汇区", "M7452", "2015-06-18", "company"]
    register.write_text(",".join(HEADING) + "\n" + ",".join(row) + "\n", encoding="utf-8")
    figures.write_text(
        "uscc,year,revenue,rd_expense,employees,taxes,profit,source\n" + f"{old},2024,1,,,,,统计\n",
        encoding="utf-8",
    )
    outcome = import_enterprises(register, figures, by=SYSTEM, commit=True)
    assert [(one.table, one.column) for one in outcome.problems] == [
        ("enterprises", "uscc"),
        ("figures", "uscc"),
    ]
    assert all(new in one.reason for one in outcome.problems)
    # It may come back to the code that it had.
    entered("uscc", enterprise, 1, uscc=old)
    assert history.by_code(new) == history.by_code(old) == enterprise
    assert history.superseded([old, new]).keys() == {new}


def test_a_merged_enterprise_is_closed_and_names_its_successor(enterprise, tmp_path):
    successor = verified_enterprise(people.user(), people.PUDONG, name="合并后检测集团有限公司")
    head, officer = people.district_head(), people.district_officer()
    proof = {"document": pdf("合并协议.pdf"), "successor": successor}
    assert refused("merger", enterprise, by=officer, **proof)[0] == "forbidden"
    assert refused("merger", enterprise, by=people.district_head(people.PUDONG), **proof)[0] == "forbidden"
    assert refused("merger", enterprise, by=head, **proof | {"document": None})[1] == "document"
    assert refused("merger", enterprise, by=head, **proof | {"successor": enterprise})[1] == "successor"
    branch = registered_enterprise(legal_form=LegalForm.BRANCH, parent=enterprise)
    assert "分支机构" in refused("merger", enterprise, by=head, **proof)[2]
    entered("parent", branch, uscc=successor.uscc)
    row = entered("merger", enterprise, 1, by=head, **proof)
    enterprise.refresh_from_db()
    successor.refresh_from_db()
    assert enterprise.state == Enterprise.State.CLOSED
    assert successor.name in enterprise.state_reason and successor.uscc in enterprise.state_reason
    assert history.merger_of(enterprise) == row and row.other == successor
    assert history.merger_of(successor) is None
    assert successor.changes.get().kind == "absorbed"
    told = {
        (one.event.verb, one.audience_kind, one.audience_id)
        for one in Notification.objects.filter(event__verb__in=["record_merger", "record_absorption"])
    }
    pudong = people.district_officer(people.PUDONG).posts.get().office_id
    assert told == {
        ("record_merger", "enterprise", enterprise.pk),
        ("record_merger", "office", pudong),
        ("record_absorption", "enterprise", successor.pk),
    }
    for one in Notification.objects.filter(event__verb__in=["record_merger", "record_absorption"]):
        assert successor.name in render(one).body
    # Closed is for good; nothing is merged into it.
    assert refused("merger", enterprise, by=head, **proof)[0] == "state"
    third = registered_enterprise()
    assert refused("merger", third, by=head, **proof | {"successor": enterprise})[1] == "successor"
    register = tmp_path / "r.csv"
    line = [enterprise.uscc, "别的名称有限公司", "徐汇区", "M7452", "2015-06-18", "company"]
    register.write_text(",".join(HEADING) + "\n" + ",".join(line) + "\n", encoding="utf-8")
    outcome = import_enterprises(register, by=SYSTEM, commit=True)
    assert successor.uscc in outcome.problems[0].reason
    with pytest.raises(IntegrityError), transaction.atomic():
        EnterpriseChange.objects.create(
            enterprise=third, kind="merged", effective_on=clock.today(), source="x", recorded_by=head
        )


def test_a_branch_has_a_parent_in_the_register_or_outside_of_it(enterprise, tmp_path):
    branch = registered_enterprise(name="示例检测徐汇分公司", legal_form=LegalForm.BRANCH)
    outside = uscc()
    assert refused("parent", branch, uscc=outside)[1] == "name"
    entered("parent", branch, 9, uscc=outside, name="外地某某集团有限公司")
    branch.refresh_from_db()
    assert (branch.parent, branch.parent_name, branch.parent_uscc) == (None, "外地某某集团有限公司", outside)
    row = entered("parent", branch, 3, uscc=enterprise.uscc)
    branch.refresh_from_db()
    assert (branch.parent, branch.parent_name) == (enterprise, "")
    assert (row.before, row.other) == (f"外地某某集团有限公司 {outside}", enterprise)
    assert list(history.branches(enterprise)) == [branch]
    other = registered_enterprise(name="另一分公司", legal_form=LegalForm.BRANCH)
    assert refused("parent", other, uscc=branch.uscc)[1] == "uscc"
    assert refused("parent", other, uscc=other.uscc)[1] == "uscc"
    assert refused("legal_form", enterprise, legal_form="branch")[1] == "legal_form"
    # The database holds it too.
    for wrong in (
        lambda: Enterprise.objects.filter(pk=enterprise.pk).update(parent_name="某某", parent_uscc=outside),
        lambda: Enterprise.objects.filter(pk=other.pk).update(parent=branch),
        lambda: Enterprise.objects.filter(pk=enterprise.pk).update(legal_form="branch"),
        lambda: Enterprise.objects.filter(pk=branch.pk).update(parent_name="某某", parent_uscc=outside),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
    # Nor does an import make a branch of a parent; what it knows as a legal person has no parent.
    register = tmp_path / "r.csv"
    rows = [
        [enterprise.uscc, NAME, "徐汇区", "M7452", "2015-06-18", "branch"],
        [branch.uscc, branch.name, "徐汇区", "M7452", "2015-06-18", "company"],
    ]
    text = "\n".join(",".join(row) for row in [HEADING, *rows])
    register.write_text(text + "\n", encoding="utf-8")
    outcome = import_enterprises(register, by=SYSTEM)
    assert [one.column for one in outcome.problems] == ["legal_form"]
    assert entered("legal_form", branch, legal_form="company").kind == "legal_form"
    branch.refresh_from_db()
    assert branch.parent is None
    assert branch.changes.filter(kind="parent").first().after == ""
    import_enterprises(register, by=SYSTEM, commit=True)


def test_an_account_leaves_a_masked_line_and_a_replaced_one_is_told(enterprise):
    with_account(enterprise)
    first = enterprise.changes.get()
    assert (first.kind, first.before, first.after) == ("account", "", f"{BANK} •••••••8821")
    assert not Notification.objects.filter(event__verb="set_account").exists()
    # Told once more, nothing has changed.
    with_account(enterprise)
    assert enterprise.changes.count() == 1
    owner = owner_of(enterprise)
    enterprises.set_account(enterprise, owner, bank_name="上海银行徐汇支行", bank_account="99990000111122")
    row = history.latest_accounts([enterprise.pk]).get()
    assert (row.before, row.after) == (first.after, "上海银行徐汇支行 •••••••1122")
    told = Notification.objects.get(event__verb="set_account")
    assert "•••••••1122" in render(told).body
    said = [str(event.facts) for event in Event.objects.order_by("pk")]
    said += [f"{one.before}{one.after}" for one in EnterpriseChange.objects.order_by("pk")]
    assert not any(number in text for text in said for number in (ACCOUNT, "99990000111122"))


def test_a_district_of_before_enters_nothing_after_a_move(enterprise):
    enterprise.district = District.objects.get(pk=people.PUDONG)
    enterprise.save(update_fields=["district"])
    assert refused("name", enterprise, name=NEW_NAME)[0] == "forbidden"
    assert entered("name", enterprise, name=NEW_NAME, by=people.district_officer(people.PUDONG)).pk
