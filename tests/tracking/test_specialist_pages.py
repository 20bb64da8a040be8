"""服务专员 on the pages: the specialist's desk, the head's list, what the enterprise reads of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from applications.models import Application
from enterprises.models import Enterprise
from foundation.accounts.models import Office
from foundation.clock import clock
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import (
    ACCOUNT,
    owner_of,
    pending_claim,
    registered_enterprise,
    verified_enterprise,
    with_account,
)
from tests.measures.factories import loaded_catalogue
from tests.portal.reading import error_beside, heading_of, text_of
from tests.test_sizes import codes, copies
from tests.tracking import factories
from tracking.models import ServiceContact, SpecialistAssignment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue():
    loaded_catalogue()
    cases.open_call_item("08-01")
    cases.open_call_item("03-10")


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def exported(client: Client, name: str, **query) -> str:
    answer = client.get(reverse(name), {"export": "csv"} | query)
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_a_specialist_sees_what_their_enterprises_must_do_and_nothing_more():
    asked = cases.awaiting_correction(
        cases.submitted(enterprise=verified_enterprise(name="上海澄衡计量科技有限公司"))
    )
    unit = with_account(asked.enterprise)
    draft = cases.draft(cases.open_call_item("03-10"), unit, asked.submitted_by)
    Application.objects.filter(pk=draft.pk).update(title="保密的项目名")
    stranger = pending_claim(people.user(), unit).user
    hidden = cases.empty_draft(cases.open_call_item("03-10"), unit, stranger)
    quiet = verified_enterprise(name="静默检测有限公司")
    specialist = people.service_specialist()
    client = signed_in(specialist)
    assert client.get(reverse("desk:home")).url == reverse("desk:served")
    assert heading_of(client.get(reverse("desk:served"))) == "还没有由您服务的企业"
    mine = factories.served(unit)
    factories.served(quiet)
    page = client.get(reverse("desk:served"))
    assert heading_of(page) == "服务 2 家企业，1 家现在有事要办"
    told = text_of(page)
    assert "补正待提交：" in told and told.index("澄衡") < told.index("静默检测") and "没有联系过" in told
    for query, found in (
        ({"need": "correction"}, {unit}),
        ({"need": "any"}, {unit}),
        ({"need": "account"}, set()),
        ({"need": "apply"}, {unit, quiet}),
        ({"contact": "never"}, {unit, quiet}),
        ({"q": "澄衡"}, {unit}),
    ):
        rows = client.get(reverse("desk:served"), query).context["rows"]
        assert {row["one"] for row in rows} == found, query
    file = exported(client, "desk:served_export")
    assert "补正待提交" in file and "静默检测" in file

    one = reverse("desk:served_enterprise", args=[unit.pk])
    told = text_of(client.get(one))
    assert asked.number in told and "草稿" in told and "现在可以申请" in told
    whole = client.get(one).content.decode()
    for secret in (
        ACCOUNT[-4:],
        "保密的项目名",
        asked.title,
        asked.declared_investment,
        owner_of(unit).username,
    ):
        assert str(secret) not in whole, secret
    assert len(client.get(one).context["cases"]) == 2 and hidden.pk
    # No page of a case, no document, no other enterprise.
    for address in (
        reverse("desk:case", args=[asked.pk]),
        reverse("desk:enterprise", args=[unit.pk]),
        reverse("desk:queue"),
        reverse("desk:document", args=[asked.pk, asked.papers.first().document_id]),
    ):
        assert client.get(address).status_code == 403
    other = verified_enterprise()
    for name, ask in (("desk:served_enterprise", client.get), ("desk:served_contact", client.post)):
        assert ask(reverse(name, args=[other.pk])).status_code == 404

    log = reverse("desk:served_contact", args=[unit.pk])
    wrong = client.post(log, {"contact-on": "2026-13-01"})
    assert wrong.status_code == 422
    assert "请选择联系方式" in text_of(wrong) and "请填写日期" in error_beside(wrong, "contact-on")
    given = {
        "contact-channel": "visit",
        "contact-on": clock.today().isoformat(),
        "contact-about": "补正怎么准备",
        "contact-result": "下周一提交",
    }
    early = client.post(log, given | {"contact-on": (clock.today() - timedelta(days=1)).isoformat()})
    assert early.status_code == 422 and "不能早于您开始服务" in error_beside(early, "contact-on")
    assert client.post(log, given).status_code == 302
    assert ServiceContact.objects.get().assignment == mine
    assert "上门走访" in text_of(client.get(one)) and "下周一提交" in text_of(client.get(one))
    rows = client.get(reverse("desk:served"), {"contact": "silent"}).context["rows"]
    assert [row["one"] for row in rows] == [quiet]
    # The head reads the page and the log, and writes nothing into it.
    head = signed_in(people.district_head())
    assert "下周一提交" in text_of(head.get(one)) and head.post(log, given).status_code == 403
    assert "下周一提交" not in text_of(signed_in(people.municipal_head()).get(one))


def test_a_head_gives_moves_and_ends_for_many_on_one_page():
    head = signed_in(people.district_head())
    first, second = people.service_specialist(), people.service_specialist(mark="乙")
    units = [verified_enterprise(name=f"示例{mark}检测公司") for mark in "甲丙丁"]
    bare = registered_enterprise(name="登记在册公司")
    verified_enterprise(district=people.PUDONG, name="浦东公司")
    page = head.get(reverse("desk:specialists"))
    assert heading_of(page) == "3 家有经办人的企业无人服务"
    assert "浦东公司" not in text_of(page) and "登记在册公司" not in text_of(page)
    register = head.get(reverse("desk:specialists"), {"tab": "register"}).context["rows"]
    assert [row["one"] for row in register] == [bare]
    give, end = reverse("desk:specialist_assign"), reverse("desk:specialist_end")
    picks = [str(unit.pk) for unit in units]
    for data, said in (
        ({"pick": picks}, "请选择服务专员"),
        ({"specialist": first.pk}, "请先勾选企业"),
        ({"pick": picks, "specialist": people.district_officer().pk}, "选择一个有效的选项"),
    ):
        answer = head.post(give, data)
        assert answer.status_code == 422 and said in text_of(answer), said
    done = head.post(give, {"pick": [*picks[:2], "x"], "specialist": first.pk}, follow=True)
    assert "已为 2 家企业指派服务专员" in text_of(done) and heading_of(done).startswith("1 家")
    served = head.get(reverse("desk:specialists"), {"tab": "served"})
    assert len(served.context["rows"]) == 2 and "服务专员" in exported(
        head, "desk:specialists_export", tab="served"
    )
    moved = head.post(f"{give}?tab=served", {"everything": "on", "specialist": second.pk})
    assert moved.status_code == 422 and "请写明改派的理由" in error_beside(moved, "reason")
    given = {"everything": "on", "specialist": second.pk, "reason": "分工调整"}
    assert head.post(f"{give}?tab=served", given).status_code == 302
    assert SpecialistAssignment.objects.standing().filter(specialist=second).count() == 2
    again = head.post(f"{give}?tab=served", given, follow=True)
    assert "2 家未办" in text_of(again) and "已由该专员服务" in text_of(again)
    assert head.post(f"{end}?tab=served", {"pick": picks[:1]}).status_code == 422
    assert head.post(f"{end}?tab=served", {"pick": picks[:1], "reason": "不再需要"}).status_code == 302
    assert SpecialistAssignment.objects.standing().count() == 1
    # Whoever left is named, so that all of theirs can be given on at once.
    second.posts.update(until=clock.today() - timedelta(days=1))
    left = head.get(reverse("desk:specialists"), {"specialist": second.pk})
    assert [row["one"] for row in left.context["rows"]] == [units[1]]
    assert "原专员服务专员乙已不再服务" in text_of(left)
    # The auditor reads it for every office, the commission's head gives everywhere.
    assert "浦东公司" in text_of(signed_in(people.auditor()).get(reverse("desk:specialists")))
    assert signed_in(people.auditor()).post(give, {"pick": picks}).status_code == 403
    people.service_specialist("kw")
    assert "浦东公司" in text_of(signed_in(people.municipal_head()).get(reverse("desk:specialists")))


def test_the_enterprise_reads_whom_it_may_ask():
    case = cases.submitted()
    owner = signed_in(owner_of(case.enterprise))
    Office.objects.filter(code="kw-310104").update(phone="021-64000000")
    for address in (reverse("home"), reverse("case", args=[case.pk])):
        assert "您的服务专员" not in text_of(owner.get(address))
    row = factories.served(case.enterprise)
    for address in (reverse("home"), reverse("case", args=[case.pk])):
        told = text_of(owner.get(address))
        assert f"您的服务专员 {row.specialist.get_full_name()} · {row.office} · 021-64000000" in told
    row.specialist.posts.update(until=clock.today() - timedelta(days=1))
    assert "您的服务专员" not in text_of(owner.get(reverse("home")))
    claimant = signed_in(pending_claim(people.user(), case.enterprise).user)
    assert "您的服务专员" not in text_of(claimant.get(reverse("home")))


@pytest.mark.parametrize("rows", [10, 1000], ids=lambda rows: f"{rows} rows")
def test_the_lists_take_the_stored_number_of_queries(rows, stored_queries):
    case = cases.awaiting_correction()
    mine = factories.served(case.enterprise)
    factories.contact(mine)
    fresh = codes(2 * rows)
    units = copies(case.enterprise, 2 * rows, uscc=lambda i: fresh[i])
    copies(mine, rows, enterprise_id=lambda i: units[i].pk)
    copies(
        case,
        rows,
        enterprise_id=lambda i: units[i].pk,
        number=lambda i: f"KJFW-2026-0801-6-{i:06d}",
        sequence=lambda i: 400_000 + i,
    )
    assert Enterprise.objects.count() > 2 * rows
    # What autovacuum does within a minute of so many rows; planned as for empty tables the lists take minutes.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    specialist, head = signed_in(mine.specialist), signed_in(people.district_head())
    for client, name, address in [
        (specialist, "size: desk served", reverse("desk:served")),
        (specialist, "size: desk served to apply", reverse("desk:served") + "?need=apply"),
        (specialist, "size: desk served enterprise", reverse("desk:served_enterprise", args=[units[0].pk])),
        (head, "size: desk specialists", reverse("desk:specialists")),
        (head, "size: desk specialists served", reverse("desk:specialists") + "?tab=served"),
    ]:
        assert client.get(address).status_code == 200, name
        with stored_queries(name):
            client.get(address)
