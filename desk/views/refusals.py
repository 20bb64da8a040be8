"""How a verb's refusal is answered: 409 for the stale page, 403 for the forbidden, else beside the fields."""

from django.shortcuts import render

from applications.verbs import Refused
from foundation.accounts.access import NotAllowed


def stale(request, message: str, back_url: str):
    """The clear page for who came second."""
    return render(request, "409.html", {"message": message, "back_url": back_url}, status=409)


def answered(request, refusal: Refused, back_url: str):
    """The page that a refusal leads to, or None where the form shows it; raises NotAllowed."""
    if refusal.code == "forbidden":
        raise NotAllowed(refusal.message)
    return stale(request, refusal.message, back_url) if refusal.code == "stale" else None


def require(allowed: bool) -> None:
    """Stop who may not do this."""
    if not allowed:
        raise NotAllowed


def beside(request, form, refusal: Exception, back_url: str):
    """The page that a refusal leads to, or None with its words beside the form's fields."""
    if isinstance(refusal, Refused):
        answer = answered(request, refusal, back_url)
        if answer is not None:
            return answer
        known = {name: texts for name, texts in refusal.fields.items() if name in form.fields}
        for name, texts in known.items():
            form.add_error(name, texts)
        if known:
            return None
    form.add_error(None, str(refusal))
    return None
