"""The words of messages are edited in the admin, with a preview, as versions that stay."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import SYSTEM
from foundation.events import events
from foundation.events.models import Event, MessageText
from foundation.operations import workflow
from tests.accounts import factories as people
from tests.events.factories import person, subject
from tests.measures.factories import loaded_catalogue

VERB = "fail_job"
WORDS = {"subject": "没有做完：{label}", "body": "“{label}”没有做完。\n原因是：{reason}"}


@pytest.fixture
def editor(db):
    loaded_catalogue()
    user = people.policy_administrator()
    user.is_staff = True
    user.save()
    return user


@pytest.fixture
def page(editor, client):
    client.force_login(editor)
    return reverse("admin:operations_wording_edit", args=[VERB])


def happen(**facts):
    someone = person()
    facts = {"label": "导入企业", "reason": "文件是空的"} | facts
    tell = [events.Audience("user", someone.pk)]
    return events.record(VERB, subject(), by=SYSTEM, tell=tell, **facts).notifications.get()


def save(editor, seen=0, **words):
    return workflow.set_text(VERB, editor, **(WORDS | words), seen_version=seen)


def test_new_words_are_in_force_at_once_and_what_was_told_stays(editor):
    before = happen()
    text = save(editor)
    after = happen()
    assert events.render(before).subject == "后台任务未完成：导入企业"
    assert events.render(after).subject == "没有做完：导入企业"
    assert events.render(after).body == "“导入企业”没有做完。\n原因是：文件是空的"
    event = events.timeline(text).get()
    assert (event.verb, event.facts["message"], event.facts["version"]) == ("set_message_text", VERB, 1)


def test_an_old_event_without_a_fact_falls_back_to_the_shipped_words(editor):
    save(editor)
    assert "没有完成" in events.render(happen(reason="")).body


def test_the_shipped_words_can_be_restored_and_every_version_stays(editor):
    save(editor)
    save(editor, seen=1, subject="第二版：{label}")
    workflow.restore_text(VERB, editor, seen_version=2)
    assert events.render(happen()).subject == "后台任务未完成：导入企业"
    assert list(MessageText.objects.order_by("version").values_list("version", "subject")) == [
        (1, "没有做完：{label}"),
        (2, "第二版：{label}"),
        (3, ""),
    ]


def test_a_version_is_never_changed_or_removed(editor):
    text = save(editor)
    for act in (lambda: MessageText.objects.update(body="x"), lambda: text.delete()):
        with pytest.raises(DatabaseError, match="events_messagetext"), transaction.atomic():
            act()


@pytest.mark.parametrize(
    "role", [people.system_administrator, people.auditor, people.municipal_head, people.district_officer]
)
def test_only_who_configures_edits(editor, role):
    with pytest.raises(NotAllowed):
        save(role())
    with pytest.raises(NotAllowed):
        workflow.restore_text(VERB, role(), seen_version=0)
    assert not MessageText.objects.exists()


def test_words_that_depend_on_the_outcome_are_not_edited(editor):
    with pytest.raises(workflow.TextRefused, match="随办理结果而定"):
        workflow.set_text("sign_off", editor, subject="签发", body="{number}{office}", seen_version=0)


def test_who_saw_an_older_version_is_told(editor):
    save(editor)
    with pytest.raises(workflow.TextRefused, match="别人刚刚改过"):
        save(editor, seen=0, subject="晚了：{label}")


def test_the_page_previews_with_the_last_real_message_and_saves(page, client):
    happen(label="导入法人库")
    shown = client.get(page).content.decode()
    assert "后台任务未完成：导入法人库" in shown
    assert "{label}" in shown and "必须写明" in shown
    events_before = Event.objects.count()
    shown = client.post(page, WORDS | {"seen": 0, "preview": "1"}).content.decode()
    assert "“导入法人库”没有做完。" in shown
    assert (Event.objects.count(), MessageText.objects.count()) == (events_before, 0)
    answer = client.post(page, WORDS | {"seen": 0}, follow=True)
    assert "新的文本已生效" in answer.content.decode()
    assert "第 1 版" in answer.content.decode()
    restore = reverse("admin:operations_wording_restore", args=[VERB])
    assert client.get(restore).status_code == 405
    assert "已恢复为系统自带" in client.post(restore, {"seen": 1}, follow=True).content.decode()
    assert "恢复为系统自带的文本" in client.get(page).content.decode()


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(page, client):
    typed = {"subject": "看 https://evil.example", "body": "没有 {who}", "seen": 0}
    shown = client.post(page, typed).content.decode()
    for part in ("不要写网址", "没有名为 {who}", "必须写明 {label}", "https://evil.example"):
        assert part in shown
    assert not MessageText.objects.exists()


def test_a_message_that_has_no_page_is_not_found(page, client):
    for verb in ("sign_off", "nothing"):
        assert client.get(reverse("admin:operations_wording_edit", args=[verb])).status_code == 404


def test_the_list_names_every_message(page, client):
    shown = client.get(reverse("admin:operations_wording_changelist")).content.decode()
    assert "已提交，等待受理：{title}（{number}）" in shown
    assert "随办理结果而定，不能修改" in shown


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_once_make_one_version_and_one_is_told(editor):
    start, outcomes = threading.Barrier(2), []

    def press(mark):
        try:
            start.wait(10)
            save(editor, subject=f"{mark}：{{label}}")
            outcomes.append("saved")
        except workflow.TextRefused:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(mark,)) for mark in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["saved", "told"]
    assert MessageText.objects.count() == 1
