"""The demo's people. Their password is public: production has neither this app nor this password."""

from enterprises.member_roles import MemberRole
from foundation.accounts.passwords import DEMO_PASSWORD
from foundation.accounts.roles import Role

PASSWORD = DEMO_PASSWORD

# username, office code (None: an enterprise's person), role, office's label
PEOPLE = [
    ("qiye1", None, None, "演示企业一（已核验，徐汇区）"),
    ("qiye2", None, None, "演示企业二（已核验，浦东新区）"),
    ("qiye3", None, None, "演示企业三（授权委托书待核验，徐汇区）"),
    ("daiban1", None, None, "代办人，为演示企业一、演示企业二办理"),
    ("chakan1", None, None, "查看人，演示企业一"),
    ("xuhui1", "kw-310104", Role.DISTRICT_OFFICER, "徐汇区科委"),
    ("xuhui2", "kw-310104", Role.DISTRICT_HEAD, "徐汇区科委"),
    ("xuhui3", "kw-310104", Role.DISTRICT_OFFICER, "徐汇区科委"),
    ("pudong1", "kw-310115", Role.DISTRICT_OFFICER, "浦东新区科经委"),
    ("pudong2", "kw-310115", Role.DISTRICT_HEAD, "浦东新区科经委"),
    ("shike1", "kw", Role.MUNICIPAL_OFFICER, "市科委"),
    ("shike2", "kw", Role.MUNICIPAL_HEAD, "市科委"),
    ("caizheng1", "czj", Role.FINANCE_MAKER, "市财政局"),
    ("caizheng2", "czj", Role.FINANCE_CHECKER, "市财政局"),
    ("zhengce1", "kw", Role.POLICY_ADMINISTRATOR, "市科委"),
    ("zhengce2", "kw", Role.POLICY_ADMINISTRATOR, "市科委"),
    ("shenji", "kw", Role.AUDITOR, "市科委"),
    ("zhuanjia1", "kw", Role.EXPERT, "市科委专家库"),
    ("zhuanjia2", "kw", Role.EXPERT, "市科委专家库"),
    ("zhuanjia3", "kw", Role.EXPERT, "市科委专家库"),
    ("shangwu1", "sww", Role.UNIT_LIAISON, "市商务委"),
    ("fuwu1", "kw-310104", Role.SERVICE_SPECIALIST, "徐汇区科委"),
    ("fuwu2", "kw-310115", Role.SERVICE_SPECIALIST, "浦东新区科经委"),
    ("xitong", "kw", Role.SYSTEM_ADMINISTRATOR, "市科委"),
    ("xitong2", "kw", Role.SYSTEM_ADMINISTRATOR, "市科委"),
    ("anquan", "kw", Role.SECURITY_ADMINISTRATOR, "市科委"),
    ("jingxin", "jxw", Role.CONSULTED_UNIT, "市经济信息化委"),
]

# Who isn't an owner among the enterprises' people.
_OTHERS = {"daiban1": MemberRole.AGENT, "chakan1": MemberRole.VIEWER}
# What `make run` prints: username, role, where.
ACCOUNTS = [
    (username, str((role or _OTHERS.get(username, MemberRole.OWNER)).label), place)
    for username, _office, role, place in PEOPLE
]
