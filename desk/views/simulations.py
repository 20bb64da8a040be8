"""What if: a call item's rule with other values, over all enterprises. A bookmark of the address asks again;
what is kept is kept by a verb."""

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.forms.simulation import NoteForm, SimulationForm, changes_text
from foundation.accounts.access import officers
from foundation.accounts.models import District
from foundation.accounts.roles import Permission as P
from foundation.display import money
from measures import access, simulation_workflow
from measures import simulation as simulating
from measures.models import CallItem, RuleVersion
from measures.simulation import CLASS, Sides, Simulation
from measures.workflow import Refused

# Saved simulations that stand on the page; older ones lead nobody anywhere.
SAVED_SHOWN = 50


def _line(pk: int) -> tuple[CallItem, RuleVersion]:
    """A call item with the rule in force, or 404."""
    line = get_object_or_404(access.lines().select_related("item", "call"), pk=pk)
    in_force = line.rule_on()
    return line, get_object_or_404(RuleVersion.objects.with_rows(), pk=in_force and in_force.pk)


@officers(*access.SIMULATIONS)
@require_safe
def simulation(request, pk: int):
    """The form, what came of it, and what was kept; nothing is stored by asking."""
    line, rule = _line(pk)
    asks = request.user.may(P.SCREEN)
    data = request.GET if asks and _asked(request.GET, rule) else None
    return _show(request, line, rule, SimulationForm(data, rule=rule) if asks else None)


def _asked(data: QueryDict, rule: RuleVersion) -> bool:
    return any(name in data for name in simulating.settable(rule))


def _show(request, line, rule, form: SimulationForm | None, note: NoteForm | None = None, status: int = 200):
    found, values = None, {}
    if form is not None and form.is_bound and form.is_valid():
        values = form.changes
        if values:
            found = simulating.simulate(rule, values)
        else:
            form.add_error(None, _("请至少修改一个数值，再测算。"))
    saved = access.simulations(request.user).filter(call_item=line).order_by("-pk")[:SAVED_SHOWN]
    return render(
        request,
        "desk/simulation.html",
        {
            "line": line,
            "rule": rule,
            "form": form,
            "note_form": note or NoteForm(prefix="kept"),
            "carried": [{"name": name, "value": value} for name, value in values.items()],
            "changes": changes_text(rule, values),
            "result": _result(found) if found else None,
            "saved": list(saved),
            "may_draft": request.user.may(P.CONFIGURE),
            "draft": line.rules.filter(approved_at__isnull=True).first()
            if request.user.may(P.CONFIGURE)
            else None,
        },
        status=status,
    )


def _result(found: Simulation) -> dict:
    """A simulation in the shapes that the page's components take."""
    names = dict(District.objects.order_by("code").values_list("code", "name"))
    known = {code: found.by_district.get(code) for code in names}
    return {
        "whole": _compared(found.whole),
        "districts": [
            {"name": names[code], "value": sides.after.yes if sides else 0} for code, sides in known.items()
        ],
        "tables": [
            {
                "title": _("按区"),
                "heading": _("区"),
                "rows": [_row(names.get(code) or _("未知"), one) for code, one in found.by_district.items()],
            },
            {
                "title": _("按统计行业大类"),
                "heading": _("行业大类"),
                "rows": [_row(simulating.named(CLASS, code), one) for code, one in found.by_class.items()],
            },
        ],
        "sides": found.whole,
    }


def _row(name: str, sides: Sides) -> dict:
    return {
        "name": name,
        "before": sides.before,
        "after": sides.after,
        "yes_change": _signed(sides.after.yes - sides.before.yes),
        "total_change": _signed(sides.after.total - sides.before.total),
    }


def _compared(sides: Sides) -> list[dict]:
    """The whole, a line for each figure: label, before, after, difference."""
    labels = {
        "yes": _("符合（家）"),
        "no": _("不符合（家）"),
        "unknown": _("不能判断（家）"),
        "total": _("测算上限合计（元）"),
        "unpriced": _("符合但金额不明（家）"),
    }
    found = []
    for name, label in labels.items():
        before, after = getattr(sides.before, name), getattr(sides.after, name)
        if name != "unpriced" or before or after:
            found.append(
                {
                    "label": label,
                    "before": _plain(before),
                    "after": _plain(after),
                    "change": _signed(after - before),
                }
            )
    return found


def _plain(value: int | Decimal) -> str:
    return money.plain(value) if isinstance(value, Decimal) else f"{value:,}"


def _signed(value: int | Decimal) -> str:
    """+3, −1,000, 0."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{_plain(abs(value))}" if value else "0"


def _posted(request, pk: int):
    """What both verbs are asked with: the call item, its rule, the values and the note."""
    line, rule = _line(pk)
    # The version that the page was about: another one in force meanwhile is refused by the verb.
    shown = request.POST.get("kept-rule", "")
    if shown.isdecimal():
        rule = RuleVersion.objects.with_rows().filter(call_item=line, pk=shown).first() or rule
    return line, rule, SimulationForm(request.POST, rule=rule), NoteForm(request.POST, prefix="kept")


def _refused(request, line: CallItem, rule: RuleVersion, form: SimulationForm, note: NoteForm, reason=None):
    """The page again, with why not; a verb's refusal shows the rule that is in force by now."""
    if reason is not None:
        note.is_valid()
        note.add_error(None, reason)
        line, rule = _line(line.pk)
        form = SimulationForm(request.POST, rule=rule)
    return _show(request, line, rule, form, note, status=422)


@officers(P.SCREEN)
@require_POST
def simulation_save(request, pk: int):
    """保存这次测算: simulated once more and kept."""
    line, rule, form, note = _posted(request, pk)
    if not form.is_valid() or not note.is_valid():
        return _refused(request, line, rule, form, note)
    try:
        kept = simulation_workflow.save_simulation(
            rule, form.changes, request.user, note.cleaned_data["note"]
        )
    except ValidationError as refusal:
        return _refused(request, line, rule, form, note, refusal.messages)
    messages.success(request, _("已保存这次测算"))
    return redirect("desk:saved_simulation", kept.pk)


@officers(P.CONFIGURE)
@require_POST
def simulation_draft(request, pk: int):
    """按这些数值起草新版本: leads to the rule's page, where it is looked through and approved by somebody else."""
    line, rule, form, note = _posted(request, pk)
    if not form.is_valid() or not note.is_valid():
        return _refused(request, line, rule, form, note)
    try:
        draft = simulation_workflow.draft_simulated_rule(
            rule, form.changes, request.user, note.cleaned_data["note"]
        )
    except (Refused, ValidationError) as refusal:
        return _refused(request, line, rule, form, note, refusal.messages)
    return redirect("admin:measures_ruleversion_change", draft.pk)


@officers(*access.SIMULATIONS)
@require_safe
def saved_simulation(request, pk: int):
    """A simulation as it was kept; with a way to ask the same again."""
    found = access.saved_simulation(request.user, pk)
    rule = RuleVersion.objects.with_rows().get(pk=found.rule_id)
    again = QueryDict(mutable=True)
    again.update(found.values)
    in_force = found.call_item.rule_on()
    return render(
        request,
        "desk/saved_simulation.html",
        {
            "saved": found,
            "changes": changes_text(rule, found.values),
            "result": _result(simulating.thawed(found.results)),
            "stale": in_force if in_force and in_force.pk != found.rule_id else None,
            "again_url": f"{reverse('desk:simulation', args=[found.call_item_id])}?{again.urlencode()}"
            if request.user.may(P.SCREEN)
            else "",
        },
    )
