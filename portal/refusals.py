"""How a refused verb is answered: a stale page with 409, a forbidden one with 403, the rest beside the fields."""

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from applications.verbs import Refused
from foundation.accounts.access import NotAllowed

# The case went on while the page stood open.
_MOVED_ON = {"stale", "state"}


def conflict(request: HttpRequest, message: str, back_url: str) -> HttpResponse:
    """The page that says what happened and leads back; status 409."""
    return render(request, "409.html", {"message": message, "back_url": back_url}, status=409)


def answer(request: HttpRequest, refused: Refused, back_url: str) -> HttpResponse | None:
    """The response for a refusal that no form can show; None where it belongs beside fields."""
    if refused.code in _MOVED_ON:
        return conflict(request, refused.message, back_url)
    if refused.code == "forbidden":
        raise NotAllowed(refused.message)
    return None


def beside(form: Form, message: str, fields: dict[str, list[str]] | None = None) -> None:
    """Put a refusal's words beside the form's fields; those of no field above them."""
    known = {name: texts for name, texts in (fields or {}).items() if name in form.fields}
    for name, texts in known.items():
        for text in texts:
            form.add_error(name, text)
    if not known:
        form.add_error(None, message)


def posted_number(request: HttpRequest, name: str) -> int:
    """The version or revision that the page saw; -1, which nothing has, where it is missing or no number."""
    typed = request.POST.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1
