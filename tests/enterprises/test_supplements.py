"""补充资料: an enterprise hands in a paper, its district enters it or says why not, and everybody is told."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from enterprises import supplement_workflow as workflow
from enterprises import workflow as enterprises_workflow
from enterprises.models import Supplement
from enterprises.workflow import ClaimRefused
from foundation.clock import clock
from foundation.events import events
from foundation.files.files import RefusedFile
from foundation.workdays import workdays
from tests.accounts import factories as people
from tests.enterprises.factories import owner_of, pdf, verified_enterprise
from tests.measures.factories import loaded_catalogue
from tests.portal.reading import error_beside, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def enterprise():
    loaded_catalogue()
    return verified_enterprise(eligible=False)


def handed_in(enterprise, topic="credit") -> Supplement:
    return workflow.supply(
        enterprise,
        owner_of(enterprise),
        topic=topic,
        note="信用报告，无失信记录",
        document=pdf("信用报告.pdf"),
    )


def inbox(user) -> list[str]:
    return [events.render(one).subject for one in events.inbox(user)]


def refusal(act, *args, **kwargs) -> ClaimRefused:
    with pytest.raises(ClaimRefused) as refused:
        act(*args, **kwargs)
    return refused.value


def test_the_district_is_told_with_the_day_by_which_it_enters_it(enterprise):
    row = handed_in(enterprise)
    assert row.due_on == workdays.due(clock.today(), 5)
    [subject] = [text for text in inbox(people.district_officer()) if "补充" in text]
    assert subject.endswith("示例检测技术有限公司补充的信用资料")
    assert not [text for text in inbox(people.district_officer(people.PUDONG)) if "补充" in text]


def test_what_was_entered_is_told_to_the_enterprise(enterprise):
    row = workflow.record_supplement(handed_in(enterprise), people.district_officer(), "已登记今日的信用核查")
    assert (row.state, row.decided_by) == ("recorded", people.district_officer())
    assert "补充资料已登记：信用" in inbox(owner_of(enterprise))
    verbs = [event.verb for event in events.timeline(row)]
    assert verbs == ["supply", "record_supplement"]


def test_a_paper_that_was_not_used_has_a_reason_and_another_may_follow(enterprise):
    row = handed_in(enterprise)
    assert refusal(workflow.refuse_supplement, row, people.district_officer(), " ").field == "answer"
    workflow.refuse_supplement(row, people.district_officer(), "报告没有盖章")
    assert "补充资料未采用：信用" in inbox(owner_of(enterprise))
    assert handed_in(enterprise).state == "pending"


def test_one_paper_for_each_topic_waits_at_a_time(enterprise):
    handed_in(enterprise)
    assert "请等待结果" in refusal(handed_in, enterprise).message
    assert handed_in(enterprise, "inclusion").state == "pending"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"topic": "weather"}, "topic"), ({"note": "  "}, "note"), ({"note": "长" * 501}, "note")],
)
def test_bad_input_is_said_beside_its_field(enterprise, changes, field):
    given = {"topic": "credit", "note": "报告", "document": pdf()} | changes
    assert refusal(workflow.supply, enterprise, owner_of(enterprise), **given).field == field
    assert not Supplement.objects.exists()


def test_a_file_that_only_says_it_is_a_pdf_is_refused(enterprise):
    from django.core.files.uploadedfile import SimpleUploadedFile

    fake = SimpleUploadedFile("报告.pdf", b"MZ not a pdf", content_type="application/pdf")
    with pytest.raises(RefusedFile):
        workflow.supply(enterprise, owner_of(enterprise), topic="credit", note="报告", document=fake)
    assert not Supplement.objects.exists()


def test_only_members_of_a_verified_enterprise_hand_in(enterprise):
    given = {"topic": "credit", "note": "报告", "document": pdf()}
    assert refusal(workflow.supply, enterprise, people.user(), **given).code == "forbidden"
    enterprises_workflow.suspend(enterprise, people.district_head(), "年报逾期")
    assert refusal(workflow.supply, enterprise, owner_of(enterprise), **given).code == "forbidden"


@pytest.mark.parametrize("decide", [workflow.record_supplement, workflow.refuse_supplement])
def test_who_may_not_decide_is_refused_and_a_decided_one_stands(enterprise, decide):
    row = handed_in(enterprise)
    for person in (people.district_officer(people.PUDONG), people.municipal_officer(), owner_of(enterprise)):
        assert refusal(decide, row, person, "答复").code == "forbidden"
    stale = Supplement.objects.get(pk=row.pk)
    decide(row, people.district_officer(), "答复")
    assert refusal(decide, stale, people.district_officer(), "答复").code == "stale"
    again = Supplement.objects.get(pk=row.pk)
    assert refusal(decide, again, people.district_officer(), "答复").code == "stale"


def test_the_database_refuses_an_answer_without_a_decision(enterprise):
    row = handed_in(enterprise)
    with pytest.raises(IntegrityError), transaction.atomic():
        Supplement.objects.filter(pk=row.pk).update(answer="没有办理")


# --- the pages -------------------------------------------------------------------------------------------


def test_the_whole_way_on_the_pages(enterprise, client):
    client.force_login(owner_of(enterprise))
    page = client.get(reverse("enterprise_supply"), {"topic": "credit"})
    assert '<option value="credit" selected>' in page.content.decode()
    empty = client.post(reverse("enterprise_supply"), {"topic": "credit"})
    assert empty.status_code == 422
    assert error_beside(empty, "id_document") or "请选择文件" in text_of(empty)
    sent = {"topic": "credit", "note": "信用报告", "document": pdf()}
    told = text_of(client.post(reverse("enterprise_supply"), sent, follow=True))
    assert "已提交，由徐汇区科委登记" in told and "徐汇区科委应于" in told
    row = Supplement.objects.get()
    assert client.get(reverse("supplement_document", args=[row.pk])).status_code == 200

    client.force_login(people.district_officer())
    assert "有 1 份补充资料待登记" in text_of(client.get(reverse("desk:supplements")))
    page = client.get(reverse("desk:supplement", args=[row.pk]))
    assert "补充了信用的证明" in text_of(page)
    missing = client.post(reverse("desk:supplement_record", args=[row.pk]), {"record-version": row.version})
    assert missing.status_code == 422 and "请写明登记了什么" in text_of(missing)
    given = {"record-version": row.version, "record-answer": "已登记信用核查"}
    assert client.post(reverse("desk:supplement_record", args=[row.pk]), given).status_code == 302
    assert client.post(reverse("desk:supplement_record", args=[row.pk]), given).status_code == 409

    client.force_login(owner_of(enterprise))
    assert "已登记信用核查" in text_of(client.get(reverse("enterprise")))


def test_what_was_handed_in_is_not_asked_for_again(enterprise, client):
    from tests.applications.factories import open_call_item

    open_call_item("08-01")
    client.force_login(owner_of(enterprise))
    assert "补充资料" in text_of(client.get("/"))
    row = handed_in(enterprise)
    text = text_of(client.get("/"))
    assert f"证明已提交，应于 {row.due_on.month} 月 {row.due_on.day} 日前登记" in text.replace("2027 年 ", "")


def test_another_districts_paper_does_not_exist(enterprise, client):
    row = handed_in(enterprise)
    client.force_login(people.district_officer(people.PUDONG))
    for name in ("desk:supplement", "desk:supplement_document"):
        assert client.get(reverse(name, args=[row.pk])).status_code == 404
    client.force_login(owner_of(verified_enterprise()))
    assert client.get(reverse("supplement_document", args=[row.pk])).status_code == 404
