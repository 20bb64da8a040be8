"""A job's page: how far it is, and what came of it. It can be left; who asked is told when it ends."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.jobs import access, kinds
from foundation.jobs.models import Job

# Seconds after which the page of an unfinished job loads itself again (a header does it, no script).
RELOAD = 2
TONES = {"waiting": "neutral", "running": "brand", "done": "ok", "failed": "stop"}


@officers(*P)
@require_safe
def job(request, pk: int):
    found = access.desk_job(request.user, pk)
    kind = kinds.get(found.kind)
    done = found.state == Job.State.DONE
    context = {
        "job": found,
        "tone": TONES[found.state],
        "outcome_template": kind.template if done else None,
        **(kind.context(found, request.user) if done else {}),
    }
    response = render(request, "desk/job.html", context)
    if not found.is_over:
        response["Refresh"] = str(RELOAD)
    return response
