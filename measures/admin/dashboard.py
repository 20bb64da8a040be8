"""等您办理: what waits in the admin for the person who opens it."""

from datetime import timedelta

from django.db.models import Max, Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from enterprises.models import ImportRun
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.display import dates
from foundation.jobs import kinds
from foundation.jobs.models import Job
from foundation.workdays.models import Workday
from measures.models import Call, RuleVersion

# Days before which an opening or a closing is "soon", and before whose end the calendar needs a new year.
SOON = timedelta(days=30)
CALENDAR_AHEAD = timedelta(days=120)


def waiting(request: HttpRequest, context: dict) -> dict:
    """The dashboard's context: rules, calls, the last import, jobs, the calendar; six queries."""
    shown = {
        "rules": _rules(request.user),
        "calls": _calls(clock.now()),
        "import_run": ImportRun.objects.select_related("by").order_by("-at", "-pk").first(),
        "import_url": reverse("admin:enterprises_importrun_changelist"),
        "jobs": _jobs(request.user),
        "calendar": _calendar(),
        "calendar_url": reverse("admin:workdays_workday_changelist"),
        "soon_days": SOON.days,
    }
    # Rendered apart: the frame around it is unfold's.
    content = render_to_string("admin/measures/waiting.html", shown, request)
    return context | {"title": _("等您办理"), "content": content}


def _rules(user) -> list[dict]:
    """Versions that are not approved yet; `mine`: written by this person, so that another must approve."""
    drafts = (
        RuleVersion.objects.filter(approved_at=None)
        .select_related("call_item__item", "call_item__call", "written_by")
        .order_by("created_at", "pk")
    )
    return [
        {
            "rule": rule,
            "url": reverse("admin:measures_ruleversion_change", args=[rule.pk]),
            "mine": rule.written_by_id == user.pk,
            "may": rule.written_by_id != user.pk and user.may(Permission.APPROVE_RULE),
        }
        for rule in drafts
    ]


def _calls(now) -> list[dict]:
    """Calls in preparation, and published ones that open or close soon, the next moment first."""
    soon = now + SOON
    found = Call.objects.filter(
        Q(state=Call.State.DRAFT)
        | Q(state=Call.State.PUBLISHED, opens_at__gt=now, opens_at__lte=soon)
        | Q(state=Call.State.PUBLISHED, closes_at__gt=now, closes_at__lte=soon)
    ).select_related("office")
    rows = []
    for call in found.order_by("opens_at", "pk"):
        draft = call.state == Call.State.DRAFT
        opens = call.opens_at > now
        moment = call.opens_at if draft or opens else call.closes_at
        rows.append(
            {
                "call": call,
                "url": reverse("admin:measures_call_change", args=[call.pk]),
                "draft": draft,
                "late": draft and not opens,
                "opens": opens,
                "moment": dates.moment(moment) if draft or opens else dates.end(moment),
                "days": (clock.local(moment).date() - clock.today()).days,
                "sort": moment,
            }
        )
    return sorted(rows, key=lambda row: (not row["draft"], row["sort"]))


def _jobs(user) -> list[dict]:
    """This person's kinds of jobs that run or wait now."""
    rows = Job.objects.filter(
        kind__in=kinds.those_of(user), state__in=[Job.State.WAITING, Job.State.RUNNING]
    ).order_by("-pk")[:5]
    return [{"job": job, "url": reverse("admin:jobs_job_change", args=[job.pk])} for job in rows]


def _calendar() -> dict:
    """To which day the calendar of workdays reaches: beyond it no due date can be computed."""
    last = Workday.objects.aggregate(last=Max("day"))["last"]
    return {"last": last, "short": last is None or last - clock.today() < CALENDAR_AHEAD}
