"""Rules: written here by one person, approved by another; an approved version is only read, and followed by
the next one."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm, PaginationInlineFormSet
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from measures import rule_changes, rule_workflow, trials
from measures.admin.recorded import RecordedAdmin
from measures.admin.trials import TryingAdmin
from measures.facts import FACTS
from measures.models import AwardRow, Condition, RuleVersion

NOTHING = [("", "---------")]
NARROW, MIDDLE, WIDE = ({"style": f"min-width: {width}rem"} for width in (4, 8, 16))


class NoteForm(BaseDialogForm):
    note = forms.CharField(label=_("修改说明"), max_length=200, widget=UnfoldAdminTextInputWidget)


class FactSelect(UnfoldAdminSelectWidget):
    """A select of facts; each option carries the operators of its type for admin_rule_rows.js."""

    class Media:
        js = ["js/admin_rule_rows.js"]

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if fact := FACTS.get(str(value)):
            option["attrs"]["data-operators"] = " ".join(fact.type.operators)
        return option


def fact_choices() -> list:
    """Every fact under its topic, with its unit."""
    return NOTHING + _by_topic(FACTS.values())


def base_choices() -> list:
    """The facts that an award may multiply (amounts) or divide into tiers (whatever has an order)."""
    return NOTHING + _by_topic(fact for fact in FACTS.values() if "gte" in fact.type.operators)


def _by_topic(facts) -> list:
    topics = {}
    for fact in facts:
        topics.setdefault(str(fact.topic), []).append(_choice(fact))
    return list(topics.items())


def _choice(fact) -> tuple[str, str]:
    return fact.name, f"{fact.label}（{fact.unit}）" if fact.unit else str(fact.label)


class ConditionForm(forms.ModelForm):
    """A condition's row. The value is entered as text and kept in the form of the fact's type."""

    fact = forms.ChoiceField(
        label=_("事实"), choices=fact_choices, widget=FactSelect(attrs={"style": "min-width: 12rem"})
    )
    value = forms.CharField(
        label=_("阈值"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs=MIDDLE),
        help_text=_("金额以元计；多个代码用顿号或逗号分开；日期如 2026-03-01；是否类留空"),
    )

    class Meta:
        model = Condition
        fields = [
            "position",
            "fact",
            "operator",
            "value",
            "label",
            "clause",
            "assumed",
            "any_of",
            "parameter",
        ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _widen(
            self, position=NARROW, operator=MIDDLE, label=WIDE, clause=MIDDLE, any_of=NARROW, parameter=MIDDLE
        )
        value = self.initial.get("value")
        if value is not None:
            self.initial["value"] = "、".join(value) if isinstance(value, list) else str(value)


class AwardRowForm(forms.ModelForm):
    base = forms.ChoiceField(
        label=_("基数（事实）"), choices=base_choices, required=False, widget=UnfoldAdminSelectWidget
    )
    at_least = forms.CharField(
        label=_("档次起点"),
        required=False,
        max_length=40,
        empty_value=None,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("分档定额：基数达到该值即得该档金额；增长率如 0.15 或 15%"),
    )

    class Meta:
        model = AwardRow
        fields = ["position", "kind", "base", "rate", "at_least", "amount", "label", "clause", "parameter"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _widen(
            self,
            position=NARROW,
            kind=MIDDLE,
            base=MIDDLE,
            rate=MIDDLE,
            at_least=MIDDLE,
            amount=MIDDLE,
            label=WIDE,
            clause=MIDDLE,
            parameter=MIDDLE,
        )


def _widen(form: forms.ModelForm, **attrs) -> None:
    for name, wanted in attrs.items():
        if name in form.fields:
            form.fields[name].widget.attrs.update(wanted)


class AwardRows(PaginationInlineFormSet):
    def clean(self):
        """Floor, rounding and caps stand last: they bound what the rows before them add up to."""
        super().clean()
        kept = [
            form.cleaned_data
            for form in self.forms
            if getattr(form, "cleaned_data", None) and not form.cleaned_data.get("DELETE")
        ]
        kinds = [
            row["kind"]
            for row in sorted(kept, key=lambda row: row["position"])
            if {"kind", "position"} <= set(row)
        ]
        bounds_from = next((n for n, kind in enumerate(kinds) if kind in AwardRow.BOUNDING), len(kinds))
        if any(kind in AwardRow.ADDING for kind in kinds[bounds_from:]):
            raise ValidationError(_("下限、取整和上限要排在金额算法的最后。"))


class RuleVersionForm(forms.ModelForm):
    def clean_call_item(self):
        call_item = self.cleaned_data["call_item"]
        if draft := call_item.rules.filter(approved_at=None).first():
            raise ValidationError(_("这个专题的第 %d 版还在编写中。") % draft.number)
        return call_item


class RowInline(TabularInline):
    """Rows of a version: forms while its writer has it, sentences for everybody else."""

    extra = 0
    hide_title = True
    ordering = ["position", "pk"]
    in_words: list[str]

    def get_fields(self, request, obj=None):
        return self.form.Meta.fields if self.has_change_permission(request, obj) else self.in_words

    def get_readonly_fields(self, request, obj=None):
        return [] if self.has_change_permission(request, obj) else self.in_words

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and writable(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and writable(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and writable(request, obj)


class ConditionInline(RowInline):
    model = Condition
    form = ConditionForm
    in_words = ["position", "label", "in_full"]

    @display(description=_("要求"))
    def in_full(self, row):
        return rule_changes.condition_text(row)


class AwardRowInline(RowInline):
    model = AwardRow
    form = AwardRowForm
    formset = AwardRows
    in_words = ["position", "label", "in_full"]

    @display(description=_("算法"))
    def in_full(self, row):
        return rule_changes.award_text(row)


def writable(request, rule: RuleVersion | None) -> bool:
    """Only the writer of a draft changes it: whoever else changed rows could approve their own. A draft
    of the catalogue becomes the writing of the first person who changes it."""
    return rule is None or (rule.is_draft and rule.written_by_id in (None, request.user.pk))


@admin.register(RuleVersion)
class RuleVersionAdmin(TryingAdmin, RecordedAdmin):
    form = RuleVersionForm
    list_display = ["call_item", "number", "standing", "written_by", "approved_by", "approved_at", "note"]
    list_display_links = ["call_item", "number"]
    list_filter = ["call_item__call", ("approved_at", admin.EmptyFieldListFilter)]
    list_select_related = ["call_item__item", "call_item__call", "written_by", "approved_by"]
    search_fields = ["call_item__item__name", "call_item__code", "note"]
    inlines = [ConditionInline, AwardRowInline]
    readonly_fields = [
        "number",
        "standing_text",
        "written_by",
        "created_at",
        "approved_by",
        "approved_at",
        "changes",
        "trial",
    ]
    actions_detail = ["start", "try_out", "approve", "discard"]

    def get_queryset(self, request):
        in_force = RuleVersion.objects.approved().filter(call_item=OuterRef("call_item"))
        return super().get_queryset(request).annotate(in_force_id=Subquery(in_force.values("pk")[:1]))

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return [(None, {"fields": ["call_item", "note"]})]
        facts = ["number", "standing_text", "written_by", "created_at", "approved_by", "approved_at"]
        return [
            (None, {"fields": ["call_item", "note"]}),
            (_("版本"), {"fields": facts}),
            (_("修改内容"), {"fields": ["changes"]}),
            (_("试算"), {"fields": ["trial"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        return [*self.readonly_fields, "call_item"] if obj else self.readonly_fields

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_object(self, request, object_id, from_field=None):
        # Held while rows are saved, so that a version isn't approved under its writer's hands.
        if request.method == "POST" and transaction.get_connection().in_atomic_block:
            RuleVersion.objects.select_for_update().filter(pk=object_id).order_by("pk").first()
        return super().get_object(request, object_id, from_field)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and writable(request, obj)

    def save_model(self, request, obj, form, change):
        if change:
            obj.written_by = request.user
            return super().save_model(request, obj, form, change)
        # A new version begins with the rows of the one in force.
        started = rule_workflow.start_rule(obj.call_item, request.user, obj.note)
        obj.pk, obj.number = started.pk, started.number
        obj._state.adding = False
        return None

    def log_addition(self, request, obj, message):
        """The verb has recorded it."""
        return super(RecordedAdmin, self).log_addition(request, obj, message)

    def response_add(self, request, obj, post_url_continue=None):
        """On to the rows."""
        messages.success(request, _("新版本已生成，请填写条件和金额算法，然后由另一人核准。"))
        return HttpResponseRedirect(self._page(obj.pk))

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        context = {"show_save_and_add_another": False} | (extra_context or {})
        return super().changeform_view(request, object_id, form_url, context)

    # --- what is shown ---

    @display(description=_("状态"))
    def standing_text(self, rule):
        return self.standing(rule)[1]

    @display(description=_("状态"), label={"draft": "warning", "in_force": "success", "replaced": "info"})
    def standing(self, rule):
        if rule.is_draft:
            return "draft", _("编写中")
        return ("in_force", _("现行")) if rule.pk == rule.in_force_id else ("replaced", _("已被替代"))

    @display(description=_("与前一版相比"))
    def changes(self, rule):
        replaced = rule_changes.replaced_by(rule)
        return render_to_string(
            "admin/measures/rule_changes.html",
            {"replaced": replaced, "changes": rule_changes.changes(replaced, rule)},
        )

    @display(description=_("最近一次试算"))
    def trial(self, rule):
        found = trials.trial_of(rule)
        context = {"trial": found, "figures": trials.shown(found) if found else []}
        return render_to_string("admin/measures/trial_figures.html", context)

    # --- verbs ---

    def _rule(self, object_id) -> RuleVersion | None:
        return RuleVersion.objects.filter(pk=object_id).first()

    def has_start_permission(self, request, object_id=None):
        rule = self._rule(object_id)
        drafts = RuleVersion.objects.filter(call_item=rule.call_item_id, approved_at=None) if rule else None
        return self.has_add_permission(request) and drafts is not None and not drafts.exists()

    def has_approve_permission(self, request, object_id=None):
        rule = self._rule(object_id)
        return request.user.may(Permission.APPROVE_RULE) and rule is not None and rule.is_draft

    def has_discard_permission(self, request, object_id=None):
        rule = self._rule(object_id)
        return self.has_add_permission(request) and rule is not None and rule.is_draft

    @action(
        description=_("修改（生成新版本）"),
        permissions=["start"],
        dialog={
            "title": _("生成新版本"),
            "description": _("新版本从现行版本复制，核准之前不影响任何申请。"),
            "form_class": NoteForm,
            "form_submit_text": _("生成"),
        },
    )
    def start(self, request, form, object_id):
        rule = self.get_object(request, object_id)
        try:
            started = rule_workflow.start_rule(rule.call_item, request.user, form.cleaned_data["note"])
        except ValidationError as refused:
            for reason in refused.messages:
                messages.error(request, reason)
            return self._hx(rule.pk)
        except NotAllowed as refused:
            messages.error(request, refused.message)
            return self._hx(rule.pk)
        return self._hx(started.pk)

    @action(
        description=_("核准"),
        permissions=["approve"],
        variant=ActionVariant.PRIMARY,
        dialog={
            "title": _("核准这个版本"),
            "description": _(
                "请先看过本页的试算结果。核准后立即生效，不能再改；此后的核对都按这个版本，已作的决定不变。"
            ),
            "form_submit_text": _("核准"),
        },
    )
    def approve(self, request, form, object_id):
        return self.by_verb(
            request,
            object_id,
            lambda rule: rule_workflow.approve_rule(rule, request.user),
            _("规则已核准，即时生效。"),
        )

    @action(
        description=_("放弃"),
        permissions=["discard"],
        variant=ActionVariant.DANGER,
        dialog={
            "title": _("放弃这个版本"),
            "description": _("编写中的条件和金额算法将被删除，现行版本不受影响。"),
            "form_submit_text": _("放弃"),
        },
    )
    def discard(self, request, form, object_id):
        response = self.by_verb(
            request, object_id, lambda rule: rule_workflow.discard_rule(rule, request.user), _("版本已放弃。")
        )
        if self._rule(object_id) is None:
            response["HX-Redirect"] = reverse(f"{self.admin_site.name}:measures_ruleversion_changelist")
        return response

    def _page(self, pk) -> str:
        return reverse(f"{self.admin_site.name}:measures_ruleversion_change", args=[pk])

    def _hx(self, pk) -> HttpResponse:
        return HttpResponse(headers={"HX-Redirect": self._page(pk)})
