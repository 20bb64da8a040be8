"""How a form control is drawn: Bootstrap's class for its kind, and the texts that describe it."""

from django.forms import widgets as kinds


def css_class(widget) -> str:
    """Bootstrap's class for the control, "" for one that is drawn by its own template."""
    if isinstance(widget, (kinds.CheckboxInput, kinds.RadioSelect, kinds.CheckboxSelectMultiple)):
        return "form-check-input"
    if isinstance(widget, (kinds.Select, kinds.SelectMultiple)):
        return "form-select"
    return "form-control"


def kind(widget) -> str:
    """Which way the field component lays the control out: choices, group, check, file or line."""
    if isinstance(widget, (kinds.RadioSelect, kinds.CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, kinds.CheckboxInput):
        return "check"
    if isinstance(widget, kinds.FileInput):
        return "file"
    if getattr(widget, "use_fieldset", False):
        return "group"
    return "line"


def merged(widget, **more) -> dict:
    """The widget's attributes with a class added, for BoundField.as_widget(attrs=…)."""
    own = widget.attrs.get("class", "")
    added = more.pop("class", "")
    names = dict.fromkeys(f"{own} {added}".split())
    return {**more, "class": " ".join(names)} if names else more
