"""People: of enterprises, and those who hold a post. Offices are those of the catalogue (by their code)."""

from functools import cache
from itertools import count

from django.contrib.auth.hashers import make_password

from foundation.accounts.models import Office, Post, User
from foundation.accounts.roles import Role
from foundation.clock import clock

XUHUI, PUDONG = "310104", "310115"
COMMISSION, FINANCE = "kw", "czj"
PASSWORD = "correct-horse-2026"

_numbers = count(1)


def user(username: str | None = None, **fields) -> User:
    """Somebody without a post, with an address and a password."""
    username = username or f"person{next(_numbers)}"
    fields.setdefault("email", f"{username}@example.test")
    return User.objects.create(username=username, password=_hashed(), **fields)


@cache
def _hashed() -> str:
    # Hashing is slow on purpose; once is enough for all.
    return make_password(PASSWORD)


def officer(role: str, office: Office | str, mark: str = "") -> User:
    """Who holds that role at that office: the same person at every call, another one for another mark."""
    office = office if isinstance(office, Office) else Office.objects.get(code=office)
    username = f"{role}.{office.code}{mark}"
    found = User.objects.filter(username=username).first()
    if found:
        return found
    person = user(username, full_name=f"{Role(role).label}{mark}")
    # In office long before, so that cases of any day can be made.
    since = clock.today().replace(year=clock.today().year - 5, day=1)
    Post.objects.create(user=person, office=office, role=role, since=since)
    return person


def district_officer(district: str = XUHUI, mark: str = "") -> User:
    return officer(Role.DISTRICT_OFFICER, f"kw-{district}", mark)


def district_head(district: str = XUHUI, mark: str = "") -> User:
    return officer(Role.DISTRICT_HEAD, f"kw-{district}", mark)


def municipal_officer(mark: str = "") -> User:
    return officer(Role.MUNICIPAL_OFFICER, COMMISSION, mark)


def municipal_head(mark: str = "") -> User:
    return officer(Role.MUNICIPAL_HEAD, COMMISSION, mark)


def finance_maker(mark: str = "") -> User:
    return officer(Role.FINANCE_MAKER, FINANCE, mark)


def finance_checker(mark: str = "") -> User:
    return officer(Role.FINANCE_CHECKER, FINANCE, mark)


def policy_administrator(mark: str = "") -> User:
    return officer(Role.POLICY_ADMINISTRATOR, COMMISSION, mark)


def auditor(mark: str = "") -> User:
    return officer(Role.AUDITOR, COMMISSION, mark)


def system_administrator(mark: str = "") -> User:
    return officer(Role.SYSTEM_ADMINISTRATOR, COMMISSION, mark)


def security_administrator(mark: str = "") -> User:
    return officer(Role.SECURITY_ADMINISTRATOR, COMMISSION, mark)


def consulted_unit(office: str = "jxw", mark: str = "") -> User:
    return officer(Role.CONSULTED_UNIT, office, mark)


def holds(person: User, role: str, office: Office) -> Post:
    """One more post of a person, long since."""
    since = clock.today().replace(year=clock.today().year - 5, day=1)
    return Post.objects.create(user=person, office=office, role=role, since=since)


def unit_liaison(office: str = "sww", mark: str = "") -> User:
    """Who answers for a municipal unit of the policy: by default the commission of commerce."""
    return officer(Role.UNIT_LIAISON, office, mark)


def expert(mark: str = "", office: str = COMMISSION) -> User:
    """Who may review for that office; not in its pool yet."""
    return officer(Role.EXPERT, office, mark)


def service_specialist(office: str = f"kw-{XUHUI}", mark: str = "") -> User:
    """Who serves enterprises for an office: by default Xuhui's."""
    return officer(Role.SERVICE_SPECIALIST, office, mark)
