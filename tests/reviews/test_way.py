"""Every state is reached by the verbs that lead there."""

import pytest

from applications.states import State
from tests.applications import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("submitted", State.SUBMITTED),
        ("awaiting_correction", State.AWAITING_CORRECTION),
        ("resubmitted", State.SUBMITTED),
        ("accepted", State.DISTRICT_REVIEW),
        ("recommended", State.DISTRICT_ENDORSEMENT),
        ("endorsed", State.MUNICIPAL_REVIEW),
        ("decline_notified", State.DECLINE_NOTIFIED),
        ("declined", State.DECLINED),
        ("proposed", State.PROPOSED),
        ("signed_off", State.SIGNED_OFF),
        ("published", State.PUBLIC_NOTICE),
        ("approved", State.APPROVED),
        ("paid", State.PAID),
        ("withdrawn", State.WITHDRAWN),
        ("lapsed", State.LAPSED),
        ("referred", State.REFERRED),
        ("concluded", State.CONCLUDED),
    ],
)
def test_the_verbs_lead_to(name, state):
    assert getattr(factories, name)().state == state
