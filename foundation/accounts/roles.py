"""Who may do what, as code: roles, their named permissions, and the system as an actor.

A role is held at an office (accounts.Post) or in an enterprise (enterprises.Member). Which *case* a
permission reaches is decided on the object, in each room's access.py.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    DISTRICT_OFFICER = "district_officer", _("区级审核员")
    DISTRICT_HEAD = "district_head", _("区级负责人")
    MUNICIPAL_OFFICER = "municipal_officer", _("市级审核员")
    MUNICIPAL_HEAD = "municipal_head", _("市级负责人")
    FINANCE_MAKER = "finance_maker", _("拨付经办")
    FINANCE_CHECKER = "finance_checker", _("拨付复核")
    POLICY_ADMINISTRATOR = "policy_administrator", _("政策管理员")
    AUDITOR = "auditor", _("审计员")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("系统管理员")
    SECURITY_ADMINISTRATOR = "security_administrator", _("安全管理员")
    CONSULTED_UNIT = "consulted_unit", _("征求意见单位经办")
    UNIT_LIAISON = "unit_liaison", _("责任单位联络员")
    EXPERT = "expert", _("专家")
    SERVICE_SPECIALIST = "service_specialist", _("服务专员")


class Permission(models.TextChoices):
    VIEW_CASES = "view_cases", _("查看本单位办理的申请")
    VIEW_ALL_CASES = "view_all_cases", _("查看全部申请")
    DECIDE_CLAIM = "decide_claim", _("核验企业身份")
    MANAGE_ENTERPRISE = "manage_enterprise", _("暂停、恢复、注销企业账户")
    RECORD_ENTERPRISE = "record_enterprise", _("登记企业的迁移、纳统、信用与资质")
    FILE_AT_COUNTER = "file_at_counter", _("窗口代填申请")
    ACCEPT = "accept", _("受理")
    REQUEST_CORRECTION = "request_correction", _("要求补正")
    RECOMMEND = "recommend", _("推荐")
    ENDORSE = "endorse", _("复核")
    PROPOSE = "propose", _("拟定支持")
    SIGN_OFF = "sign_off", _("签发")
    DECLINE = "decline", _("不予支持")
    PUBLISH = "publish", _("发布公示")
    APPROVE = "approve", _("批复")
    VIEW_OBJECTIONS = "view_objections", _("查看异议和线索")
    ANSWER_OBJECTION = "answer_objection", _("答复异议、核查线索")
    CONCLUDE = "conclude", _("办结转办")
    LAPSE = "lapse", _("终止候补申请")
    END_CALL = "end_call", _("取消、办结申报")
    NOTIFY_REVOCATION = "notify_revocation", _("告知拟撤销")
    REVOKE = "revoke", _("撤销支持")
    CHECK_COMPLETION = "check_completion", _("组织验收")
    DECIDE_CHANGE = "decide_change", _("审核变更")
    DRAW_LIST = "draw_list", _("拟定免申即享名单、答复列入申请")
    CHECK_LIST = "check_list", _("复核免申即享名单")
    CHASE_OFFER = "chase_offer", _("联系待确认的企业")
    ORDER_PAYMENT = "order_payment", _("提出拨付")
    RELEASE_PAYMENT = "release_payment", _("复核拨付")
    CONFIRM_PAYMENT = "confirm_payment", _("登记拨付结果")
    VIEW_PAYMENTS = "view_payments", _("查看拨付")
    VIEW_REPORTS = "view_reports", _("查看跟踪报告")
    COMPILE_REPORTS = "compile_reports", _("编制跟踪报告")
    CONFIGURE = "configure", _("维护政策、申报通知与规则")
    APPROVE_RULE = "approve_rule", _("核准规则")
    SCREEN = "screen", _("筛选与测算")
    AUDIT = "audit", _("查阅事件记录")
    OPERATE = "operate", _("运行维护")
    READ_LOG = "read_log", _("查阅审计日志")
    ARRANGE_STAFF = "arrange_staff", _("安排本单位人员的回避、代理与移交")
    CONSULT = "consult", _("征求其他单位意见")
    ANSWER_CONSULTATION = "answer_consultation", _("答复征求意见")
    ARRANGE_EXPERTS = "arrange_experts", _("维护专家库、组织专家评审")
    REVIEW_AS_EXPERT = "review_as_expert", _("以专家身份评审")
    ANSWER_REFERRAL = "answer_referral", _("办理转到本单位的转办单")
    RECORD_ACTION = "record_action", _("登记本单位的行动")
    TRANSFER_CASE = "transfer_case", _("移交申请给其他区")
    COORDINATE = "coordinate", _("代各责任单位办理转办单、登记行动")
    SERVE = "serve", _("服务企业")
    ASSIGN_SPECIALIST = "assign_specialist", _("安排服务专员")


P = Permission
PERMISSIONS: dict[str, frozenset[str]] = {
    Role.DISTRICT_OFFICER: frozenset(
        {
            P.VIEW_CASES,
            P.DECIDE_CLAIM,
            P.RECORD_ENTERPRISE,
            P.FILE_AT_COUNTER,
            P.ACCEPT,
            P.REQUEST_CORRECTION,
            P.RECOMMEND,
            P.CHASE_OFFER,
            P.VIEW_REPORTS,
            P.ANSWER_REFERRAL,
            P.RECORD_ACTION,
        }
    ),
    Role.DISTRICT_HEAD: frozenset(
        {
            P.VIEW_CASES,
            P.ENDORSE,
            P.DECLINE,
            P.MANAGE_ENTERPRISE,
            P.RECORD_ENTERPRISE,
            P.VIEW_REPORTS,
            P.ARRANGE_STAFF,
            P.TRANSFER_CASE,
            P.ASSIGN_SPECIALIST,
        }
    ),
    Role.MUNICIPAL_OFFICER: frozenset(
        {
            P.VIEW_CASES,
            P.FILE_AT_COUNTER,
            P.ACCEPT,
            P.REQUEST_CORRECTION,
            P.PROPOSE,
            P.PUBLISH,
            P.VIEW_OBJECTIONS,
            P.ANSWER_OBJECTION,
            P.LAPSE,
            P.NOTIFY_REVOCATION,
            P.CHECK_COMPLETION,
            P.DECIDE_CHANGE,
            P.CONCLUDE,
            P.DRAW_LIST,
            P.CHASE_OFFER,
            P.VIEW_REPORTS,
            P.COMPILE_REPORTS,
            P.SCREEN,
            P.CONSULT,
            P.ARRANGE_EXPERTS,
            P.ANSWER_REFERRAL,
            P.RECORD_ACTION,
            P.COORDINATE,
            P.TRANSFER_CASE,
        }
    ),
    Role.MUNICIPAL_HEAD: frozenset(
        {
            P.VIEW_CASES,
            P.SIGN_OFF,
            P.DECLINE,
            P.APPROVE,
            P.VIEW_OBJECTIONS,
            P.END_CALL,
            P.REVOKE,
            P.CHECK_LIST,
            P.MANAGE_ENTERPRISE,
            P.VIEW_REPORTS,
            P.COMPILE_REPORTS,
            P.SCREEN,
            P.ARRANGE_STAFF,
            P.ARRANGE_EXPERTS,
            P.COORDINATE,
            P.ASSIGN_SPECIALIST,
        }
    ),
    Role.FINANCE_MAKER: frozenset({P.VIEW_PAYMENTS, P.ORDER_PAYMENT, P.CONFIRM_PAYMENT}),
    # Finance has no head of its own here: the second of its two people arranges.
    Role.FINANCE_CHECKER: frozenset({P.VIEW_PAYMENTS, P.RELEASE_PAYMENT, P.ARRANGE_STAFF}),
    Role.POLICY_ADMINISTRATOR: frozenset(
        {P.CONFIGURE, P.APPROVE_RULE, P.VIEW_REPORTS, P.COMPILE_REPORTS, P.SCREEN}
    ),
    Role.AUDITOR: frozenset({P.VIEW_ALL_CASES, P.VIEW_PAYMENTS, P.VIEW_REPORTS, P.AUDIT}),
    # Accounts and the machine, no case.
    Role.SYSTEM_ADMINISTRATOR: frozenset({P.OPERATE}),
    # The audit alone: events, sign-ins, who holds which post; changes nothing.
    Role.SECURITY_ADMINISTRATOR: frozenset({P.READ_LOG}),
    # One question and what was released with it.
    Role.CONSULTED_UNIT: frozenset({P.ANSWER_CONSULTATION}),
    # The reviews that they were asked for, nothing else.
    Role.EXPERT: frozenset({P.REVIEW_AS_EXPERT}),
    # A municipal unit of the policy: what is handed to it and what it did, no case.
    Role.UNIT_LIAISON: frozenset({P.ANSWER_REFERRAL, P.RECORD_ACTION}),
    # The enterprises that are given to them, and how far these are; decides nothing, opens no document.
    Role.SERVICE_SPECIALIST: frozenset({P.SERVE}),
}

# Whose work a deputy may take over: those who handle cases and payments. Policy, audit and accounts never pass on.
DEPUTISED = frozenset(
    {
        Role.DISTRICT_OFFICER,
        Role.DISTRICT_HEAD,
        Role.MUNICIPAL_OFFICER,
        Role.MUNICIPAL_HEAD,
        Role.FINANCE_MAKER,
        Role.FINANCE_CHECKER,
    }
)
# What of these roles doesn't pass on: both signatures of a list of 免申即享 stay with the holders of the posts.
NEVER_DEPUTISED = frozenset({P.DRAW_LIST, P.CHECK_LIST})
# Who keeps accounts or reads the log decides no case, and the other way round: never one person's.
WATCHING = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR})
# Never beside another role: who reviews as an expert decides nothing, and the other way round.
ALONE = WATCHING | {Role.EXPERT}
# Who stands at an enterprise's side handles no case or payment, and the other way round: never one person's.
SERVING = frozenset({Role.SERVICE_SPECIALIST})
# Whose work is in /admin/.
IN_THE_ADMIN = WATCHING | {Role.POLICY_ADMINISTRATOR, Role.AUDITOR}


class System:
    """The actor of what the clock causes: lapses, discards, reports. It has no row and no password."""

    pk = None
    is_system = True
    actor_label = "系统"

    def may(self, permission, office_id=None) -> bool:
        """The system does only what verbs name it for; it holds no permission of a person."""
        return False

    def __str__(self):
        return self.actor_label


class Public(System):
    """The actor of what anybody may do without an account: objecting to a public notice."""

    actor_label = "社会公众"


SYSTEM = System()
PUBLIC = Public()
