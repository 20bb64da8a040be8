"""Users, districts, offices, and the posts that people hold there."""

from functools import cached_property

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.management.base import CommandError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.fields import EncryptedTextField
from foundation.accounts.roles import NEVER_DEPUTISED, PERMISSIONS, Permission, Role
from foundation.clock import clock

# What the system administrator finds in the admin.
OPERATED = frozenset({"accounts", "operations", "django_celery_beat"})
# What the security administrator reads there.
LOGGED = frozenset({"accounts", "events"})
# Apps whose admin is for those who run the system, not for those who make policy.
MACHINERY = {"django_celery_beat", "account"}


class District(models.Model):
    """One of the 16 districts of Shanghai (GB/T 2260)."""

    code = models.CharField(_("行政区划代码"), max_length=6, primary_key=True)
    name = models.CharField(_("名称"), max_length=20, unique=True)
    pinyin = models.CharField(_("排序拼音"), max_length=40)

    class Meta:
        verbose_name = _("区")
        verbose_name_plural = _("区")
        ordering = ["code"]

    def __str__(self):
        return self.name


class Office(models.Model):
    """A body that acts: a district's reviewing body, a municipal unit, or finance.

    Its name is data, not code: the reviewing bodies are called differently from district to district.
    """

    class Kind(models.TextChoices):
        DISTRICT = "district", _("区级主管部门")
        MUNICIPAL = "municipal", _("市级部门")
        FINANCE = "finance", _("资金拨付部门")

    code = models.SlugField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=60, unique=True)
    short_name = models.CharField(_("简称"), max_length=30)
    kind = models.CharField(_("类别"), max_length=12, choices=Kind.choices)
    district = models.ForeignKey(
        District, models.PROTECT, null=True, blank=True, related_name="offices", verbose_name=_("所属区")
    )
    phone = models.CharField(_("咨询电话"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("机构")
        verbose_name_plural = _("机构")
        ordering = ["kind", "code"]
        constraints = [
            models.CheckConstraint(
                name="office_district_by_kind",
                condition=Q(kind="district", district__isnull=False)
                | (~Q(kind="district") & Q(district__isnull=True)),
                violation_error_message=_("区级主管部门必须选择所属区，其他机构不得选择"),
            ),
            models.UniqueConstraint(
                name="office_one_per_district",
                fields=["district"],
                condition=Q(kind="district"),
                violation_error_message=_("该区已有主管部门"),
            ),
        ]

    def __str__(self):
        return self.short_name or self.name


class Users(UserManager):
    use_in_migrations = False

    def create_superuser(self, *args, **options):
        """Refused, for `createsuperuser` too: nobody stands above the rules."""
        raise CommandError(
            "本系统没有超级用户。第一个系统管理员：manage.py first_administrator 用户名 邮箱 --name 姓名"
        )


class User(AbstractUser):
    """A person who signs in: an enterprise's, an officer, or the commission's."""

    first_name = None
    last_name = None
    full_name = models.CharField(_("姓名"), max_length=60, blank=True)
    # Written by foundation.accounts.phones alone, once the person has confirmed it.
    phone = EncryptedTextField(_("手机号"), blank=True, default="")
    phone_fingerprint = models.CharField(max_length=64, blank=True, default="", editable=False)
    phone_confirmed_at = models.DateTimeField(_("手机号确认时间"), null=True, blank=True, editable=False)

    objects = Users()

    class Meta(AbstractUser.Meta):
        verbose_name = _("用户")
        verbose_name_plural = _("用户")
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                name="user_phone_confirmed_whole",
                condition=Q(phone_confirmed_at__isnull=True) | (~Q(phone="") & ~Q(phone_fingerprint="")),
            ),
            # Nobody stands above the rules: accounts are the system administrator's, cases the officers'.
            models.CheckConstraint(name="user_never_superuser", condition=Q(is_superuser=False)),
        ]

    is_system = False

    def get_full_name(self):
        return self.full_name or self.username

    def get_short_name(self):
        return self.get_full_name()

    def __str__(self):
        return self.get_full_name()

    @cached_property
    def posts_now(self) -> list["Post"]:
        """The posts whose work is this person's today: their own first, then those in whose holder's place they
        act as a deputy (`post.user` is that holder). One query, kept for the life of this object."""
        if not self.is_active or self.pk is None:
            return []
        today = clock.today()
        deputising = Deputyship.objects.in_force(today).filter(deputy=self, post=OuterRef("pk"))
        posts = list(
            Post.objects.held_on(today)
            .filter(Q(user=self) | Q(Exists(deputising), user__is_active=True))
            .select_related("office", "user")
        )
        own = [post for post in posts if post.user_id == self.pk]
        # Whoever left the office deputises there no more.
        offices = {post.office_id for post in own}
        return own + [post for post in posts if post.user_id != self.pk and post.office_id in offices]

    def may(self, permission: str, office_id: int | None = None) -> bool:
        """Whether a post of this person carries the permission (at that office, where one is given)."""
        return any(
            self._carries(post, permission) and (office_id is None or post.office_id == office_id)
            for post in self.posts_now
        )

    def offices_where(self, permission: str) -> set[int]:
        """Ids of the offices at which this person may do that."""
        return {post.office_id for post in self.posts_now if self._carries(post, permission)}

    def _carries(self, post: "Post", permission: str) -> bool:
        """Whether that post lets this person do it; not everything passes on to a deputy."""
        own = post.user_id == self.pk
        return permission in PERMISSIONS[post.role] and (own or permission not in NEVER_DEPUTISED)

    def in_place_of(self, permission: str, office_id: int | None) -> "User | None":
        """Whose deputy this person is in doing that at the office; None where their own post carries it."""
        fitting = [
            post for post in self.posts_now if post.office_id == office_id and self._carries(post, permission)
        ]
        if not fitting or fitting[0].user_id == self.pk:
            return None
        return fitting[0].user

    def capacities(self, permission: str) -> dict[int, set[int]]:
        """{the holder's id: ids of offices}: where this person may do that by their own post (under their own
        id), and where only in somebody's place."""
        found: dict[int, set[int]] = {}
        taken: set[int] = set()
        for post in self.posts_now:
            if self._carries(post, permission) and post.office_id not in taken:
                taken.add(post.office_id)
                found.setdefault(post.user_id, set()).add(post.office_id)
        return found

    @property
    def is_officer(self) -> bool:
        return bool(self.posts_now)

    @property
    def actor_label(self) -> str:
        """How an event names this person: office and role, never the name."""
        if self.posts_now:
            post = self.posts_now[0]
            return f"{post.office} · {post.get_role_display()}"
        return "企业用户"

    def has_perm(self, perm, obj=None):
        """Django's own permissions serve the admin alone: configuration for the policy administrator,
        accounts and operation for the system administrator, reading for the auditor; the machinery's own pages for
        who runs it."""
        if not self.is_active:
            return False
        room, action = perm.partition(".")[0], perm.rpartition(".")[2].partition("_")[0]
        if room in MACHINERY:
            return self.may(Permission.OPERATE) and room in OPERATED
        if self.may(Permission.READ_LOG) and action == "view" and room in LOGGED:
            return True
        if self.may(Permission.CONFIGURE):
            return room in {"accounts", "measures", "workdays", "enterprises"} or action == "view"
        if self.may(Permission.OPERATE) and room in OPERATED:
            return True
        return action == "view" and self.may(Permission.AUDIT)

    def has_module_perms(self, app_label):
        if not self.is_active:
            return False
        if self.may(Permission.OPERATE) and app_label in OPERATED:
            return True
        if self.may(Permission.READ_LOG) and app_label in LOGGED:
            return True
        return app_label not in MACHINERY and (self.may(Permission.CONFIGURE) or self.may(Permission.AUDIT))


class PostQuerySet(models.QuerySet):
    def held_on(self, day):
        """Posts in force on that day, the first and the last day included."""
        return self.filter(since__lte=day).filter(Q(until__isnull=True) | Q(until__gte=day))


class Post(models.Model):
    """A role that somebody holds at an office, from a day to a day."""

    user = models.ForeignKey(User, models.PROTECT, related_name="posts", verbose_name=_("用户"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="posts", verbose_name=_("机构"))
    role = models.CharField(_("角色"), max_length=30, choices=Role.choices)
    since = models.DateField(_("任职起"), default=clock.today)
    until = models.DateField(_("任职止"), null=True, blank=True)
    given_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("授予人")
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="post_once",
                fields=["user", "office", "role"],
                condition=Q(until__isnull=True),
                violation_error_message=_("此人在该机构已有同一角色"),
            ),
            models.CheckConstraint(
                name="post_term_in_order",
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
                violation_error_message=_("任职止不得早于任职起"),
            ),
            models.CheckConstraint(
                name="post_given_by_another",
                condition=Q(given_by__isnull=True) | ~Q(given_by=models.F("user")),
                violation_error_message=_("不能给自己授予任职"),
            ),
        ]

    def __str__(self):
        return f"{self.office} · {self.get_role_display()}"

    def overlaps(self, other: "Post") -> bool:
        """Whether the two share a day."""
        return (self.until is None or other.since <= self.until) and (
            other.until is None or self.since <= other.until
        )


class DeputyshipQuerySet(models.QuerySet):
    def in_force(self, day):
        """Those that hold on that day, the first and the last day included, and were not ended early."""
        return self.filter(since__lte=day, until__gte=day, ended_at=None)


class Deputyship(models.Model):
    """Somebody acts in the place of a post's holder, from a day to a day (代理); whether it holds is computed.

    Same office, and of the post's role alone. What was signed so is recorded as done by the deputy in the
    holder's place, and for every second signature the two count as one person.
    """

    post = models.ForeignKey(Post, models.PROTECT, related_name="deputyships", verbose_name=_("任职"))
    holder = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("被代理人"))
    deputy = models.ForeignKey(User, models.PROTECT, related_name="deputyships", verbose_name=_("代理人"))
    since = models.DateField(_("代理起"))
    until = models.DateField(_("代理止"))
    reason = models.CharField(_("事由"), max_length=200)
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("指定人"))
    named_at = models.DateTimeField(_("指定时间"), default=clock.now)
    ended_at = models.DateTimeField(_("提前结束"), null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = DeputyshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("代理")
        verbose_name_plural = _("代理")
        ordering = ["-since", "-pk"]
        indexes = [models.Index(fields=["deputy", "until"], name="deputyship_of_deputy")]
        constraints = [
            models.CheckConstraint(
                name="deputyship_term_in_order", condition=Q(until__gte=models.F("since"))
            ),
            models.CheckConstraint(name="deputyship_of_another", condition=~Q(deputy=models.F("holder"))),
            models.CheckConstraint(name="deputyship_with_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="deputyship_ended_whole",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.deputy_id} → {self.post_id}"


class PhoneCode(models.Model):
    """A code that was sent to a mobile number, for its owner to show that it is theirs; kept to limit the rate.

    The number is encrypted, the code a keyed digest; used once, for ten minutes, with five attempts.
    """

    runtime_rights = ("SELECT", "INSERT", "UPDATE", "DELETE")

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("用户"))
    phone = EncryptedTextField(_("手机号"))
    fingerprint = models.CharField(max_length=64, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    sent_at = models.DateTimeField(_("发送时间"), default=clock.now)
    used_at = models.DateTimeField(_("使用时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("手机验证码")
        verbose_name_plural = _("手机验证码")
        indexes = [
            models.Index(fields=["user", "-sent_at"], name="phonecode_of_user"),
            models.Index(fields=["fingerprint", "-sent_at"], name="phonecode_of_phone"),
        ]

    def __str__(self):
        return f"{self.user_id} {self.sent_at:%Y-%m-%d %H:%M}"
