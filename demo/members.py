"""The people of the demo's enterprises: an agent who acts for two, a viewer, a request to join that waits."""

from datetime import timedelta

from demo.people import People
from enterprises import joining_workflow, workflow
from enterprises.member_roles import MemberRole
from enterprises.models import Enterprise, Member
from foundation.accounts.models import User
from foundation.clock import clock

# Who joins whom, in which role; an agent for half a year.
_MEMBERS = [
    ("daiban1", "qiye1", MemberRole.AGENT),
    ("daiban1", "qiye2", MemberRole.AGENT),
    ("chakan1", "qiye1", MemberRole.VIEWER),
]
_TERM = timedelta(days=180)


def load(people: People) -> None:
    """Admit them by the owners, as it is done on the members' page."""
    for username, owner, role in _MEMBERS:
        claim = _ask(people.by_name[username], people.by_name[owner], "企业财务代理")
        if claim is not None:
            until = clock.today() + _TERM if role == MemberRole.AGENT else None
            joining_workflow.admit(claim, people.by_name[owner], role, until)
    _ask(people.user("jiaru1", email="jiaru1@demo.example"), people.by_name["qiye1"], "研发部，负责本次申报")


def _ask(by: User, owner: User, note: str):
    enterprise = _owned(owner)
    if enterprise is None:
        return None
    return workflow.claim(
        by, uscc=enterprise.uscc, name=enterprise.name, district=enterprise.district, note=note
    )


def _owned(owner: User) -> Enterprise | None:
    member = Member.objects.owners().filter(user=owner).select_related("enterprise__district").first()
    return member.enterprise if member else None
