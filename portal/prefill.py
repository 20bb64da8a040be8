"""What the register knows already: put into a new draft for a verified member, with its source."""

from collections.abc import Callable

from enterprises.models import Enterprise
from measures.forms import Form

# Field of a form → what the register says. They may be changed: a project may stand elsewhere.
_KNOWN: dict[str, Callable[[Enterprise], str]] = {
    "project_district": lambda enterprise: enterprise.district_id,
    "service_district": lambda enterprise: enterprise.district_id,
    "service_address": lambda enterprise: enterprise.address,
}


def answers(form: Form, enterprise: Enterprise) -> dict:
    """The answers that the register gives to this form's fields."""
    known = {key: read(enterprise) for key, read in _KNOWN.items() if key in form.by_key}
    return form.clean({key: value for key, value in known.items() if value}).values


def sources(form: Form, enterprise: Enterprise, answered: dict) -> dict[str, str]:
    """Field key → where its value comes from, as long as it stands as the register has it."""
    return {
        key: enterprise.source
        for key, value in answers(form, enterprise).items()
        if answered.get(key) == value
    }


def identity(enterprise: Enterprise) -> list[dict]:
    """What the form does not ask, because it is known: rows for components/key_value.html."""
    rows = [
        (Enterprise._meta.get_field("name").verbose_name, enterprise.name),
        (Enterprise._meta.get_field("uscc").verbose_name, enterprise.uscc),
        (Enterprise._meta.get_field("district").verbose_name, enterprise.district.name),
        (Enterprise._meta.get_field("legal_form").verbose_name, enterprise.get_legal_form_display()),
        (Enterprise._meta.get_field("industry").verbose_name, enterprise.industry),
    ]
    return [{"label": label, "value": value} for label, value in rows]
