"""试算 in the admin: enterprises by code or by chance, the case's own values, and what the version makes of them."""

import re

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from foundation.accounts.roles import Permission
from foundation.events.readonly import ReadOnlyAdmin
from foundation.jobs.admin import framed
from measures import fact_types, rule_workflow, trials
from measures.models import RuleTrial

YES_NO = [("", gettext_lazy("未知")), ("yes", gettext_lazy("是")), ("no", gettext_lazy("否"))]
PREFIX = "input_"


class TrialForm(forms.Form):
    """codes: the enterprises to show in full, none for the figures alone; input_…: the case's own values."""

    codes = forms.CharField(
        label=gettext_lazy("统一社会信用代码"),
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy("每行一个，最多 20 个；没有代码可以随机抽取 10 家"),
    )

    def __init__(self, *args, facts, **kwargs):
        super().__init__(*args, **kwargs)
        self.facts = facts
        for fact in facts:
            if fact.type is fact_types.BOOLEAN:
                field = forms.ChoiceField(choices=YES_NO, required=False, widget=UnfoldAdminSelectWidget)
            else:
                field = forms.CharField(required=False, max_length=200, widget=UnfoldAdminTextInputWidget)
            field.label = f"{fact.label}（{fact.unit}）" if fact.unit else str(fact.label)
            field.help_text = _("留空为未知")
            self.fields[PREFIX + fact.name] = field

    def clean_codes(self):
        codes = [code.upper() for code in re.split(r"[\s,，、;；]+", self.cleaned_data["codes"]) if code]
        if len(codes) > trials.SHOWN:
            raise ValidationError(
                _("最多 %(most)d 个，现在有 %(count)d 个") % {"most": trials.SHOWN, "count": len(codes)}
            )
        found, unknown = trials.named(codes)
        if unknown:
            raise ValidationError(_("登记中没有：%s，请核对后再试") % "、".join(unknown))
        return found

    def clean(self):
        """The case's own values, typed, under "inputs"."""
        super().clean()
        inputs = {}
        for fact in self.facts:
            text = self.cleaned_data.get(PREFIX + fact.name, "")
            if not text:
                continue
            value = text == "yes" if fact.type is fact_types.BOOLEAN else text
            try:
                inputs[fact.name] = fact.read_input(value)
            except ValueError as wrong:
                # Without the name and value that the developer's sentence begins with.
                self.add_error(PREFIX + fact.name, str(wrong).rpartition(": ")[2])
        return self.cleaned_data | {"inputs": inputs}


class TryingAdmin:
    """Mixed into the admin of rule versions."""

    def has_try_out_permission(self, request, object_id=None) -> bool:
        return request.user.may(Permission.CONFIGURE) or request.user.may(Permission.APPROVE_RULE)

    @action(description=gettext_lazy("试算"), url_path="try-out", permissions=["try_out"])
    def try_out(self, request, object_id):
        if not self.has_try_out_permission(request):
            raise PermissionDenied
        rule = self.get_object(request, object_id)
        if rule is None:
            raise Http404
        rule = trials.loaded(rule)
        other = trials.beside(rule)
        form = TrialForm(request.POST or None, facts=trials.needed(rule, other))
        context = {"form": form, "rule": rule, "other": other, "rule_url": self._page(rule.pk)}
        if request.method == "POST" and form.is_valid():
            inputs = form.cleaned_data["inputs"]
            try:
                trial = rule_workflow.try_rule(rule, request.user, inputs)
            except ValidationError as refused:
                for reason in refused.messages:
                    messages.error(request, reason)
            else:
                by_chance = "by_chance" in request.POST
                enterprises = trials.picked() if by_chance else form.cleaned_data["codes"]
                context["trial"], context["figures"] = trial, trials.shown(trial)
                context["answers"] = trials.answers(rule, other, enterprises, inputs)
        title = _("试算：%(call_item)s 第 %(number)d 版") % {
            "call_item": rule.call_item,
            "number": rule.number,
        }
        return framed(self, request, title, "admin/measures/trial.html", context)


@admin.register(RuleTrial)
class RuleTrialAdmin(ReadOnlyAdmin):
    list_display = ["call_item", "number", "compared_with", "tried_by", "tried_at"]
    list_select_related = ["call_item__item", "tried_by"]
