"""Forms are written without JSON: piece by piece, tried out, published as the next version, compared."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.accounts.access import NotAllowed
from foundation.events import events
from measures import form_workflow
from measures.admin.form_pieces import FORMS
from measures.form_changes import changes
from measures.forms import Form, editing, reading
from measures.models import FormDraft, FormVersion
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.applications.conftest import monday
from tests.measures.definitions import EVERY_TYPE

__all__ = ["monday"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def item(monday):
    return cases.open_call_item().item


@pytest.fixture
def writer(item):
    person = people.policy_administrator()
    person.is_staff = True
    person.save()
    return person


@pytest.fixture
def client(writer):
    client = Client()
    client.force_login(writer)
    return client


def url(name: str, *arguments) -> str:
    return reverse(f"admin:measures_form_{name}", args=arguments)


def posted(form) -> dict:
    """What a browser sends for a form that nobody touched."""
    return {field.name: field.value() for field in form if field.value() not in (None, False)}


def pieces(raw: dict):
    for place, section in enumerate(raw["sections"]):
        yield "section", str(place)
        for field in section["fields"]:
            yield "field", field["key"]
    for slot in raw["documents"]:
        yield "document", slot["key"]


def begun(client, item) -> FormDraft:
    client.post(url("start", item.pk))
    return FormDraft.objects.get(item=item)


def send(client, address: str, draft: FormDraft, **values):
    draft.refresh_from_db()
    return client.post(address, {"revision": draft.revision, **values}, follow=True)


def test_every_piece_of_every_shipped_form_comes_out_of_the_editor_as_it_went_in(item):
    raws = [EVERY_TYPE, *FormVersion.objects.order_by("pk").values_list("definition", flat=True)]
    assert len(raws) > 2
    for raw in raws:
        for kind, name in pieces(raw):
            shown = FORMS[kind](definition=raw, name=name)
            form = FORMS[kind](posted(shown), definition=raw, name=name)
            assert form.is_valid(), (kind, name, form.errors)
            assert reading.read(form.change(raw)) == reading.read(raw), (kind, name)


def test_a_form_is_written_tried_and_published_without_json(client, item, writer):
    draft = begun(client, item)
    last = draft.base
    send(client, url("add", item.pk, "section"), draft, title="补充情况")
    draft.refresh_from_db()
    place = len(draft.definition["sections"]) - 1
    assert "没有字段" in client.get(url("outline", item.pk)).content.decode()
    add = url("add", item.pk, "field") + f"?section={place}"
    send(
        client,
        add,
        draft,
        label="是否租用设备",
        type="choice",
        key="leases",
        required="on",
        options="yes = 租用\nno = 不租用",
    )
    send(
        client,
        add,
        draft,
        label="出租方",
        type="text",
        required="on",
        max_length="60",
        when=[json.dumps(["leases", "yes"], ensure_ascii=False)],
    )
    send(client, url("add", item.pk, "document"), draft, label="租赁合同", types=["pdf"], max_mb="10")
    page = client.get(url("outline", item.pk)).content.decode()
    for text in ("补充情况", "是否租用设备", "出租方", "租赁合同", "有条件", "修改内容"):
        assert text in page
    preview = client.get(url("preview", item.pk)).content.decode()
    assert "是否租用设备" in preview and 'data-when-field="leases"' in preview
    tried = client.post(url("preview", item.pk), {"leases": "yes"}).content.decode()
    assert "还差" in tried and "出租方" in tried
    answer = send(client, url("publish", item.pk), draft)
    version = FormVersion.objects.filter(item=item).order_by("-number").first()
    assert version.number == last.number + 1 and version.form.by_key["leases"].required
    assert "已发布为第" in answer.content.decode()
    assert not FormDraft.objects.exists()
    told = events.timeline(version).get()
    assert (told.verb, told.actor) == ("publish_form", writer)
    assert "出租方" in [change.label for change in changes(last.form, version.form)]
    shown = client.get(reverse("admin:measures_formversion_change", args=[version.pk])).content.decode()
    assert "与第" in shown and "还没有申报通知使用" in shown
    used = client.get(reverse("admin:measures_formversion_change", args=[last.pk])).content.decode()
    assert "还没有申报通知使用" not in used


def test_what_a_piece_would_break_is_said_on_its_page(client, item):
    draft = begun(client, item)
    answer = send(
        client, url("add", item.pk, "field"), draft, label="选一个", type="choice", options="只有一项"
    )
    assert "至少要有 2 项" in answer.content.decode()
    key = draft.definition["documents"][0]["key"]
    answer = send(
        client, url("add", item.pk, "document"), draft, label="又一份", key=key, types=["pdf"], max_mb="10"
    )
    assert "已有另一项在用" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.revision == 0


def test_a_condition_that_hangs_in_the_air_keeps_the_form_from_being_published(client, item):
    draft = begun(client, item)
    raw = editing.added(
        draft.definition,
        "field",
        {"key": "hangs", "label": "悬着", "type": "text", "when": {"field": "gone", "is": True}},
    )
    form_workflow.edit_form(draft, people.policy_administrator("b"), lambda _raw: raw, "test")
    page = client.get(url("outline", item.pk)).content.decode()
    assert "发布之前要改的地方" in page and "gone" in page
    assert "引用的字段" in send(client, url("publish", item.pk), draft).content.decode()
    assert FormDraft.objects.exists()
    assert client.get(url("preview", item.pk)).status_code == 302


def test_pieces_are_moved_and_removed(client, item):
    draft = begun(client, item)
    first, second = [field["key"] for field in draft.definition["sections"][0]["fields"][:2]]
    send(client, url("move", item.pk, "field", second, "up"), draft)
    draft.refresh_from_db()
    assert [f["key"] for f in draft.definition["sections"][0]["fields"][:2]] == [second, first]
    slot = draft.definition["documents"][-1]["key"]
    send(client, url("remove", item.pk, "document", slot), draft)
    draft.refresh_from_db()
    assert slot not in editing.keys(draft.definition)
    assert send(client, url("remove", item.pk, "document", slot), draft).status_code == 404
    send(client, url("discard", item.pk), draft)
    assert not FormDraft.objects.exists()


def test_who_saw_an_older_draft_is_told_and_changes_nothing(client, item, writer):
    draft = begun(client, item)
    seen = FormDraft.objects.get()
    form_workflow.edit_form(draft, writer, lambda raw: editing.moved(raw, "section", "0", 1), "move")
    for verb in (
        lambda: form_workflow.edit_form(seen, writer, lambda raw: editing.EMPTY, "x"),
        lambda: form_workflow.publish_form(seen, writer),
        lambda: form_workflow.discard_form(seen, writer),
    ):
        with pytest.raises(ValidationError, match="别人刚刚改过"):
            verb()
    answer = client.post(url("publish", item.pk), {"revision": 0}, follow=True)
    assert "别人刚刚改过" in answer.content.decode()
    assert FormDraft.objects.get().revision == 1


def test_nothing_new_and_a_version_that_came_between_are_refused(item, writer):
    draft = form_workflow.start_form(item, writer)
    with pytest.raises(ValidationError, match="没有可以发布的修改"):
        form_workflow.publish_form(draft, writer)
    FormVersion(item=item, number=draft.base.number + 1, definition=EVERY_TYPE).save()
    with pytest.raises(ValidationError, match="已有新的版本"):
        form_workflow.publish_form(draft, writer)


def test_only_those_who_configure_write_forms(item):
    reader = people.auditor()
    reader.is_staff = True
    reader.save()
    client = Client()
    client.force_login(reader)
    assert client.get(url("items")).status_code == 403
    assert client.post(url("start", item.pk)).status_code == 403
    with pytest.raises(NotAllowed):
        form_workflow.start_form(item, reader)
    assert not FormDraft.objects.exists()


def test_the_items_page_leads_to_each_form(client, item):
    page = client.get(url("items")).content.decode()
    assert url("outline", item.pk) in page
    assert "开始编写" in client.get(url("outline", item.pk)).content.decode()


KEYS = sorted(editing.keys(EVERY_TYPE))
STEPS = st.tuples(st.sampled_from(list(pieces(EVERY_TYPE))), st.sampled_from([-1, 1]))


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=12))
def test_moving_loses_and_doubles_nothing(steps):
    raw = EVERY_TYPE
    for (kind, name), step in steps:
        raw = editing.moved(raw, kind, name, step)
    found = [field["key"] for section in raw["sections"] for field in section["fields"]]
    assert sorted([*found, *(slot["key"] for slot in raw["documents"])]) == KEYS
    assert Form(EVERY_TYPE).by_key.keys() == {*found}
