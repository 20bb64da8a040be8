"""What an enterprise was before: its former codes, and where what a case froze differs from what stands now."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.models import Department, Enterprise, EnterpriseChange, FormerCode
from foundation.accounts.models import User
from foundation.clock import clock
from foundation.display.dates import day
from foundation.display.templatetags.display import masked

Kind = EnterpriseChange.Kind

# What a case freezes of its enterprise and changes by a dated row → how it is called.
_LABELS = {
    "name": (Kind.NAME, gettext_lazy("名称")),
    "uscc": (Kind.USCC, gettext_lazy("统一社会信用代码")),
    "legal_form": (Kind.LEGAL_FORM, gettext_lazy("组织形式")),
}


def present_code(code: str) -> str:
    """The code that stands now for one that an enterprise had before; any other is returned as it is."""
    row = FormerCode.objects.filter(code=code).select_related("enterprise").first()
    return row.enterprise.uscc if row else code


def by_code(code: str) -> Enterprise | None:
    """The enterprise that has the code, or had it before."""
    return Enterprise.objects.filter(uscc=present_code(code)).select_related("district").first()


def had_code(word: str, enterprise: str = "pk") -> Exists:
    """A condition on rows: a former code of the enterprise that they name begins with the word."""
    return Exists(FormerCode.objects.filter(enterprise=OuterRef(enterprise), code__startswith=word.upper()))


@dataclass(frozen=True)
class Now:
    """What stands now in place of a code that stands no more, in words."""

    code: str
    text: str


def superseded(codes: Collection[str]) -> dict[str, Now]:
    """Of these codes those that an enterprise had before or that were merged away → what stands now; two queries."""
    former = FormerCode.objects.filter(code__in=codes).select_related("enterprise", "change").order_by("code")
    found = {
        row.code: Now(
            row.enterprise.uscc,
            _("该代码自 %(day)s 起已变更为 %(code)s（%(name)s），请改用现代码")
            % {
                "day": row.change.effective_on,
                "code": row.enterprise.uscc,
                "name": row.enterprise.name,
            },
        )
        for row in former
        # Who came back to a code has it.
        if row.enterprise.uscc != row.code
    }
    merged = EnterpriseChange.objects.filter(kind=Kind.MERGED, enterprise__uscc__in=codes)
    for row in merged.select_related("enterprise", "other").order_by("pk"):
        found[row.enterprise.uscc] = Now(
            row.other.uscc,
            _("该企业自 %(day)s 起已被%(name)s（%(code)s）吸收合并，请改用合并后企业的代码")
            % {"day": row.effective_on, "name": row.other.name, "code": row.other.uscc},
        )
    return found


def merger_of(enterprise: Enterprise) -> EnterpriseChange | None:
    """By which change it was merged into another (`other`)."""
    if enterprise.state != Enterprise.State.CLOSED:
        return None
    return enterprise.changes.filter(kind=Kind.MERGED).select_related("other__district", "document").first()


def why_closed(enterprise: Enterprise) -> str:
    """Why nobody registers for a closed account, and what to register for instead."""
    merger = merger_of(enterprise)
    if merger is None:
        return _("这个代码的企业账户已注销，不能登记；有疑问请联系所在区")
    return _("这家企业已被%(name)s（%(code)s）吸收合并，请登记合并后的企业") % {
        "name": merger.other.name,
        "code": merger.other.uscc,
    }


def latest_accounts(enterprises: Collection[int]) -> QuerySet[EnterpriseChange]:
    """For each of these enterprises (ids) the last change of its account; one query for any number."""
    rows = EnterpriseChange.objects.filter(kind=Kind.ACCOUNT, enterprise__in=enterprises)
    return rows.order_by("enterprise_id", "-recorded_at", "-pk").distinct("enterprise_id")


@dataclass(frozen=True)
class Difference:
    """What a case froze and what stands now, since when where a dated change says so."""

    key: str
    label: str
    was: str
    now: str
    since: date | None

    @property
    def text(self) -> str:
        """One sentence: 现名称…，自 … 起变更."""
        values = {"label": self.label, "now": self.now, "since": self.since and day(self.since)}
        if self.since is None:
            return _("现%(label)s“%(now)s”，提交后已变更") % values
        return _("现%(label)s“%(now)s”，自 %(since)s起变更") % values


def differences(identity: dict, enterprise: Enterprise) -> list[Difference]:
    """Where the register says something else now than a frozen identity; a query only where it does."""
    now = {
        "name": enterprise.name,
        "uscc": enterprise.uscc,
        "legal_form": str(enterprise.get_legal_form_display()),
    }
    changed = [key for key in now if identity.get(key, now[key]) != now[key]]
    if not changed:
        return []
    kinds = {_LABELS[key][0]: key for key in changed}
    rows = enterprise.changes.filter(kind__in=kinds).order_by("kind", "-effective_on", "-pk").distinct("kind")
    since = {kinds[row.kind]: row.effective_on for row in rows}
    return [Difference(key, str(_LABELS[key][1]), identity[key], now[key], since.get(key)) for key in changed]


def note_account(enterprise: Enterprise, by: User, bank: str, account: str) -> EnterpriseChange | None:
    """The dated line of an account that now stands in the place of this one (or of none, ""), masked."""
    before, after = said_account(bank, account), said_account(enterprise.bank_name, enterprise.bank_account)
    if (bank, account) == (enterprise.bank_name, enterprise.bank_account):
        return None
    return EnterpriseChange.objects.create(
        enterprise=enterprise,
        kind=Kind.ACCOUNT,
        effective_on=clock.today(),
        before=before,
        after=after,
        source=_("企业填报"),
        recorded_at=clock.now(),
        recorded_by=by,
    )


def said_account(bank: str, account: str) -> str:
    """An account as a line may tell it: its bank and the last four digits."""
    return f"{bank} {masked(account)}".strip()


def shown(enterprise: Enterprise) -> QuerySet[EnterpriseChange]:
    """Its changes as a page lists them, the latest first."""
    return enterprise.changes.select_related("document", "other").order_by("-effective_on", "-pk")


def branches(enterprise: Enterprise) -> QuerySet[Enterprise]:
    """Its branches that are not closed."""
    return enterprise.branches.filter(~Q(state=Enterprise.State.CLOSED)).order_by("uscc")


def departments(enterprise: Enterprise) -> QuerySet[Department]:
    """Its internal departments: of each name the row recorded last."""
    return enterprise.departments.order_by("name", "-recorded_at", "-pk").distinct("name")
