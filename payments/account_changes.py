"""What maker and checker must see of the account that is paid to: that it was replaced shortly before or since.

A payment keeps the payee that it was ordered to (paying.order); a later account never redirects it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from applications.models import Application
from enterprises.models import Enterprise, EnterpriseChange
from foundation.clock import clock
from foundation.display.dates import day
from payments.models import Disbursement

# Days before an order within which a replaced account is pointed out (our own rule; the text names none).
RECENT_DAYS = 30


def replaced(enterprises: Collection[int], since: date) -> dict[int, list[EnterpriseChange]]:
    """By enterprise (id) the replacements of its account from that day on, the latest first; one query.

    The first account that an enterprise tells replaces none.
    """
    rows = EnterpriseChange.objects.filter(
        kind=EnterpriseChange.Kind.ACCOUNT, enterprise__in=enterprises, effective_on__gte=since
    ).exclude(before="")
    found: dict[int, list[EnterpriseChange]] = defaultdict(list)
    for row in rows.order_by("-recorded_at", "-pk"):
        found[row.enterprise_id].append(row)
    return found


def recent_day(changes: Iterable[EnterpriseChange], ordered_at: datetime) -> date | None:
    """The day of the last replacement in the RECENT_DAYS before an order; None for none."""
    first = clock.local(ordered_at).date() - timedelta(days=RECENT_DAYS)
    for one in changes:
        if one.recorded_at <= ordered_at and one.effective_on >= first:
            return one.effective_on
    return None


def before_ordering(cases: Collection[Application]) -> dict[int, list[str]]:
    """For who orders: by case (id) what to look at; one query for any number."""
    at = clock.now()
    since = clock.today() - timedelta(days=RECENT_DAYS)
    changes = replaced({case.enterprise_id for case in cases}, since)
    found = defaultdict(list)
    for case in cases:
        if (replaced_on := recent_day(changes[case.enterprise_id], at)) is not None:
            found[case.pk].append(_("%s更换过收款账户，请核对") % day(replaced_on))
        if case.enterprise.state == Enterprise.State.CLOSED:
            found[case.pk].append(_("企业已注销，不能提出：%s") % case.enterprise.state_reason)
    return found


def before_releasing(rows: Collection[Disbursement]) -> dict[int, list[str]]:
    """For who checks: by payment (id) what to look at while it isn't paid; one query for any number."""
    waiting = [row for row in rows if row.state in {row.State.ORDERED, row.State.RELEASED}]
    if not waiting:
        return {}
    since = clock.local(min(row.ordered_at for row in waiting)).date() - timedelta(days=RECENT_DAYS)
    changes = replaced({row.application.enterprise_id for row in waiting}, since)
    found = defaultdict(list)
    for row in waiting:
        enterprise = row.application.enterprise
        own = changes[enterprise.pk]
        later = next((one for one in own if one.recorded_at > row.ordered_at), None)
        if later:
            found[row.pk].append(
                _(
                    "提出后，企业于 %(day)s更换了收款账户（现为%(now)s）；本笔仍付提出时的账户，须付新账户的请退回"
                )
                % {"day": day(later.effective_on), "now": later.after}
            )
        if (replaced_on := recent_day(own, row.ordered_at)) is not None:
            found[row.pk].append(
                _("提出前 %(days)d 天内（%(day)s）更换过收款账户，请核对")
                % {"days": RECENT_DAYS, "day": day(replaced_on)}
            )
        if enterprise.state == Enterprise.State.CLOSED:
            found[row.pk].append(_("收款企业已注销：%s") % enterprise.state_reason)
        if enterprise.name != row.payee_name:
            found[row.pk].append(_("提出后，企业名称已变更为“%s”，请核对户名") % enterprise.name)
    return found
