"""What is issued about a case: the application as it was submitted, and the acceptance slip 受理通知书."""

from datetime import date
from decimal import Decimal

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import access
from applications.models import Application, Step, Submission
from applications.states import State
from applications.verbs import Refused
from foundation.clock import clock
from foundation.display import money
from foundation.documents import documents, texts
from foundation.documents.models import IssuedDocument
from foundation.events import events

APPLICATION, ACCEPTANCE = "application", "acceptance"

_IDENTITY = {
    "name": gettext_lazy("企业名称"),
    "uscc": gettext_lazy("统一社会信用代码"),
    "district": gettext_lazy("注册区"),
    "legal_form": gettext_lazy("组织形式"),
    "industry": gettext_lazy("登记行业"),
}


def issue_application(submission: Submission, by) -> IssuedDocument:
    """One round of submission, word for word: answers, declared amounts in 大写, documents with their hashes."""
    case = submission.application
    _refuse_others(case, by)
    item = case.call_item.item
    return documents.issue(
        APPLICATION,
        case,
        by,
        title=_("申报书"),
        number=case.number,
        dated=submission.submitted_at,
        part=str(submission.round),
        facts={
            "round": submission.round,
            "head": [
                [_("申请编号"), case.number],
                [_("事项"), item.name, _("沪府办规〔2024〕14号 %s") % item.clause],
                [_("申报通知"), case.call_item.call.title],
                [_("提交时间"), texts.moment(submission.submitted_at)],
                [_("提交人"), submission.submitted_by.actor_label],
                [_("申报表"), _("第 %d 版") % submission.form.number],
                *_counter(case),
            ],
            "identity": [
                [str(label), submission.identity[key]]
                for key, label in _IDENTITY.items()
                if submission.identity.get(key)
            ],
            "sections": _sections(submission),
            "papers": _papers(submission),
        },
    )


def issue_acceptance(case: Application, by) -> IssuedDocument:
    """受理通知书 of the last acceptance, as it was told then; refused where the case was not accepted."""
    _refuse_others(case, by)
    told = events.timeline(case).filter(verb="accept").last()
    if case.accepted_at is None or told is None:
        raise Refused("state", _("该申请尚未受理，不能出具受理通知书"))
    stays = case.steps.select_related("office").order_by("pk")
    received = stays.filter(left_by_verb="accept", left_at=case.accepted_at).last()
    went = stays.filter(entered_at=case.accepted_at).last()
    due = told.facts.get("due_on")
    return documents.issue(
        ACCEPTANCE,
        case,
        by,
        title=_("受理通知书"),
        number=case.number,
        dated=case.accepted_at,
        facts={
            "enterprise": case.identity["name"],
            "item": case.call_item.item.name,
            "facts": [
                [_("申请编号"), case.number],
                *([[_("项目名称"), case.title]] if case.title else []),
                *_counter(case),
                [_("受理单位"), received.office.name],
                [_("受理人"), told.actor_label],
                [_("受理时间"), texts.moment(case.accepted_at)],
                [_("现由谁办理"), went.office.name],
                [_("本环节办理期限"), texts.day(date.fromisoformat(due)) if due else _("由决定单位确定")],
            ],
            "next": _next(went, case),
            "contact": _contact(received.office),
            "remedies": _(
                "对办理过程有意见的，可以向受理单位或者其上级主管部门反映。拟不予支持的，决定前将书面告知理由，"
                "你单位有权陈述和申辩；对不予支持的决定不服的，可以依法申请行政复议或者提起行政诉讼。"
            ),
            "office": received.office.name,
            "moment": texts.day(case.accepted_at),
        },
    )


def _counter(case: Application) -> list[list[str]]:
    """The mark of a case that an officer filled in at the counter."""
    if case.filed_by_id is None:
        return []
    paper = case.counter_filing
    says = _("%(office)s，%(day)s，依据签字盖章的书面申请（SHA-256 %(digest)s）") % {
        "office": paper.office.name,
        "day": texts.day(clock.local(paper.at).date()),
        "digest": paper.scan.sha256[:16],
    }
    return [[_("窗口代填"), says]]


def _refuse_others(case: Application, by) -> None:
    if not access.may_issue(by, case):
        raise Refused("forbidden", _("您没有办理此事的权限"))


def _sections(submission: Submission) -> list[dict]:
    return [
        {"title": section.title, "rows": [_row(row, submission.answers) for row in section.rows]}
        for section in submission.form.form.rows(submission.answers)
    ]


def _row(row, answers: dict) -> list[str]:
    text = f"{row.text} {row.unit}".strip()
    return [row.label, text, _capitals(row, answers)]


def _capitals(row, answers: dict) -> str:
    """大写 of a declared amount; empty for anything else. A table's own row is the sum of its lines."""
    if not row.answered or row.type not in {"money", "table"}:
        return ""
    answer = answers[row.part_of or row.key]
    if row.part_of:
        answer = answer[row.key.partition(".")[2]]
    elif row.type == "table":
        answer = sum((Decimal(amount) for amount in answer.values()), Decimal(0))
    return money.in_capitals(answer)


def _papers(submission: Submission) -> list[dict]:
    labels = {slot.key: slot.label for slot in submission.form.form.slots}
    return [
        {
            "label": labels.get(paper["slot"], paper["slot"]),
            "name": paper["name"],
            "size": filesizeformat(paper["size"]).replace("\xa0", " "),
            "sha256": paper["sha256"],
        }
        for paper in submission.documents
    ]


def _next(went: Step, case: Application) -> str:
    office = went.office.name
    if went.state == State.REFERRED:
        return _("本事项由%(office)s决定，申请已转交该单位；办理结果将在系统内告知。") % {"office": office}
    if went.state == State.DISTRICT_REVIEW:
        way = _("由%(office)s初审、复核后，报%(municipal)s审核。") % {
            "office": office,
            "municipal": case.municipal_office.name,
        }
    else:
        way = _("由%(office)s审核。") % {"office": office}
    return way + _(
        "拟支持的，名单向社会公示，期满无异议的批复、拨付。需要补充说明的，将在系统内通知你单位，等待答复的时间"
        "不计入办理期限。"
    )


def _contact(office) -> str:
    asked = _("请向%(office)s咨询，并说明申请编号") % {"office": office.name}
    return asked + (_("。电话：%s。") % office.phone if office.phone else "。")
