"""The verbs around an enterprise and the people who say that they act for it."""

import unicodedata

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from stdnum.cn import uscc as uscc_number
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from enterprises import history
from enterprises.models import SELF_REPORTED, Claim, Enterprise, LegalForm, Member, YearlyFigure
from foundation.accounts.fields import fingerprint
from foundation.accounts.models import District, Office, User
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.files import files
from foundation.workdays import workdays

# Working days within which the district verifies a claim (our own rule; the text names none).
VERIFY_DAYS = 3
LIVE_CLAIMS_AT_ONCE = 5
LONGEST_NAME = Enterprise._meta.get_field("name").max_length
LONGEST_BANK = Enterprise._meta.get_field("bank_name").max_length


class ClaimRefused(Exception):
    """Why it did not happen, in Chinese; `field` names the input it belongs to ("" for none)."""

    def __init__(self, message: str, field: str = "", code: str = "invalid"):
        self.message, self.field, self.code = str(message), field, code
        super().__init__(self.message)


def normalised_uscc(typed: str) -> str:
    """The code as it is stored: half width, upper case, without blanks; ClaimRefused where it is none.

    Checked by length, alphabet and check digit (GB 32100-2015), with python-stdnum.
    """

    plain = "".join(unicodedata.normalize("NFKC", typed or "").split()).replace("-", "").upper()
    try:
        return uscc_number.validate(plain)
    except InvalidLength as error:
        raise ClaimRefused(_("统一社会信用代码应为 18 位，现在是 %d 位") % len(plain), "uscc") from error
    except InvalidChecksum as error:
        raise ClaimRefused(_("校验位不对，请核对营业执照上的代码"), "uscc") from error
    except (InvalidFormat, InvalidComponent, ValidationError) as error:
        raise ClaimRefused(_("代码含有不允许的字符，请核对营业执照"), "uscc") from error


def claim(by: User, *, uscc: str, name: str, district: District, letter=None) -> Claim:
    """Say that one acts for a code. Nothing of the register is shown or changed; the district verifies.

    An enterprise that the register does not know yet is entered with what was declared. `letter` is the
    uploaded authorisation letter; it may follow (attach_letter), but without it nothing is verified.
    """
    code = history.present_code(normalised_uscc(uscc))
    name = " ".join((name or "").split())
    if len(name) < 4:
        raise ClaimRefused(_("请填写营业执照上的企业全称"), "name")
    if len(name) > LONGEST_NAME:
        raise ClaimRefused(_("企业名称不能超过 %d 个字") % LONGEST_NAME, "name")
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        live = Claim.objects.live().filter(user=by)
        if live.filter(enterprise__uscc=code).exists():
            raise ClaimRefused(_("您已登记过这个代码"), "uscc")
        if live.pending().count() >= LIVE_CLAIMS_AT_ONCE:
            raise ClaimRefused(_("待核验的登记已有 %d 项，请等待核验结果") % LIVE_CLAIMS_AT_ONCE)
        enterprise, _created = Enterprise.objects.get_or_create(
            uscc=code,
            defaults={
                "name": name,
                "district": district,
                "legal_form": LegalForm.COMPANY,
                "source": SELF_REPORTED,
            },
        )
        document = files.store(letter, by) if letter else None
        row = Claim(
            user=by,
            enterprise=enterprise,
            declared_name=name,
            declared_district=district,
            district=district if _only_told(enterprise) else enterprise.district,
            letter=document,
            claimed_at=clock.now(),
            due_on=workdays.due(clock.today(), VERIFY_DAYS),
        )
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise ClaimRefused(_("您已登记过这个代码"), "uscc") from error
        events.record("claim", row, by, tell=_district_of(row) if document else (), **_facts(row))
        return row


def attach_letter(row: Claim, by: User, letter) -> Claim:
    """Add or replace the authorisation letter of one's own pending claim; the district is told."""
    with transaction.atomic():
        row = (
            Claim.objects.select_for_update(of=("self",), no_key=True)
            .select_related("enterprise")
            .get(pk=row.pk)
        )
        if row.user_id != by.pk or row.state != Claim.State.PENDING:
            raise ClaimRefused(_("现在不能更换授权委托书"), code="state")
        row.letter = files.store(letter, by)
        row.due_on = workdays.due(clock.today(), VERIFY_DAYS)
        row.version += 1
        row.save(update_fields=["letter", "due_on", "version"])
        events.record("attach_letter", row, by, tell=_district_of(row), **_facts(row))
        return row


def verify_claim(row: Claim, by: User) -> Claim:
    """核验通过, by the enterprise's district: the person becomes a member, the enterprise verified."""
    with transaction.atomic():
        row, enterprise = _deciding(row, by)
        if row.letter_id is None:
            raise ClaimRefused(_("企业尚未上传授权委托书，不能通过"), code="state")
        if enterprise.state in {Enterprise.State.SUSPENDED, Enterprise.State.CLOSED}:
            raise ClaimRefused(_("该企业账户已暂停或注销"), code="state")
        at = clock.now()
        row.verify(by=by, at=at)
        row.version += 1
        row.save()
        if enterprise.state == Enterprise.State.REGISTERED:
            if _only_told(enterprise):
                # Whoever told us first may have told us wrong; the letter that was checked counts.
                enterprise.name, enterprise.district = row.declared_name, row.declared_district
            enterprise.verify(at=at)
            enterprise.version += 1
            enterprise.save()
            move_claims(enterprise, by)
        Member.objects.create(user=row.user, enterprise=enterprise, claim=row, since=at)
        events.record("verify_claim", row, by, tell=[Audience("user", row.user_id)], **_facts(row))
        return row


def reject_claim(row: Claim, by: User, reason: str) -> Claim:
    """核验不通过, with a reason; the person may claim anew."""
    reason = (reason or "").strip()
    if not reason:
        raise ClaimRefused(_("请写明不通过的理由"), "reason")
    with transaction.atomic():
        row, _enterprise = _deciding(row, by)
        row.reject(by=by, at=clock.now(), reason=reason[:300])
        row.version += 1
        row.save()
        events.record(
            "reject_claim", row, by, tell=[Audience("user", row.user_id)], reason=row.reason, **_facts(row)
        )
        return row


def suspend(enterprise: Enterprise, by: User, reason: str) -> Enterprise:
    """暂停: its people may read, not submit; live cases go on."""
    return _managed("suspend", enterprise, by, reason)


def reinstate(enterprise: Enterprise, by: User, reason: str) -> Enterprise:
    """恢复 a suspended enterprise."""
    return _managed("reinstate", enterprise, by, reason)


def close(enterprise: Enterprise, by: User, reason: str) -> Enterprise:
    """注销, for good; its live cases are left to an officer's decision."""
    return _managed("close", enterprise, by, reason)


def record_figure(
    enterprise: Enterprise, by: User, *, valid_for: int, source: str, **figures
) -> YearlyFigure:
    """Append an enterprise's figures of a year (yuan, persons); earlier rows of the year stay."""
    require_agent(enterprise, by)
    if any(value is not None and value < 0 for name, value in figures.items() if name != "profit"):
        raise ClaimRefused(_("除利润总额外，数据不能为负"))
    if not 1990 <= valid_for < clock.today().year:
        raise ClaimRefused(_("只能填报 %d 年及以前的数据") % (clock.today().year - 1), "valid_for")
    with transaction.atomic():
        row = YearlyFigure.objects.create(
            enterprise=enterprise,
            valid_for=valid_for,
            source=source,
            recorded_at=clock.now(),
            recorded_by=by,
            **figures,
        )
        events.record("record_figure", enterprise, by, year=valid_for, figure=row.pk, source=source)
        return row


def set_account(enterprise: Enterprise, by: User, *, bank_name: str, bank_account: str) -> Enterprise:
    """The account that support is paid to; encrypted, matched by its fingerprint only."""
    account = "".join(unicodedata.normalize("NFKC", bank_account or "").split()).replace("-", "")
    if not (account.isascii() and account.isdigit() and 8 <= len(account) <= 32):
        raise ClaimRefused(_("银行账号应为 8 至 32 位数字"), "bank_account")
    if not 4 <= len(bank_name.strip()) <= LONGEST_BANK:
        raise ClaimRefused(_("请填写开户银行全称"), "bank_name")
    with transaction.atomic():
        enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
        require_agent(enterprise, by)
        before = (enterprise.bank_name, enterprise.bank_account)
        enterprise.bank_name, enterprise.bank_account = bank_name.strip(), account
        enterprise.bank_account_fingerprint = fingerprint(account)
        enterprise.version += 1
        enterprise.save(update_fields=["bank_name", "bank_account", "bank_account_fingerprint", "version"])
        changed = history.note_account(enterprise, by, *before)
        # Whoever else acts for the enterprise learns that money goes elsewhere from now on.
        events.record(
            "set_account",
            enterprise,
            by,
            tell=[Audience("enterprise", enterprise.pk)] if changed and changed.before else [],
            enterprise=enterprise.name,
            before=changed.before if changed else "",
            after=changed.after if changed else "",
            fingerprint=enterprise.bank_account_fingerprint[:12],
        )
        return enterprise


def require_agent(enterprise: Enterprise, by: User) -> None:
    """Only who acts for the enterprise tells of it, and nobody while it is suspended or closed."""
    if not enterprise.members.filter(user=by).exists():
        raise ClaimRefused(_("只有该企业的经办人可以填报"), code="forbidden")
    if enterprise.state != Enterprise.State.VERIFIED:
        raise ClaimRefused(
            _("企业账户现在是“%s”，可以查看，不能办理") % enterprise.get_state_display(), code="forbidden"
        )


def _deciding(row: Claim, by: User) -> tuple[Claim, Enterprise]:
    """The claim and its enterprise, locked, if this person may decide on it now."""
    seen = row.version
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=row.enterprise_id)
    row = Claim.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=row.pk)
    row.enterprise = enterprise
    if row.version != seen:
        raise ClaimRefused(_("该登记刚刚已被他人办理，请刷新后再看"), code="stale")
    if row.state != Claim.State.PENDING:
        raise ClaimRefused(_("该登记已办结"), code="state")
    office = Office.objects.filter(kind=Office.Kind.DISTRICT, district=row.district_id).first()
    if office is None or not by.may(Permission.DECIDE_CLAIM, office.pk):
        raise ClaimRefused(_("您没有办理此事的权限"), code="forbidden")
    if row.user_id == by.pk:
        raise ClaimRefused(_("不能核验本人的登记"), code="forbidden")
    return row, enterprise


def _managed(verb: str, enterprise: Enterprise, by: User, reason: str) -> Enterprise:
    reason = (reason or "").strip()
    if not reason:
        raise ClaimRefused(_("请写明理由"), "reason")
    with transaction.atomic():
        seen = enterprise.version
        enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
        if enterprise.version != seen:
            raise ClaimRefused(_("该企业刚刚已被他人办理，请刷新后再看"), code="stale")
        reach = by.offices_where(Permission.MANAGE_ENTERPRISE)
        mine = Office.objects.filter(pk__in=reach)
        if (
            not mine.filter(kind=Office.Kind.MUNICIPAL).exists()
            and not mine.filter(district=enterprise.district_id).exists()
        ):
            raise ClaimRefused(_("您没有办理此事的权限"), code="forbidden")
        method = getattr(enterprise, verb)
        if not any(t.name == verb for t in enterprise.get_available_state_transitions()):
            raise ClaimRefused(_("企业现在是“%s”，不能办理") % enterprise.get_state_display(), code="state")
        method(reason=reason[:200])
        enterprise.version += 1
        enterprise.save()
        events.record(
            f"{verb}_enterprise",
            enterprise,
            by,
            tell=[Audience("enterprise", enterprise.pk)],
            enterprise=enterprise.name,
            reason=enterprise.state_reason,
            state=str(enterprise.get_state_display()),
        )
        return enterprise


def move_claims(enterprise: Enterprise, by: User) -> None:
    """Pending claims that named another district go to the one that is known now; its office is told.

    Else whoever told us of a code first, with a district of their choice, could still be verified there.
    """
    moved = list(
        Claim.objects.select_for_update(of=("self",), no_key=True)
        .pending()
        .filter(enterprise=enterprise)
        .exclude(district=enterprise.district_id)
        .select_related("declared_district", "letter", "enterprise")
        .order_by("pk")
    )
    for row in moved:
        row.district_id = enterprise.district_id
        row.due_on = workdays.due(clock.today(), VERIFY_DAYS)
        row.version += 1
    Claim.objects.bulk_update(moved, ["district", "due_on", "version"])
    events.record_many(
        "move_claim",
        [events.Entry(row, _facts(row), _district_of(row) if row.letter else ()) for row in moved],
        by,
    )


def _only_told(enterprise: Enterprise) -> bool:
    """Known from a claimant's word alone: not in the register, nobody verified."""
    return enterprise.source == SELF_REPORTED and enterprise.state == Enterprise.State.REGISTERED


def _facts(row: Claim) -> dict:
    return {
        "uscc": row.enterprise.uscc,
        "enterprise": row.declared_name,
        "district": row.declared_district.name,
        "letter_sha256": row.letter.sha256 if row.letter else None,
        "due_on": row.due_on,
        "state": str(row.get_state_display()),
    }


def _district_of(row: Claim) -> list[Audience]:
    office = Office.objects.filter(kind=Office.Kind.DISTRICT, district=row.district_id).first()
    return [Audience("office", office.pk)] if office else []
