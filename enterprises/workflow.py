"""The verbs around an enterprise and the people who say that they act for it."""

import unicodedata

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from stdnum.cn import uscc as uscc_number
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

from enterprises import access, history
from enterprises.member_roles import MAY, Does, MemberRole
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
# Working days within which the owners answer who asks to join; after them the district may decide.
JOIN_DAYS = 5
LIVE_CLAIMS_AT_ONCE = 5
LONGEST_NOTE = Claim._meta.get_field("note").max_length
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


def claim(by: User, *, uscc: str, name: str, district: District, letter=None, note: str = "") -> Claim:
    """Say that one acts for a code. Nothing of the register is shown or changed.

    Where somebody acts for the enterprise already it is a request to join, which its owners answer, with `note`
    (who one is); else the district verifies. An enterprise that the register does not know yet is entered with
    what was declared. `letter` is the uploaded authorisation letter; it may follow (attach_letter), but without
    it the district verifies nothing.
    """
    code = history.present_code(normalised_uscc(uscc))
    name = " ".join((name or "").split())
    if len(name) < 4:
        raise ClaimRefused(_("请填写营业执照上的企业全称"), "name")
    if len(name) > LONGEST_NAME:
        raise ClaimRefused(_("企业名称不能超过 %d 个字") % LONGEST_NAME, "name")
    note = " ".join((note or "").split())
    if len(note) > LONGEST_NOTE:
        raise ClaimRefused(_("说明不能超过 %d 个字") % LONGEST_NOTE, "note")
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        waiting = Claim.objects.pending().filter(user=by)
        owns = Member.objects.owners().filter(user=by, enterprise__uscc=code)
        if owns.exists() or waiting.filter(enterprise__uscc=code).exists():
            raise ClaimRefused(_("您已登记过这个代码"), "uscc")
        if waiting.count() >= LIVE_CLAIMS_AT_ONCE:
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
        if enterprise.state == Enterprise.State.CLOSED:
            raise ClaimRefused(history.why_closed(enterprise), "uscc")
        active = enterprise.state == Enterprise.State.VERIFIED  # those of a suspended one answer nothing
        joins = active and enterprise.members.who_may(Does.MEMBERS).exists()
        row = Claim(
            user=by,
            enterprise=enterprise,
            declared_name=name,
            declared_district=district,
            district=district if _only_told(enterprise) else enterprise.district,
            route=Claim.Route.OWNERS if joins else Claim.Route.DISTRICT,
            note=note,
            letter=files.store(letter, by) if letter else None,
            claimed_at=clock.now(),
            due_on=workdays.due(clock.today(), JOIN_DAYS if joins else VERIFY_DAYS),
        )
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise ClaimRefused(_("您已登记过这个代码"), "uscc") from error
        if joins:
            events.record(
                "ask_to_join",
                row,
                by,
                tell=[Audience("owners", enterprise.pk)],
                # The owners are told by the register's name, not by a stranger's words.
                **claim_facts(row) | {"enterprise": enterprise.name},
            )
        else:
            events.record("claim", row, by, tell=district_of(row) if letter else (), **claim_facts(row))
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
        if row.by_district:
            row.due_on = _district_due(row)
        row.version += 1
        row.save(update_fields=["letter", "due_on", "version"])
        tell = district_of(row) if row.by_district else ()
        events.record("attach_letter", row, by, tell=tell, **claim_facts(row))
        return row


def verify_claim(row: Claim, by: User) -> Claim:
    """核验通过, by the enterprise's district: the person becomes its owner, the enterprise verified.

    A request to join only once the owners let their time pass. A takeover only when the owners have answered, or
    their time is over: then whoever was owner is it no more, and is told.
    """
    with transaction.atomic():
        row, enterprise = deciding(row, by)
        if row.letter_id is None:
            raise ClaimRefused(_("企业尚未上传授权委托书，不能通过"), code="state")
        if enterprise.state in {Enterprise.State.SUSPENDED, Enterprise.State.CLOSED}:
            raise ClaimRefused(_("该企业账户已暂停或注销"), code="state")
        if enterprise.disputed_since:
            raise ClaimRefused(_("该企业的经办人争议尚未处理，请先处理争议"), code="state")
        taken_over = row.route == Claim.Route.TAKEOVER
        if taken_over and not row.answer and clock.today() <= row.answer_by:
            raise ClaimRefused(
                _("原经办人可在 %s 前答复，期满或答复后才能核验") % row.answer_by, code="state"
            )
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
        tell = [Audience("user", row.user_id)]
        if taken_over:
            tell += end_owners(enterprise, by, str(_("由所在区核验，移交给新的经办人")))
        admit_member(row, at)
        events.record("take_over" if taken_over else "verify_claim", row, by, tell=tell, **claim_facts(row))
        return row


def admit_member(row: Claim, at, role: str = MemberRole.OWNER, until=None) -> Member:
    """The claimant acts for the enterprise from now on; who did so in another role no longer does in that."""
    Member.objects.filter(user=row.user, enterprise=row.enterprise, ended_at=None).update(
        ended_at=at, ended_by=row.decided_by, end_reason=str(_("角色变更"))
    )
    return Member.objects.create(
        user=row.user, enterprise=row.enterprise, claim=row, role=role, until=until, since=at
    )


def end_owners(enterprise: Enterprise, by: User, reason: str, but: User | None = None) -> list[Audience]:
    """Nobody but `but` is owner any more; returns those who were, to be told. The enterprise is locked."""
    rows = enterprise.members.owners().exclude(user=but) if but else enterprise.members.owners()
    ended = list(rows.order_by("pk"))
    for member in ended:
        member.ended_at, member.ended_by, member.end_reason = clock.now(), by, reason
    Member.objects.bulk_update(ended, ["ended_at", "ended_by", "end_reason"])
    return [Audience("user", member.user_id) for member in ended]


def reject_claim(row: Claim, by: User, reason: str) -> Claim:
    """核验不通过, with a reason; the person may claim anew."""
    reason = (reason or "").strip()
    if not reason:
        raise ClaimRefused(_("请写明不通过的理由"), "reason")
    longest = Claim._meta.get_field("reason").max_length
    if len(reason) > longest:
        raise ClaimRefused(_("不能超过 %d 个字") % longest, "reason")
    with transaction.atomic():
        row, enterprise = deciding(row, by)
        if enterprise.disputed_since and row.route == Claim.Route.TAKEOVER:
            raise ClaimRefused(_("该企业的经办人争议尚未处理，请先处理争议"), code="state")
        row.reject(by=by, at=clock.now(), reason=reason)
        row.version += 1
        row.save()
        events.record(
            "reject_claim",
            row,
            by,
            tell=[Audience("user", row.user_id)],
            reason=row.reason,
            **claim_facts(row),
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
    require(enterprise, by, Does.SUPPLY)
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
        require(enterprise, by, Does.ACCOUNT)
        before = (enterprise.bank_name, enterprise.bank_account)
        enterprise.bank_name, enterprise.bank_account = bank_name.strip(), account
        enterprise.bank_account_fingerprint = fingerprint(account)
        enterprise.version += 1
        enterprise.save(update_fields=["bank_name", "bank_account", "bank_account_fingerprint", "version"])
        changed = history.note_account(enterprise, by, *before)
        # Whoever else acts for the enterprise learns that money goes elsewhere from now on.
        told = [Audience("enterprise", enterprise.pk)] if changed and changed.before else []
        facts = {"enterprise": enterprise.name, "fingerprint": enterprise.bank_account_fingerprint[:12]}
        facts |= {"before": changed.before, "after": changed.after} if changed else {}
        events.record("set_account", enterprise, by, tell=told, **facts)
        return enterprise


def require(enterprise: Enterprise, by: User, does: str) -> str:
    """The role in which this person may do that now; nobody may while it is suspended, closed or disputed."""
    role = access.roles([by.pk], [enterprise.pk]).get((enterprise.pk, by.pk))
    if role is None:
        raise ClaimRefused(_("只有该企业的成员可以办理"), code="forbidden")
    if does not in MAY[role]:
        raise ClaimRefused(
            _("%(role)s不能%(does)s，请由企业经办人办理")
            % {"role": MemberRole(role).label, "does": Does(does).label},
            code="forbidden",
        )
    if enterprise.barred:
        raise ClaimRefused(enterprise.barred, code="forbidden")
    return role


def deciding(row: Claim, by: User) -> tuple[Claim, Enterprise]:
    """The claim and its enterprise, locked, if this person may decide on it now."""
    seen = row.version
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=row.enterprise_id)
    row = Claim.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=row.pk)
    row.enterprise = enterprise
    if row.version != seen:
        raise ClaimRefused(_("该登记刚刚已被他人办理，请刷新后再看"), code="stale")
    if row.state != Claim.State.PENDING:
        raise ClaimRefused(_("该登记已办结"), code="state")
    if not row.by_district:
        raise ClaimRefused(
            _("该企业的经办人应于 %s 前答复，逾期后由区办理") % row.due_on.isoformat(), code="state"
        )
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
        if row.by_district:
            row.due_on = _district_due(row)
        row.version += 1
    Claim.objects.bulk_update(moved, ["district", "due_on", "version"])
    events.record_many(
        "move_claim",
        [
            events.Entry(row, claim_facts(row), district_of(row) if row.letter and row.by_district else ())
            for row in moved
        ],
        by,
    )


def _district_due(row: Claim):
    """By when the district decides: from today, or from when the owners' time to answer is over."""
    return workdays.due(max(clock.today(), row.answer_by or clock.today()), VERIFY_DAYS)


def _only_told(enterprise: Enterprise) -> bool:
    """Known from a claimant's word alone: not in the register, nobody verified."""
    return enterprise.source == SELF_REPORTED and enterprise.state == Enterprise.State.REGISTERED


def claim_facts(row: Claim) -> dict:
    return {
        "uscc": row.enterprise.uscc,
        "enterprise": row.declared_name,
        "district": row.declared_district.name,
        "letter_sha256": row.letter.sha256 if row.letter else None,
        "due_on": row.due_on,
        "state": str(row.get_state_display()),
    }


def district_of(row: Claim) -> list[Audience]:
    office = Office.objects.filter(kind=Office.Kind.DISTRICT, district=row.district_id).first()
    return [Audience("office", office.pk)] if office else []
