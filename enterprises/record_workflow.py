"""The verbs by which a district enters what it knows of its enterprises. Rows are only added; a later one corrects."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.models import (
    CreditCheck,
    Department,
    Enterprise,
    EnterpriseChange,
    Qualification,
    StatisticalInclusion,
)
from enterprises.workflow import ClaimRefused, move_claims
from foundation.accounts.models import District, Office, User
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.files import files
from foundation.files.models import Document

Kind = EnterpriseChange.Kind


@transaction.atomic
def record_relocation(
    enterprise: Enterprise,
    by: User,
    kind: str,
    effective_on: date,
    *,
    source: str,
    place: str = "",
    to_district: District | None = None,
    document: File | None = None,
) -> EnterpriseChange:
    """Enter that an enterprise left the city, came to it, or moved to another of its districts.

    place: where it went to or came from; of a move within the city the new address, optional. A move within
    the city changes the enterprise's district at once: a later day is refused until it has come. Cases already
    handed in stay with the district that has them. document: the uploaded notice, if there is one, checked by
    its content.
    """
    enterprise = own(enterprise, by)
    place = " ".join((place or "").split())
    if kind not in EnterpriseChange.MOVES:
        raise ClaimRefused(_("请选择一项"), "kind")
    last = enterprise.changes.filter(kind__in=_alike(kind)).order_by("-effective_on", "-pk").first()
    if enterprise.state == Enterprise.State.CLOSED:
        raise ClaimRefused(_("企业已注销，不能登记迁移"), code="state")
    if effective_on > clock.today():
        raise ClaimRefused(_("生效日还没有到，请在生效当日或之后登记"), "effective_on")
    if enterprise.established_on and effective_on < enterprise.established_on:
        raise ClaimRefused(_("生效日不能早于企业成立日期"), "effective_on")
    if kind == Kind.MOVED_DISTRICT:
        if to_district is None:
            raise ClaimRefused(_("请选择迁入的区"), "to_district")
        if to_district.pk == enterprise.district_id:
            raise ClaimRefused(_("企业现在就登记在%s，请选择另一个区") % to_district.name, "to_district")
        if last and effective_on < last.effective_on:
            raise ClaimRefused(
                _("已登记 %s 的跨区迁移，生效日不能早于该日") % last.effective_on, "effective_on"
            )
    elif to_district is not None:
        raise ClaimRefused(_("只有市内跨区迁移才选择迁入的区"), "to_district")
    elif not place:
        raise ClaimRefused(_("请填写迁往何地或从何地迁来"), "place")
    elif last and (last.kind, last.effective_on) == (kind, effective_on):
        raise ClaimRefused(_("该日的同一迁移已经登记，不必重复"), "effective_on")
    row = EnterpriseChange(
        enterprise=enterprise, kind=kind, effective_on=effective_on, source=source.strip(), recorded_by=by
    )
    here = enterprise.district
    if kind == Kind.MOVED_OUT:
        row.from_district, row.before, row.after = here, here.name, place
    elif kind == Kind.MOVED_IN:
        row.to_district, row.before, row.after = here, place, here.name
    else:
        row.from_district, row.to_district = here, to_district
        row.before = f"{here.name} {enterprise.address}".strip()
        row.after = f"{to_district.name} {place}".strip()
    row.document = proof(document, by)
    add(row)
    if kind == Kind.MOVED_DISTRICT:
        enterprise.district = to_district
        enterprise.address = place or enterprise.address
    enterprise.version += 1
    enterprise.save(update_fields=["district", "address", "version"])
    if kind == Kind.MOVED_DISTRICT:
        move_claims(enterprise, by)
    record(
        "record_relocation",
        enterprise,
        by,
        also=office_of(to_district) if to_district else None,
        kind=str(row.get_kind_display()),
        effective_on=row.effective_on,
        before=row.before,
        after=row.after,
        source=row.source,
        document_sha256=row.document.sha256 if row.document else None,
    )
    return row


@transaction.atomic
def record_inclusion(
    enterprise: Enterprise,
    by: User,
    *,
    first_period: date,
    industry: str,
    source: str,
    confirmed: bool = False,
    science_class: str = "",
) -> StatisticalInclusion:
    """Enter that the enterprise stands in the statistics, since which month, under which industry.

    confirmed: the district confirms it with its statisticians; science_class: ServiceClass, where they named it.
    """
    enterprise = own(enterprise, by)
    first_period = first_period.replace(day=1)
    if first_period > clock.today():
        raise ClaimRefused(_("首次纳统报告期不能晚于本月"), "first_period")
    row = StatisticalInclusion(
        enterprise=enterprise,
        first_period=first_period,
        industry=industry.strip().upper(),
        confirmed_by=office_of(enterprise.district) if confirmed else None,
        science_class=science_class,
        source=source.strip(),
    )
    add(row)
    record(
        "record_inclusion",
        enterprise,
        by,
        first_period=f"{row.first_period:%Y-%m}",
        industry=row.industry,
        confirmed=confirmed,
        science_class=row.science_class,
        source=row.source,
    )
    return row


@transaction.atomic
def record_credit_check(
    enterprise: Enterprise,
    by: User,
    *,
    as_of: date,
    source: str,
    clean_since: date | None = None,
    listed: bool = False,
) -> CreditCheck:
    """Enter what a credit inquiry said on a day; of one day the check entered last counts."""
    enterprise = own(enterprise, by)
    if as_of > clock.today():
        raise ClaimRefused(_("查询日不能晚于今天"), "as_of")
    if clean_since and clean_since > as_of:
        raise ClaimRefused(_("良好记录的起始日不能晚于查询日"), "clean_since")
    if listed and clean_since:
        raise ClaimRefused(_("现列入严重失信名单的，请不要填写良好记录的起始日"), "clean_since")
    row = CreditCheck(
        enterprise=enterprise, as_of=as_of, clean_since=clean_since, listed=listed, source=source.strip()
    )
    add(row)
    record(
        "record_credit_check",
        enterprise,
        by,
        as_of=row.as_of,
        clean_since=row.clean_since,
        listed=listed,
        source=row.source,
    )
    return row


@transaction.atomic
def record_qualification(
    enterprise: Enterprise,
    by: User,
    *,
    kind: str,
    valid_from: date,
    source: str,
    number: str = "",
    valid_to: date | None = None,
) -> Qualification:
    """Enter a certificate with its term (without an end: for good). An early end is a new row."""
    enterprise = own(enterprise, by)
    if valid_to and valid_to < valid_from:
        raise ClaimRefused(_("有效期的截止日不能早于开始日"), "valid_to")
    row = Qualification(
        enterprise=enterprise,
        kind=kind,
        number=number.strip(),
        valid_from=valid_from,
        valid_to=valid_to,
        source=source.strip(),
    )
    add(row)
    record(
        "record_qualification",
        enterprise,
        by,
        kind=str(row.get_kind_display()),
        number=row.number,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source=row.source,
    )
    return row


@transaction.atomic
def record_department(
    enterprise: Enterprise,
    by: User,
    *,
    name: str,
    kind: str,
    source: str,
    number: str = "",
    recognised_on: date | None = None,
) -> Department:
    """Enter an internal department (Department.Kind), with the document and day that recognise it where there are.

    A row of the same name corrects the one before.
    """
    enterprise = own(enterprise, by)
    if enterprise.state == Enterprise.State.CLOSED:
        raise ClaimRefused(_("企业已注销，不能登记内设机构"), code="state")
    if recognised_on and recognised_on > clock.today():
        raise ClaimRefused(_("认定日期不能晚于今天"), "recognised_on")
    row = Department(
        enterprise=enterprise,
        name=" ".join(name.split()),
        kind=kind,
        number=number.strip(),
        recognised_on=recognised_on,
        source=source.strip(),
        recorded_by=by,
    )
    add(row)
    record(
        "record_department",
        enterprise,
        by,
        department=row.name,
        kind=str(row.get_kind_display()),
        number=row.number,
        recognised_on=row.recognised_on,
        source=row.source,
    )
    return row


def own(enterprise: Enterprise, by: User) -> Enterprise:
    """The enterprise, locked, if it is of this person's district and as they have seen it."""
    seen = enterprise.version
    # Without a join: PostgreSQL loses the row that it waited for when what it joined by has changed meanwhile.
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
    offices = Office.objects.filter(pk__in=by.offices_where(Permission.RECORD_ENTERPRISE))
    if not offices.filter(district=enterprise.district_id).exists():
        raise ClaimRefused(_("只有企业注册区的人员可以登记"), code="forbidden")
    if enterprise.version != seen:
        raise ClaimRefused(_("该企业刚刚已被他人办理，请刷新后再看"), code="stale")
    return enterprise


def proof(document: File | None, by: User) -> Document | None:
    """The uploaded notice, stored; ClaimRefused beside its field for what is none."""
    if not document:
        return None
    try:
        return files.store(document, by)
    except files.RefusedFile as wrong:
        raise ClaimRefused(wrong.messages[0], "document") from wrong


def _alike(kind: str) -> tuple:
    """The kinds that a row of this kind follows on."""
    return EnterpriseChange.RELOCATIONS if kind in EnterpriseChange.RELOCATIONS else (kind,)


def add(row) -> None:
    """Save a row that is sound; ClaimRefused with the first field that isn't."""
    try:
        row.full_clean(validate_unique=False)
    except ValidationError as wrong:
        field, said = next(iter(wrong.message_dict.items()))
        raise ClaimRefused(said[0], "" if field == "__all__" else field) from wrong
    row.save()


def office_of(district: District) -> Office | None:
    return Office.objects.filter(kind=Office.Kind.DISTRICT, district=district).first()


def record(verb: str, enterprise: Enterprise, by: User, also: Office | None = None, **facts) -> None:
    """The event of what was entered; the enterprise is told, and another office that it concerns."""
    told = [Audience("enterprise", enterprise.pk)]
    events.record(
        verb,
        enterprise,
        by,
        tell=told + ([Audience("office", also.pk)] if also else []),
        enterprise=enterprise.name,
        **facts,
    )
