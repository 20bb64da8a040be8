"""Enterprises, claims and what is known of them, named by state; the districts are those of the catalogue."""

from datetime import date, timedelta
from itertools import count

from django.core.files.uploadedfile import SimpleUploadedFile
from stdnum.cn import uscc as uscc_number

from enterprises import joining_workflow, workflow
from enterprises.member_roles import MemberRole
from enterprises.models import Claim, CreditCheck, Enterprise, LegalForm, StatisticalInclusion
from foundation.accounts.models import District, User
from foundation.clock import clock
from tests.accounts.factories import XUHUI, district_officer, user

_numbers = count(1)
NAME = "示例检测技术有限公司"
BANK, ACCOUNT = "中国工商银行上海市徐汇支行", "6222020200112238821"


def uscc() -> str:
    """A valid code that no other test enterprise has."""
    base = f"91310104MA{next(_numbers):07d}"
    return base + uscc_number.calc_check_digit(base)


def pdf(name: str = "授权委托书.pdf", text: str = "") -> SimpleUploadedFile:
    """A small whole PDF; another text gives other bytes."""
    body = f"%PDF-1.4\n% {text or name}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    return SimpleUploadedFile(name, body.encode(), content_type="application/pdf")


def registered_enterprise(district: str = XUHUI, **fields) -> Enterprise:
    """Known from the register, nobody acts for it yet."""
    values = {
        "uscc": uscc(),
        "name": NAME,
        "legal_form": LegalForm.COMPANY,
        "industry": "M7452",
        "established_on": date(2015, 6, 18),
        "address": "漕宝路 650 号 3 幢",
        "source": "市场监管局法人库",
    }
    return Enterprise.objects.create(district=District.objects.get(pk=district), **values | fields)


def pending_claim(by: User | None = None, enterprise: Enterprise | None = None, letter: bool = True) -> Claim:
    """Somebody says that they act for the enterprise; the district has not decided yet."""
    enterprise = enterprise or registered_enterprise()
    return workflow.claim(
        by or user(),
        uscc=enterprise.uscc,
        name=enterprise.name,
        district=enterprise.district,
        letter=pdf() if letter else None,
    )


def verified_claim(by: User | None = None, enterprise: Enterprise | None = None) -> Claim:
    """By the district; where the enterprise has an owner already, the owner admits another one."""
    claim = pending_claim(by, enterprise)
    if claim.route == Claim.Route.OWNERS:
        return joining_workflow.admit(claim, owner_of(claim.enterprise), MemberRole.OWNER)
    return workflow.verify_claim(claim, district_officer(claim.district_id))


def member(enterprise: Enterprise, role: str = MemberRole.OWNER, by: User | None = None) -> User:
    """Somebody else who acts for it, admitted by its owner; an agent for a year."""
    claim = pending_claim(by, enterprise, letter=False)
    until = clock.today() + timedelta(days=365) if role == MemberRole.AGENT else None
    return joining_workflow.admit(claim, owner_of(enterprise), role, until).user


def agent(enterprise: Enterprise, by: User | None = None) -> User:
    return member(enterprise, MemberRole.AGENT, by)


def viewer(enterprise: Enterprise, by: User | None = None) -> User:
    return member(enterprise, MemberRole.VIEWER, by)


def unanswered_claim(by: User | None = None, enterprise: Enterprise | None = None) -> Claim:
    """Somebody asks to join, and the owners let their time pass: the district has it."""
    claim = pending_claim(by, enterprise or verified_enterprise())
    with clock.at(clock.moment_of(claim.due_on + timedelta(days=1))):
        joining_workflow.escalate([claim])
    claim.refresh_from_db()
    return claim


def takeover(by: User | None = None, enterprise: Enterprise | None = None) -> Claim:
    """Somebody wants to follow an owner who has left; the owner has not answered yet."""
    claim = pending_claim(by, enterprise or verified_enterprise(), letter=False)
    return joining_workflow.ask_to_take_over(claim, claim.user, letter=pdf(), note="原经办人已离职")


def rejected_claim(
    by: User | None = None, enterprise: Enterprise | None = None, reason: str = "授权书上没有公章"
) -> Claim:
    claim = pending_claim(by, enterprise)
    return workflow.reject_claim(claim, district_officer(claim.district_id), reason)


def verified_enterprise(
    owner: User | None = None, district: str = XUHUI, *, eligible: bool = True, **fields
) -> Enterprise:
    """Somebody acts for it; with `eligible` it also stands in the statistics and its credit is clean."""
    enterprise = registered_enterprise(district, **fields)
    verified_claim(owner, enterprise)
    if eligible:
        included(enterprise)
        clean_credit(enterprise)
    enterprise.refresh_from_db()
    return enterprise


def owner_of(enterprise: Enterprise) -> User:
    return enterprise.members.owners().order_by("pk").first().user


def included(enterprise: Enterprise, industry: str = "M7452") -> StatisticalInclusion:
    """In the statistics (纳统) under that industry."""
    return StatisticalInclusion.objects.create(
        enterprise=enterprise,
        first_period=date(2023, 11, 1),
        industry=industry,
        source="区统计局名录",
        recorded_at=clock.now(),
    )


def clean_credit(enterprise: Enterprise) -> CreditCheck:
    """Without serious dishonesty for five years."""
    today = clock.today()
    return CreditCheck.objects.create(
        enterprise=enterprise,
        as_of=today,
        clean_since=today.replace(year=today.year - 5, day=1),
        source="市公共信用信息平台",
        recorded_at=clock.now(),
    )


def with_account(enterprise: Enterprise) -> Enterprise:
    """It told where support is to be paid to."""
    return workflow.set_account(enterprise, owner_of(enterprise), bank_name=BANK, bank_account=ACCOUNT)
