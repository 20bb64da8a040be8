"""An amount declared in foreign money, from the draft to the print, the correction and the file."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from applications import documents, workflow
from applications.models import Application
from applications.verbs import Refused
from foundation.files import files
from measures import rate_workflow
from reviews import workflow as reviews
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.documents.reading import text
from tests.portal.conftest import signed_in
from tests.portal.reading import error_beside, text_of, value_of

__all__ = ["signed_in"]
pytestmark = pytest.mark.django_db
SOURCE = "中国外汇交易中心人民币汇率中间价"
SAID = "4,000,000 USD × 7.1234（2026-02-27，为 2026-03-01 之前最近一日）= 28,493,600.00 元"


def enter(*lines: str) -> None:
    rate_workflow.enter_rates(rate_workflow.read("\n".join(lines)), SOURCE, people.policy_administrator())


def typed(case: Application, go="save", **more) -> dict:
    """What the page sends: everything that is stored, with the investment in dollars."""
    data = {}
    for key, answer in case.answers.items():
        if isinstance(answer, dict):
            data |= {f"{key}__{row}": amount for row, amount in answer.items() if key.endswith("_lines")}
        elif isinstance(answer, bool):
            data[key] = {True: "true", False: "false"}[answer]
        else:
            data[key] = answer
    data |= {
        "declared_investment__currency": "USD",
        "declared_investment": "4,000,000",
        "declared_investment__day": "2026-03-01",
        "investment_lines__equipment": "28,493,600",
        "investment_lines__software": "",
        "funding_lines__own": "28493600",
    }
    return data | {"version": case.draft_revision, "go": go} | more


def in_dollars(signed_in) -> tuple[Application, object]:
    """A complete draft in dollars, written on its page, and its writer's browser."""
    case = cases.draft()
    enter("USD,2026-02-27,7.1234", "EUR,2026-02-27,7.8")
    browser = signed_in(case.created_by)
    browser.post(reverse("draft", args=[case.pk]), typed(case))
    case.refresh_from_db()
    return case, browser


def test_a_draft_in_dollars_is_converted_at_once_and_frozen_with_its_rate(signed_in):
    case, browser = in_dollars(signed_in)
    address = reverse("draft", args=[case.pk])
    page = browser.get(address)
    assert SAID + " · 贰仟捌佰肆拾玖万叁仟陆佰元整" in text_of(page)
    assert value_of(page, "declared_investment") == "4,000,000.00"
    assert value_of(page, "declared_investment__day") == "2026-03-01"
    assert re.search(r'<option value="USD" selected', page.content.decode())
    # The autosave says it too, and says why where it can't; what is typed never carries a rate.
    forged = {"declared_investment__rate": "1", "declared_investment__currency": "HKD"}
    saved = browser.post(reverse("draft_autosave", args=[case.pk]), typed(case, **forged)).json()
    assert "港元（HKD）汇率：请改选人民币" in saved["converted"]["declared_investment"]["text"]
    case.refresh_from_db()
    assert "rate" not in case.answers["declared_investment"]
    page = browser.post(address, typed(case, **forged), follow=True)
    assert "没有 2026-03-01 及之前 10 天内的港元（HKD）汇率" in error_beside(page, "declared_investment")
    case.refresh_from_db()
    saved = browser.post(reverse("draft_autosave", args=[case.pk]), typed(case)).json()
    assert saved["converted"] == {
        "declared_investment": {"text": f"{SAID} · 贰仟捌佰肆拾玖万叁仟陆佰元整", "yuan": "28493600.00"}
    }
    case.refresh_from_db()
    assert SAID in text_of(browser.get(reverse("submit", args=[case.pk])))
    # A rate corrected since: nobody hands in a figure that they haven't seen.
    enter("USD,2026-02-27,7.1235,抄错")
    with pytest.raises(Refused, match=r"的汇率有更正：原为 .*7.1234.*现为 .*7.1235.*请返回填写页核对"):
        workflow.submit(case, case.created_by).one()
    enter("USD,2026-02-27,7.1234,更正有误，恢复")
    browser.post(address, typed(case))
    case.refresh_from_db()
    case = workflow.submit(case, case.created_by).one()
    assert case.declared_investment == Decimal("28493600.00")
    assert case.estimate == Decimal("2849360.00")
    frozen = case.submissions.get().answers["declared_investment"]
    assert Decimal(frozen["amount"]) * Decimal(frozen["rate"]) == Decimal(frozen["yuan"])
    assert (frozen["rate_day"], frozen["source"], frozen["revision"]) == ("2026-02-27", SOURCE, 3)
    # Wherever it stands as declared: portal, desk, file, print.
    assert SAID in text_of(browser.get(reverse("case_submission", args=[case.pk, 1])))
    officer = people.district_officer()
    desk = signed_in(officer)
    page = text_of(desk.get(reverse("desk:case", args=[case.pk])))
    assert SAID in page and f"汇率来源：{SOURCE}" in page
    listed = desk.get(reverse("desk:queue_export"), {"export": "csv"})
    assert SAID in b"".join(listed).decode("utf-8-sig")
    issued = documents.issue_application(case.submissions.get(), case.created_by)
    said = text(files.path(issued.document).read_bytes())
    assert SAID.replace(" ", "") in said and f"汇率来源：{SOURCE}" in said


def test_a_correction_keeps_the_submitted_rate_and_never_raises_the_yuan(signed_in):
    case, browser = in_dollars(signed_in)
    case = workflow.submit(case, case.created_by).one()
    remarks = dict.fromkeys(("declared_investment", "investment_lines", "funding_lines"), "请核对。")
    case = reviews.request_correction(case, people.district_officer(), remarks, "").one()
    enter("USD,2026-02-27,7.2,抄错", "USD,2026-03-02,7.3", "EUR,2026-03-02,7.9")
    address = reverse("draft", args=[case.pk])
    # The rate of then stands, also for another amount.
    assert SAID in text_of(browser.get(address))
    less = {"declared_investment": "3,000,000", "investment_lines__equipment": "21370200"}
    browser.post(address, typed(case, **less, funding_lines__own="21370200"))
    case.refresh_from_db()
    assert case.answers["declared_investment"]["yuan"] == "21370200.00"
    # Another currency, another day, or yuan: no way leads above what was declared.
    for more in (
        {"declared_investment__currency": "EUR"},
        {"declared_investment__day": "2026-03-02"},
        {"declared_investment__currency": "CNY", "declared_investment": "28,493,600.01"},
    ):
        page = browser.post(address, typed(case, **more), follow=True)
        assert "补正时不得高于原申报的 28,493,600.00 元" in error_beside(page, "declared_investment")
        case.refresh_from_db()
        with pytest.raises(Refused) as wrong:
            workflow.resubmit(case, case.created_by).one()
        assert "不得高于" in wrong.value.fields["declared_investment"][0]
    browser.post(address, typed(case, **less, funding_lines__own="21370200"))
    case.refresh_from_db()
    case = workflow.resubmit(case, case.created_by).one()
    assert (case.declared_investment, case.declared_foreign[:9]) == (Decimal("21370200.00"), "3,000,000")
