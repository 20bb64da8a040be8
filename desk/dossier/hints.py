"""What an officer should look at before they decide; it never decides for them."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from applications import access
from applications.models import Application, ApplicationDocument
from applications.states import ENDED, NEVER_SUBMITTED
from desk.dossier.papers import Papers
from foundation.display.dates import day


@dataclass(frozen=True)
class Hint:
    text: str
    url: str = ""
    url_label: str = ""


def read(case: Application, papers: Papers, user) -> list[Hint]:
    """Hints from what this person may see; two queries."""
    return [
        *_at_counter(case),
        *_about_enterprise(case, papers),
        *_same_documents(case, papers, user),
        *_other_cases(case, user),
    ]


def _at_counter(case: Application):
    if case.filed_by_id is not None:
        paper = case.counter_filing
        yield Hint(
            _("由%(office)s于 %(day)s在窗口代填；来办人%(who)s，核对了%(shown)s")
            % {
                "office": paper.office,
                "day": day(paper.at),
                "who": masked_name(paper.requester),
                "shown": paper.identity_shown,
            },
            reverse("desk:counter_scan", args=[case.pk]),
            _("查看书面申请"),
        )


def masked_name(name: str) -> str:
    """王*国, as screens show somebody's name."""
    return name[:1] + "*" * max(len(name) - 2, 1) + (name[-1:] if len(name) > 2 else "")


def _about_enterprise(case: Application, papers: Papers):
    if case.enterprise.state in {"suspended", "closed"}:
        yield Hint(
            _("企业账户%(state)s：%(reason)s")
            % {"state": case.enterprise.get_state_display(), "reason": case.enterprise.state_reason}
        )
    if case.enterprise.district_id != case.district_id:
        yield Hint(_("企业注册区已变为%s，与提交时不同") % case.enterprise.district.name)
    if case.enterprise.name != papers.shown.identity.get("name"):
        yield Hint(_("企业名称已变更为“%s”") % case.enterprise.name)


def _same_documents(case: Application, papers: Papers, user):
    """The same bytes in another submitted case: a copied report, or one invoice used twice."""
    mine = {paper.sha256: paper.label for paper in papers.documents if paper.slot and paper.slot != "licence"}
    twins = (
        ApplicationDocument.objects.filter(
            document__sha256__in=mine,
            removed_at=None,
            application__in=access.on_desk(user).exclude(pk=case.pk),
        )
        .select_related("application", "document")
        .order_by("pk")[:5]
    )
    for twin in twins:
        yield Hint(
            _("“%(label)s”与 %(number)s 的材料完全相同")
            % {"label": mine[twin.document.sha256], "number": twin.application.number},
            reverse("desk:case", args=[twin.application_id]),
            _("对照查看"),
        )


def _other_cases(case: Application, user):
    others = (
        access.on_desk(user)
        .filter(enterprise=case.enterprise_id)
        .exclude(pk=case.pk)
        .exclude(state__in=ENDED | NEVER_SUBMITTED)
        .select_related("call_item__item")
        .order_by("-pk")[:5]
    )
    for other in others:
        yield Hint(
            _("该企业另有 %(item)s %(number)s（%(state)s）")
            % {
                "item": other.call_item.item.name,
                "number": other.number,
                "state": other.get_state_display(),
            },
            reverse("desk:case", args=[other.pk]),
            _("查看"),
        )
