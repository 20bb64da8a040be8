"""Every one of the 74 entries has a page with what it is, who decides, what to prepare, and a next step."""

import re

import pytest
from django.urls import reverse

from measures.models import Guidance, Item
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.plugins.shipped import load_catalogue
from tests.portal.reading import heading_of, text_of

pytestmark = pytest.mark.django_db


def test_every_page_says_what_it_is_who_decides_what_to_prepare_and_what_to_do_next(client):
    load_catalogue(with_calls=True)
    items = list(Item.objects.select_related("lead_unit"))
    assert len(items) == 74
    for item in items:
        page = client.get(reverse("item", args=[item.code]))
        assert page.status_code == 200, item
        text = text_of(page)
        for told in (item.name, item.summary, "由谁决定", "准备什么", "牵头单位"):
            assert told in text, (item, told)
        assert page.content.decode().count("next-step") == 1, item
        if item.kind == Item.Kind.TAX:
            assert "由税务机关按规定决定，本系统只作指引，不受理申请" in text, item
            assert "提出办理请求" not in text, item
        if item.treatment == Item.Treatment.ACTION:
            assert "还没有登记行动" in text, item


def test_each_of_the_51_is_a_call_a_referral_or_guidance_and_tax_is_guidance_alone():
    load_catalogue(with_calls=False)
    ours = Item.objects.for_enterprises()
    told = dict(ours.values_list("code", "treatment"))
    assert len(told) == 51 and set(told.values()) == {"call", "referral", "guidance"}
    assert {c for c, t in told.items() if t == "call"} == {
        "03-10",
        "03-11",
        "08-01",
        "08-02",
        "09-03",
        "09-04",
    }
    tax = set(ours.filter(kind=Item.Kind.TAX).values_list("code", flat=True))
    assert {c for c, t in told.items() if t == "guidance"} == tax and len(tax) == 6
    others = Item.objects.exclude(acts="enterprise")
    assert not others.filter(acts__in=["government", "institution", "person"]).exclude(treatment="action")
    assert not others.filter(acts__in=["guidance", "none"]).exclude(treatment="guidance")
    # No line without a ground; what other rules say is named; who decides and what to prepare are written for each.
    for part in ("decides", "prepare"):
        assert Item.objects.filter(guidance__part=part).distinct().count() == 74
    assert not Guidance.objects.filter(basis="other", source="")


def test_what_is_assumed_or_unwritten_is_marked_as_such(client):
    load_catalogue(with_calls=False)
    body = client.get(reverse("item", args=["01-01"])).content.decode()
    marked = re.findall(r'<li>([^<]*) <span class="source open">([^<]*)</span>', body)
    assert ("主管部门推定为市发展改革委。", "推定") in marked
    assert any(ground == "公开文本未写明" for _text, ground in marked)
    assert '<span class="source">第（一）条</span>' in body
    tax = text_of(client.get(reverse("item", args=["09-06"])))
    assert "《企业所得税法》第三十条" in tax


def test_the_next_step_of_a_referral_depends_on_the_visitor(client):
    load_catalogue(with_calls=False)
    item = reverse("item", args=["08-03"])
    assert "登录后提出" in text_of(client.get(item))
    claim = enterprises.pending_claim()
    client.force_login(claim.user)
    assert "企业身份核验通过后" in text_of(client.get(item))
    assert client.get(reverse("item_ask", args=["08-03"])).url == item
    client.force_login(people.municipal_officer())
    assert "办理请求由企业账号提出" in text_of(client.get(item))
    enterprise = enterprises.verified_enterprise()
    client.force_login(enterprises.owner_of(enterprise))
    assert "向市科委提出办理请求" in text_of(client.get(item))
    assert "可提出办理请求" in text_of(client.get(reverse("home")))
    assert client.get(reverse("item_ask", args=["09-06"])).url == reverse("item", args=["09-06"])
    assert client.get(reverse("item_ask", args=["99-99"])).status_code == 404


def test_entries_are_found_by_words_of_their_guidance_their_units_and_their_treatment(client):
    cases.open_call_item()
    address = reverse("catalogue")
    page = client.get(address, {"q": "环评"})
    assert heading_of(page) == "找到 1 个事项" and "中试基地" in text_of(page)
    assert "版权" in text_of(client.get(address, {"q": "05-05"}))
    units = text_of(client.get(address, {"q": "市委金融办 融资"}))
    assert "浦江之光" in units and "中试基地" not in units
    assert heading_of(client.get(address, {"treatment": "referral"})) == "找到 39 个事项"
    nothing = client.get(address, {"q": "没有这样的词"})
    assert heading_of(nothing) == "找到 0 个事项" and "换一个词" in text_of(nothing)
    assert "10 条措施" in heading_of(client.get(address, {"q": " "}))
    assert client.get(address, {"treatment": "x"}).status_code == 200
