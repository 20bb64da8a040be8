"""The demo's data: made by the verbs, once, in every state that they reach, and whole."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from stdnum.cn import uscc

from applications.models import Application
from applications.states import VERBS, State
from enterprises.models import Enterprise
from foundation.clock import clock
from foundation.events import verification
from foundation.events.models import Event
from measures import verification as ledger
from payments.checks import ledger_against_cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    call_command("load_catalogue", "--with-calls", verbosity=0)


def load() -> str:
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def test_some_sixty_cases_stand_in_every_state_that_the_verbs_reach(demo):
    load()
    standing = Counter(Application.objects.values_list("state", flat=True))
    reached = {target for verb in VERBS.values() for targets in verb.leads.values() for target in targets}
    # The demo's fund reaches everybody: nobody has to wait for money.
    assert set(standing) == {str(state) for state in (reached | {State.DRAFT}) - {State.WAITLISTED}}
    assert sum(standing.values()) >= 60
    assert Enterprise.objects.count() == 201
    assert all(uscc.is_valid(code) for code in Enterprise.objects.values_list("uscc", flat=True))
    assert Event.objects.filter(at__gt=clock.now()).count() == 0
    verification.verify()
    assert list(ledger.verify({})) == []
    assert list(ledger_against_cases()) == []
    # A second start changes nothing.
    events = Event.objects.count()
    assert "未作改动" in load()
    assert Event.objects.count() == events


def test_production_has_no_demo_data(settings):
    settings.DEMO = False
    with pytest.raises(CommandError):
        load()
