from datetime import datetime

import pytest

from foundation.clock import clock

# A Monday: the holidays of early October 2026, with their worked Saturdays, lie ahead.
MONDAY = datetime(2026, 9, 21, 10, tzinfo=clock.SHANGHAI)


@pytest.fixture(autouse=True)
def monday():
    """The tests of cases live on one day, whatever the real date."""
    with clock.at(MONDAY):
        yield MONDAY
