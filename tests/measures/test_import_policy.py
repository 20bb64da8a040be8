"""import_policy: the official text against the catalogue, on a made-up text of the same shape."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from foundation.accounts.models import Office
from foundation.events import events
from measures.models import Item, Measure
from tests.measures import factories, policy_paper


@pytest.fixture
def catalogue(db):
    factories.loaded_catalogue()


@pytest.fixture
def paper(tmp_path):
    return tmp_path / "政策 文本.txt"


def run(path, capsys):
    """The exit status, and everything that was said."""
    try:
        call_command("import_policy", str(path))
    except CommandError as error:
        return error.returncode, capsys.readouterr().out + str(error)
    return 0, capsys.readouterr().out


def imported(text, paper, capsys):
    paper.write_text(text, encoding="utf-8")
    return run(paper, capsys)


def nothing_stored() -> bool:
    return not Measure.objects.exclude(full_text="").exists()


@pytest.mark.parametrize("shape", [policy_paper.clean_copy, policy_paper.as_extracted])
def test_both_shapes_of_the_text_agree_and_are_stored(catalogue, paper, capsys, shape):
    status, told = imported(shape(), paper, capsys)
    assert (status, told) == (0, "核对一致：10 条措施、4 个数字；存入原文 10 条。\n")
    eighth = Measure.objects.get(number=8).full_text
    assert eighth.startswith("（八）加强专项支持引导。这一句没有内容")
    assert "不超过示例投资的10%、最高500万元" in eighth
    assert eighth.endswith("（责任单位：市科委、市财政局、市经济信息化委、各区政府）")
    assert [event.verb for event in events.timeline(Measure.objects.get(number=8))][-1] == "import_policy"


def test_both_shapes_store_the_same_text(catalogue, paper, capsys):
    imported(policy_paper.clean_copy(), paper, capsys)
    status, told = imported(policy_paper.as_extracted(), paper, capsys)
    assert (status, told) == (0, "核对一致：10 条措施、4 个数字；存入原文 0 条。\n")
    assert events.timeline(Measure.objects.get(number=1)).count() == 2


@pytest.mark.parametrize("shape", [policy_paper.clean_copy, policy_paper.as_extracted])
@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("10%", "15%", "第（八）条08-01 新增重大投资项目补助比例上限：正文为“15%”，目录为“10%”。"),
        ("10%", "10％", None),
        ("10%", "10 %", None),
        (
            "500万元",
            "600 万元",
            "08-01 新增重大投资项目补助金额上限：正文为“6,000,000 元”，目录为“5,000,000 元”。",
        ),
        ("500万元", "5,000,000元", None),
        ("500万元", "足够多", "08-01 新增重大投资项目补助金额上限：正文为“没有”，目录为“5,000,000 元”。"),
        ("20 万元", "2 0万元", None),
        ("20 万元", "10 万元", "09-03 首次升规达标奖励金额上限：正文为“100,000 元”，目录为“200,000 元”。"),
        ("10万元", "1000元", "09-04 同比高增长奖励金额上限：正文为“1,000 元”，目录为“100,000 元”。"),
        ("凡是同比高增长", "凡是别的", "09-04 同比高增长奖励金额上限：正文为“没有”，目录为“100,000 元”。"),
        (
            "加强专项支持引导",
            "加强专项扶持引导",
            "第（八）条标题：正文为“加强专项扶持引导”，目录为“加强专项支持引导”。",
        ),
        ("三、提升能级", "三、提高能级", "第（六）条章：正文为“三、提高能级，开辟高质量发展新赛道”"),
        (
            "市委金融办、市发展改革委、",
            "市发展改革委、",
            "第（九）条责任单位：目录有市委金融办，正文没有。",
        ),
        (
            "市科委、市商务委）",
            "市科委、市商务委、各区政府）",
            "第（四）条责任单位：正文有各区政府，目录没有。",
        ),
        (
            "2024年 10月 10日起",
            "2024年 11月 10日起",
            "实施日（全部）：正文为“2024-11-10”，目录为“2024-10-10”。",
        ),
        ("至 2027 年", "至 2029 年", "有效期至（含当日）（全部）：正文为“2029-10-09”，目录为“2027-10-09”。"),
        ("〕14号", "〕15号", "文号（全部）：正文为“沪府办规〔2024〕15号”，目录为“沪府办规〔2024〕14号”。"),
        ("（七）加快", "（十一）加快", "正文有第（11）条“加快专业化人才集聚”，目录没有。"),
        ("（七）加快", "（六）加快", "第（六）条在正文里出现了 2 次。"),
    ],
)
def test_each_difference_is_told_and_nothing_is_stored(catalogue, paper, capsys, shape, old, new, says):
    original = policy_paper.clean_copy()
    assert original.count(old) >= 1
    text = original.replace(old, new)
    if shape is policy_paper.as_extracted:
        text = policy_paper.as_extracted(text)
    status, told = imported(text, paper, capsys)
    if says is None:
        assert (status, nothing_stored()) == (0, False), told
    else:
        assert (status, nothing_stored()) == (1, True)
        assert says in told
        assert re.search(r"正文与目录有 \d+ 处不同，没有存入任何内容", told)


def test_one_changed_number_is_one_difference(catalogue, paper, capsys):
    _status, told = imported(policy_paper.clean_copy().replace("20 万元", "30 万元"), paper, capsys)
    assert told.count("\n") == 1


def test_a_number_that_no_entry_has_is_a_difference(catalogue, paper, capsys):
    text = policy_paper.clean_copy().replace(
        "（四）支持全球科技机构来沪发展。", "（四）支持全球科技机构来沪发展。另给 30万元。连办 3 年。"
    )
    status, told = imported(text, paper, capsys)
    assert status == 1
    assert "第（四）条正文有目录没有的数字 300,000 元：“另给30万元”" in told
    assert "第（四）条正文有目录没有的数字 3：“连办3年”" in told


def test_the_catalogue_of_the_database_is_what_is_checked(catalogue, paper, capsys):
    Item.objects.filter(code="09-03").update(ceiling_amount="250000.00")
    Measure.objects.filter(number=2).update(title="改过的标题", in_force_to="2028-01-01")
    Measure.objects.get(number=4).responsible_units.add(Office.objects.get(code="swj"))
    status, told = imported(policy_paper.clean_copy(), paper, capsys)
    assert status == 1
    assert "09-03 首次升规达标奖励金额上限：正文为“200,000 元”，目录为“250,000 元”。" in told
    assert "第（二）条标题：正文为“打造科技服务业发展集聚区”，目录为“改过的标题”。" in told
    assert "有效期至（含当日）（第（二）条）：正文为“2027-10-09”，目录为“2028-01-01”。" in told
    assert "第（四）条责任单位：目录有市税务局，正文没有。" in told
    assert "有 4 处不同" in told


def test_a_missing_measure_is_named(catalogue, paper, capsys):
    lines = [line for line in policy_paper.paragraphs() if not line.startswith("（五）")]
    status, told = imported("\n\n".join(lines), paper, capsys)
    assert (status, nothing_stored()) == (1, True)
    assert "正文没有第（五）条“推动企业全球化布局”，文件可能不完整。" in told


@pytest.mark.parametrize(
    ("cut_at", "says"),
    [
        ("（六）", "正文没有第（十）条"),
        ("（十）强化服务保障。这一句", "第（十）条没有责任单位，这一条可能被截断。"),
        ("本措施自", "正文没有读到实施日期和有效期"),
        ("起实施，有效期", "正文没有读到实施日期和有效期"),
        ("示例文本到此结束", "正文最后一段没有写完，文件可能不完整。"),
    ],
)
def test_a_text_cut_short_is_recognised(catalogue, paper, capsys, cut_at, says):
    text = policy_paper.clean_copy()
    end = text.index(cut_at) + (0 if cut_at in {"（六）", "本措施自"} else len(cut_at))
    status, told = imported(text[:end], paper, capsys)
    assert (status, nothing_stored()) == (1, True)
    assert says in told


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "文件是空的"),
        (b" \r\n\n ", "文件是空的"),
        (policy_paper.clean_copy().encode("gbk"), "GBK"),
        (policy_paper.clean_copy().encode("utf-16"), "UTF-16"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "二进制文件"),
        (b"PK\x03\x04\x14\x00\x06\x00", "二进制文件"),
        (bytes(range(256)), "二进制文件"),
        (b"\xff\xff\xfa\x80\xff", "文件不是 UTF-8 文本"),
        ("这是一篇别的文章。".encode(), "这不是《上海市加快科技服务业高质量发展的若干措施》"),
        ("根据沪府办规〔2024〕14号，现通知如下。".encode(), "文中提到它，但没有任何一条措施"),
        (b"a" * (2**20 + 1), "超过 1 MB"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(catalogue, paper, capsys, data, says):
    paper.write_bytes(data)
    status, told = run(paper, capsys)
    assert (status, nothing_stored()) == (2, True)
    assert says in told
    assert "\n" not in told


def test_a_utf8_file_with_a_mark_and_windows_line_ends_is_read(catalogue, paper, capsys):
    paper.write_bytes(policy_paper.as_extracted().replace("\n", "\r\n").encode("utf-8-sig"))
    assert run(paper, capsys)[0] == 0


def test_a_copy_list_after_the_last_paragraph_does_no_harm(catalogue, paper, capsys):
    status, _told = imported(policy_paper.clean_copy() + "\n抄送：示例单位\n", paper, capsys)
    assert status == 0


def test_a_missing_file_and_a_folder_are_refused(catalogue, tmp_path, capsys):
    status, told = run(tmp_path / "没有.txt", capsys)
    assert status == 2 and told.startswith("没有这个文件")
    status, told = run(tmp_path, capsys)
    assert status == 2 and "是文件夹" in told


@pytest.mark.django_db
def test_without_a_catalogue_it_says_what_to_do(paper, capsys):
    status, told = imported(policy_paper.clean_copy(), paper, capsys)
    assert (status, told) == (2, "目录还没有装入，请先执行 manage.py load_catalogue")


@pytest.mark.django_db(transaction=True)
def test_from_the_shell_the_exit_status_and_the_lines_are_right(paper):
    factories.loaded_catalogue()
    paper.write_text(policy_paper.as_extracted().replace("10%", "12%"), encoding="utf-8")
    differs = shell(paper)
    assert differs.returncode == 1
    assert "比例上限：正文为“12%”，目录为“10%”。" in differs.stdout
    assert "Traceback" not in differs.stderr
    paper.write_text(policy_paper.as_extracted(), encoding="utf-8")
    assert shell(paper).returncode == 0
    assert Measure.objects.exclude(full_text="").count() == 10
    missing = shell(paper.parent / "没有.txt")
    assert missing.returncode == 2
    assert "没有这个文件" in missing.stderr


def shell(path) -> subprocess.CompletedProcess:
    """The command as somebody types it, on the tests' database."""
    one = connection.settings_dict
    url = f"postgres://{one['USER']}:{one['PASSWORD']}@{one['HOST']}:{one['PORT']}/{one['NAME']}"
    return subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", "import_policy", path],
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
