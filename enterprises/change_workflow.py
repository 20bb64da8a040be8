"""The verbs by which a district enters that an enterprise is called otherwise, is of another form, has another code or
parent, or was merged into another. Each leaves a dated EnterpriseChange; what a case froze stays as it was."""

from datetime import date

from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from enterprises import history
from enterprises.imports import loading
from enterprises.models import Enterprise, EnterpriseChange, FormerCode, LegalForm
from enterprises.record_workflow import add, office_of, own, proof, record
from enterprises.workflow import LONGEST_NAME, ClaimRefused, normalised_uscc
from foundation.accounts.models import User
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience

Kind = EnterpriseChange.Kind


@transaction.atomic
def record_name(
    enterprise: Enterprise,
    by: User,
    effective_on: date,
    *,
    name: str,
    source: str,
    document: File | None = None,
) -> EnterpriseChange:
    """名称变更: the register calls it so from now on; documents and cases of before keep the name they have."""
    enterprise = _changing(enterprise, by, Kind.NAME, effective_on)
    name = _name(name)
    if name == enterprise.name:
        raise ClaimRefused(_("与现在的名称相同"), "name")
    row = _row(enterprise, by, Kind.NAME, effective_on, enterprise.name, name, source, document)
    enterprise.name = name
    return _changed(row, enterprise, by, "name")


@transaction.atomic
def record_legal_form(
    enterprise: Enterprise,
    by: User,
    effective_on: date,
    *,
    legal_form: str,
    source: str,
    document: File | None = None,
) -> EnterpriseChange:
    """组织形式变更 (LegalForm). What becomes a legal person has no parent any more: a second row says so."""
    enterprise = _changing(enterprise, by, Kind.LEGAL_FORM, effective_on)
    if legal_form not in LegalForm.values:
        raise ClaimRefused(_("请选择组织形式"), "legal_form")
    if legal_form == enterprise.legal_form:
        raise ClaimRefused(_("与现在的组织形式相同"), "legal_form")
    if legal_form == LegalForm.BRANCH and enterprise.branches.exists():
        raise ClaimRefused(_("该企业是其他分支机构的上级法人，不能改为分支机构"), "legal_form")
    row = _row(
        enterprise, by, Kind.LEGAL_FORM, effective_on, enterprise.legal_form, legal_form, source, document
    )
    parent = said_parent(enterprise)
    if parent:
        add(
            EnterpriseChange(
                enterprise=enterprise,
                kind=Kind.PARENT,
                effective_on=effective_on,
                before=parent,
                other=enterprise.parent,
                source=row.source,
                recorded_by=by,
            )
        )
        enterprise.parent, enterprise.parent_name, enterprise.parent_uscc = None, "", ""
    enterprise.legal_form = legal_form
    return _changed(row, enterprise, by, "legal_form", "parent", "parent_name", "parent_uscc")


@transaction.atomic
def record_uscc(
    enterprise: Enterprise,
    by: User,
    effective_on: date,
    *,
    uscc: str,
    source: str,
    document: File | None = None,
) -> EnterpriseChange:
    """统一社会信用代码变更 of the same enterprise: the row stays, the old code leads to it and is nobody else's."""
    code = normalised_uscc(uscc)
    enterprise = _changing(enterprise, by, Kind.USCC, effective_on)
    if code == enterprise.uscc:
        raise ClaimRefused(_("与现在的代码相同"), "uscc")
    # An import that has read the old code would make a second enterprise of it.
    if not loading.try_lock():
        raise ClaimRefused(_("登记库正在导入，请稍后再登记代码变更"))
    had = FormerCode.objects.filter(code=code).exclude(enterprise=enterprise).exists()
    if had or Enterprise.objects.filter(uscc=code).exists():
        raise ClaimRefused(_("该代码属于登记库中的另一家企业；两家合并的，请登记吸收合并"), "uscc")
    row = _row(enterprise, by, Kind.USCC, effective_on, enterprise.uscc, code, source, document)
    FormerCode.objects.get_or_create(code=enterprise.uscc, defaults={"enterprise": enterprise, "change": row})
    enterprise.uscc = code
    try:
        with transaction.atomic():
            return _changed(row, enterprise, by, "uscc")
    except IntegrityError as error:
        raise ClaimRefused(_("该代码刚刚已被另一家企业使用，请核对"), "uscc") from error


@transaction.atomic
def record_parent(
    enterprise: Enterprise,
    by: User,
    effective_on: date,
    *,
    uscc: str,
    name: str = "",
    source: str,
    document: File | None = None,
) -> EnterpriseChange:
    """上级法人 of a branch, by its code: the enterprise of the register, or (one that isn't in it) code and name."""
    code = normalised_uscc(uscc)
    parent = history.by_code(code)
    if parent:
        _lock(enterprise, parent)
        parent.refresh_from_db()
    enterprise = _changing(enterprise, by, Kind.PARENT, effective_on)
    if enterprise.legal_form != LegalForm.BRANCH:
        raise ClaimRefused(_("只有分支机构有上级法人；组织形式有误的，请先登记组织形式变更"))
    before = said_parent(enterprise)
    if parent is None:
        enterprise.parent, enterprise.parent_name, enterprise.parent_uscc = None, _name(name), code
    else:
        if parent.pk == enterprise.pk:
            raise ClaimRefused(_("上级法人不能是该企业自己"), "uscc")
        if parent.legal_form == LegalForm.BRANCH:
            raise ClaimRefused(_("%s本身是分支机构，不能作为上级法人") % parent.name, "uscc")
        if parent.state == Enterprise.State.CLOSED:
            raise ClaimRefused(_("%s已注销，不能作为上级法人") % parent.name, "uscc")
        enterprise.parent, enterprise.parent_name, enterprise.parent_uscc = parent, "", ""
    after = said_parent(enterprise)
    if before == after:
        raise ClaimRefused(_("与现在的上级法人相同"), "uscc")
    row = _row(enterprise, by, Kind.PARENT, effective_on, before, after, source, document, other=parent)
    return _changed(row, enterprise, by, "parent", "parent_name", "parent_uscc")


@transaction.atomic
def record_merger(
    enterprise: Enterprise,
    by: User,
    effective_on: date,
    *,
    successor: Enterprise,
    source: str,
    document: File | None,
) -> EnterpriseChange:
    """吸收合并: the enterprise is closed for good, its successor is named. Nothing that it holds moves by itself.

    By the district's head, as every closing; document (an upload) is required. Both enterprises are told, and the
    successor's district.
    """
    _lock(enterprise, successor)
    enterprise = _changing(enterprise, by, Kind.MERGED, effective_on)
    successor = Enterprise.objects.select_related("district").get(pk=successor.pk)
    office = office_of(enterprise.district)
    if office is None or not by.may(Permission.MANAGE_ENTERPRISE, office.pk):
        raise ClaimRefused(_("吸收合并会注销企业账户，由区级负责人登记"), code="forbidden")
    if successor.pk == enterprise.pk:
        raise ClaimRefused(_("合并后的企业不能是该企业自己"), "successor")
    if successor.state == Enterprise.State.CLOSED:
        raise ClaimRefused(_("%s已注销，不能作为合并后的企业") % successor.name, "successor")
    if enterprise.branches.exclude(state=Enterprise.State.CLOSED).exists():
        raise ClaimRefused(_("该企业还有分支机构，请先为它们登记新的上级法人"))
    if not document:
        raise ClaimRefused(_("请上传合并的证明材料"), "document")
    row = _row(
        enterprise,
        by,
        Kind.MERGED,
        effective_on,
        f"{enterprise.name} {enterprise.uscc}",
        f"{successor.name} {successor.uscc}",
        source,
        document,
        other=successor,
    )
    add(
        EnterpriseChange(
            enterprise=successor,
            kind=Kind.ABSORBED,
            effective_on=effective_on,
            before=row.before,
            after=row.after,
            other=enterprise,
            document=row.document,
            source=row.source,
            recorded_by=by,
        )
    )
    enterprise.close(
        reason=_("自 %(day)s 起被%(name)s（%(code)s）吸收合并")
        % {
            "day": f"{effective_on.year} 年 {effective_on.month} 月 {effective_on.day} 日",
            "name": successor.name,
            "code": successor.uscc,
        }
    )
    enterprise.version += 1
    enterprise.save()
    facts = {
        "absorbed": enterprise.name,
        "successor": successor.name,
        "uscc": successor.uscc,
        "effective_on": effective_on,
        "source": row.source,
        "document_sha256": row.document.sha256,
    }
    record("record_merger", enterprise, by, also=office_of(successor.district), **facts)
    events.record(
        "record_absorption",
        successor,
        by,
        tell=[Audience("enterprise", successor.pk)],
        enterprise=successor.name,
        **facts,
    )
    return row


def said_parent(enterprise: Enterprise) -> str:
    """Its parent as a line tells it: name and code; "" for none."""
    if enterprise.parent_id:
        return f"{enterprise.parent.name} {enterprise.parent.uscc}"
    return f"{enterprise.parent_name} {enterprise.parent_uscc}".strip()


def _lock(*enterprises: Enterprise) -> None:
    """Both sides, by id: two mergers at once wait for each other in one order."""
    ids = [one.pk for one in enterprises]
    list(Enterprise.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values("pk"))


def _changing(enterprise: Enterprise, by: User, kind: str, effective_on: date) -> Enterprise:
    """The enterprise, locked, if this person may enter such a change of that day."""
    enterprise = own(enterprise, by)
    if enterprise.state == Enterprise.State.CLOSED:
        raise ClaimRefused(_("企业已注销，不能登记变更"), code="state")
    if effective_on > clock.today():
        raise ClaimRefused(_("生效日还没有到，请在生效当日或之后登记"), "effective_on")
    if enterprise.established_on and effective_on < enterprise.established_on:
        raise ClaimRefused(_("生效日不能早于企业成立日期"), "effective_on")
    last = enterprise.changes.filter(kind=kind).order_by("-effective_on", "-pk").first()
    if last and effective_on < last.effective_on:
        raise ClaimRefused(
            _("已登记 %(day)s 的%(kind)s，生效日不能早于该日")
            % {"day": last.effective_on, "kind": last.get_kind_display()},
            "effective_on",
        )
    return enterprise


def _name(typed: str) -> str:
    name = " ".join((typed or "").split())
    if len(name) < 4:
        raise ClaimRefused(_("请填写营业执照上的全称"), "name")
    if len(name) > LONGEST_NAME:
        raise ClaimRefused(_("名称不能超过 %d 个字") % LONGEST_NAME, "name")
    return name


def _row(enterprise, by, kind, effective_on, before, after, source, document, other=None) -> EnterpriseChange:
    row = EnterpriseChange(
        enterprise=enterprise,
        kind=kind,
        effective_on=effective_on,
        before=before,
        after=after,
        other=other,
        source=source.strip(),
        recorded_by=by,
        document=proof(document, by),
    )
    add(row)
    return row


def _changed(row: EnterpriseChange, enterprise: Enterprise, by: User, *fields: str) -> EnterpriseChange:
    """The register as it stands after the change, and its event."""
    enterprise.version += 1
    enterprise.save(update_fields=[*fields, "version"])
    record(
        "record_change",
        enterprise,
        by,
        kind=str(row.get_kind_display()),
        effective_on=row.effective_on,
        before=row.was,
        after=row.became,
        source=row.source,
        document_sha256=row.document.sha256 if row.document else None,
    )
    return row
