"""Saying for whom one acts, and what became of it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enterprises.models import Claim, Enterprise
from tests.accounts import factories as people
from tests.enterprises import factories as enterprises
from tests.plugins.shipped import load_catalogue
from tests.portal.reading import error_beside, heading_of, text_of, value_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue():
    load_catalogue(with_calls=False)


def typed(**changes) -> dict:
    return {
        "uscc": enterprises.uscc(),
        "name": "示例检测技术有限公司",
        "district": people.XUHUI,
        "letter": enterprises.pdf(),
    } | changes


def test_a_code_in_full_width_and_lower_case_is_taken_as_it_is_meant(signed_in):
    code = enterprises.uscc()
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code[:6].lower()) + " " + code[6:].lower()
    page = signed_in(people.user()).post(reverse("claim"), typed(uscc=wide), follow=True)
    assert Claim.objects.get().enterprise.uscc == code
    assert heading_of(page) == "有 1 项登记等待核验"
    assert "由徐汇区核验" in text_of(page)


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"uscc": ""}, "uscc", "请填写营业执照上的 18 位代码"),
        ({"uscc": "9131"}, "uscc", "应为 18 位，现在是 4 位"),
        ({"uscc": "913101040000000000"}, "uscc", "校验位不对"),
        ({"name": "甲"}, "name", "请填写营业执照上的企业全称"),
        ({"district": ""}, "district", "请选择注册所在的区"),
        (
            {"letter": SimpleUploadedFile("委托书.pdf", b"MZ\x90\x00 not a letter at all")},
            "letter",
            "这里只接受",
        ),
    ],
)
def test_what_is_wrong_stands_beside_its_field(signed_in, changes, field, told):
    page = signed_in(people.user()).post(reverse("claim"), typed(**changes))
    assert page.status_code == 422
    assert told in error_beside(page, field)
    assert not Claim.objects.exists()


def test_the_same_code_cannot_be_claimed_twice(signed_in):
    claim = enterprises.pending_claim()
    page = signed_in(claim.user).post(reverse("claim"), typed(uscc=claim.enterprise.uscc))
    assert "您已登记过这个代码" in error_beside(page, "uscc")


def test_a_letter_may_follow_and_be_opened_by_its_owner_alone(signed_in):
    claim = enterprises.pending_claim(letter=False)
    browser = signed_in(claim.user)
    assert "请上传授权委托书，否则无法核验" in text_of(browser.get(reverse("claims")))
    url = reverse("claim_letter", args=[claim.pk])
    page = browser.post(url, {f"claim{claim.pk}-letter": enterprises.pdf()}, follow=True)
    assert "授权委托书已上传" in text_of(page)
    file = reverse("claim_letter_file", args=[claim.pk])
    assert b"%PDF" in b"".join(browser.get(file).streaming_content)
    stranger = signed_in(people.user())
    assert stranger.get(file).status_code == 404
    assert stranger.post(url, {}).status_code == 404


def test_a_wrong_letter_is_refused_beside_its_field(signed_in):
    claim = enterprises.pending_claim(letter=False)
    name = f"claim{claim.pk}-letter"
    browser = signed_in(claim.user)
    url = reverse("claim_letter", args=[claim.pk])
    empty = browser.post(url, {})
    assert (empty.status_code, error_beside(empty, name)) == (422, "请选择文件")
    wrong = browser.post(url, {name: SimpleUploadedFile("a.pdf", b"%PDF-1.4 cut off")})
    assert "不完整" in error_beside(wrong, name)


def test_a_letter_for_a_decided_claim_comes_too_late(signed_in):
    claim = enterprises.verified_claim()
    url = reverse("claim_letter", args=[claim.pk])
    page = signed_in(claim.user).post(url, {f"claim{claim.pk}-letter": enterprises.pdf()})
    assert page.status_code == 409
    assert "现在不能更换授权委托书" in text_of(page)


def test_a_rejection_says_why_and_one_may_claim_anew_with_ones_own_words(signed_in):
    claim = enterprises.rejected_claim(reason="授权书上没有公章")
    browser = signed_in(claim.user)
    page = browser.get(reverse("claims"))
    assert heading_of(page) == "登记没有通过，可以改正后重新登记"
    assert "理由：授权书上没有公章" in text_of(page)
    again = browser.get(reverse("claim"), {"again": claim.pk})
    assert value_of(again, "uscc") == claim.enterprise.uscc
    assert value_of(again, "name") == claim.declared_name
    browser.post(reverse("claim"), typed(uscc=claim.enterprise.uscc))
    assert Claim.objects.filter(user=claim.user, state="pending").count() == 1


def test_somebody_elses_rejected_claim_is_not_prefilled(signed_in):
    claim = enterprises.rejected_claim()
    page = signed_in(people.user()).get(reverse("claim"), {"again": claim.pk})
    assert claim.enterprise.uscc not in text_of(page) + page.content.decode()


def test_an_officer_does_not_claim(signed_in):
    assert signed_in(people.district_officer()).get(reverse("claim")).status_code == 403


def test_whoever_is_not_signed_in_is_asked_to(client):
    assert client.get(reverse("claim"))["Location"].startswith(reverse("account_login"))


def test_claiming_a_registered_code_shows_and_changes_nothing_of_the_register(signed_in):
    enterprise = enterprises.registered_enterprise(name="登记名称有限公司")
    page = signed_in(people.user()).post(
        reverse("claim"), typed(uscc=enterprise.uscc, name="我填的有限公司"), follow=True
    )
    assert "登记名称" not in text_of(page)
    assert Enterprise.objects.get(pk=enterprise.pk).name == "登记名称有限公司"
