"""The public notice 公示 as a document: the list as it stands now, without personal data."""

from django.utils.translation import gettext as _

from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from foundation.accounts.roles import Permission
from foundation.display import money
from foundation.documents import documents, texts
from foundation.documents.models import IssuedDocument
from reviews.models import PublicNotice

NOTICE = "notice"


def stands(case: Application, notice: PublicNotice) -> bool:
    """Whether the case is still on this notice: not withdrawn, not reopened, not on a later one."""
    return case.published_at == notice.published_at and case.state != State.WITHDRAWN


def issue_notice(notice: PublicNotice, by) -> IssuedDocument:
    """The list with what left it marked; by an officer of its office, or by the system while it is public."""
    if getattr(by, "is_system", False):
        if not notice.is_open():
            raise Refused("state", _("公示期已满，名单不再公开"))
    elif not by.may(Permission.VIEW_CASES, notice.office_id):
        raise Refused("forbidden", _("您没有办理此事的权限"))
    lines = [
        (line, stands(line.application, notice))
        for line in notice.lines.select_related("application").order_by("position")
    ]
    item, office = notice.call_item.item, notice.office
    since, until = texts.day(notice.published_at), texts.end(notice.closes_at)
    standing = [line.amount for line, stays in lines if stays]
    contact = _("咨询电话：%s。") % office.phone if office.phone else ""
    return documents.issue(
        NOTICE,
        notice,
        by,
        title=notice.title,
        number=notice.number,
        dated=notice.published_at,
        facts={
            "opening": _("%(office)s拟支持以下项目，现予公示。公示期自 %(since)s起，到 %(until)s止。")
            % {"office": office.name, "since": since, "until": until},
            "lines": [
                {
                    "position": line.position,
                    "enterprise": _("%(lead)s（牵头；参与单位：%(names)s）")
                    % {"lead": line.enterprise_name, "names": line.partners}
                    if line.partners
                    else line.enterprise_name,
                    "project": line.project,
                    "district": line.district,
                    "amount": money.to_the_fen(line.amount) if stays else _("已退出公示"),
                }
                for line, stays in lines
            ],
            "total": _("共 %(count)d 项，合计 %(sum)s 元")
            % {"count": len(standing), "sum": money.to_the_fen(sum(standing))},
            "objection": _(
                "对名单有异议的，请在 %(until)s前以书面形式向%(office)s提出，写明姓名或者单位名称、联系方式、事实和"
                "理由，并附证明材料。"
            )
            % {"until": until, "office": office.name}
            + contact,
            "basis": _("依据：沪府办规〔2024〕14号 %(clause)s（%(item)s）。金额以批复为准。")
            % {"clause": item.clause, "item": item.name},
            "office": office.name,
            "moment": since,
        },
    )
