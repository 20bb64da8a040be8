"""导入企业 in the admin: upload, dry run, confirm; without any script."""

import re

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from enterprises.models import Enterprise, ImportRun
from foundation.jobs import running
from foundation.jobs.models import Job
from tests.accounts.factories import auditor, district_officer, policy_administrator
from tests.enterprises import registers
from tests.measures.factories import loaded_catalogue

pytestmark = pytest.mark.django_db

UPLOAD = "/admin/enterprises/enterprise/import/"


@pytest.fixture(autouse=True)
def catalogue(db):
    loaded_catalogue()


@pytest.fixture
def administrator(client):
    person = policy_administrator()
    person.is_staff = True
    person.save()
    client.force_login(person)
    return person


def page(client, job) -> str:
    return client.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()


def upload(client, path, figures=None):
    with path.open("rb") as register:
        data = {"register": register}
        if figures is None:
            return client.post(UPLOAD, data)
        with figures.open("rb") as further:
            return client.post(UPLOAD, data | {"figures": further})


def tried(client, path, figures=None) -> Job:
    response = upload(client, path, figures)
    job = Job.objects.latest("pk")
    assert response.status_code == 302
    assert response.url == reverse("admin:jobs_job_change", args=[job.pk])
    running.run(job.pk)
    return Job.objects.get(pk=job.pk)


def test_the_list_of_enterprises_leads_to_the_upload(client, administrator):
    listed = client.get(reverse("admin:enterprises_enterprise_changelist")).content.decode()
    assert "导入企业" in listed and UPLOAD in listed
    assert "上传并试运行" in client.get(UPLOAD).content.decode()


def test_a_job_that_is_not_done_reloads_its_page_without_a_script(client, administrator, tmp_path):
    upload(client, registers.text(tmp_path / "名录.csv", [registers.enterprise()]))
    job = Job.objects.latest("pk")
    address = reverse("admin:jobs_job_change", args=[job.pk])
    waiting = client.get(address)
    assert waiting["Refresh"] == "2"
    assert "正在等待后台处理" in waiting.content.decode() and "名录.csv" in waiting.content.decode()
    running.run(job.pk)
    assert "Refresh" not in client.get(address)


def test_a_file_is_tried_confirmed_and_imported(client, administrator, tmp_path):
    rows = [registers.enterprise(), registers.enterprise(established_on="2025/13/1")]
    path = registers.workbook(tmp_path / "r.xlsx", rows, [registers.figure(rows[0][0])])
    job = tried(client, path)
    assert job.state == Job.State.DONE and Enterprise.objects.count() == 0
    shown = page(client, job)
    assert "试运行结果" in shown and "没有这一天" in shown and "确认导入" in shown

    commit = reverse("admin:enterprises_import_commit", args=[job.pk])
    assert commit in shown
    response = client.post(commit)
    last = Job.objects.latest("pk")
    assert response.url == reverse("admin:jobs_job_change", args=[last.pk])
    running.run(last.pk)
    last = Job.objects.get(pk=last.pk)
    assert last.state == Job.State.DONE
    assert list(Enterprise.objects.values_list("uscc", flat=True)) == [rows[0][0]]
    imported = ImportRun.objects.get()
    assert (imported.file_name, imported.by) == ("r.xlsx", administrator)
    assert "导入结果" in page(client, last)
    assert "导入结果" in client.get(reverse("desk:job", args=[last.pk])).content.decode()
    assert "已确认导入" in page(client, job)

    client.post(commit)
    assert Job.objects.count() == 2, "a dry run is confirmed once"


def test_the_bad_rows_are_downloaded_as_a_workbook(client, administrator, tmp_path):
    row = registers.enterprise(name="=cmd()")
    job = tried(client, registers.text(tmp_path / "名录.csv", [row], encoding="gbk"))
    (link,) = re.findall(r'href="([^"]+/result/)"', page(client, job))
    response = client.get(link)
    saved = tmp_path / "bad.xlsx"
    saved.write_bytes(b"".join(response.streaming_content))
    assert CalamineWorkbook.from_path(saved).get_sheet_by_index(0).to_python()[1][:2] == row[:2]
    assert "attachment" in response["Content-Disposition"]
    # Nothing but bad rows: there is nothing to confirm.
    assert "确认导入" not in page(client, job)


def test_two_files_are_tried_together(client, administrator, tmp_path):
    row = registers.enterprise()
    job = tried(
        client,
        registers.text(tmp_path / "r.csv", [row]),
        registers.text(tmp_path / "f.csv", [registers.figure(row[0])], registers.FIGURES_HEADING),
    )
    assert job.outcome["counts"]["figures"]["new"] == 1


def test_an_unusable_file_fails_with_its_reason(client, administrator, tmp_path):
    job = tried(client, registers.text(tmp_path / "名录.csv", [["x"]], ["uscc"]))
    assert job.state == Job.State.FAILED
    assert "名录.csv 缺少列：name" in page(client, job)


def test_another_type_of_file_is_refused_at_once(client, administrator, tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    response = upload(client, path)
    assert response.status_code == 200
    assert "这里只接受" in response.content.decode()
    assert Job.objects.count() == 0


def test_nobody_else_uploads_confirms_or_sees_a_job(client, administrator, tmp_path):
    path = registers.text(tmp_path / "r.csv", [registers.enterprise()])
    job = tried(client, path)
    officer = district_officer()
    officer.is_staff = True
    officer.save()
    client.force_login(officer)
    assert upload(client, path).status_code in {302, 403}
    assert client.post(reverse("admin:enterprises_import_commit", args=[job.pk])).status_code == 403
    assert client.get(reverse("admin:jobs_job_change", args=[job.pk])).status_code in {302, 403, 404}
    assert client.get(reverse("admin:jobs_job_result", args=[job.pk])).status_code in {302, 403, 404}
    assert Job.objects.count() == 1


def test_the_auditor_reads_a_job_and_confirms_nothing(client, administrator, tmp_path):
    job = tried(client, registers.text(tmp_path / "r.csv", [registers.enterprise()]))
    person = auditor()
    person.is_staff = True
    person.save()
    client.force_login(person)
    shown = page(client, job)
    assert "试运行结果" in shown and "确认导入" not in shown
    assert client.get(reverse("admin:jobs_job_changelist")).status_code == 200
    assert client.post(reverse("admin:enterprises_import_commit", args=[job.pk])).status_code == 403
