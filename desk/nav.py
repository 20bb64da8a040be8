"""The desk's navigation, by what a person's posts allow."""

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from foundation.accounts.roles import Permission as P
from foundation.events import events
from measures.access import SCREENINGS

CASES = (P.VIEW_CASES, P.VIEW_ALL_CASES)
NOTICES = (P.PUBLISH, P.APPROVE, P.VIEW_ALL_CASES)
CLAIMS = (P.DECIDE_CLAIM, P.AUDIT)
DISPUTES = (P.MANAGE_ENTERPRISE, P.AUDIT)
CALLS = (P.CONFIGURE, P.PROPOSE, P.END_CALL, P.VIEW_ALL_CASES)
SUPPLEMENTS = (P.RECORD_ENTERPRISE, P.AUDIT)
REFERRALS = (P.ANSWER_REFERRAL, P.COORDINATE, P.AUDIT)
ACTIONS = (P.RECORD_ACTION, P.COORDINATE, P.VIEW_REPORTS, P.AUDIT)
# 服务专员: whom the head names, and what they and the head read of an enterprise.
SPECIALISTS = (P.ASSIGN_SPECIALIST, P.AUDIT)
SERVICE = (P.SERVE, *SPECIALISTS)
SILENT = (P.COORDINATE, P.COMPILE_REPORTS, P.AUDIT)
# 免申即享: the lists of the commission, and the enterprises to be reached.
LISTS = (P.DRAW_LIST, P.CHECK_LIST, P.VIEW_ALL_CASES)
PROACTIVE = (*LISTS, P.VIEW_CASES)
PAYMENTS = (P.VIEW_PAYMENTS,)
FUNDS = (P.VIEW_PAYMENTS, P.PROPOSE, P.APPROVE)
CONSULTATIONS = (P.ANSWER_CONSULTATION, P.CONSULT, P.SIGN_OFF, P.VIEW_ALL_CASES)
EXPERT_POOL = (P.ARRANGE_EXPERTS, P.VIEW_ALL_CASES)
EXPERT_REVIEWS = (P.REVIEW_AS_EXPERT, *EXPERT_POOL)
# Who handles cases or payments.
HANDLERS = (P.VIEW_CASES, P.ORDER_PAYMENT, P.RELEASE_PAYMENT)
PEOPLE = (P.OPERATE, P.ARRANGE_STAFF, P.READ_LOG, P.AUDIT)
# Everybody with a post has an inbox.
ANYTHING = tuple(P)

# Name of the page, its label, who sees it, and the paths under which it is the current one.
_PAGES = (
    ("desk:queue", lambda user: _("全部申请") if user.may(P.VIEW_ALL_CASES) else _("我的队列"), CASES),
    ("desk:claims", lambda user: _("身份核验"), CLAIMS),
    ("desk:disputes", lambda user: _("经办人争议"), DISPUTES),
    ("desk:supplements", lambda user: _("补充资料"), SUPPLEMENTS),
    ("desk:calls", lambda user: _("申报通知"), CALLS),
    ("desk:referrals", lambda user: _("转办"), REFERRALS),
    ("desk:proactive", lambda user: _("免申即享"), PROACTIVE),
    ("desk:notices", lambda user: _("公示"), NOTICES),
    # What others say of a case: offices and experts.
    (
        "desk:consultations",
        lambda user: _("意见评审") if any(user.may(one) for one in EXPERT_POOL) else _("征求意见"),
        CONSULTATIONS,
    ),
    ("desk:expert_reviews", lambda user: _("我的评审"), (P.REVIEW_AS_EXPERT,)),
    ("desk:payments", lambda user: _("拨付"), PAYMENTS),
    ("desk:funds", lambda user: _("资金"), FUNDS),
    ("desk:served", lambda user: _("我服务的企业"), (P.SERVE,)),
    ("desk:enterprises", lambda user: _("企业"), CASES),
    ("desk:specialists", lambda user: _("服务专员"), SPECIALISTS),
    ("desk:screenings", lambda user: _("测算"), SCREENINGS),
    ("desk:report", lambda user: _("统计"), (P.VIEW_REPORTS,)),
    ("desk:actions", lambda user: _("行动"), ACTIONS),
    ("admin:index", lambda user: _("配置"), (P.CONFIGURE,)),
    ("admin:events_event_changelist", lambda user: _("审计日志"), (P.READ_LOG,)),
    ("admin:operations_alarm_changelist", lambda user: _("运行状况"), (P.OPERATE,)),
    ("desk:people", lambda user: _("人员"), PEOPLE),
    ("desk:messages", lambda user: _("消息"), ANYTHING),
)
# Pages that stand under another path than their entry's.
_BELONGS = {
    "desk:queue": "/desk/cases/",
    "desk:screenings": "/desk/simulations/",
    "desk:proactive": ("/desk/lists/", "/desk/offers/", "/desk/listing-requests/"),
    "desk:notices": ("/desk/objections/", "/desk/leads/"),
    "desk:consultations": ("/desk/reviews/", "/desk/experts/"),
    "desk:funds": "/desk/waitlist/",
    "desk:payments": "/desk/recoveries/",
}


def entries(request: HttpRequest) -> list[dict]:
    user = request.user
    if not user.is_authenticated or not user.is_officer:
        return []
    found = []
    for name, label, permissions in _PAGES:
        if not any(user.may(permission) for permission in permissions):
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        entry = {"label": label(user), "url": url}
        if request.path_info.startswith(_BELONGS.get(name, "\0")):
            entry["active"] = True
        if name == "desk:messages":
            entry["count"] = events.unread_count(user)
        found.append(entry)
    return found


def account_label(request: HttpRequest) -> str:
    return request.user.actor_label


def first_page(user) -> str:
    """The address of the page that this person's day begins with."""
    for name, _label, permissions in _PAGES:
        if name.startswith("admin:") and not user.is_staff:
            continue
        if any(user.may(permission) for permission in permissions):
            try:
                return reverse(name)
            except NoReverseMatch:
                continue
    return reverse("desk:messages")
