"""The quarter's report: read by many, compiled by the commission; a district sees its own."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import verified_enterprise
from tracking import reading, tasks, workflow
from tracking.models import QuarterReport
from tracking.quarters import Quarter

pytestmark = pytest.mark.django_db


@pytest.fixture
def running():
    return Quarter.of(clock.today())


def compiled(quarter):
    return workflow.compile_report(quarter, SYSTEM)


def test_it_counts_cases_and_amounts_by_item_district_and_state(as_user, running):
    case = cases.proposed()
    cases.submitted(enterprise=verified_enterprise(people.user("elsewhere"), people.PUDONG))
    data = compiled(running).data
    found = {(cell["item"], cell["district"], cell["state"]): cell for cell in data["cells"]}
    assert found["08-01", people.XUHUI, "proposed"]["cases"] == 1
    assert found["08-01", people.XUHUI, "proposed"]["estimate"] == f"{case.estimate:.2f}"
    assert found["08-01", people.PUDONG, "submitted"]["cases"] == 1
    assert data["flows"]["submitted"] == 2
    page = as_user(people.municipal_officer()).get(reverse("desk:report"))
    assert "季度进行中，初步数" in page.content.decode()


def test_a_revoked_case_is_told_as_revoked_and_no_longer_as_approved():
    case = cases.revoked()
    quarter = Quarter.of(clock.local(case.ended_at).date())
    with clock.at(case.approved_at + timedelta(minutes=1)):
        # Until it was revoked it was an approval of the quarter, and a report as of then still says so.
        assert compiled(Quarter.of(clock.today())).data["flows"]["approved"] == 1
    with clock.at(case.ended_at + timedelta(minutes=1)):
        data = compiled(quarter).data
        shown = reading.shapes(data, None)
    assert (data["flows"]["approved"], data["flows"]["approved_amount"]) == (0, "0.00")
    assert (data["flows"]["revoked"], data["flows"]["revoked_amount"]) == (1, f"{case.approved_amount:.2f}")
    [cell] = data["cells"]
    assert (cell["state"], cell["approved"]) == ("revoked", "0.00")
    assert shown["matrices"][0]["sums"]["amount"] == 0


def test_a_district_reads_its_own_figures_alone(as_user, running):
    cases.submitted()
    cases.submitted(enterprise=verified_enterprise(people.user("elsewhere"), people.PUDONG))
    compiled(running)
    page = as_user(people.district_officer()).get(reverse("desk:report")).content.decode()
    assert "<strong>1</strong> 件" in page
    assert "浦东新区" not in page


def test_only_the_commission_compiles(as_user, running):
    address = reverse("desk:report_compile", args=[running.year, running.number])
    for person in (people.auditor(), people.district_officer(), people.finance_maker()):
        assert as_user(person).post(address).status_code == 403
        assert "按现在的数据编制" not in as_user(person).get(reverse("desk:report")).content.decode()
    assert QuarterReport.objects.count() == 0
    assert as_user(people.municipal_officer()).post(address).status_code == 302
    assert QuarterReport.objects.get().preliminary


def test_the_workbook_holds_the_same_rows(as_user, running):
    cases.submitted()
    report = compiled(running)
    answer = as_user(people.municipal_officer()).get(
        reverse("desk:report_xlsx", args=[running.year, running.number])
    )
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer) if answer.streaming else answer.content))
    rows = book.get_sheet_by_index(0).to_python()
    (cell,) = report.data["cells"]
    assert rows[3][0] == "08-01"
    assert rows[3][4] == cell["cases"]
    assert f"{rows[3][5]:.2f}" == cell["estimate"]


def test_the_beat_compiles_the_running_quarter_and_ends_the_one_before_once(running):
    assert tasks.compile_reports() == [str(running), str(running.previous)]
    assert tasks.compile_reports() == [str(running)]
    ended = QuarterReport.objects.get(year=running.previous.year, quarter=running.previous.number)
    assert not ended.preliminary


def test_a_past_quarter_compiled_again_later_says_the_same(running):
    case = cases.proposed()
    first = compiled(running).data["cells"]
    with clock.at(running.next.ends):
        again = compiled(running).data["cells"]
    assert case.state == "proposed"
    assert again == first


@pytest.mark.parametrize("address", ["/desk/report/2026/5/", "/desk/report/1999/1/", "/desk/report/2099/1/"])
def test_a_quarter_that_is_none_is_not_found(as_user, address):
    assert as_user(people.municipal_officer()).get(address).status_code == 404
