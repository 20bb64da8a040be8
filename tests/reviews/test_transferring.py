"""移交: a case stays with its district until it is handed to another; its days begin anew, all sides are told."""

from datetime import timedelta

import pytest
from django.urls import reverse

from applications import access
from applications.models import Application, Step
from applications.verbs import Refused
from enterprises.record_workflow import record_relocation
from foundation.accounts.models import District
from foundation.clock import clock
from foundation.events import events
from foundation.workdays import workdays
from reviews import access as duties
from reviews import workflow
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of
from tests.portal.reading import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def pudong() -> District:
    return District.objects.get(pk=people.PUDONG)


def refused(verb, *args) -> Refused:
    with pytest.raises(Refused) as caught:
        verb(*args).one()
    return caught.value


def inbox(user) -> list[str]:
    return [events.render(one).subject for one in events.inbox(user)]


def test_the_enterprise_moves_the_case_stays_until_it_is_handed_on():
    case = cases.accepted()
    frozen = dict(case.identity)
    case.enterprise.refresh_from_db()
    with clock.at(clock.now() + timedelta(days=3)):
        record_relocation(
            case.enterprise,
            people.district_officer(),
            "moved_district",
            clock.today(),
            source="变更通知",
            to_district=pudong(),
        )
        case.refresh_from_db()
        assert (case.district_id, case.identity) == (people.XUHUI, frozen)
        moved = workflow.transfer_case(case, people.district_head(), pudong(), "企业已迁入浦东新区").one()
        assert (moved.state, moved.district, moved.office.district_id) == (
            case.state,
            pudong(),
            people.PUDONG,
        )
        assert moved.district_office == moved.office and moved.identity == frozen
        # The days of the step begin anew.
        assert moved.due_on == workdays.due(clock.today(), case.call_item.district_days)
        stays = list(Step.objects.filter(application=case, state=case.state).order_by("pk"))
        assert [stay.left_by_verb for stay in stays] == ["transfer_case", ""]
        assert stays[1].due_on == moved.due_on
        # Both districts and the enterprise are told; the new one acts, the old one doesn't see it any more.
        for person in (people.district_officer(), people.district_officer(people.PUDONG), case.submitted_by):
            assert any("移交" in subject for subject in inbox(person)), person
        assert not access.on_desk(people.district_officer()).filter(pk=case.pk).exists()
        done = workflow.recommend(moved, people.district_officer(people.PUDONG), "for", "建议推荐").one()
        assert done.state == "district_endorsement"


def test_what_cannot_be_handed_on_is_refused_with_the_reason():
    case = cases.accepted()
    head = people.district_head()
    assert refused(workflow.transfer_case, case, head, case.district, "理由").fields.keys() == {"district"}
    with pytest.raises(Refused, match="请写明移交的理由"):
        workflow.transfer_case(case, head, pudong(), " ")
    # Nothing of what somebody wrote is cut off.
    with pytest.raises(Refused, match="不能超过 300 个字"):
        workflow.transfer_case(case, head, pudong(), "长" * 301)
    for person in (people.district_officer(), people.district_head(people.PUDONG), people.municipal_head()):
        assert refused(workflow.transfer_case, case, person, pudong(), "理由").code == "forbidden"
    # One that no district handles: received by the commission.
    direct = cases.submitted(cases.open_call_item("03-10"))
    commission = people.municipal_officer()
    assert refused(workflow.transfer_case, direct, commission, pudong(), "理由").code == "state"
    assert "transfer_case" not in duties.verbs(commission, direct)
    assert "transfer_case" in duties.verbs(commission, Application.objects.get(pk=case.pk))


def test_the_head_hands_it_on_from_the_cases_page(client):
    case = cases.submitted()
    client.force_login(people.district_head())
    assert "移交其他区" in text_of(client.get(reverse("desk:case", args=[case.pk])))
    address = reverse("desk:transfer_case", args=[case.pk])
    missing = client.post(address, {"transfer-case-version": case.version})
    assert missing.status_code == 422 and "请写明移交的理由" in text_of(missing)
    given = {
        "transfer-case-version": case.version,
        "transfer-case-district": people.PUDONG,
        "transfer-case-reason": "企业已迁入浦东新区",
    }
    assert client.post(address, given).status_code == 302
    client.force_login(people.district_officer(people.PUDONG))
    told = text_of(client.get(reverse("desk:case", args=[case.pk])))
    assert "移交其他区" in told and "企业已迁入浦东新区" in told
    client.force_login(owner_of(case.enterprise))
    assert "移交其他区" in text_of(client.get(reverse("case", args=[case.pk])))
