"""One working copy for all cases: each case leaves it stopped."""

import pytest

from tests.local.working_copy import WorkingCopy, make_copy


@pytest.fixture(scope="session")
def shared_copy(tmp_path_factory):
    copy = make_copy(tmp_path_factory.mktemp("local"))
    yield copy
    copy.clear()


@pytest.fixture
def copy(shared_copy: WorkingCopy):
    yield shared_copy
    shared_copy.make("stop")
    for run in shared_copy.runs:
        if run.make.poll() is None:
            run.make.kill()
        run.make.wait()


@pytest.fixture
def running(copy: WorkingCopy):
    """The copy with everything up."""
    run = copy.run()
    run.wait_ready()
    return run
