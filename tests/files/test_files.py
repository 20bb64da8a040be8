import hashlib
import threading
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, transaction

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.files import files
from foundation.files.models import Document
from tests.events.factories import person
from tests.files.factories import jpeg, pdf, png, upload, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.DOCUMENT_ROOT = tmp_path / "documents"
    return settings.DOCUMENT_ROOT


def kept(root) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_file_is_kept_under_its_hash_and_described_by_its_row(store):
    owner = person()
    content = pdf()
    document = files.store(upload(content, "可行性研究报告.pdf"), by=owner)
    digest = hashlib.sha256(content).hexdigest()
    assert (document.sha256, document.size) == (digest, len(content))
    assert (document.name, document.content_type) == ("可行性研究报告.pdf", "application/pdf")
    assert document.uploaded_by == owner
    assert abs((clock.now() - document.uploaded_at).total_seconds()) < 10
    assert files.path(document) == store / digest[:2] / digest[2:4] / digest
    assert files.path(document).read_bytes() == content


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [(pdf(), "a.pdf", files.PDF), (png(), "a.png", files.PNG), (jpeg(), "a.JPG", files.JPEG)],
    ids=["pdf", "png", "jpeg"],
)
def test_the_usual_types_are_taken(content, name, content_type):
    document = files.store(upload(content, name), by=person())
    assert (document.content_type, document.name) == (content_type, name)


def test_a_workbook_is_taken_where_asked_for():
    document = files.store(upload(workbook(), "回单.xlsx"), by=person(), accept=(files.XLSX,))
    assert document.content_type == files.XLSX


def test_what_the_system_issues_has_no_uploader():
    document = files.store(ContentFile(pdf(), name="通知书.pdf"), by=SYSTEM)
    assert document.uploaded_by is None


def test_the_same_bytes_are_kept_once_but_described_twice(store):
    one, other = (files.store(upload(pdf(), name), by=person()) for name in ("一.pdf", "二.pdf"))
    assert one.pk != other.pk
    assert files.path(one) == files.path(other)
    assert len(kept(store)) == 1


def refused(content, name="材料.pdf", **options) -> str:
    with pytest.raises(files.RefusedFile) as refusal:
        files.store(upload(content, name), by=person(), **options)
    assert not Document.objects.exists()
    return refusal.value.message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<html><script>alert(1)</script></html>", "这里只接受 PDF、PNG、JPG 文件"),
        (b"MZ\x90\x00" + b"\x00" * 200, "改扩展名不能改变内容"),
        (b"plain text", "无法识别的类型"),
        (b"GIF89a" + b"\x00" * 30, "GIF"),
        (workbook(), "Excel（xlsx） 文件"),
        (b" " + pdf(), "这里只接受"),
        (pdf().replace(b"%%EOF", b""), "不完整"),
        (png()[:-12], "不完整"),
        (jpeg()[:-2], "不完整"),
    ],
    ids=["html", "exe", "text", "gif", "xlsx", "late signature", "cut pdf", "cut png", "cut jpeg"],
)
def test_what_a_file_is_decides_its_content_not_its_name(store, content, says):
    assert says in refused(content, "合同.pdf")
    assert kept(store) == []


def test_an_empty_file_is_refused():
    assert "空的" in refused(b"")


def test_a_type_that_this_slot_does_not_take_is_refused():
    assert "这里只接受 PDF 文件" in refused(png(), "a.png", accept=(files.PDF,))


def test_the_limit_counts_the_bytes_that_come_not_those_announced(store):
    big = upload(pdf("x" * 2**20))
    big.size = 10
    with pytest.raises(files.RefusedFile, match="超过 1 MB"):
        files.store(big, by=person(), max_bytes=2**20)
    assert kept(store) == []


def test_a_broken_or_inflated_workbook_is_refused():
    whole = workbook()
    assert "不完整" in refused(whole[: len(whole) // 2], "a.xlsx", accept=(files.XLSX,))
    other = BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("run.exe", b"MZ")
    assert "不完整" in refused(other.getvalue(), "a.xlsx", accept=(files.XLSX,))


def test_a_refusal_is_a_form_error():
    assert issubclass(files.RefusedFile, ValidationError)


@pytest.mark.parametrize(
    ("given", "kept_as"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\文件\\报告.pdf", "报告.pdf"),
        ("报告\u202efdp.exe", "报告fdp.exe.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("", "未命名.pdf"),
        ("...", "未命名.pdf"),
        ("报告.PDF", "报告.PDF"),
        ("长" * 300 + ".pdf", "长" * 120 + ".pdf"),
        ("图片.png", "图片.png.pdf"),
    ],
)
def test_names_are_made_harmless(given, kept_as):
    assert files.safe_name(given, files.PDF) == kept_as


def test_a_stored_document_is_verified_against_its_hash(store):
    document = files.store(upload(pdf()), by=person())
    assert files.verify(document)
    files.path(document).chmod(0o600)
    files.path(document).write_bytes(pdf("changed"))
    assert not files.verify(document)
    files.path(document).unlink()
    assert not files.verify(document)


def test_nobody_changes_a_document():
    document = files.store(upload(pdf()), by=person())
    with pytest.raises(DatabaseError, match="files_document"), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(name="x.pdf")


def test_a_response_cannot_act_on_our_pages():
    document = files.store(upload(png(), "照 片.png"), by=person())
    answer = files.response(document)
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''%E7%85%A7")
    assert "no-store" in answer["Cache-Control"]
    assert b"".join(answer.streaming_content) == png()
    assert files.response(document, inline=False)["Content-Disposition"].startswith("attachment;")


def test_a_pdf_is_shown_without_any_right_to_scripts():
    policy = files.response(files.store(upload(pdf()), by=person()))["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy


def test_the_store_lies_outside_of_what_is_served(settings):
    assert not str(settings.DOCUMENT_ROOT).startswith(str(settings.STATIC_ROOT))
    assert not settings.MEDIA_URL.strip("/")


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_at_once(store):
    owner, stored, start = person(), [], threading.Barrier(4)

    def work():
        start.wait(10)
        try:
            stored.append(files.store(upload(pdf()), by=owner))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(stored) == 4
    assert all(files.verify(document) for document in stored)
    assert len(kept(store)) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_text_is_taken_as_csv_where_a_slot_asks_for_it(encoding):
    content = "代码,名称\r\n1,检测\r\n".encode(encoding)
    document = files.store(upload(content, "名录.csv"), by=person(), accept=(files.XLSX, files.CSV))
    assert (document.content_type, document.name) == (files.CSV, "名录.csv")


def test_a_text_is_nothing_where_no_slot_asks_for_it_and_binary_is_no_text():
    assert "CSV" not in refused(b"a,b\n", "a.csv")
    assert "Excel（xlsx）、CSV" in refused(b"a\0b\n", "a.csv", accept=(files.XLSX, files.CSV))
