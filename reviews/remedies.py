"""What may be done against a decision: the one place of these texts, with their source.

行政复议法（2023 年修订）第二十条、第二十四条；行政诉讼法第四十六条. Days and months run from the day on which the
decision became known.
"""

from django.utils.translation import gettext as _

from foundation.accounts.models import Office

REVIEW_DAYS = 60
LAWSUIT_MONTHS = 6


def against_decision(office: Office) -> str:
    """行政复议 and 行政诉讼 against a decision of this office."""
    reviewer = _("上海市人民政府")
    if office.district_id:
        reviewer = _("%s人民政府") % office.district.name
    return _(
        "不服本决定的，可以自知道本决定之日起 %(days)d 日内向%(reviewer)s申请行政复议，"
        "也可以自知道本决定之日起 %(months)d 个月内依法向人民法院提起行政诉讼。"
    ) % {"days": REVIEW_DAYS, "reviewer": reviewer, "months": LAWSUIT_MONTHS}


def defence(office: Office, until: str) -> str:
    """陈述申辩 against what an office intends to decide; until: the last day, as people read it."""
    return _(
        "如有不同意见，可以在 %(until)s前（含当日）在本系统提交陈述、申辩和证明材料，或者书面交%(office)s；"
        "收到后一并考虑，再作决定。"
    ) % {"until": until, "office": office}


def correction(until: str) -> str:
    """What happens to a correction that is not answered; until: the last day, as people read it."""
    return _("请在 %s前（含当日）补正。补正期间不计入办理时间；逾期未提交的，申请失效。") % until


def again(closes_at: str, is_open: bool) -> str:
    """Whether one may apply again; closes_at: when the call closes, as people read it."""
    if is_open:
        return _("本次申报于 %s 截止。在此之前，可以在改正后再次申请。") % closes_at
    return _("本次申报已于 %s 截止，不能再次申请本批；可以关注以后的申报通知。") % closes_at
