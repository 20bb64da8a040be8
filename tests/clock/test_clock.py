import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from celery.signals import task_prerun
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone

from foundation.accounts.access import public
from foundation.clock import clock, workflow
from foundation.clock.models import DemoClock


@public
def show(request):
    return HttpResponse(clock.now().isoformat())


urlpatterns = [path("now/", show)]


class Visitor:
    actor_label = "企业用户"


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    clock.forget_offset()
    yield
    clock.forget_offset()


def test_without_anything_the_clock_tells_the_real_time():
    before = timezone.now()
    assert before <= clock.now() <= timezone.now()


def test_a_date_stands_for_nine_in_shanghai():
    with clock.at(date(2026, 7, 1)) as moment:
        assert clock.now() == moment == datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
        assert clock.today() == date(2026, 7, 1)


def test_the_date_is_shanghais_not_utcs():
    with clock.at(datetime(2026, 7, 1, 16, 30, tzinfo=UTC)):
        assert clock.today() == date(2026, 7, 2)
        assert clock.shanghai(clock.now()).hour == 0
        assert clock.local(clock.now()).day == 2


def test_frozen_moments_nest_and_end_even_after_an_error():
    with clock.at(date(2026, 7, 1)):
        with pytest.raises(ZeroDivisionError), clock.at(date(2025, 1, 1)):
            assert clock.today() == date(2025, 1, 1)
            raise ZeroDivisionError
        assert clock.today() == date(2026, 7, 1)
    assert abs(clock.now() - timezone.now()) < timedelta(seconds=5)


def test_another_thread_does_not_see_a_frozen_moment():
    seen = []
    with clock.at(date(2024, 1, 1)):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert abs(seen[0] - timezone.now()) < timedelta(seconds=5)


def test_a_naive_moment_is_refused():
    naive = datetime(2026, 7, 1, 9, 0)  # noqa: DTZ001
    with pytest.raises(ValueError), clock.at(naive):
        pass
    with pytest.raises(ValueError):
        clock.shanghai(naive)


@pytest.mark.django_db
def test_outside_of_the_demo_nobody_moves_the_clock():
    with pytest.raises(workflow.ClockRefused, match="演示环境"):
        workflow.advance(1, by=Visitor())
    with pytest.raises(workflow.ClockRefused, match="演示环境"):
        workflow.move_to(date(2030, 1, 1), by=Visitor())
    assert not DemoClock.objects.exists()


@pytest.mark.django_db
def test_outside_of_the_demo_a_moved_clock_counts_for_nothing():
    DemoClock.objects.create(offset_seconds=86400 * 30, moved_at=timezone.now(), moved_by="演示")
    clock.forget_offset()
    assert abs(clock.now() - timezone.now()) < timedelta(seconds=5)


@pytest.mark.django_db
def test_the_demo_clock_moves_forward_by_days_and_to_a_date(demo):
    now = workflow.advance(3, by=Visitor())
    assert abs(now - timezone.now() - timedelta(days=3)) < timedelta(seconds=5)
    assert abs(clock.now() - now) < timedelta(seconds=5)

    target = clock.today() + timedelta(days=10)
    workflow.move_to(target, by=Visitor())
    assert clock.today() == target
    assert clock.shanghai(clock.now()).hour == 9
    assert DemoClock.objects.get().moved_by == "企业用户"


@pytest.mark.django_db
def test_the_demo_clock_never_moves_backward(demo):
    workflow.advance(5, by=Visitor())
    for refused in (
        lambda: workflow.move_to(timezone.now(), by=Visitor()),
        lambda: workflow.advance(0, by=Visitor()),
    ):
        with pytest.raises(workflow.ClockRefused, match="向前"):
            refused()
    assert clock.now() > timezone.now() + timedelta(days=4)


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_the_demo_clock_is_read_once_and_anew_with_each_request(demo, client, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert clock.now() and clock.today() and clock.now()
    DemoClock.objects.create(offset_seconds=86400, moved_at=timezone.now(), moved_by="另一进程")
    assert clock.now() < timezone.now() + timedelta(hours=1)
    shown = datetime.fromisoformat(client.get("/now/").content.decode())
    assert shown > timezone.now() + timedelta(hours=23)


@pytest.mark.django_db
def test_the_demo_clock_is_read_anew_with_each_task(demo):
    assert clock.now() < timezone.now() + timedelta(hours=1)
    DemoClock.objects.create(offset_seconds=86400, moved_at=timezone.now(), moved_by="另一进程")
    task_prerun.send(sender=None)
    assert clock.now() > timezone.now() + timedelta(hours=23)


@pytest.mark.django_db
def test_a_frozen_moment_beats_the_demo_clock(demo):
    workflow.advance(5, by=Visitor())
    with clock.at(date(2024, 3, 1)):
        assert clock.today() == date(2024, 3, 1)


@pytest.mark.django_db
def test_the_database_holds_one_demo_clock_that_is_never_behind():
    with pytest.raises(IntegrityError), transaction.atomic():
        DemoClock.objects.create(id=2, moved_at=timezone.now(), moved_by="")
    with pytest.raises(IntegrityError), transaction.atomic():
        DemoClock.objects.create(offset_seconds=-1, moved_at=timezone.now(), moved_by="")
