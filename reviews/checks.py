"""The room's check: every live case has somebody who may handle it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.states import VERBS
from foundation.health import health
from foundation.health.health import Problem
from reviews import covering


def check() -> Iterator[Problem]:
    for one in covering.uncovered():
        verb = VERBS[one.duty.verb].name if one.duty.verb in VERBS else _("提出拨付")
        yield Problem(
            f"reviews.uncovered.{one.office.code}.{one.duty.state}",
            _("%(office)s有 %(count)d 件申请等待“%(verb)s”，但今天没有人可以办理")
            % {"office": one.office, "count": one.count, "verb": verb},
            _(
                "请为该机构授予任职或者指定代理：人员页；在任的人已回避或者已在前一环节签署的，须由另一人办理。"
            ),
        )


def register() -> None:
    health.register("reviews.uncovered", gettext_lazy("无人办理的申请"), check)
