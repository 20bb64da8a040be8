"""The form editor: an outline of the draft with its pieces, a page for each piece, a preview to try, publishing.

Everything works without script; each act is an address of its own and a verb of measures.form_workflow.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from foundation.accounts.access import NotAllowed
from foundation.jobs.admin import framed
from measures import form_changes, form_workflow
from measures.admin.form_pieces import FORMS
from measures.exchange import Rates
from measures.forms import DefinitionError, Form, editing
from measures.models import FormDraft, FormVersion, Item

KINDS = {"section": gettext_lazy("部分"), "field": gettext_lazy("问题"), "document": gettext_lazy("材料")}
STEPS = {"up": -1, "down": 1}


class FormEditor:
    """Mixed into the admin of form versions."""

    def get_urls(self):
        pages = [
            ("editor/", self.items_page, "items"),
            ("editor/<int:item>/", self.outline, "outline"),
            ("editor/<int:item>/start/", require_POST(self.start), "start"),
            ("editor/<int:item>/<str:kind>/add/", self.add_piece, "add"),
            ("editor/<int:item>/<str:kind>/<str:name>/edit/", self.edit_piece, "edit"),
            ("editor/<int:item>/<str:kind>/<str:name>/move/<str:step>/", require_POST(self.move), "move"),
            ("editor/<int:item>/<str:kind>/<str:name>/remove/", require_POST(self.remove), "remove"),
            ("editor/<int:item>/preview/", self.preview, "preview"),
            ("editor/<int:item>/publish/", require_POST(self.publish), "publish"),
            ("editor/<int:item>/discard/", require_POST(self.discard), "discard"),
        ]
        own = [
            path(address, self.admin_site.admin_view(self._allowed(view)), name=f"measures_form_{name}")
            for address, view, name in pages
        ]
        return [*own, *super().get_urls()]

    def _allowed(self, view):
        def guarded(request, **kwargs):
            if not self.has_add_permission(request):
                raise PermissionDenied
            return view(request, **kwargs)

        return guarded

    # --- pages ---

    def items_page(self, request):
        """Every item that enterprises apply for, with its last version and whether one is being written."""
        drafts = set(FormDraft.objects.order_by("item").values_list("item", flat=True))
        items = Item.objects.filter(acts=Item.Acts.ENTERPRISE).prefetch_related("forms").order_by("code")
        rows = [
            {
                "item": item,
                "last": max((form.number for form in item.forms.all()), default=0),
                "writing": item.pk in drafts,
                "url": self._url("outline", item.pk),
            }
            for item in items
        ]
        context = {"rows": rows}
        return framed(self, request, _("编写申报表"), "admin/measures/form_items.html", context)

    def outline(self, request, item):
        """The draft piece by piece, what is wrong with it, and what it changes."""
        item = get_object_or_404(Item, pk=item)
        draft = FormDraft.objects.filter(item=item).select_related("base", "edited_by").first()
        context = {"item": item, "draft": draft, "start_url": self._url("start", item.pk)}
        if draft:
            problems = editing.problems(draft.definition)
            context |= {
                "problems": problems,
                "sections": self._sections(draft),
                "papers": [
                    self._row(draft, "document", slot["key"], slot) for slot in draft.definition["documents"]
                ],
                "changes": [] if problems else _changes(draft),
                "add_section": self._url("add", item.pk, "section"),
                "add_document": self._url("add", item.pk, "document"),
                "urls": {name: self._url(name, item.pk) for name in ("preview", "publish", "discard")},
            }
        return framed(self, request, _("申报表：%s") % item.name, "admin/measures/form_outline.html", context)

    def add_piece(self, request, item, kind):
        draft = self._draft(item)
        return self._piece_page(request, draft, kind, "")

    def edit_piece(self, request, item, kind, name):
        return self._piece_page(request, self._draft(item), kind, name)

    def preview(self, request, item):
        """The form as an enterprise sees it, to be filled in and checked; nothing of it is kept."""
        draft = self._draft(item)
        try:
            engine = Form(draft.definition)
        except DefinitionError:
            messages.error(request, _("还有要改的地方，改好后才能试填。"))
            return self._back(draft)
        posted = request.POST if request.method == "POST" else None
        form = engine.django_form(posted, draft=posted is None, rates=Rates())
        faults, sections = [], []
        if posted is not None:
            faults = engine.missing(form.answers, [])
            sections = engine.rows(form.answers)
        context = {
            "item": draft.item,
            "form": form,
            "slots": engine.slots,
            "faults": faults,
            "tried": posted is not None,
            "sections": sections,
            "outline_url": self._url("outline", item),
        }
        return render(request, "admin/measures/form_preview.html", context)

    # --- acts ---

    def start(self, request, item):
        item = get_object_or_404(Item, pk=item, acts=Item.Acts.ENTERPRISE)
        self._do(request, lambda: form_workflow.start_form(item, request.user))
        return HttpResponseRedirect(self._url("outline", item.pk))

    def move(self, request, item, kind, name, step):
        draft = self._draft(item, request)
        if step not in STEPS:
            raise Http404
        self._edit(
            request, draft, lambda raw: editing.moved(raw, kind, name, STEPS[step]), f"move {kind} {name}"
        )
        return self._back(draft, kind, name)

    def remove(self, request, item, kind, name):
        draft = self._draft(item, request)
        self._edit(request, draft, lambda raw: editing.without(raw, kind, name), f"remove {kind} {name}")
        return self._back(draft)

    def publish(self, request, item):
        draft = self._draft(item, request)
        version = self._do(request, lambda: form_workflow.publish_form(draft, request.user))
        if version is None:
            return self._back(draft)
        messages.success(
            request,
            _("已发布为第 %d 版。已准备好的申报通知仍用原来的版本，需要时在申报通知里改选。")
            % version.number,
        )
        page = f"{self.admin_site.name}:measures_formversion_change"
        return HttpResponseRedirect(reverse(page, args=[version.pk]))

    def discard(self, request, item):
        draft = self._draft(item, request)
        self._do(request, lambda: form_workflow.discard_form(draft, request.user))
        return HttpResponseRedirect(self._url("outline", item))

    # --- steps ---

    def _piece_page(self, request, draft, kind, name):
        if kind not in FORMS:
            raise Http404
        section = request.GET.get("section", "0")
        place = int(section) if section.isdecimal() and len(section) < 4 else 0
        if kind == "field" and not name and place >= len(draft.definition["sections"]):
            raise Http404
        try:
            form = FORMS[kind](
                request.POST if request.method == "POST" else None,
                definition=draft.definition,
                name=name,
                section=place,
            )
        except LookupError as error:
            raise Http404 from error
        if request.method == "POST" and form.is_valid():
            draft.revision = _revision(request)
            done = self._edit(
                request, draft, form.change, f"{'edit' if name else 'add'} {kind} {name}".strip()
            )
            if done:
                return self._back(draft, kind, name)
        title = (_("修改%s") if name else _("增加%s")) % KINDS[kind]
        context = {
            "heading": title,
            "form": form,
            "revision": draft.revision if request.method != "POST" else _revision(request),
            "outline_url": self._url("outline", draft.item_id),
        }
        return framed(self, request, title, "admin/measures/form_piece.html", context)

    def _edit(self, request, draft, change, what: str) -> bool:
        try:
            return (
                self._do(request, lambda: form_workflow.edit_form(draft, request.user, change, what))
                is not None
            )
        except LookupError as error:
            raise Http404 from error

    def _do(self, request, verb):
        """What the verb returns; None where it was refused, which the page then says."""
        try:
            return verb()
        except ValidationError as refused:
            for reason in refused.messages:
                messages.error(request, reason)
        except NotAllowed as refused:
            messages.error(request, refused.message)
        return None

    def _draft(self, item, request=None) -> FormDraft:
        """The item's draft, or 404; with a request: as its page saw it."""
        draft = get_object_or_404(FormDraft.objects.select_related("item", "base"), item=item)
        if request is not None:
            draft.revision = _revision(request)
        return draft

    def _sections(self, draft) -> list[dict]:
        return [
            {
                **self._row(draft, "section", str(place), section),
                "title": section["title"],
                "fields": [self._row(draft, "field", field["key"], field) for field in section["fields"]],
                "add_url": self._url("add", draft.item_id, "field") + f"?section={place}",
            }
            for place, section in enumerate(draft.definition["sections"])
        ]

    def _row(self, draft, kind: str, name: str, raw: dict) -> dict:
        arguments = (draft.item_id, kind, name)
        return {
            "anchor": f"{kind}-{name}",
            "label": raw.get("label", ""),
            "type": str(form_changes.TYPES.get(raw.get("type", ""), "")),
            "required": raw.get("required", False) or raw.get("type") == "declaration",
            "when": bool(raw.get("when")),
            "edit_url": self._url("edit", *arguments),
            "remove_url": self._url("remove", *arguments),
            "up_url": self._url("move", *arguments, "up"),
            "down_url": self._url("move", *arguments, "down"),
        }

    def _url(self, name: str, *arguments) -> str:
        return reverse(f"{self.admin_site.name}:measures_form_{name}", args=arguments)

    def _back(self, draft, kind: str = "", name: str = ""):
        anchor = f"#{kind}-{name}" if name else ""
        return HttpResponseRedirect(self._url("outline", draft.item_id) + anchor)


def _changes(draft: FormDraft) -> list[form_changes.Change]:
    return form_changes.changes(draft.base.form if draft.base else None, Form(draft.definition))


def _revision(request) -> int:
    """The revision that the page saw; -1, which nothing has, where it is missing or no number."""
    typed = request.POST.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1


def against_the_one_before(version: FormVersion) -> tuple[FormVersion | None, list[form_changes.Change]]:
    """The version before it, and what this one changes."""
    earlier = FormVersion.objects.filter(item=version.item_id, number__lt=version.number).order_by("-number")
    before = earlier.first()
    return before, form_changes.changes(before.form, version.form) if before else []
