"""The verbs of forms: start the next version, edit it, publish it, discard it."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from measures.forms import Form, editing
from measures.models import FormDraft, FormVersion, Item


class FormRefused(ValidationError):
    """The verb may not be done now; `messages` say why, in Chinese."""


def _may(by) -> None:
    if not by.may(Permission.CONFIGURE):
        raise NotAllowed


def _locked_item(pk: int) -> Item:
    return Item.objects.select_for_update(no_key=True).get(pk=pk)


def _locked(draft: FormDraft) -> FormDraft:
    """The draft as it is now; refused where the page saw an older one, or it is gone."""
    found = (
        FormDraft.objects.select_for_update(of=("self",))
        .select_related("item", "base")
        .filter(pk=draft.pk)
        .first()
    )
    if found is None:
        raise FormRefused(_("编写中的版本已经发布或放弃，请刷新后再看。"))
    if found.revision != draft.revision:
        raise FormRefused(_("别人刚刚改过这份申报表，请刷新后再改。"))
    return found


@transaction.atomic
def start_form(item: Item, by) -> FormDraft:
    """The item's draft: the one that is being written, or a new one that begins as the last version."""
    _may(by)
    item = _locked_item(item.pk)
    known = FormDraft.objects.filter(item=item).first()
    if known:
        return known
    last = item.forms.order_by("-number").first()
    draft = FormDraft.objects.create(
        item=item, base=last, definition=last.definition if last else editing.EMPTY, edited_by=by
    )
    events.record("start_form", item, by, item=item.code, base=last.number if last else 0)
    return draft


@transaction.atomic
def edit_form(draft: FormDraft, by, change: Callable[[dict], dict], what: str) -> FormDraft:
    """Apply a change of measures.forms.editing to the definition; what: which piece, for the event."""
    _may(by)
    found = _locked(draft)
    found.definition = change(found.definition)
    found.revision += 1
    found.edited_by, found.edited_at = by, clock.now()
    found.save()
    events.record("edit_form", found.item, by, item=found.item.code, revision=found.revision, what=what)
    return found


@transaction.atomic
def publish_form(draft: FormDraft, by) -> FormVersion:
    """The draft as the item's next version. Refused with everything that is wrong, or where nothing changed.

    Calls that were prepared with an older version keep it until somebody chooses the new one.
    """
    _may(by)
    item = _locked_item(draft.item_id)
    found = _locked(draft)
    if problems := editing.problems(found.definition):
        raise FormRefused(problems)
    last = item.forms.order_by("-number").first()
    if last and last.definition == found.definition:
        raise FormRefused(_("与第 %d 版相同，没有可以发布的修改。") % last.number)
    if (last.pk if last else None) != found.base_id:
        raise FormRefused(_("开始编写之后已有新的版本发布，请放弃后从新版本重新开始。"))
    version = FormVersion(item=item, number=(last.number if last else 0) + 1, definition=found.definition)
    version.save()
    found.delete()
    form = Form(version.definition)
    events.record(
        "publish_form",
        version,
        by,
        item=item.code,
        version=version.number,
        fields=len(form.fields),
        documents=len(form.slots),
    )
    return version


@transaction.atomic
def discard_form(draft: FormDraft, by) -> None:
    """Throw the draft away; published versions stay."""
    _may(by)
    found = _locked(draft)
    found.delete()
    events.record("discard_form", found.item, by, item=found.item.code, revision=found.revision)
