"""Making the demo's people: named accounts, and for every district an officer and a head."""

from datetime import date

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from demo.accounts import PASSWORD, PEOPLE
from foundation.accounts.models import Office, Post, User
from foundation.accounts.roles import IN_THE_ADMIN, Role

SINCE = date(2024, 10, 10)


class People:
    """Users by username, and the acting official of a role at an office."""

    def __init__(self):
        self._begin()
        offices = {office.code: office for office in Office.objects.all()}
        for username, office, role, _place in PEOPLE:
            user = self.user(username, email=f"{username}@demo.example")
            if role:
                user.is_staff = role in IN_THE_ADMIN
                user.save(update_fields=["is_staff"])
                self._post(user, offices[office], role)
        for office in offices.values():
            if office.kind != Office.Kind.DISTRICT:
                continue
            for role in (Role.DISTRICT_OFFICER, Role.DISTRICT_HEAD):
                if (role, office.pk) not in self._acting:
                    self._post(self.user(f"{office.code}-{role.value[9:]}"), office, role)

    def _begin(self):
        self._password = make_password(PASSWORD)
        self.by_name: dict[str, User] = {}
        self._acting: dict[tuple[str, int], User] = {}

    @classmethod
    def standing(cls) -> "People":
        """The people that were made before."""
        people = cls.__new__(cls)
        people._begin()
        for post in Post.objects.select_related("user").order_by("pk"):
            people._acting.setdefault((Role(post.role), post.office_id), post.user)
        return people

    def user(self, username: str, email: str = "") -> User:
        user = User.objects.create(
            username=username, full_name=f"演示{username}", email=email, password=self._password
        )
        if email:
            # Known to be theirs, so that the address pages of allauth have nothing to write.
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        self.by_name[username] = user
        return user

    def acting(self, role: Role, office: Office | int) -> User:
        """Who acts in that role at that office."""
        return self._acting[role, getattr(office, "pk", office)]

    def _post(self, user: User, office: Office, role: Role) -> None:
        Post.objects.create(user=user, office=office, role=role, since=SINCE)
        self._acting.setdefault((role, office.pk), user)
