"""What the frame asks the rooms above it for, and when."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from foundation.accounts.models import User
from foundation.display import context, surfaces

ENTRIES = [
    {"label": "首页", "url": "/"},
    {"label": "我的申请", "url": "/applications/"},
    {"label": "草稿", "url": "/applications/drafts/", "count": 3},
]


@pytest.fixture
def portal():
    kept = dict(surfaces._surfaces)
    surfaces.register("portal", nav=lambda request: ENTRIES)
    yield
    surfaces._surfaces.clear()
    surfaces._surfaces.update(kept)


def request(path, user=None):
    made = RequestFactory().get(path)
    made.user = user or AnonymousUser()
    return made


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", "首页"),
        ("/applications/", "我的申请"),
        ("/applications/12/", "我的申请"),
        ("/applications/drafts/3/", "草稿"),
        ("/elsewhere/", None),
    ],
)
def test_the_entry_with_the_longest_matching_path_is_current(portal, path, current):
    active = [entry["label"] for entry in surfaces.navigation(request(path)) if entry["active"]]
    assert active == ([current] if current else [])


def test_a_face_may_decide_itself_which_entry_is_current(portal):
    surfaces.register("portal", nav=lambda request: [{**ENTRIES[0], "active": True}, ENTRIES[1]])
    active = [entry["label"] for entry in surfaces.navigation(request("/applications/")) if entry["active"]]
    assert active == ["首页"]


def test_a_face_that_has_registered_nothing_has_no_navigation(portal):
    surfaces._surfaces.clear()
    assert surfaces.navigation(request("/")) == []


def test_paths_under_desk_belong_to_the_desk():
    assert surfaces.of(request("/desk/queue/")) == "desk"
    assert surfaces.of(request("/deskwork/")) == "portal"


def test_the_surroundings_ask_nothing_of_the_database_until_a_template_does():
    # no django_db mark: any query here fails
    known = context.surroundings(request("/", User(username="shi-li")))
    assert known["surface"] == "portal"


def test_nobody_has_no_unread_messages_and_no_label():
    known = context.surroundings(request("/"))
    assert known["unread"]() == 0
    assert known["account_label"]() == ""


@pytest.mark.django_db
def test_unread_messages_are_counted_once_a_request(django_assert_num_queries):
    user = User.objects.create_user("shi-li", password=None)
    known = context.surroundings(request("/", user))
    known["unread"]()
    with django_assert_num_queries(0):
        assert known["unread"]() == 0
