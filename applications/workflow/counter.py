"""窗口代填: beginning a draft for an enterprise that came to the counter; filling in and submitting go the usual way."""

from django.db import transaction
from django.utils.translation import gettext as _

from applications.models import Application, CounterFiling
from applications.verbs import Refused, base_facts, move_steps, refuse_not_open
from enterprises.models import Enterprise
from foundation.accounts.models import Office, User
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.files import files
from measures.models import CallItem

LONGEST_NAME = 60
LONGEST_IDENTITY = CounterFiling._meta.get_field("identity_shown").max_length


@transaction.atomic
def begin_at_counter(
    call_item: CallItem,
    enterprise: Enterprise,
    by: User,
    *,
    requester: str,
    identity_shown: str,
    scan,
    answers: dict | None = None,
) -> Application:
    """Begin a draft on the request of somebody who came with the signed application on paper.

    requester: their name. identity_shown: which document was looked at. scan: the signed paper (an upload;
    RefusedFile). The officer never reviews the case; the enterprise's people, if there are any, are told. Raises
    Refused with `fields`.
    """
    at = clock.now()
    enterprise = Enterprise.objects.select_related("district").get(pk=enterprise.pk)
    office = counter_of(by, enterprise)
    if office is None:
        raise Refused("forbidden", _("只能为本区的企业代填"))
    refuse_not_open(call_item.call, at)
    refuse_unfit(enterprise)
    requester, identity_shown = (" ".join((text or "").split()) for text in (requester, identity_shown))
    problems = {}
    if not 2 <= len(requester) <= LONGEST_NAME:
        problems["requester"] = [_("请填写来办人的姓名")]
    if not 2 <= len(identity_shown) <= LONGEST_IDENTITY:
        problems["identity_shown"] = [_("请写明核对了什么证件")]
    if problems:
        raise Refused("invalid", _("请补齐来办人的信息"), problems)
    case = Application.objects.create(
        call_item=call_item,
        enterprise=enterprise,
        created_by=by,
        created_at=at,
        filed_by=by,
        form=call_item.form,
        answers=answers or {},
        stage_started_at=at,
    )
    paper = CounterFiling.objects.create(
        application=case,
        office=office,
        by=by,
        requester=requester,
        identity_shown=identity_shown,
        scan=files.store(scan, by),
        at=at,
    )
    move_steps([case], "begin_at_counter", at)
    facts = base_facts(case, "") | {
        "enterprise": enterprise.name,
        "office": str(office),
        "identity_shown": paper.identity_shown,
        "scan_sha256": paper.scan.sha256,
    }
    events.record("begin_at_counter", case, by, tell=[Audience("enterprise", enterprise.pk)], **facts)
    return case


def counter_of(by: User, enterprise: Enterprise) -> Office | None:
    """The office at whose counter this officer may fill in for the enterprise: its district's, or the commission's."""
    offices = Office.objects.filter(pk__in=by.offices_where(Permission.FILE_AT_COUNTER)).order_by("pk")
    fitting = [
        office
        for office in offices
        if office.kind == Office.Kind.MUNICIPAL or office.district_id == enterprise.district_id
    ]
    return fitting[0] if fitting else None


def refuse_unfit(enterprise: Enterprise) -> None:
    """An enterprise for which nobody has an account may come to the counter; a suspended or closed one not."""
    if enterprise.barred:
        raise Refused("state", enterprise.barred)
