"""人员: officials' accounts, posts and deputies. The system administrator keeps them, heads arrange their own office."""

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk import nav
from desk.forms import people as forms_of
from desk.views.refusals import require
from foundation.accounts import people as reach
from foundation.accounts import workflow
from foundation.accounts.access import NotAllowed, officers
from foundation.accounts.models import Office, Post, User
from foundation.accounts.roles import DEPUTISED, Role
from foundation.accounts.roles import Permission as P
from foundation.accounts.workflow import AccountRefused
from foundation.accounts.workflow.deputies import may_arrange
from foundation.clock import clock
from foundation.events import events
from foundation.lists.columns import Column
from foundation.lists.lists import List
from reviews.access import awaiting

EVENTS_SHOWN = 20
# How the log names what happened to an account.
HAPPENED = {
    "open_account": gettext_lazy("开通账号"),
    "lock_account": gettext_lazy("停用账号"),
    "unlock_account": gettext_lazy("恢复账号"),
    "give_post": gettext_lazy("授予任职"),
    "end_post": gettext_lazy("结束任职"),
    "name_deputy": gettext_lazy("指定代理"),
    "end_deputyship": gettext_lazy("结束代理"),
    "hand_over": gettext_lazy("移交"),
    "sign_in": gettext_lazy("登录"),
    "refuse_sign_in": gettext_lazy("登录被拒（密码不对）"),
    "confirm_number": gettext_lazy("确认手机号"),
    "remove_number": gettext_lazy("移除手机号"),
}


class PeopleFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=gettext_lazy("搜索"),
        method="search",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("姓名、用户名"), "autocomplete": "off"}),
    )
    role = django_filters.ChoiceFilter(
        label=gettext_lazy("角色"), method="in_role", choices=Role.choices, empty_label=gettext_lazy("全部")
    )
    office = django_filters.ModelChoiceFilter(
        label=gettext_lazy("机构"),
        method="at_office",
        queryset=Office.objects.all(),
        empty_label=gettext_lazy("全部"),
    )

    class Meta:
        model = User
        fields: list[str] = []

    def search(self, rows, name, value):
        return rows.filter(Q(full_name__icontains=value) | Q(username__icontains=value))

    def _now(self, **wanted):
        return Post.objects.held_on(clock.today()).filter(**wanted).order_by().values("user")

    def in_role(self, rows, name, value):
        return rows.filter(pk__in=self._now(role=value))

    def at_office(self, rows, name, value):
        return rows.filter(pk__in=self._now(office=value))


class PeopleList(List):
    title = gettext_lazy("人员")
    filterset_class = PeopleFilter
    default_sort = "username"
    columns = (
        Column("name", gettext_lazy("姓名"), "get_full_name"),
        Column("username", gettext_lazy("用户名"), "username", sort="username"),
        Column("posts", gettext_lazy("任职"), lambda person: "、".join(str(one) for one in person.now)),
        Column("state", gettext_lazy("账号"), lambda person: _("在用") if person.is_active else _("停用")),
    )


@officers(*nav.PEOPLE)
@require_safe
def people(request):
    held = Prefetch(
        "posts",
        Post.objects.held_on(clock.today()).select_related("office").order_by("pk"),
        to_attr="now",
    )
    listing = PeopleList(reach.visible(request.user).prefetch_related(held), request)
    return render(
        request,
        "desk/people.html",
        {
            "list": listing,
            "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
            "rows": listing.page.rows,
            "may_open": request.user.may(P.OPERATE),
        },
    )


@officers(P.OPERATE)
@require_http_methods(["GET", "POST"])
def person_new(request):
    form = forms_of.AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            opened = workflow.open_account(
                request.user, username=data["username"], full_name=data["full_name"], address=data["email"]
            )
        except AccountRefused as refusal:
            _refused(form, refusal)
        else:
            messages.success(request, _("已开通 %s 的账号，请接着授予任职。") % opened)
            return redirect("desk:person", opened.pk)
    return render(
        request, "desk/person_new.html", {"form": form}, status=422 if request.method == "POST" else 200
    )


@officers(*nav.ANYTHING)
@require_safe
def person(request, pk: int):
    """An official's page; one's own is open to everybody with a post: there they name their deputy."""
    return show(request, reach.official(request.user, pk))


def show(request, found: User, bound: dict | None = None, status: int = 200):
    """The page; bound: forms just refused, by their kind (and post)."""
    user, bound = request.user, bound or {}
    mine = found.pk == user.pk
    operates = user.may(P.OPERATE) and not mine
    posts = list(reach.posts(user, found))
    live = [one for one in posts if one.until is None or one.until >= clock.today()]
    arrangements = list(
        reach.deputyships(user)
        .filter(Q(holder=found) | Q(deputy=found), until__gte=clock.today(), ended_at=None)
        .order_by("since", "pk")
    )
    hands_over = not mine and bool(live) and _may_hand_over(user, found, live)
    log = events.timeline(found).order_by("-seq") if mine or any(user.may(p) for p in reach.SEES_ALL) else ()
    return render(
        request,
        "desk/person.html",
        {
            "person": found,
            "mine": mine,
            "posts": [_post_row(user, one, operates, bound) for one in posts],
            "arrangements": [
                {"row": one, "may_end": one.deputy_id == user.pk or may_arrange(user, one.post)}
                for one in arrangements
            ],
            "operates": operates,
            "post_form": bound.get("post") or forms_of.PostForm(),
            "lock_form": bound.get("lock") or forms_of.WhyForm(prefix="lock"),
            "hand_over_form": (
                bound.get("hand_over")
                or forms_of.HandOverForm(posts=live, gives=user.may(P.OPERATE), by=user)
            )
            if hands_over
            else None,
            "live_work": _live_work(user, found),
            "recusals": _recusals(user, found),
            "log": [
                {
                    "event": one,
                    "label": HAPPENED.get(one.verb, one.verb),
                    "what": " · ".join(
                        str(one.facts[key])
                        for key in ("office", "role", "deputy_name", "reason")
                        if one.facts.get(key)
                    ),
                }
                for one in log[:EVENTS_SHOWN]
            ],
            "shows_log": log != (),
        },
        status=status,
    )


def _post_row(user: User, post: Post, operates: bool, bound: dict) -> dict:
    today = clock.today()
    live = post.until is None or post.until >= today
    may = live and post.role in DEPUTISED and may_arrange(user, post)
    return {
        "post": post,
        "live": live and post.since <= today,
        "future": post.since > today,
        "end_form": (bound.get(f"end-{post.pk}") or forms_of.LastDayForm(post=post))
        if operates and live
        else None,
        "deputy_form": (bound.get(f"deputy-{post.pk}") or forms_of.DeputyForm(post=post, by=user))
        if may
        else None,
    }


def _may_hand_over(user: User, found: User, live: list[Post]) -> bool:
    return user.may(P.OPERATE) or all(user.may(P.ARRANGE_STAFF, one.office_id) for one in live)


def _live_work(user: User, found: User) -> int | None:
    """How many cases wait for this person; not for who sees no case."""
    if found.pk == user.pk or user.offices_where(P.ARRANGE_STAFF):
        return awaiting(found).count()
    return None


def _recusals(user: User, found: User):
    """What this person keeps out of: for themselves and whoever arranges their office."""
    if found.pk != user.pk and not user.offices_where(P.ARRANGE_STAFF):
        return ()
    return found.recusals.filter(lifted_at=None).select_related("application", "enterprise").order_by("-pk")


@officers(P.OPERATE)
@require_POST
def person_post(request, pk: int):
    found = reach.official(request.user, pk)
    form = forms_of.PostForm(request.POST)
    return _act(
        request,
        found,
        form,
        "post",
        lambda data: workflow.give_post(found, request.user, **data),
        _("已授予任职，并通知本人。"),
    )


@officers(P.OPERATE)
@require_POST
def post_end(request, pk: int):
    post = reach.post(request.user, pk)
    form = forms_of.LastDayForm(request.POST, post=post)
    return _act(
        request,
        post.user,
        form,
        f"end-{pk}",
        lambda data: workflow.end_post(post, request.user, data["last_day"]),
        _("任职的最后一天已登记，并通知本人。"),
    )


@officers(P.OPERATE)
@require_POST
def person_lock(request, pk: int):
    found = reach.official(request.user, pk)
    return _act(
        request,
        found,
        forms_of.WhyForm(request.POST, prefix="lock"),
        "lock",
        lambda data: workflow.lock_account(found, request.user, data["reason"]),
        _("账号已停用。"),
    )


@officers(P.OPERATE)
@require_POST
def person_unlock(request, pk: int):
    found = reach.official(request.user, pk)
    return _act(
        request,
        found,
        forms_of.WhyForm(request.POST, prefix="lock"),
        "lock",
        lambda data: workflow.unlock_account(found, request.user, data["reason"]),
        _("账号已恢复。"),
    )


@officers(*nav.HANDLERS, P.OPERATE)
@require_POST
def post_deputy(request, pk: int):
    post = reach.post(request.user, pk)
    require(may_arrange(request.user, post))
    form = forms_of.DeputyForm(request.POST, post=post, by=request.user)
    return _act(
        request,
        post.user,
        form,
        f"deputy-{pk}",
        lambda data: workflow.name_deputy(post, request.user, **data),
        _("已指定代理，并通知双方。"),
    )


@officers(*nav.HANDLERS, P.OPERATE)
@require_POST
def deputyship_end(request, pk: int):
    row = reach.deputyships(request.user).filter(pk=pk).first()
    if row is None:
        raise Http404
    try:
        workflow.end_deputyship(row, request.user)
    except AccountRefused as refusal:
        if refusal.code == "forbidden":
            raise NotAllowed(refusal.message) from refusal
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("代理已结束，并通知双方。"))
    seen = row.holder_id if reach.visible(request.user).filter(pk=row.holder_id).exists() else request.user.pk
    return redirect("desk:person", seen)


@officers(P.OPERATE, P.ARRANGE_STAFF)
@require_POST
def person_hand_over(request, pk: int):
    found = reach.official(request.user, pk)
    live = [
        one for one in reach.posts(request.user, found) if one.until is None or one.until >= clock.today()
    ]
    form = forms_of.HandOverForm(request.POST, posts=live, gives=request.user.may(P.OPERATE), by=request.user)
    return _act(
        request,
        found,
        form,
        "hand_over",
        lambda data: workflow.hand_over(
            found,
            request.user,
            last_day=data["last_day"],
            successors=form.successors(),
            reason=data["reason"],
        ),
        _("已移交，任职的最后一天已登记，并通知接办人。"),
    )


def _act(request, found: User, form, name: str, verb, done: str):
    """Call the verb if the form is right; back to the page, or the page with what is wrong."""
    if form.is_valid():
        try:
            verb(form.cleaned_data)
        except AccountRefused as refusal:
            _refused(form, refusal)
        else:
            messages.success(request, done)
            return redirect(reverse("desk:person", args=[found.pk]))
    return show(request, found, {name: form}, status=422)


def _refused(form, refusal: AccountRefused) -> None:
    if refusal.code == "forbidden":
        raise NotAllowed(refusal.message) from refusal
    form.refuse(refusal)
