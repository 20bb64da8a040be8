"""The import as a job: a dry run, and then, confirmed by a person, the same file for good."""

import tempfile
from dataclasses import asdict
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.imports import workflow
from enterprises.imports.columns import ENTERPRISES, FIGURES
from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.files import files
from foundation.jobs import kinds
from foundation.jobs import workflow as jobs
from foundation.jobs.kinds import JobFailed, Kind, Result
from foundation.jobs.models import Job

KIND = "import_enterprises"
# What may be handed in, and what comes back, in bytes.
MOST = 100 * 2**20


class NotConfirmed(Exception):
    """Why a dry run can't be confirmed, in Chinese."""


def try_out(register, figures, by) -> Job:
    """Take the uploaded files and ask for a dry run. Raises files.RefusedFile, NotAllowed."""
    if not may(by):
        raise NotAllowed
    with transaction.atomic():
        first = files.store(register, by, accept=(files.XLSX, files.CSV), max_bytes=MOST)
        second = None
        if figures:
            second = files.store(figures, by, accept=(files.XLSX, files.CSV), max_bytes=MOST)
        return jobs.request(KIND, by, input=first, second_input=second, commit=False)


def confirm(job_id: int, by) -> Job:
    """Ask for the import of what a dry run has tried; once for each dry run. NotConfirmed, NotAllowed."""
    if not may(by):
        raise NotAllowed
    with transaction.atomic():
        tried = Job.objects.select_for_update(of=("self",), no_key=True).filter(pk=job_id, kind=KIND).first()
        if tried is None or tried.state != Job.State.DONE or tried.parameters["commit"]:
            raise NotConfirmed(_("只能确认已完成的试运行"))
        if commit_of(tried):
            raise NotConfirmed(_("这次试运行已经确认导入"))
        return jobs.request(
            KIND, by, input=tried.input, second_input=tried.second_input, commit=True, tried=tried.pk
        )


def commit_of(tried: Job) -> Job | None:
    """The job that imports what this dry run has tried; one that failed may be asked for again."""
    found = Job.objects.filter(kind=KIND, parameters__tried=tried.pk).exclude(state=Job.State.FAILED)
    return found.order_by("pk").first()


def may(user) -> bool:
    return user.may(Permission.CONFIGURE)


def run(job: Job, progress) -> Result:
    second = job.second_input
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        bad = Path(folder) / "bad.xlsx"
        try:
            outcome = workflow.import_enterprises(
                files.path(job.input),
                files.path(second) if second else None,
                by=job.created_by,
                commit=job.parameters["commit"],
                bad=bad,
                progress=progress,
                names=(job.input.name, second.name if second else ""),
            )
        except workflow.UnusableFile as reason:
            raise JobFailed(str(reason)) from reason
        except NotAllowed as reason:
            raise JobFailed(str(reason.message)) from reason
        document = None
        if bad.exists():
            with bad.open("rb") as content:
                name = _("不合格的行-%s") % Path(job.input.name).stem
                document = files.store(
                    File(content, name=f"{name}.xlsx"), job.created_by, accept=(files.XLSX,), max_bytes=MOST
                )
    return Result(
        {
            "counts": outcome.counts(),
            "writes": outcome.writes,
            "bad_rows": outcome.bad_rows,
            "problems": [asdict(problem) for problem in outcome.problems],
            "run": outcome.run.pk if outcome.run else None,
        },
        document,
    )


def _context(job: Job, user) -> dict:
    commit_job = commit_of(job) if not job.parameters["commit"] else None
    open_ = not job.parameters["commit"] and not commit_job and job.outcome["writes"] and may(user)
    counts = job.outcome["counts"]
    return {
        "tables": [(ENTERPRISES.title, counts["enterprises"]), (FIGURES.title, counts["figures"])],
        "commit_job": commit_job,
        "commit_url": reverse("admin:enterprises_import_commit", args=[job.pk]) if open_ else None,
    }


def register() -> None:
    kinds.register(
        Kind(
            name=KIND,
            label=gettext_lazy("导入企业"),
            run=run,
            may=may,
            template="admin/enterprises/import_outcome.html",
            context=_context,
        )
    )
