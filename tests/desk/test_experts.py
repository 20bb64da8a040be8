"""专家评审 on the pages: the pool, asking, the expert's declaration and review, and what each side reads of it."""

from datetime import timedelta

from django.urls import reverse

from foundation.clock import clock
from reviews.models import Expert, ExpertReview
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import verified_enterprise, with_account
from tests.reviews import experts


def at(name: str, *parts) -> str:
    return reverse(f"desk:{name}", args=parts)


def text(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_from_the_pool_to_the_review(as_user):
    case = cases.endorsed(enterprise=with_account(verified_enterprise()))
    account = case.enterprise.bank_account
    officer, person = as_user(people.municipal_officer()), people.expert("甲")
    expert, other = as_user(person), as_user(people.expert("乙"))
    # Into the pool.
    form = {
        "post": person.posts.get().pk,
        "employer": "示例大学",
        "employer_code": "123",
        "fields_known": ["专业化技术服务"],
        "more": "财务审计、知识产权",
    }
    page = officer.post(at("expert_new"), form)
    assert page.status_code == 422 and "统一社会信用代码应为 18 位" in page.content.decode()
    page = officer.post(at("expert_new"), form | {"employer_code": "", "fields_known": [], "more": ""})
    assert page.status_code == 422 and "请至少选择一个专业领域" in page.content.decode()
    assert officer.post(at("expert_new"), form | {"employer_code": ""}).status_code == 302
    entry = Expert.objects.get()
    assert entry.fields == ["专业化技术服务", "财务审计", "知识产权"]
    assert "示例大学" in text(officer, at("experts") + "?q=知识产权&state=inside")
    assert "示例大学" not in text(officer, at("experts") + "?state=outside")
    export = officer.get(at("experts_export") + "?export=csv")
    assert person.get_full_name() in b"".join(export.streaming_content).decode()
    applicant = experts.pooled("丙", employer=case.enterprise.name)
    # Asked, beside who can't be.
    ask = at("ask_experts", case.pk)
    page = text(officer, ask)
    assert "工作单位就是申请人" in page and "能力与技术水平" in page
    due = clock.today() + timedelta(days=10)
    given = {"ask-version": case.version, "ask-experts": [entry.pk], "ask-due_on": due}
    assert officer.post(ask, given | {"ask-experts": [applicant.pk]}).status_code == 422
    assert officer.post(ask, given | {"ask-due_on": clock.today()}).status_code == 422
    assert officer.post(ask, given).status_code == 302
    row = ExpertReview.objects.get()
    here = at("expert_review", row.pk)
    paper = at("expert_review_document", row.pk, row.submission.documents[0]["document"])
    assert person.get_full_name() in text(officer, at("case", case.pk))
    assert "等待评审" in text(officer, here)
    # The expert's: nothing of the submission before the declaration, nobody else's at all.
    assert "有 1 件评审待提交" in text(expert, at("expert_reviews"))
    summary = row.submission.answers["project_summary"]
    page = text(expert, here)
    assert case.enterprise.name in page and summary not in page and case.number not in page
    assert expert.get(paper).status_code == 404
    for name in ("expert_review", "review_declare"):
        answer = other.get(here) if name == "expert_review" else other.post(at(name, row.pk))
        assert answer.status_code == 404
    assert expert.get(at("case", case.pk)).status_code == 403
    declare = {"declare-version": row.version}
    assert expert.post(at("review_declare", row.pk), declare).status_code == 422
    assert expert.post(at("review_declare", row.pk), declare | {"declare-agreed": "on"}).status_code == 302
    page = text(expert, here)
    assert summary in page and "declare_truth" not in page and account and account not in page
    assert expert.get(paper).status_code == 200
    assert other.get(paper).status_code == 404 and officer.get(paper).status_code == 403
    # Reviewed: wrong scores beside their fields, then once.
    row.refresh_from_db()
    review = {
        "review-version": row.version,
        "review-score_1": "18",
        "review-score_2": "31",
        "review-score_3": "25.55",
        "review-score_4": "",
        "review-opinion": "建设内容清楚。",
        "review-verdict": "support",
    }
    page = expert.post(at("review_submit", row.pk), review)
    errors = page.context["review_form"].errors
    assert page.status_code == 422 and set(errors) == {"score_2", "score_3", "score_4"}
    review |= {"review-score_2": "26.5", "review-score_3": "25", "review-score_4": "15"}
    assert expert.post(at("review_submit", row.pk), review).status_code == 302
    assert expert.post(at("review_submit", row.pk), review).status_code == 409
    page = text(expert, here)
    assert "84.5" in page and "建设内容清楚。" in page and summary not in page
    assert expert.get(paper).status_code == 404
    # The officer and the auditor read it all, the district and the enterprise no name and no opinion.
    for client in (officer, as_user(people.auditor())):
        page = text(client, at("case", case.pk))
        assert all(word in page for word in (person.get_full_name(), "84.50", "建设内容清楚。"))
        assert "84.5" in text(client, here) and "示例大学" in text(client, at("expert", entry.pk))
    assert "平均 84.50 分" in text(officer, at("case", case.pk))
    district = text(as_user(people.district_officer()), at("case", case.pk))
    owner = text(as_user(case.submitted_by), reverse("case", args=[case.pk]))
    assert "专家评审已完成：共 1 份评审意见。" in owner
    for page in (district, owner):
        assert person.get_full_name() not in page and "建设内容清楚" not in page and "84.5" not in page


def test_a_review_is_declined_another_withdrawn_an_entry_ended(as_user):
    case = cases.endorsed(enterprise=verified_enterprise())
    officer = as_user(people.municipal_officer())
    first, second = experts.asked(case, "甲"), experts.asked(case, "乙")
    owner = text(as_user(case.submitted_by), reverse("case", args=[case.pk]))
    assert "专家评审中：邀请了 2 位专家，已提交 0 份评审意见。" in owner
    expert = as_user(first.person)
    decline = {"decline-version": first.version, "decline-ground": "other"}
    assert expert.post(at("review_decline", first.pk), decline).status_code == 422
    decline["decline-ground"] = "conflict"
    assert expert.post(at("review_decline", first.pk), decline).status_code == 302
    assert "已谢绝" in text(expert, at("expert_review", first.pk))
    assert "已回避" in text(officer, at("case", case.pk))
    withdraw = {"withdraw-version": second.version, "withdraw-because": ""}
    assert officer.post(at("review_withdraw", second.pk), withdraw).status_code == 422
    withdraw["withdraw-because"] = "另请他人"
    assert officer.post(at("review_withdraw", second.pk), withdraw).status_code == 302
    assert "另请他人" in text(as_user(second.person), at("expert_review", second.pk))
    end = at("expert_end", second.expert_id)
    assert officer.post(end, {"end-because": ""}).status_code == 422
    assert officer.post(end, {"end-because": "更换单位"}).status_code == 302
    assert "已出库" in text(officer, at("expert", second.expert_id))


def test_the_lists_take_the_same_queries_for_few_and_for_many(as_user, counted):
    officer = as_user(people.municipal_officer())
    case = cases.endorsed()
    experts.submitted(case, "a")
    pages = [
        at("experts"),
        at("expert_reviews") + "?tab=all",
        at("case", case.pk),
        at("ask_experts", case.pk),
    ]
    few = []
    for page in pages:
        officer.get(page)
        with counted() as queries:
            officer.get(page)
        few.append(len(queries))
    for mark in "bcd":
        experts.submitted(case, mark)
    for page, known in zip(pages, few, strict=True):
        with counted() as queries:
            officer.get(page)
        assert len(queries) == known, page
