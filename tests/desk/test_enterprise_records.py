"""The district enters what it knows on the enterprise's page."""

import pytest
from django.urls import reverse

from foundation.clock import clock
from foundation.files.models import Document
from tests.accounts import factories as people
from tests.enterprises.factories import pdf, verified_enterprise
from tests.files.factories import upload
from tests.measures.factories import loaded_catalogue

pytestmark = pytest.mark.django_db


def page(enterprise, verb=""):
    return reverse(f"desk:enterprise_{verb}" if verb else "desk:enterprise", args=[enterprise.pk])


@pytest.fixture
def enterprise():
    loaded_catalogue()
    return verified_enterprise()


def sent(client, enterprise, verb, **values):
    data = {f"{verb}-{name}": value for name, value in values.items()}
    return client.post(page(enterprise, verb), data | {f"{verb}-version": enterprise.version})


def test_a_move_out_stands_on_the_page_and_a_move_away_leads_to_the_list(client, enterprise):
    client.force_login(people.district_officer())
    today = clock.today().isoformat()
    wrong = sent(client, enterprise, "relocation", kind="moved_out", effective_on=today, source="通知")
    assert wrong.status_code == 422
    assert "请填写迁往何地" in wrong.content.decode()
    values = {"kind": "moved_out", "effective_on": today, "source": "通知", "place": "江苏省苏州市"}
    answer = sent(client, enterprise, "relocation", **values)
    assert answer.url == page(enterprise)
    assert "徐汇区 → 江苏省苏州市" in client.get(page(enterprise)).content.decode()
    assert sent(client, enterprise, "relocation", **values).status_code == 409
    enterprise.refresh_from_db()
    values |= {"kind": "moved_district", "to_district": people.PUDONG}
    assert sent(client, enterprise, "relocation", **values).url == reverse("desk:enterprises")
    assert client.get(page(enterprise)).status_code == 404


def test_inclusion_credit_and_qualification_are_entered_on_the_page(client, enterprise):
    client.force_login(people.district_head())
    for verb, values in (
        ("inclusion", {"first_period": "2025-03-09", "industry": "m7320", "science_class": "1"}),
        ("credit_check", {"as_of": "2025-03-09", "clean_since": "2020-01-01"}),
        ("qualification", {"kind": "high_tech", "valid_from": "2025-01-01", "number": "GR1"}),
    ):
        assert sent(client, enterprise, verb, **values).status_code == 422, verb
        assert sent(client, enterprise, verb, source="区统计局名录", **values).status_code == 302, verb
    shown = client.get(page(enterprise)).content.decode()
    assert "M7320" in shown
    assert "科学研究与试验发展服务" in shown
    assert enterprise.qualifications.get().number == "GR1"


def test_a_move_carries_its_notice_and_refuses_what_is_none(client, enterprise):
    client.force_login(people.district_officer())
    values = {
        "kind": "moved_out",
        "effective_on": clock.today().isoformat(),
        "source": "变更通知",
        "place": "江苏省苏州市",
    }
    wrong = sent(client, enterprise, "relocation", **values, document=upload(b"MZ program"))
    assert wrong.status_code == 422
    assert wrong.context["change_acts"][0]["form"].errors["document"]
    assert not enterprise.changes.exists()
    assert not Document.objects.filter(name__startswith="变更通知").exists()
    sent(client, enterprise, "relocation", **values, document=pdf("变更通知.pdf"))
    change = enterprise.changes.get()
    assert change.document.name == "变更通知.pdf"
    assert "变更通知.pdf" in client.get(page(enterprise)).content.decode()
    address = reverse("desk:enterprise_change_document", args=[enterprise.pk, change.pk])
    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    # Another enterprise's page doesn't serve it, and another district doesn't see it.
    other = verified_enterprise(name="别家有限公司")
    assert (
        client.get(reverse("desk:enterprise_change_document", args=[other.pk, change.pk])).status_code == 404
    )
    client.force_login(people.district_officer(people.PUDONG))
    assert client.get(address).status_code == 404


def test_only_the_own_district_is_offered_the_forms(client, enterprise):
    client.force_login(people.municipal_officer())
    assert "登记迁移" not in client.get(page(enterprise)).content.decode()
    client.force_login(people.district_officer())
    assert "登记迁移" in client.get(page(enterprise)).content.decode()
