"""The visible demo clock: forward only, refused where DEMO is off."""

from datetime import date

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.tasks import act_on_deadlines
from foundation.accounts.access import signed_in
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.clock import workflow as clock_workflow
from foundation.clock.workflow import ClockRefused
from foundation.workdays import workdays
from foundation.workdays.workdays import CalendarMissing


@signed_in
@require_POST
def move_clock(request):
    """Move the clock to the next working day, or to a date; then let the clock act at once."""
    try:
        if request.POST.get("to") == "date":
            day = date.fromisoformat(request.POST.get("date", ""))
            workdays.is_workday(day)
        else:
            day = workdays.next_workday(clock.today())
        clock_workflow.move_to(day, by=SYSTEM)
        act_on_deadlines()
        messages.success(request, _("现在是 %s") % f"{clock.local(clock.now()):%Y-%m-%d %H:%M}")
    except ValueError:
        messages.error(request, _("请选择日期"))
    except (ClockRefused, CalendarMissing) as refused:
        messages.error(request, str(refused))
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    return redirect(back)
